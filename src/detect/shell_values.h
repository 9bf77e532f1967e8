/* Files of KEY=value lines as os-release(5) defines them: blanks and comments between, values bare, in single
   quotes, or in double quotes with backslash escapes. */
#pragma once
#include "base/arena.h"
#include "base/str.h"

/* The next assignment; 1, 0 at the end. A quoted value is unescaped into the arena. -1: over the arena's
   limit. Lines that are no assignment are passed over. */
int shell_value_next(struct str *text, struct arena *arena, struct str *ret_key, struct str *ret_value);
