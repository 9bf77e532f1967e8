#include "server/service.h"

#include <signal.h>
#include <stdlib.h>

#include "base/limits.h"
#include "net/server.h"
#include "os/clock.h"
#include "os/log.h"
#include "os/notify.h"
#include "os/random.h"
#include "server/api.h"
#include "server/cache.h"
#include "server/health.h"
#include "server/token.h"

enum { API_FACE, HEALTH_FACE, FACES, GRACE_SECONDS = 30 };

#define TIMEOUT_BODY                                                                   \
    "{\"Error\":{\"Message\":\"Clair failed to respond within the configured timeout " \
    "window.\",\"Type\":\"Timeout\"}}"

struct service {
    const struct service_options *options;
    struct api api;
    struct health health;
    struct notifier *notifier;
    struct updater *updater;
    struct server *server;
    struct server_face faces[FACES];
};

static void on_change(void *ctx)
{
    struct service *s = ctx;
    cache_forget(s->api.cache);
    if (s->notifier)
        notifier_wake(s->notifier);
}

static int set_up_api(struct service *s, struct error *err)
{
    const struct service_options *o = s->options;
    s->api.database = s->health.database = o->database;
    s->api.posted = o->posted;
    s->api.changed = on_change;
    s->api.ctx = s;
    s->health.metrics = s->api.metrics;
    if (!o->pagination_key)
        return random_bytes(s->api.token_key, sizeof s->api.token_key, err);
    if (token_key_parse(str_of(o->pagination_key), s->api.token_key) < 0)
        return error_set(err, E_USAGE, "Invalid Pagination key; must be 32-bit URL-safe base64");
    return 0;
}

/* Opens the database once before anything listens: a mistake in the configuration is told at start. */
static int prepare_store(const struct service_options *o, struct error *err)
{
    CLEANUP(store_closep) struct store *store = NULL;
    bool rebuilt;
    int rc = store_open(&store, o->database, &rebuilt, err);
    return rc < 0 ? rc : store_serve(store, err);
}

/* systemd's sockets are named api and health. */
static int start_server(struct service *s, struct error *err)
{
    const struct service_options *o = s->options;
    s->faces[API_FACE] = (struct server_face){
        .address = o->address,
        .port = (uint16_t)o->port,
        .fd = notify_socket("api"),
        .certfile = o->certfile,
        .keyfile = o->keyfile,
        .cafile = o->cafile,
        .handle = api_handle,
        .is_slow = api_is_slow,
        .thread_start = api_thread_start,
        .thread_stop = api_thread_stop,
        .done = api_request_done,
        .ctx = &s->api,
        .timeout_seconds = o->timeout_seconds,
        .timeout_body = TIMEOUT_BODY,
        .timeout_type = "text/plain; charset=utf-8",
    };
    s->faces[HEALTH_FACE] = (struct server_face){
        .address = o->address,
        .port = (uint16_t)o->health_port,
        .fd = notify_socket("health"),
        .handle = health_handle,
        .thread_start = health_thread_start,
        .thread_stop = health_thread_stop,
        .ctx = &s->health,
    };
    const struct server_options options = {.body_max = SERVER_BODY_MAX};
    return server_start(&s->server, s->faces, FACES, &options, err);
}

/* Before the threads that wake it. */
static int start_notifier(struct service *s, struct error *err)
{
    struct notifier_options notifier = s->options->notifier;
    notifier.database = s->options->database;
    notifier.metrics = s->api.metrics;
    if (s->options->notify)
        return notifier_start(&s->notifier, &notifier, err);
    log_event(LOG_INFO, "notifier service is disabled", LOG_END);
    return 0;
}

static int start_updater(struct service *s, struct error *err)
{
    struct updater_options updater = s->options->updater;
    updater.database = s->options->database;
    updater.metrics = s->api.metrics;
    updater.changed = on_change;
    updater.changed_ctx = s;
    if (s->options->update)
        return updater_start(&s->updater, &updater, err);
    log_event(LOG_INFO, "updater service is disabled.", LOG_END);
    return 0;
}

static void tell(enum notify_state state)
{
    struct error err;
    if (notify_send(state, NULL, &err) < 0)
        log_event(LOG_WARNING, "systemd cannot be told", LOG_STR("error", str_of(err.text)), LOG_END);
}

static void reload(struct service *s)
{
    struct error err;
    tell(NOTIFY_RELOADING);
    if (s->options->reload)
        s->options->reload(s->options->ctx);
    if (s->options->certfile && server_reload_tls(s->server, &err) < 0)
        log_event(LOG_ERROR, "the old certificates stay", LOG_STR("error", str_of(err.text)), LOG_END);
    log_event(LOG_INFO, "configuration and certificates were read again", LOG_END);
    tell(NOTIFY_READY);
}

static void wait_for_end(struct service *s, const sigset_t *signals)
{
    int signal = 0;
    while (sigwait(signals, &signal) == 0 && signal == SIGHUP)
        reload(s);
    log_event(LOG_INFO, "received interruption, gracefully stopping ...", LOG_NUM("signal", (unsigned)signal),
              LOG_END);
    tell(NOTIFY_STOPPING);
}

int service_run(const struct service_options *o, struct error *err)
{
    struct service s = {.options = o, .api.metrics = metrics_new(), .api.cache = cache_new()};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* inherited by every thread: only sigwait() sees them */
    int rc = set_up_api(&s, err);
    if (rc == 0)
        rc = prepare_store(o, err);
    if (rc == 0)
        rc = start_notifier(&s, err);
    if (rc == 0)
        rc = start_server(&s, err);
    if (rc == 0)
        rc = start_updater(&s, err);
    if (rc == 0) {
        log_event(LOG_INFO, "starting main API", LOG_NUM("port", server_port(s.server, API_FACE)),
                  LOG_NUM("health port", server_port(s.server, HEALTH_FACE)), LOG_END);
        tell(NOTIFY_READY);
        wait_for_end(&s, &signals);
    }
    server_stop(s.server, GRACE_SECONDS);
    updater_stop(s.updater);
    notifier_stop(s.notifier);
    metrics_free(s.api.metrics);
    cache_free(s.api.cache);
    return rc;
}
