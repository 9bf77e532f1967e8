#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"
#include "cli/feeds.h"
#include "cli/images.h"
#include "net/address.h"
#include "net/server.h"
#include "os/log.h"
#include "os/worker.h"
#include "server/service.h"

enum { LAYER_PATHS_MAX = 32 };

/* Everything that a service borrows. */
struct serving {
    const struct options *options;
    struct service_options service;
    struct address_list refused;
    unsigned worker_stall; /* seconds */
    char cache_dir[4096], database[4096], paths_text[4096];
    const char *paths[LAYER_PATHS_MAX + 1];
};

static int read_database(struct serving *s, struct error *err)
{
    const char *type = s->options->values[OPTION_DATABASE_TYPE], *source = s->options->values[OPTION_DB];
    bool sqlite = type && strcmp(type, "sqlite") == 0, pgsql = type && strcmp(type, "pgsql") == 0;
    if (type && !sqlite && !pgsql)
        return error_set(err, E_USAGE, "database: unknown Driver \"%s\" (limpid has pgsql and sqlite)", type);
    if (pgsql && !source)
        return error_set(err, E_USAGE, "pgsql: no database connection string specified");
    if (pgsql && !store_is_postgres(source))
        return error_set(err, E_USAGE,
                         "pgsql: \"%s\" is no connection string; write postgresql://USER@HOST/NAME", source);
    int rc = images_cache_dir(s->options, s->cache_dir, sizeof s->cache_dir, err);
    if (rc == 0)
        rc = images_database(s->options, s->database, sizeof s->database, err);
    s->service.database = s->database;
    return rc;
}

static int read_faces(struct serving *s, struct error *err)
{
    const struct options *o = s->options;
    struct service_options *service = &s->service;
    uint64_t port = 0, health = 0;
    int rc = option_number(o, OPTION_PORT, 0, UINT16_MAX, 6060, &port, err);
    if (rc == 0)
        rc = option_number(o, OPTION_HEALTH_PORT, 0, UINT16_MAX, 6061, &health, err);
    if (rc == 0)
        rc = option_duration(o, OPTION_API_TIMEOUT, 900, &service->timeout_seconds, err);
    service->port = (unsigned)port;
    service->health_port = (unsigned)health;
    service->address = o->values[OPTION_ADDRESS];
    service->pagination_key = o->values[OPTION_PAGINATION_KEY];
    bool tls = o->values[OPTION_API_CERT] && o->values[OPTION_API_KEY];
    service->certfile = tls ? o->values[OPTION_API_CERT] : NULL;
    service->keyfile = tls ? o->values[OPTION_API_KEY] : NULL;
    service->cafile = tls ? o->values[OPTION_API_CA] : NULL;
    return rc;
}

static int read_timeouts(struct serving *s, struct error *err)
{
    unsigned stall = 0;
    int rc = option_timeouts(s->options, &stall, &s->worker_stall, err);
    s->service.posted.stall_seconds = stall;
    s->service.updater.stall_seconds = stall;
    return rc;
}

static bool is_wanted(void *ctx, const struct feed *feed, struct str *ret_url)
{
    const struct options *o = ((struct serving *)ctx)->options;
    *ret_url = feeds_url(o, feed);
    return feeds_kept(o, feed);
}

static int read_updater(struct serving *s, struct error *err)
{
    struct updater_options *u = &s->service.updater;
    int rc = feeds_check(s->options, err);
    if (rc == 0)
        rc = option_duration(s->options, OPTION_UPDATE_INTERVAL, 3600, &u->interval_seconds, err);
    s->service.update = u->interval_seconds > 0;
    u->cache_dir = s->cache_dir;
    u->ca_file = s->options->values[OPTION_CA_FILE];
    u->accept_shrink = option_on(s->options, OPTION_ACCEPT_SHRINK);
    u->wanted = is_wanted;
    u->ctx = s;
    return rc;
}

static int read_notifier(struct serving *s, struct error *err)
{
    const struct options *o = s->options;
    struct notifier_options *n = &s->service.notifier;
    const char *about = o->values[OPTION_NOTIFY_ABOUT];
    uint64_t attempts = 0;
    int rc = option_number(o, OPTION_NOTIFY_ATTEMPTS, 1, 1000, 5, &attempts, err);
    if (rc == 0)
        rc = option_duration(o, OPTION_RENOTIFY_INTERVAL, 7200, &n->renotify_seconds, err);
    if (rc == 0 && about && strcmp(about, "every") != 0 && strcmp(about, "affected") != 0)
        rc = error_set(err, E_USAGE, "--notify-about: \"%s\" is neither every nor affected", about);
    n->attempts = (unsigned)attempts;
    n->endpoint = o->values[OPTION_NOTIFY_URL];
    n->certfile = o->values[OPTION_NOTIFY_CERT];
    n->keyfile = o->values[OPTION_NOTIFY_KEY];
    n->cafile = o->values[OPTION_NOTIFY_CA];
    n->proxy = o->values[OPTION_NOTIFY_PROXY];
    n->affected_only = about && strcmp(about, "affected") == 0;
    s->service.notify = n->endpoint && *n->endpoint;
    return rc;
}

static int read_layers(struct serving *s, struct error *err)
{
    const char *paths = s->options->values[OPTION_LAYER_PATHS],
               *refused = s->options->values[OPTION_REFUSE_NETWORKS];
    size_t n = 0;
    if (snprintf(s->paths_text, sizeof s->paths_text, "%s", paths ? paths : "/tmp") >=
        (int)sizeof s->paths_text)
        return error_set(err, E_USAGE, "--layer-paths: too long");
    for (char *rest = s->paths_text, *path; (path = strsep(&rest, ","));) {
        if (n == LAYER_PATHS_MAX)
            return error_set(err, E_USAGE, "--layer-paths: more than %d folders", LAYER_PATHS_MAX);
        if (*path)
            s->paths[n++] = path;
    }
    s->service.posted.folders = s->paths;
    s->service.posted.refused = &s->refused;
    s->service.posted.insecure_tls = option_on(s->options, OPTION_INSECURE_TLS);
    const char *networks = refused ? refused : "169.254.0.0/16, fe80::/10, fd00:ec2::254, 100.100.100.200";
    int rc = address_list_add(&s->refused, str_of(networks), err);
    return rc < 0 ? error_in(err, "--refuse-networks") : 0;
}

static int set_log(const struct options *o, struct error *err)
{
    const char *level = o->values[OPTION_LOG_LEVEL], *format = o->values[OPTION_LOG_FORMAT];
    bool json = format ? strcmp(format, "json") == 0 : !isatty(STDOUT_FILENO);
    if (format && !json && strcmp(format, "text") != 0)
        return error_set(err, E_USAGE, "--log-format: \"%s\" is neither text nor json", format);
    enum log_level parsed = LOG_INFO;
    if (level && log_level_of(str_of(level), &parsed) < 0)
        return error_set(err, E_USAGE, "--log-level: \"%s\" is none of fatal, error, warning, info, debug",
                         level);
    log_set(&(struct log_options){.fd = STDOUT_FILENO, .json = json, .level = parsed});
    return 0;
}

static int read_all(struct serving *s, const struct options *o, struct error *err)
{
    int (*const readers[])(struct serving * s, struct error * err) = {
        read_database, read_faces, read_timeouts, read_updater, read_notifier, read_layers};
    int rc = 0;
    *s = (struct serving){.options = o};
    for (size_t i = 0; i < sizeof readers / sizeof readers[0] && rc == 0; i++)
        rc = readers[i](s, err);
    return rc;
}

/* Two configurations: the one that runs, and what was read since. */
struct turns {
    struct serving serving[2];
    struct options options[2]; /* as read again; the first are the program's own */
    int now;
    char **argv;
    int argc;
};

/* Before the service that runs is ended for it: with these files and this database the one before could not start again
   either. */
static int check(const struct service_options *o, struct error *err)
{
    CLEANUP(store_closep) struct store *store = NULL;
    const struct server_face face = {.certfile = o->certfile, .keyfile = o->keyfile, .cafile = o->cafile};
    bool rebuilt;
    int rc = o->certfile ? server_check_tls(&face, err) : 0;
    return rc < 0 ? rc : store_open(&store, o->database, &rebuilt, err);
}

static int reread(void *ctx, struct error *err)
{
    struct turns *t = ctx;
    struct options *next = &t->options[!t->now];
    options_done(next);
    int rc = options_read(next, FOR_SERVE, t->argc, t->argv, err);
    if (rc == 0)
        rc = read_all(&t->serving[!t->now], next, err);
    return rc < 0 ? rc : check(&t->serving[!t->now].service, err);
}

/* One configuration after the other. A new one that cannot start gives way to the one before. */
static int run_turns(struct turns *t, struct error *err)
{
    struct service_legacy legacy = {0};
    bool again = false;
    int rc;
    do {
        struct serving *s = &t->serving[t->now];
        s->service.reload = reread;
        s->service.ctx = t;
        worker_set_stall(s->worker_stall);
        rc = set_log(s->options, err);
        rc = rc < 0 ? rc : service_run(&s->service, &legacy, err);
        bool failed = rc < 0 && again;
        if (failed)
            log_event(LOG_ERROR, "the new configuration cannot be run with, the old one stays",
                      LOG_STR("error", str_of(err->text)), LOG_END);
        again = rc == SERVICE_RELOAD;
        if (again || failed)
            t->now = !t->now;
        rc = failed ? SERVICE_RELOAD : rc;
    } while (rc == SERVICE_RELOAD);
    service_legacy_done(&legacy);
    return rc;
}

static void warn(const struct options *o)
{
    if (o->values[OPTION_CPU_PROFILE])
        log_event(LOG_WARNING, "no profile is written; use perf record --call-graph dwarf --pid",
                  LOG_STR("file", str_of(o->values[OPTION_CPU_PROFILE])), LOG_NUM("pid", getpid()), LOG_END);
}

static int serve_run(struct options *o, struct error *err)
{
    struct turns *t = memory_new(sizeof *t);
    t->argc = o->argc;
    t->argv = o->argv;
    int rc = o->operands_count ? error_set(err, E_USAGE, "\"%s\": serve takes no operands", o->operands[0])
                               : set_log(o, err);
    if (rc == 0)
        rc = read_all(&t->serving[0], o, err);
    if (rc == 0)
        warn(o);
    if (rc == 0)
        rc = run_turns(t, err);
    options_done(&t->options[0]);
    options_done(&t->options[1]);
    free(t);
    return rc;
}

static const struct command_example examples[] = {
    {"limpid serve", "the API on port 6060 over an embedded database"},
    {"limpid serve -config /config/config.yaml", "as Clair is started, with Clair's configuration"},
    {"limpid serve --db postgresql://limpid@db/limpid --notify-url https://hooks.example.org/limpid",
     "one of several servers on a PostgreSQL"},
    {NULL, NULL},
};

const struct command serve_command = {
    .name = "serve",
    .options = FOR_SERVE,
    .operands = "",
    .summary = "serve Clair's API: take layers, tell their vulnerabilities, notify",
    .about = "Takes the place of Clair 2: the same API v1 (port 6060), health check (port 6061), metrics "
             "(/v1/metrics), configuration and notifications. Called by the name clair, limpid takes Clair's "
             "flags.\n"
             "\n"
             "SIGTERM ends it after what runs is answered; SIGHUP reads configuration and certificates "
             "again: no connection is refused meanwhile, and a configuration that makes no sense changes "
             "nothing. Under systemd it "
             "takes "
             "sockets and tells its state.\n"
             "\n"
             "Exit status: 0 after a signal; 2 usage; 4 it could not start.\n",
    .examples = examples,
    .run = serve_run,
};
