#include "server/notifier.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/memory.h"
#include "net/http.h"
#include "os/background.h"
#include "os/clock.h"
#include "os/log.h"
#include "server/introducing.h"
#include "server/metrics.h"
#include "store/notification.h"

/* HELD_SECONDS: when a server dies, another tells its notification so long after its last attempt. A receiver that takes longer
   for an answer may be told twice. */
enum { HELD_SECONDS = 60, PAUSE_MAX_SECONDS = 900, POLL_MS = 2000, SEND_SECONDS = 5 };

struct notifier {
    struct notifier_options options;
    struct store *store; /* NULL: the database cannot be reached */
    struct background thread;
};

/* ---- one notification ---- */

static int post(struct notifier *n, struct str name, struct error *err)
{
    CLEANUP(http_freep) struct http *http = NULL;
    CLEANUP(buf_done) struct buf body = buf_make(KIB(1));
    struct http_response response = {0};
    const struct notifier_options *o = &n->options;
    const struct http_options options = {.ca_file = o->cafile,
                                         .client_cert = o->certfile,
                                         .client_key = o->keyfile,
                                         .proxy = o->proxy ? o->proxy : "",
                                         .attempts = 1,
                                         .stall_seconds = SEND_SECONDS,
                                         .cancelled = &n->thread.stopping};
    buf_printf(&body, "{\"Notification\":{\"Name\":\"%.*s\"}}", STR_ARG(name));
    const struct http_request request = {.method = "POST",
                                         .url = o->endpoint,
                                         .body = buf_str(&body),
                                         .content_type = "application/json",
                                         .body_max = MIB(1)};
    int rc = http_new(&http, &options, err);
    if (rc == 0)
        rc = http_send(http, &request, &response, err);
    if (rc == 0 && (response.status < 200 || response.status > 299))
        rc = error_set(err, E_NETWORK, "got status %d, expected 200/201", response.status);
    http_response_done(&response);
    return rc;
}

/* A notification that this server tells. */
struct held {
    struct str name;
    int64_t until; /* seconds since 1970 */
};

/* For the next `seconds` and one more attempt: 1; 0: it is no longer ours to tell. */
static int hold(struct notifier *n, struct held *h, unsigned seconds, struct error *err)
{
    int64_t until = clock_seconds() + seconds + HELD_SECONDS;
    int rc = store_notification_hold(n->store, h->name, h->until, until, err);
    if (rc > 0)
        h->until = until;
    return rc;
}

enum told { TOLD, NOT_TOLD, LOST };

/* Tries as often as the configuration says, each pause twice as long. LOST: it was deleted, or another server took it;
   < 0: the database. */
static int tell(struct notifier *n, struct held *h, struct error *err)
{
    unsigned pause = 1;
    for (unsigned attempt = 1;; attempt++) {
        struct error failure = {0};
        if (post(n, h->name, &failure) == 0)
            return TOLD;
        metrics_count(n->options.metrics, METRIC_NOTIFIER_ERRORS);
        log_event(LOG_ERROR, "could not send notification", LOG_STR("notification", h->name),
                  LOG_NUM("attempt", attempt), LOG_STR("error", str_of(failure.text)), LOG_END);
        if (attempt >= n->options.attempts)
            return NOT_TOLD;
        int rc = hold(n, h, pause, err);
        if (rc <= 0)
            return rc < 0 ? rc : LOST;
        if (!background_rest(&n->thread, (uint64_t)pause * 1000, false))
            return NOT_TOLD;
        pause = pause * 2 < PAUSE_MAX_SECONDS ? pause * 2 : PAUSE_MAX_SECONDS;
    }
}

/* Whether a known layer has what either side is about. */
static int is_affecting(struct notifier *n, const struct store_notification *found, struct arena *arena,
                        struct error *err)
{
    const int64_t sides[] = {found->old_vulnerability, found->new_vulnerability};
    for (size_t i = 0; i < 2; i++) {
        struct store_vulnerability v;
        struct introducing_list list = {0};
        int rc = sides[i] ? store_vulnerability_by_id(n->store, sides[i], arena, &v, err) : 0;
        if (rc > 0)
            rc = introducing_find(n->store, &v, 0, 1, arena, &list, err);
        if (rc < 0)
            return rc;
        if (sides[i] && list.layers.len)
            return 1;
    }
    return 0;
}

/* 0, or < 0: the database. */
static int settle(struct notifier *n, struct held *h, struct arena *arena, struct error *err)
{
    struct store_notification found;
    int rc = store_notification_get(n->store, h->name, arena, &found, err);
    if (rc > 0 && n->options.affected_only && (rc = is_affecting(n, &found, arena, err)) == 0)
        return store_notification_delete(n->store, h->name, clock_seconds(), err);
    if (rc <= 0)
        return rc;
    rc = tell(n, h, err);
    if (rc < 0 || rc == LOST)
        return rc;
    bool told = rc == TOLD;
    int64_t now = clock_seconds();
    if (told)
        metrics_notified(n->options.metrics, (double)(now - found.created) * 1000);
    else
        log_event(LOG_WARNING, "giving up on sending notification for a while",
                  LOG_STR("notification", h->name), LOG_END);
    return store_notification_release(n->store, h->name, told ? now : 0,
                                      told || n->thread.stopping ? 0 : now + PAUSE_MAX_SECONDS, err);
}

/* 1: there was one; 0: none; < 0. */
static int work(struct notifier *n, struct error *err)
{
    struct arena arena = arena_make(MIB(64));
    bool rebuilt;
    int64_t now = clock_seconds();
    struct held held = {.until = now + HELD_SECONDS};
    int rc = n->store ? 0 : store_open(&n->store, n->options.database, &rebuilt, err);
    if (rc == 0)
        rc = store_notification_next(n->store, now, now - n->options.renotify_seconds, held.until, &arena,
                                     &held.name, err);
    if (rc > 0 && (rc = settle(n, &held, &arena, err)) >= 0)
        rc = 1;
    arena_done(&arena);
    return rc;
}

static void *run(void *ctx)
{
    struct notifier *n = ctx;
    while (!n->thread.stopping) {
        struct error err;
        int rc = work(n, &err);
        if (rc < 0)
            log_event(LOG_ERROR, "could not get notification to send", LOG_STR("error", str_of(err.text)),
                      LOG_END);
        if (rc <= 0)
            background_rest(&n->thread, POLL_MS, true);
    }
    return NULL;
}

int notifier_start(struct notifier **ret, const struct notifier_options *o, struct error *err)
{
    struct notifier *n = memory_new(sizeof *n);
    n->options = *o;
    int rc = background_start(&n->thread, run, n, err);
    if (rc < 0)
        free(n);
    else
        *ret = n;
    return rc;
}

void notifier_wake(struct notifier *n)
{
    background_wake(&n->thread);
}

void notifier_stop(struct notifier *n)
{
    if (!n)
        return;
    background_stop(&n->thread);
    store_close(n->store);
    free(n);
}
