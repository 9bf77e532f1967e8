#include "os/ahead.h"

#include <pthread.h>

#include "base/limits.h"
#include "base/memory.h"

enum { SLOTS = 4 };
#define SLOT_SIZE KIB(256)

struct slot {
    uint8_t *bytes;
    size_t len;
};

struct ahead {
    struct reader r;
    struct reader *in;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t change;
    struct slot slots[SLOTS];
    unsigned put, got; /* slots filled and slots released, since the start */
    bool lent;         /* slot `got` is the window */
    bool stop;
    int end; /* 0 still reading, 1 at the end, < 0 failed: after the slots that are left */
};

/* Fills one slot from the upstream windows: > 0 when it has bytes. */
static int fill_slot(struct ahead *a, struct slot *s)
{
    int more = 1;
    s->len = 0;
    while (s->len < SLOT_SIZE && (more = reader_more(a->in)) > 0) {
        size_t have = (size_t)(a->in->end - a->in->ptr), room = SLOT_SIZE - s->len;
        size_t take = have < room ? have : room;
        memcpy(s->bytes + s->len, a->in->ptr, take);
        a->in->ptr += take;
        s->len += take;
    }
    return more;
}

static void *run(void *arg)
{
    struct ahead *a = arg;
    int more = 1;
    while (more > 0) {
        pthread_mutex_lock(&a->lock);
        while (a->put - a->got == SLOTS && !a->stop)
            pthread_cond_wait(&a->change, &a->lock);
        bool stop = a->stop;
        pthread_mutex_unlock(&a->lock);
        if (stop)
            break;
        struct slot *s = &a->slots[a->put % SLOTS];
        more = fill_slot(a, s);
        pthread_mutex_lock(&a->lock);
        a->put += s->len > 0;
        a->end = more > 0 ? 0 : more ? more : 1;
        pthread_cond_signal(&a->change);
        pthread_mutex_unlock(&a->lock);
    }
    return NULL;
}

static int ahead_fill(struct reader *r)
{
    struct ahead *a = (struct ahead *)r;
    pthread_mutex_lock(&a->lock);
    a->got += a->lent;
    a->lent = false;
    pthread_cond_signal(&a->change);
    while (a->put == a->got && !a->end)
        pthread_cond_wait(&a->change, &a->lock);
    bool bytes = a->put != a->got;
    a->lent = bytes;
    int end = a->end;
    pthread_mutex_unlock(&a->lock);
    if (!bytes) {
        if (end < 0)
            *r->err = *a->in->err;
        return end < 0 ? end : 0;
    }
    const struct slot *s = &a->slots[a->got % SLOTS];
    r->ptr = s->bytes;
    r->end = s->bytes + s->len;
    return 1;
}

static void ahead_close(struct reader *r)
{
    struct ahead *a = (struct ahead *)r;
    pthread_mutex_lock(&a->lock);
    a->stop = true;
    pthread_cond_signal(&a->change);
    pthread_mutex_unlock(&a->lock);
    pthread_join(a->thread, NULL);
    pthread_mutex_destroy(&a->lock);
    pthread_cond_destroy(&a->change);
    for (size_t i = 0; i < SLOTS; i++)
        free(a->slots[i].bytes);
    free(a);
}

static const struct reader_ops ahead_ops = {.name = "ahead", .fill = ahead_fill, .close = ahead_close};

int ahead_open(struct reader **ret, struct reader *in, struct error *err)
{
    struct ahead *a = memory_new(sizeof *a);
    a->r = (struct reader){.ops = &ahead_ops, .limit = UINT64_MAX, .err = err};
    a->in = in;
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->change, NULL);
    for (size_t i = 0; i < SLOTS; i++)
        a->slots[i].bytes = memory_new(SLOT_SIZE);
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, KIB(512));
    int rc = pthread_create(&a->thread, &small, run, a);
    pthread_attr_destroy(&small);
    if (rc != 0) {
        for (size_t i = 0; i < SLOTS; i++)
            free(a->slots[i].bytes);
        free(a);
        return error_set(err, E_SYSTEM, "ahead: no thread (error %d)", rc);
    }
    *ret = &a->r;
    return 0;
}
