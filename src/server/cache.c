#include "server/cache.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/memory.h"
#include "os/clock.h"
#include "store/store.h"

enum { SLOTS = 2048, CHECK_MS = 20 };

/* A question has one place; another question of the same place takes it. */
struct slot {
    char *question, *answer;
    size_t question_len, answer_len;
    uint64_t epoch;
};

struct cache {
    pthread_mutex_t lock;
    uint64_t epoch;         /* grows with each change: what is of another one is old */
    int64_t version;        /* of the database */
    uint64_t checked;       /* when that was asked, clock_ms() */
    size_t bytes, to_evict; /* in all slots; the slot that is to make room next */
    struct slot slots[SLOTS];
};

struct cache *cache_new(void)
{
    struct cache *c = memory_new(sizeof *c);
    pthread_mutex_init(&c->lock, NULL);
    c->epoch = 1;
    return c;
}

static void drop(struct cache *c, struct slot *s)
{
    c->bytes -= s->question_len + s->answer_len;
    free(s->question);
    free(s->answer);
    *s = (struct slot){0};
}

void cache_free(struct cache *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        drop(c, &c->slots[i]);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* FNV-1a: a client that makes questions collide makes its own answers slower. */
static struct slot *slot_of(struct cache *c, struct str question)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < question.len; i++)
        hash = (hash ^ (unsigned char)question.ptr[i]) * 0x100000001b3;
    return &c->slots[(hash ^ hash >> 32) % SLOTS];
}

/* Asks the database when that is due; what cannot be asked has changed. */
static void check(struct cache *c, struct store *s)
{
    uint64_t now = clock_ms();
    int64_t version = 0;
    struct error err;
    pthread_mutex_lock(&c->lock);
    bool due = now - c->checked >= CHECK_MS;
    if (due)
        c->checked = now; /* one thread asks */
    pthread_mutex_unlock(&c->lock);
    if (!due)
        return;
    int rc = store_version(s, &version, &err);
    pthread_mutex_lock(&c->lock);
    if (rc < 0 || version != c->version)
        c->epoch++;
    c->version = rc < 0 ? -1 : version;
    pthread_mutex_unlock(&c->lock);
}

bool cache_get(struct cache *c, struct store *s, struct str question, struct buf *ret, uint64_t *ret_epoch)
{
    check(c, s);
    pthread_mutex_lock(&c->lock);
    struct slot *slot = slot_of(c, question);
    bool found =
        slot->epoch == c->epoch && str_eq((struct str){slot->question, slot->question_len}, question);
    if (found)
        buf_add(ret, (struct str){slot->answer, slot->answer_len});
    *ret_epoch = c->epoch;
    pthread_mutex_unlock(&c->lock);
    return found;
}

static void make_room(struct cache *c, size_t size)
{
    for (size_t i = 0; i < SLOTS && c->bytes + size > ANSWER_CACHE_MAX; i++) {
        drop(c, &c->slots[c->to_evict]);
        c->to_evict = (c->to_evict + 1) % SLOTS;
    }
}

static char *copy(struct str s)
{
    char *to = memory_new(s.len + 1);
    if (s.len)
        memcpy(to, s.ptr, s.len);
    return to;
}

void cache_put(struct cache *c, struct str question, struct str answer, uint64_t epoch)
{
    size_t size = question.len + answer.len;
    if (size > ANSWER_CACHE_MAX / 8)
        return;
    pthread_mutex_lock(&c->lock);
    if (epoch == c->epoch) {
        struct slot *slot = slot_of(c, question);
        drop(c, slot);
        make_room(c, size);
        *slot = (struct slot){copy(question), copy(answer), question.len, answer.len, epoch};
        c->bytes += size;
    }
    pthread_mutex_unlock(&c->lock);
}

void cache_forget(struct cache *c)
{
    pthread_mutex_lock(&c->lock);
    c->epoch++;
    pthread_mutex_unlock(&c->lock);
}
