#include "server/collector.h"

#include <stdlib.h>

#include "base/memory.h"
#include "os/background.h"
#include "os/clock.h"
#include "os/log.h"
#include "server/metrics.h"
#include "server/turn.h"
#include "store/garbage.h"

enum { LOOK_MS = 60000, RETRY_MS = 600000, PAUSE_MS = 20 };

static const struct turn turn = {
    .name = STR_INIT("garbage/last"), .lock = 0x67617262 /* "garb" */, .interval_seconds = 86400};

struct collector {
    const char *database;
    struct metrics *metrics;
    struct background thread;
};

/* Others write between two batches. */
static int collect_kind(struct collector *c, struct store *store, enum garbage kind,
                        struct garbage_search *search, struct error *err)
{
    int rc = 1;
    while (rc > 0) {
        uint64_t before = search->removed;
        rc = store_garbage_remove(store, kind, search, err);
        metrics_removed(c->metrics, kind, search->removed - before);
        if (rc > 0 && !background_rest(&c->thread, PAUSE_MS, false))
            return 0;
    }
    return rc;
}

/* In the order of the kinds: what shows goes before what it shows. */
static int collect(struct collector *c, struct store *store, struct error *err)
{
    uint64_t total = 0, started = clock_ms();
    int rc = 0;
    for (int kind = 0; kind < GARBAGE_KINDS && rc == 0 && !c->thread.stopping; kind++) {
        struct garbage_search search = {.now = clock_seconds()};
        rc = collect_kind(c, store, (enum garbage)kind, &search, err);
        total += search.removed;
        if (search.removed)
            log_event(LOG_INFO, "removed what nothing refers to",
                      LOG_STR("what", str_of(garbage_kinds[kind].name)), LOG_NUM("rows", search.removed),
                      LOG_END);
    }
    log_event(LOG_DEBUG, "garbage is collected", LOG_NUM("rows", total),
              LOG_NUM("milliseconds", clock_ms() - started), LOG_END);
    return rc;
}

/* The connection that holds the lock lives as long as the work. */
static int work(struct collector *c, struct error *err)
{
    CLEANUP(store_closep) struct store *store = NULL;
    bool rebuilt;
    int64_t wait;
    int rc = store_open(&store, c->database, &rebuilt, err);
    if (rc == 0)
        rc = turn_take(store, &turn, &wait, err);
    if (rc != TURN_OURS)
        return rc < 0 ? rc : 0;
    rc = collect(c, store, err);
    if (rc == 0 && !c->thread.stopping)
        rc = turn_done(store, &turn, err);
    return turn_give(store, &turn, rc, err);
}

static void *run(void *ctx)
{
    struct collector *c = ctx;
    while (!c->thread.stopping) {
        struct error err;
        int rc = work(c, &err);
        if (rc < 0)
            log_event(LOG_WARNING, "what nothing refers to could not be removed, which is tried again later",
                      LOG_STR("error", str_of(err.text)), LOG_END);
        background_rest(&c->thread, rc < 0 ? RETRY_MS : LOOK_MS, false);
    }
    return NULL;
}

int collector_start(struct collector **ret, const char *database, struct metrics *metrics, struct error *err)
{
    struct collector *c = memory_new(sizeof *c);
    c->database = database;
    c->metrics = metrics;
    int rc = background_start(&c->thread, run, c, err);
    if (rc < 0)
        free(c);
    else
        *ret = c;
    return rc;
}

void collector_stop(struct collector *c)
{
    if (!c)
        return;
    background_stop(&c->thread);
    free(c);
}
