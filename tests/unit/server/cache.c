#include "server/cache.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "store/vulnerability.h"
#include "test.h"

struct desk {
    char path[64];
    struct store *mine, *other;
    struct cache *cache;
    struct error err;
};

static void desk_open(struct desk *d)
{
    bool rebuilt;
    *d = (struct desk){.path = "/tmp/limpid-cache-XXXXXX"};
    close(mkstemp(d->path));
    assert_int_equal(store_open(&d->mine, d->path, &rebuilt, &d->err), 0);
    assert_int_equal(store_open(&d->other, d->path, &rebuilt, &d->err), 0);
    d->cache = cache_new();
}

static void desk_close(struct desk *d)
{
    cache_free(d->cache);
    store_close(d->mine);
    store_close(d->other);
    unlink(d->path);
}

/* "" when it is not kept. */
static const char *ask(struct desk *d, const char *question, uint64_t *ret_epoch)
{
    static struct buf answer;
    buf_done(&answer);
    answer = buf_make(MIB(1));
    bool found = cache_get(d->cache, d->mine, str_of(question), &answer, ret_epoch);
    buf_add_char(&answer, 0);
    return found ? answer.ptr : "";
}

TEST(cache_keeps)
{
    struct desk d;
    uint64_t epoch;
    desk_open(&d);
    assert_string_equal(ask(&d, "a", &epoch), "");
    cache_put(d.cache, STR("a"), STR("answer"), epoch);
    assert_string_equal(ask(&d, "a", &epoch), "answer");
    assert_string_equal(ask(&d, "b", &epoch), "");
    cache_forget(d.cache);
    assert_string_equal(ask(&d, "a", &epoch), "");
    cache_put(d.cache, STR("a"), STR("late"), epoch - 1); /* read before the change */
    assert_string_equal(ask(&d, "a", &epoch), "");
    desk_close(&d);
}

/* Somebody else writes: seen as soon as the database is asked again. */
TEST(cache_sees_others)
{
    struct desk d;
    uint64_t epoch;
    desk_open(&d);
    ask(&d, "a", &epoch);
    cache_put(d.cache, STR("a"), STR("answer"), epoch);
    assert_int_equal(store_namespace_put(d.other, STR("debian:12"), STR("dpkg"), &d.err), 0);
    for (int i = 0; i < 1000 && *ask(&d, "a", &epoch); i++)
        usleep(1000);
    assert_string_equal(ask(&d, "a", &epoch), "");
    desk_close(&d);
}

TEST(cache_bounded)
{
    struct desk d;
    uint64_t epoch;
    size_t size = ANSWER_CACHE_MAX / 8 - 64, kept = 0;
    char *big = calloc(1, 2 * size), name[16];
    desk_open(&d);
    memset(big, 'x', 2 * size);
    ask(&d, "0", &epoch);
    cache_put(d.cache, STR("huge"), (struct str){big, 2 * size}, epoch);
    assert_string_equal(ask(&d, "huge", &epoch), "");
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "%d", i);
        cache_put(d.cache, str_of(name), (struct str){big, size}, epoch);
    }
    for (int i = 0; i < 40; i++) {
        CLEANUP(buf_done) struct buf answer = buf_make(ANSWER_CACHE_MAX);
        snprintf(name, sizeof name, "%d", i);
        kept += cache_get(d.cache, d.mine, str_of(name), &answer, &epoch);
    }
    assert_in_range(kept, 1, 8);
    free(big);
    desk_close(&d);
}
