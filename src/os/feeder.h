/* A thread that makes bytes, and a pipe from which somebody else reads them: what comes by the network reaches the worker
   as a descriptor. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

struct feeder;

/* Makes the bytes in a thread of its own, which takes no signals, and gives them to feeder_put(). */
typedef int feeder_run(void *ctx, struct feeder *f, struct error *err);

/* What `run` and its context are must live until feeder_close(). */
int feeder_open(struct feeder **ret, feeder_run *run, void *ctx, struct error *err);
int feeder_fd(const struct feeder *f);            /* the end to read from; the feeder's */
uint64_t feeder_progress(const struct feeder *f); /* bytes put so far */
/* Within run: writes all of the piece, waiting while the pipe is full. E_CANCELLED once nobody reads any more. */
int feeder_put(struct feeder *f, struct str piece, struct error *err);
/* true once nobody will read on; any thread. */
const atomic_bool *feeder_closing(const struct feeder *f);
/* Ends it: waits for the thread and gives what run gave; a run that was stopped because its reader had enough has not
   failed. */
int feeder_close(struct feeder *f, struct error *err);
