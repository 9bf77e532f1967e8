#include "os/background.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

int background_start(struct background *b, void *(*run)(void *ctx), void *ctx, struct error *err)
{
    pthread_condattr_t monotonic;
    sigset_t all, before;
    *b = (struct background){0};
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    errno = pthread_create(&b->thread, NULL, run, ctx);
    int rc = errno ? error_sys(err, "thread") : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

bool background_rest(struct background *b, uint64_t ms, bool any)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    uint64_t ns = (uint64_t)until.tv_nsec + ms % 1000 * 1000000;
    until.tv_sec += (time_t)(ms / 1000 + ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    pthread_mutex_lock(&b->lock);
    while (!b->stopping && !(any && b->woken) && pthread_cond_timedwait(&b->changed, &b->lock, &until) == 0)
        ;
    if (any)
        b->woken = false;
    pthread_mutex_unlock(&b->lock);
    return !b->stopping;
}

void background_wake(struct background *b)
{
    pthread_mutex_lock(&b->lock);
    b->woken = true;
    pthread_cond_signal(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

void background_stop(struct background *b)
{
    b->stopping = true;
    background_wake(b);
    pthread_join(b->thread, NULL);
    pthread_mutex_destroy(&b->lock);
    pthread_cond_destroy(&b->changed);
}
