/* A thread that works now and then until it is stopped: it takes no signals, rests by the monotonic clock, and can be woken. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct background {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool woken;
    atomic_bool stopping;
};

int background_start(struct background *b, void *(*run)(void *ctx), void *ctx, struct error *err);
/* Within run: sleeps, unless it is to stop or, when `any`, was woken since it last looked. Whether it may go on. */
bool background_rest(struct background *b, uint64_t ms, bool any);
void background_wake(struct background *b); /* any thread */
/* Lets run see `stopping`, and waits for its end. */
void background_stop(struct background *b);
