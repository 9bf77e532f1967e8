/* What a worker gives up before its first hostile byte: new privileges, files and network (Landlock), all
   system calls but a few (seccomp), memory, processor time and file growth (rlimits). See docs/security.md. */
#pragma once
#include "base/error.h"

struct sandbox_state {
    int landlock_abi; /* 0: this kernel has no Landlock */
};

/* Gives everything up for good. E_SYSTEM when a part that this kernel has refuses. */
int sandbox_enter(struct sandbox_state *ret, struct error *err);
/* Tries what must be impossible now; E_SYSTEM names what was not. */
int sandbox_test(struct error *err);
