#include "base/limits.h"
#include "base/memory.h"
#include "net/server_private.h"

/* The next request; NULL: no more will come. */
static struct request *next(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (!p->first && !p->stop)
        pthread_cond_wait(&p->work, &p->lock);
    struct request *q = p->first;
    if (q) {
        p->first = q->next;
        p->last = p->first ? p->last : &p->first;
    }
    pthread_mutex_unlock(&p->lock);
    return q;
}

/* Who waited for it may have gone by now, before or after. */
static void run_one(struct pool *p, struct request *q, void *thread)
{
    bool wanted = atomic_load(&q->state) == REQUEST_WAITING;
    if (wanted)
        request_handle(q, thread, &q->answer);
    if (wanted && request_settle(q, REQUEST_ANSWERED))
        loop_return(q);
    else
        request_unref(q);
    pthread_mutex_lock(&p->lock);
    p->reserved--;
    pthread_cond_signal(&p->change);
    pthread_mutex_unlock(&p->lock);
}

static void *run(void *arg)
{
    struct pool *p = arg;
    const struct server *s = p->server;
    void **threads = memory_new(s->count * sizeof *threads);
    for (size_t i = 0; i < s->count; i++)
        if (s->faces[i].is_slow && s->faces[i].thread_start)
            threads[i] = s->faces[i].thread_start(s->faces[i].ctx);
    for (struct request *q; (q = next(p));)
        run_one(p, q, threads[q->lane->index]);
    for (size_t i = 0; i < s->count; i++)
        if (s->faces[i].is_slow && s->faces[i].thread_stop)
            s->faces[i].thread_stop(s->faces[i].ctx, threads[i]);
    free(threads);
    return NULL;
}

int pool_start(struct pool **ret, struct server *s, struct error *err)
{
    bool slow = false;
    for (size_t i = 0; i < s->count; i++)
        slow |= s->faces[i].is_slow != NULL;
    unsigned count = slow ? s->options.slow_threads : 0;
    struct pool *p = memory_new(sizeof *p + count * sizeof *p->threads);
    pthread_condattr_t monotonic;
    *ret = p;
    p->server = s;
    p->last = &p->first;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, &monotonic);
    pthread_cond_init(&p->change, &monotonic);
    pthread_condattr_destroy(&monotonic);
    for (; p->count < count; p->count++) {
        int rc = pthread_create(&p->threads[p->count], NULL, run, p);
        if (rc != 0)
            return error_set(err, E_SYSTEM, "no thread for slow requests (error %d)", rc);
        pthread_setname_np(p->threads[p->count], "limpid-slow");
    }
    return 0;
}

bool pool_reserve(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    bool free_place = p->reserved < p->count + SERVER_QUEUE_MAX;
    p->reserved += free_place;
    pthread_mutex_unlock(&p->lock);
    return free_place;
}

void pool_push(struct pool *p, struct request *q)
{
    q->next = NULL;
    pthread_mutex_lock(&p->lock);
    *p->last = q;
    p->last = &q->next;
    pthread_cond_signal(&p->work);
    pthread_mutex_unlock(&p->lock);
}

void pool_stop(struct pool *p)
{
    uint64_t until = atomic_load(&p->server->cut_at);
    struct timespec end = {.tv_sec = (time_t)(until / 1000), .tv_nsec = (long)(until % 1000) * 1000000};
    int rc = 0;
    pthread_mutex_lock(&p->lock);
    while (p->reserved && rc == 0)
        rc = pthread_cond_timedwait(&p->change, &p->lock, &end);
    atomic_store(&p->server->stopping, true);
    p->stop = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->count; i++)
        pthread_join(p->threads[i], NULL);
    pthread_cond_destroy(&p->change);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
