#include "client/batch.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/limits.h"
#include "base/memory.h"
#include "client/answer.h"
#include "client/batch_item.h"
#include "os/worker.h"

enum { TICK_NS = 100000000 };

struct crew {
    struct batch *batch;
    struct batch_counters counters;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under the lock: */
    size_t next; /* item to be begun */
    bool stop;
};

/* ---- lanes ---- */

static struct batch_item *take(struct crew *w)
{
    struct batch *b = w->batch;
    pthread_mutex_lock(&w->lock);
    struct batch_item *item = !w->stop && w->next < b->count ? &b->items[w->next++] : NULL;
    if (item)
        item->state = ITEM_RUNNING;
    pthread_mutex_unlock(&w->lock);
    return item;
}

static void finish(struct crew *w, struct batch_item *item, int rc)
{
    pthread_mutex_lock(&w->lock);
    item->state = rc < 0 ? ITEM_BAD : ITEM_GOOD;
    w->stop |= rc < 0 && (w->batch->options->stop_at_first || rc == -E_CANCELLED);
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static void *run_lane(void *ctx)
{
    struct crew *w = ctx;
    const struct batch_options *o = w->batch->options;
    CLEANUP(worker_freep) struct worker *worker = worker_new();
    CLEANUP(clair_freep) struct clair *clair = NULL;
    struct batch_item *item;
    while ((item = take(w))) {
        int rc = clair ? 0 : clair_new(&clair, &o->clair, worker, &item->err);
        if (rc == 0)
            rc = batch_item_run(item, o, clair, worker, &w->counters);
        finish(w, item, rc);
    }
    return NULL;
}

/* ---- the thread that waits ---- */

/* Whether the item at `at` is done; waits a while for it if not. */
static bool wait_for(struct crew *w, size_t at)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += TICK_NS;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&w->lock);
    const struct batch_item *item = &w->batch->items[at];
    if (item->state < ITEM_GOOD)
        pthread_cond_timedwait(&w->changed, &w->lock, &until);
    bool done = item->state >= ITEM_GOOD;
    pthread_mutex_unlock(&w->lock);
    return done;
}

static int tell(struct batch *b, struct batch_item *item, struct error *err)
{
    int rc = b->done ? b->done(b->ctx, item, err) : 0;
    batch_item_release(item);
    return rc;
}

static int tick(struct crew *w, size_t done, struct error *err)
{
    const struct batch *b = w->batch;
    const struct batch_progress p = {.images_done = done,
                                     .images_total = b->count,
                                     .layers_done = atomic_load(&w->counters.done),
                                     .layers_total = atomic_load(&w->counters.total)};
    return b->tick ? b->tick(b->ctx, &p, err) : 0;
}

/* Up to the item that ended it, if one did: those behind it are not waited for here. */
static int watch(struct crew *w, size_t *ret_told, struct error *err)
{
    struct batch *b = w->batch;
    int rc = 0;
    for (size_t i = 0; i < b->count && rc == 0;) {
        if (!wait_for(w, i)) {
            rc = tick(w, i, err);
            continue;
        }
        bool last = b->items[i].state == ITEM_BAD && w->batch->options->stop_at_first;
        rc = tell(b, &b->items[i], err);
        *ret_told = ++i;
        if (last)
            break;
    }
    return rc;
}

/* What was pushed meanwhile is told of, too. */
static int tell_rest(struct batch *b, size_t from, struct error *err)
{
    int rc = 0;
    for (size_t i = from; i < b->count && rc == 0; i++)
        if (b->items[i].state == ITEM_GOOD && b->options->verb == BATCH_PUSH)
            rc = tell(b, &b->items[i], err);
    return rc;
}

static unsigned lanes_of(const struct batch *b)
{
    const struct batch_options *o = b->options;
    bool deletes = o->verb == BATCH_DELETE || o->then_delete; /* one after the other, as they were named */
    size_t lanes = deletes ? 1 : o->lanes ? o->lanes : BATCH_LANES;
    lanes = lanes < BATCH_LANES_MAX ? lanes : BATCH_LANES_MAX;
    return (unsigned)(lanes < b->count ? lanes : b->count);
}

/* Signals are for the thread that waits. */
static unsigned start(struct crew *w, pthread_t *threads, unsigned count)
{
    sigset_t all, before;
    unsigned n = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (n < count && pthread_create(&threads[n], NULL, run_lane, w) == 0)
        n++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return n;
}

int batch_run(struct batch *b, struct error *err)
{
    struct crew w = {.batch = b, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    pthread_t threads[BATCH_LANES_MAX];
    size_t told = 0;
    if (!b->count)
        return 0;
    unsigned lanes = start(&w, threads, lanes_of(b));
    int rc = lanes ? watch(&w, &told, err) : error_set(err, E_SYSTEM, "no thread can be had");
    pthread_mutex_lock(&w.lock);
    w.stop = true;
    pthread_mutex_unlock(&w.lock);
    for (unsigned i = 0; i < lanes; i++)
        pthread_join(threads[i], NULL);
    return rc < 0 ? rc : tell_rest(b, told, err);
}

void batch_init(struct batch *b, const struct batch_options *options, char *const *hosts, size_t count)
{
    *b = (struct batch){.options = options, .count = count};
    b->items = memory_new((count ? count : 1) * sizeof *b->items);
    for (size_t i = 0; i < count; i++)
        b->items[i].host = hosts[i];
}

void batch_done(struct batch *b)
{
    for (size_t i = 0; i < b->count; i++)
        batch_item_release(&b->items[i]);
    free(b->items);
    *b = (struct batch){0};
}
