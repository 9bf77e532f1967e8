#include "server/service.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "net/server.h"
#include "os/clock.h"
#include "os/fd.h"
#include "os/log.h"
#include "os/notify.h"
#include "os/random.h"
#include "server/api.h"
#include "server/cache.h"
#include "server/collector.h"
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
    struct collector *collector;
    struct server *server;
    struct server_face faces[FACES];
    struct service_legacy *legacy;
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
    if (!o->pagination_key && s->legacy->any) {
        memcpy(s->api.token_key, s->legacy->token_key, sizeof s->api.token_key);
        return 0;
    }
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

static const char *address_of(const struct service_options *o)
{
    return o->address ? o->address : "";
}

/* The socket of the service before, when it is the one that is wanted now. */
static int inherit(const struct service *s, size_t face)
{
    const struct service_legacy *l = s->legacy;
    const struct service_options *o = s->options;
    bool same = l->any && strcmp(l->address, address_of(o)) == 0 &&
                (face == API_FACE ? l->port == o->port : l->health_port == o->health_port);
    return same ? dup(l->sockets[face]) : -1;
}

/* systemd's sockets are named api and health. */
static int socket_of(const struct service *s, size_t face, const char *name)
{
    int inherited = inherit(s, face);
    return inherited >= 0 ? inherited : notify_socket(name);
}

void service_legacy_done(struct service_legacy *l)
{
    for (size_t i = 0; i < FACES && l->any; i++)
        fd_close(&l->sockets[i]);
    l->any = false;
}

static void leave(const struct service *s)
{
    struct service_legacy *l = s->legacy;
    const struct service_options *o = s->options;
    service_legacy_done(l);
    *l = (struct service_legacy){.any = true, .port = o->port, .health_port = o->health_port};
    snprintf(l->address, sizeof l->address, "%s", address_of(o));
    memcpy(l->token_key, s->api.token_key, sizeof l->token_key);
    for (size_t i = 0; i < FACES; i++)
        l->sockets[i] = fcntl(server_socket(s->server, i), F_DUPFD_CLOEXEC, 3);
}

static int start_server(struct service *s, struct error *err)
{
    const struct service_options *o = s->options;
    s->faces[API_FACE] = (struct server_face){
        .address = o->address,
        .port = (uint16_t)o->port,
        .fd = socket_of(s, API_FACE, "api"),
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
        .fd = socket_of(s, HEALTH_FACE, "health"),
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

/* Whether there is another configuration to run with. Certificates are read again in any case. */
static bool reload(struct service *s)
{
    struct error err;
    const struct service_options *o = s->options;
    tell(NOTIFY_RELOADING);
    int rc = o->reload ? o->reload(o->ctx, &err) : -1;
    if (rc == 0)
        return true;
    if (o->reload)
        log_event(LOG_ERROR, "the old configuration stays", LOG_STR("error", str_of(err.text)), LOG_END);
    if (o->certfile && server_reload_tls(s->server, &err) < 0)
        log_event(LOG_ERROR, "the old certificates stay", LOG_STR("error", str_of(err.text)), LOG_END);
    tell(NOTIFY_READY);
    return false;
}

static int wait_for_end(struct service *s, const sigset_t *signals)
{
    int signal = 0;
    while (sigwait(signals, &signal) == 0)
        if (signal != SIGHUP) {
            log_event(LOG_INFO, "received interruption, gracefully stopping ...",
                      LOG_NUM("signal", (unsigned)signal), LOG_END);
            tell(NOTIFY_STOPPING);
            return 0;
        } else if (reload(s)) {
            log_event(LOG_INFO, "configuration and certificates were read again", LOG_END);
            leave(s);
            return SERVICE_RELOAD;
        }
    return 0;
}

int service_run(const struct service_options *o, struct service_legacy *legacy, struct error *err)
{
    struct service s = {
        .options = o, .legacy = legacy, .api.metrics = metrics_new(), .api.cache = cache_new()};
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
    if (rc == 0)
        rc = collector_start(&s.collector, o->database, s.api.metrics, err);
    if (rc == 0) {
        log_event(LOG_INFO, "starting main API", LOG_NUM("port", server_port(s.server, API_FACE)),
                  LOG_NUM("health port", server_port(s.server, HEALTH_FACE)), LOG_END);
        tell(NOTIFY_READY);
        rc = wait_for_end(&s, &signals);
    }
    server_stop(s.server, GRACE_SECONDS);
    updater_stop(s.updater);
    collector_stop(s.collector);
    notifier_stop(s.notifier);
    metrics_free(s.api.metrics);
    cache_free(s.api.cache);
    return rc;
}
