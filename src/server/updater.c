#include "server/updater.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/memory.h"
#include "feed/feed.h"
#include "os/background.h"
#include "os/clock.h"
#include "os/log.h"
#include "server/metrics.h"
#include "server/turn.h"
#include "store/vulnerability.h"
#include "update/update.h"

enum { LANES = 2, RETRY_SECONDS = 120, LOCKED_SECONDS = 60, TOLD_MS = 10000, DISAGREEMENTS_TOLD = 20 };

struct updater {
    struct updater_options options;
    struct turn turn;
    struct background thread;
    unsigned failures; /* updates in a row that did not bring all feeds */
};

/* ---- one feed ---- */

struct lane {
    struct updater *updater;
    pthread_t thread;
    atomic_uint *next; /* of feeds[] */
    atomic_uint *failed;
    uint64_t started, told;
};

static int watch(void *ctx, const struct update_progress *p, struct error *err)
{
    struct lane *lane = ctx;
    uint64_t now = clock_ms();
    if (lane->updater->thread.stopping)
        return error_set(err, E_CANCELLED, "the server stops");
    if (now - lane->told < TOLD_MS)
        return 0;
    uint64_t percent = p->bytes_total ? p->bytes_done * 100 / p->bytes_total : 0;
    uint64_t spent = (now - lane->started) / 1000;
    lane->told = now;
    log_event(LOG_INFO, p->loading ? "loading a feed" : "fetching a feed", LOG_STR("feed", str_of(p->feed)),
              LOG_NUM("percent", percent), LOG_NUM("rows", (uint64_t)p->rows),
              LOG_NUM("seconds left", percent ? spent * (100 - percent) / percent : 0), LOG_END);
    return 0;
}

static void tell_problem(void *ctx, const struct problem *p)
{
    struct lane *lane = ctx;
    metrics_count(lane->updater->options.metrics, METRIC_UPDATER_NOTES);
    log_event(LOG_WARNING, "fetcher note", LOG_STR("where", p->where), LOG_STR("note", p->text), LOG_END);
}

static int tell_disagreement(void *ctx, struct str namespace, struct str name)
{
    const struct feed *feed = ctx;
    log_event(LOG_WARNING, "a feed says something else than what was posted, which stands",
              LOG_STR("feed", str_of(feed->name)), LOG_STR("namespace", namespace),
              LOG_STR("vulnerability", name), LOG_END);
    return 0;
}

static void tell_disagreements(const struct feed *feed, struct store *store)
{
    union {
        const struct feed *in;
        void *out;
    } unconst = {.in = feed};
    struct error err;
    size_t count = 0;
    if (store_disagreements(store, str_of(feed->name), DISAGREEMENTS_TOLD, tell_disagreement, unconst.out,
                            &count, &err) < 0)
        log_event(LOG_ERROR, "the feed could not be compared with what was posted",
                  LOG_STR("error", str_of(err.text)), LOG_END);
    else if (count > DISAGREEMENTS_TOLD)
        log_event(LOG_WARNING, "and more like these", LOG_STR("feed", str_of(feed->name)),
                  LOG_NUM("count", count - DISAGREEMENTS_TOLD), LOG_END);
}

static void update_one(struct lane *lane, const struct feed *feed, struct store *store)
{
    const struct updater_options *o = &lane->updater->options;
    struct update_progress progress = {.tick = watch, .problem = tell_problem, .ctx = lane};
    char url[URL_MAX];
    struct str place = {0};
    if (o->wanted && !o->wanted(o->ctx, feed, &place))
        return;
    if (str_copy(place, url, sizeof url) < 0)
        url[0] = 0;
    const struct update_options options = {.url = url[0] ? url : NULL,
                                           .cache_dir = o->cache_dir,
                                           .ca_file = o->ca_file,
                                           .stall_seconds = o->stall_seconds,
                                           .interrupted = &lane->updater->thread.stopping,
                                           .accept_shrink = o->accept_shrink,
                                           .progress = &progress};
    struct error err;
    lane->started = lane->told = clock_ms();
    log_event(LOG_INFO, "fetching vulnerability updates", LOG_STR("feed", str_of(feed->name)), LOG_END);
    int rc = update_feed(feed, &options, store, &err);
    if (rc < 0) {
        atomic_fetch_add(lane->failed, 1);
        metrics_count(o->metrics, METRIC_UPDATER_ERRORS);
        log_event(LOG_ERROR, "an error occured when fetching update", LOG_STR("error", str_of(err.text)),
                  LOG_END);
        return;
    }
    log_event(LOG_INFO, rc == UPDATE_UNCHANGED ? "feed is unchanged" : "feed is loaded",
              LOG_STR("feed", str_of(feed->name)), LOG_NUM("rows", (uint64_t)progress.rows),
              LOG_NUM("milliseconds", clock_ms() - lane->started), LOG_END);
    if (rc == UPDATE_LOADED)
        tell_disagreements(feed, store);
    if (rc == UPDATE_LOADED && o->changed)
        o->changed(o->changed_ctx);
}

static void *lane_run(void *ctx)
{
    struct lane *lane = ctx;
    CLEANUP(store_closep) struct store *store = NULL;
    struct error err;
    bool rebuilt;
    if (store_open(&store, lane->updater->options.database, &rebuilt, &err) < 0) {
        atomic_fetch_add(lane->failed, 1);
        log_event(LOG_ERROR, "could not open the database", LOG_STR("error", str_of(err.text)), LOG_END);
        return NULL;
    }
    for (;;) {
        unsigned i = atomic_fetch_add(lane->next, 1);
        if (i >= feeds_count() || lane->updater->thread.stopping)
            return NULL;
        update_one(lane, feeds[i], store);
    }
}

/* Feeds that failed. */
static unsigned update_all(struct updater *u)
{
    struct lane lanes[LANES];
    atomic_uint next = 0, failed = 0;
    bool started[LANES] = {false};
    for (size_t i = 0; i < LANES; i++) {
        lanes[i] = (struct lane){.updater = u, .next = &next, .failed = &failed};
        started[i] = i && pthread_create(&lanes[i].thread, NULL, lane_run, &lanes[i]) == 0;
    }
    lane_run(&lanes[0]);
    for (size_t i = 1; i < LANES; i++)
        if (started[i])
            pthread_join(lanes[i].thread, NULL);
    malloc_trim(0); /* a load needs much more than a server does */
    return failed;
}

/* ---- when ---- */

static int64_t retry_in(const struct updater *u)
{
    int64_t seconds = RETRY_SECONDS << (u->failures < 6 ? u->failures - 1 : 5);
    return seconds < u->options.interval_seconds ? seconds : u->options.interval_seconds;
}

/* Under the lock. */
static int update(struct updater *u, struct store *store, int64_t *ret_wait, struct error *err)
{
    uint64_t started = clock_ms();
    unsigned failed = update_all(u);
    metrics_updated(u->options.metrics, (double)(clock_ms() - started) / 1000);
    u->failures = failed ? u->failures + 1 : 0;
    *ret_wait = failed ? retry_in(u) : u->options.interval_seconds;
    log_event(LOG_INFO, failed ? "update ended with errors" : "update finished", LOG_NUM("failed", failed),
              LOG_END);
    return failed || u->thread.stopping ? 0 : turn_done(store, &u->turn, err);
}

/* How long to wait in *ret. The connection that holds the lock lives as long as the update. */
static int work(struct updater *u, int64_t *ret, struct error *err)
{
    CLEANUP(store_closep) struct store *store = NULL;
    bool rebuilt;
    int rc = store_open(&store, u->options.database, &rebuilt, err);
    if (rc == 0)
        rc = turn_take(store, &u->turn, ret, err);
    if (rc == TURN_ELSEWHERE) {
        log_event(LOG_INFO, "another server is updating", LOG_END);
        *ret = LOCKED_SECONDS;
    }
    if (rc != TURN_OURS)
        return rc < 0 ? rc : 0;
    return turn_give(store, &u->turn, update(u, store, ret, err), err);
}

static void *run(void *ctx)
{
    struct updater *u = ctx;
    while (!u->thread.stopping) {
        struct error err;
        int64_t wait = 0;
        if (work(u, &wait, &err) < 0) {
            log_event(LOG_ERROR, "the update was not possible", LOG_STR("error", str_of(err.text)), LOG_END);
            wait = 10;
        }
        uint64_t seconds = wait < 1 ? 1 : wait < LOCKED_SECONDS ? (uint64_t)wait : LOCKED_SECONDS;
        background_rest(&u->thread, seconds * 1000, false);
    }
    return NULL;
}

int updater_start(struct updater **ret, const struct updater_options *o, struct error *err)
{
    struct updater *u = memory_new(sizeof *u);
    u->options = *o;
    u->turn = (struct turn){STR("updater/last"), 0x75706474 /* "updt" */, o->interval_seconds};
    int rc = background_start(&u->thread, run, u, err);
    if (rc < 0)
        free(u);
    else
        *ret = u;
    return rc;
}

void updater_stop(struct updater *u)
{
    if (!u)
        return;
    background_stop(&u->thread);
    free(u);
}
