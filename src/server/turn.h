/* A task that the servers of one database share: when it is due is noted there, under a name. */
#pragma once
#include "store/store.h"

/* Seconds until it is due, 0: now. A clock that went back must not stop it. */
int turn_wait(struct store *s, struct str name, int64_t interval_seconds, int64_t *ret, struct error *err)
    __attribute__((warn_unused_result));
/* It was done just now. */
int turn_done(struct store *s, struct str name, struct error *err) __attribute__((warn_unused_result));
