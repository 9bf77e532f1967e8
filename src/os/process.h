/* A program of the user's, run to its end: a credential helper. */
#pragma once
#include "base/buf.h"
#include "base/error.h"

/* Runs argv[0], found in PATH when it has no slash: gives it the input on its standard input, collects its
   standard output (at most output->max bytes; E_LIMIT), throws its standard error away. *ret_status is its
   exit status, or 128 + the signal that ended it. E_NOT_FOUND: no such program; E_TIMEOUT: it ran longer, and
   was killed. */
int process_run(const char *const *argv, struct str input, unsigned seconds, struct buf *output,
                int *ret_status, struct error *err);
