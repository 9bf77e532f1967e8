#include "cli/options.h"

#include <getopt.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/expand.h"
#include "format/yaml.h"
#include "os/file.h"

const struct option_def option_defs[OPTIONS] = {
    [OPTION_HELP] = {"help", 'h', NULL, FOR_ALL, "Show this help."},
    [OPTION_QUIET] = {"quiet", 'q', NULL, FOR_CONFIG,
                      "No progress and no notes; errors and the report only."},
    [OPTION_COLOR] = {"color", 0, "WHEN", FOR_STORE | FOR_ANALYSE,
                      "auto (default: on a terminal, unless NO_COLOR is set), always or never."},
    [OPTION_CONFIG] =
        {"config", 0, "FILE", FOR_CONFIG,
         "Read options from this YAML file (default: limpid/config.yaml below XDG_CONFIG_HOME or "
         "~/.config, then /etc/limpid/config.yaml): keys are the names of the long options."},
    [OPTION_CACHE_DIR] =
        {"cache-dir", 0, "DIR", FOR_STORE | FOR_SERVE,
         "Where limpid keeps its database (default: limpid below XDG_CACHE_HOME or ~/.cache)."},
    [OPTION_DB] = {"db", 0, "FILE", FOR_STORE | FOR_SERVE,
                   "The database: a file (default: limpid.db in the cache directory), or a PostgreSQL as "
                   "postgresql://USER@HOST/NAME or \"host=… dbname=…\".",
                   "clair.database.options.source"},
    [OPTION_FORMAT] =
        {"format", 'f', "FORMAT", FOR_IMAGES | FOR_STATUS | FOR_ANALYSE,
         "How to write the result: table (default) or json; of scan and analyse also stats and html."},
    [OPTION_OUTPUT] = {"output", 'o', "FILE", FOR_IMAGES | FOR_ANALYSE,
                       "Write the result to FILE, whole or not at all."},
    [OPTION_SEVERITY] = {"severity", 's', "LIST", FOR_FINDINGS,
                         "Show only these severities (comma separated), or one with + for it and all above: "
                         "Medium+. Names: Unknown, Negligible, Low, Medium, High, Critical, Defcon1."},
    [OPTION_ONLY_FIXED] = {"only-fixed", 0, NULL, FOR_FINDINGS, "Show only findings that an upgrade mends."},
    [OPTION_EXIT_CODE] =
        {"exit-code", 0, "N", FOR_FINDINGS,
         "Exit with N (1 to 125) when something is found; with --fail-on or --min-epss the default is 1."},
    [OPTION_FAIL_ON] =
        {"fail-on", 0, "LIST", FOR_FINDINGS,
         "Only these findings count for --exit-code: a severity stands for it and all above, kev for what "
         "CISA lists as exploited (comma separated: High,kev)."},
    [OPTION_MIN_EPSS] =
        {"min-epss", 0, "N", FOR_FINDINGS,
         "Findings with at least this probability of exploitation (EPSS, 0 to 1) count for --exit-code, "
         "beside those of --fail-on."},
    [OPTION_SORT] = {"sort", 0, "KEY", FOR_FINDINGS,
                     "What comes first in a report: severity (default), kev, epss or package."},
    [OPTION_OFFLINE] = {"offline", 0, NULL, FOR_SCANS, "Do not refresh feeds, however old they are."},
    [OPTION_FRESH] =
        {"fresh", 0, NULL, FOR_IMAGES | FOR_PUSH,
         "Read every layer again, also those known from earlier scans; with push: send them again."},
    [OPTION_WORKERS] = {"workers", 'j', "N", FOR_IMAGES | FOR_PUSH | FOR_ANALYSE,
                        "How many layers are read at once (default: one a core); of push and analyse: images "
                        "(default 4)."},
    [OPTION_WORKER_TIMEOUT] = {"worker-timeout", 0, "SECONDS", FOR_NETWORK | FOR_SERVE,
                               "Stop a reader that makes no progress for so long (default 60)."},
    [OPTION_MAX_LAYER_SIZE] =
        {"max-layer-size", 0, "BYTES", FOR_IMAGES,
         "Stop reading a layer that unpacks to more (default and most: 68719476736, which is 64 GiB)."},
    [OPTION_PLATFORM] = {"platform", 0, "OS/ARCH[/VARIANT]", FOR_REGISTRIES,
                         "Which image of an index to take (default: this machine's)."},
    [OPTION_INSECURE] =
        {"insecure", 0, "HOSTS", FOR_REGISTRIES,
         "Registries and servers (host[:port], comma separated) that may be reached by plain HTTP or whose "
         "certificate is not verified."},
    [OPTION_CA_FILE] = {"ca-file", 0, "FILE", FOR_NETWORK | FOR_SERVE,
                        "PEM certificates to trust besides the system's."},
    [OPTION_CLIENT_CERT] = {"client-cert", 0, "FILE", FOR_REGISTRIES,
                            "PEM client certificate for registries and servers."},
    [OPTION_CLIENT_KEY] = {"client-key", 0, "FILE", FOR_REGISTRIES, "Its private key."},
    [OPTION_MIRROR] = {"mirror", 0, "HOST=MIRROR", FOR_IMAGES,
                       "Ask MIRROR first for images of HOST (comma separated pairs)."},
    [OPTION_AUTH_FILE] =
        {"auth-file", 0, "FILE", FOR_REGISTRIES,
         "Registry credentials in Docker's config.json form (default: REGISTRY_AUTH_FILE, then "
         "Docker's and Podman's own)."},
    [OPTION_TIMEOUT] = {"timeout", 0, "SECONDS", FOR_NETWORK | FOR_SERVE,
                        "Give up on a connection without progress for so long (default 30)."},
    [OPTION_FEEDS] =
        {"feeds", 0, "LIST", FOR_SCANS | FOR_UPDATE | FOR_STATUS | FOR_SERVE,
         "Keep only these feeds (comma separated; default: all, of which a scan fetches those of "
         "the image's distribution)."},
    [OPTION_FEED_URL] =
        {"feed-url", 0, "FEED=URL", FOR_SCANS | FOR_UPDATE | FOR_SERVE,
         "Where a feed is (comma separated pairs): its document, or with a slash at the end the folder of "
         "its documents; also file:///PATH of a file or folder."},
    [OPTION_FEED_DEBIAN_URL] = {"feed-debian-url", 0, "URL", FOR_SCANS | FOR_UPDATE | FOR_SERVE,
                                "Where the Debian security tracker's JSON is; also file:///PATH."},
    [OPTION_FORCE] = {"force", 0, NULL, FOR_UPDATE,
                      "Load the feeds even when the publisher says nothing changed."},
    [OPTION_REBUILD] = {"rebuild", 0, NULL, FOR_UPDATE, "Empty the database first."},
    [OPTION_SERVER] = {"server", 0, "URL", FOR_CLIENT,
                       "The Clair server, such as http://clair.example.com:6060."},
    [OPTION_API] = {"api", 0, "VERSION", FOR_CLIENT,
                    "The version of Clair's API to speak: 1 (default) or 3."},
    [OPTION_ACCEPT_SHRINK] = {"accept-shrink", 0, NULL, FOR_UPDATE | FOR_SERVE,
                              "Take a feed that has less than half of the advisories it had."},
    [OPTION_DATABASE_TYPE] = {"database-type", 0, "TYPE", FOR_SERVE,
                              "pgsql or sqlite (default: what --db is).", "clair.database.type"},
    [OPTION_ADDRESS] = {"address", 0, "HOST", FOR_SERVE, "Listen on this address only (default: on all)."},
    [OPTION_PORT] = {"port", 0, "PORT", FOR_SERVE, "Where the API listens (default 6060).", "clair.api.port"},
    [OPTION_HEALTH_PORT] = {"health-port", 0, "PORT", FOR_SERVE,
                            "Where the health check listens (default 6061).", "clair.api.healthport"},
    [OPTION_API_TIMEOUT] = {"api-timeout", 0, "DURATION", FOR_SERVE,
                            "Answer 503 to a request that takes longer (default 900s).", "clair.api.timeout"},
    [OPTION_PAGINATION_KEY] =
        {"pagination-key", 0, "KEY", FOR_SERVE,
         "32 bytes as base64 or hexadecimal digits, the same on all servers of one database "
         "(default: a random one).",
         "clair.api.paginationkey"},
    [OPTION_API_CERT] = {"api-cert", 0, "FILE", FOR_SERVE, "PEM certificate of the API: it is served by TLS.",
                         "clair.api.certfile"},
    [OPTION_API_KEY] = {"api-key", 0, "FILE", FOR_SERVE, "Its private key.", "clair.api.keyfile"},
    [OPTION_API_CA] = {"api-ca", 0, "FILE", FOR_SERVE,
                       "PEM authorities: clients must show a certificate of one of them.",
                       "clair.api.cafile"},
    [OPTION_UPDATE_INTERVAL] = {"update-interval", 0, "DURATION", FOR_SERVE,
                                "How often the feeds are brought up to date (default 1h; 0 never).",
                                "clair.updater.interval"},
    [OPTION_NOTIFY_URL] = {"notify-url", 0, "URL", FOR_SERVE,
                           "The webhook that is told what changed (default: none).",
                           "clair.notifier.http.endpoint"},
    [OPTION_NOTIFY_ATTEMPTS] = {"notify-attempts", 0, "N", FOR_SERVE,
                                "How often it is tried in a row before a pause (default 5).",
                                "clair.notifier.attempts"},
    [OPTION_RENOTIFY_INTERVAL] = {"renotify-interval", 0, "DURATION", FOR_SERVE,
                                  "Tell it again what was not deleted for so long (default 2h).",
                                  "clair.notifier.renotifyinterval"},
    [OPTION_NOTIFY_CERT] = {"notify-cert", 0, "FILE", FOR_SERVE, "PEM client certificate for the webhook.",
                            "clair.notifier.http.certfile"},
    [OPTION_NOTIFY_KEY] = {"notify-key", 0, "FILE", FOR_SERVE, "Its private key.",
                           "clair.notifier.http.keyfile"},
    [OPTION_NOTIFY_CA] = {"notify-ca", 0, "FILE", FOR_SERVE, "PEM authorities to trust for the webhook.",
                          "clair.notifier.http.cafile"},
    [OPTION_NOTIFY_PROXY] = {"notify-proxy", 0, "URL", FOR_SERVE, "The proxy to the webhook (default: none).",
                             "clair.notifier.http.proxy"},
    [OPTION_NOTIFY_ABOUT] =
        {"notify-about", 0, "WHAT", FOR_SERVE,
         "every (default): each change of a vulnerability, as Clair does; affected: only those "
         "that a known layer has."},
    [OPTION_LAYER_PATHS] =
        {"layer-paths", 0, "DIRS", FOR_SERVE,
         "Folders below which clients may name local layers (comma separated; default /tmp)."},
    [OPTION_REFUSE_NETWORKS] =
        {"refuse-networks", 0, "NETWORKS", FOR_SERVE,
         "Networks from which layers are not fetched (comma separated; default: link-local and metadata "
         "addresses, 169.254.0.0/16, fe80::/10, fd00:ec2::254, 100.100.100.200)."},
    [OPTION_INSECURE_TLS] = {"insecure-tls", 0, NULL, FOR_SERVE,
                             "Fetch layers from servers whose certificate is not trusted."},
    [OPTION_CPU_PROFILE] = {"cpu-profile", 0, "FILE", FOR_SERVE,
                            "Clair's; nothing is written but a warning: perf record --pid tells more."},
    [OPTION_LOG_LEVEL] = {"log-level", 0, "LEVEL", FOR_SERVE,
                          "fatal, error, warning, info (default) or debug."},
    [OPTION_LOG_FORMAT] = {"log-format", 0, "FORMAT", FOR_SERVE,
                           "text (default on a terminal) or json, on the standard output as Clair's."},
};

void option_environment_name(const struct option_def *def, char *ret, size_t size)
{
    int n = snprintf(ret, size, "LIMPID_%s", def->name);
    for (char *p = ret; n > 0 && *p; p++)
        *p = *p == '-' ? '_' : *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
}

static int usage(struct error *err, const char *what, const char *arg)
{
    return error_set(err, E_USAGE, "%s \"%s\"; see --help", what, arg);
}

static int read_flags(struct options *o, unsigned command, int argc, char **argv, struct error *err)
{
    struct option longs[OPTIONS + 1] = {0};
    char shorts[2 * OPTIONS + 2] = ":";
    size_t n = 0, s = 1;
    int at;
    for (int i = 0; i < OPTIONS; i++) {
        const struct option_def *d = &option_defs[i];
        if (!(d->commands & command))
            continue;
        longs[n++] = (struct option){d->name, d->argument ? required_argument : no_argument, NULL, 256 + i};
        if (d->letter) {
            shorts[s++] = d->letter;
            if (d->argument)
                shorts[s++] = ':';
        }
    }
    shorts[s] = 0;
    opterr = 0;
    optind = 1;
    while ((at = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        if (at == '?')
            return usage(err, "unknown option", argv[optind - 1]);
        if (at == ':')
            return usage(err, "a value is missing after", argv[optind - 1]);
        for (int i = 0; i < OPTIONS; i++)
            if (at == 256 + i ||
                (at < 256 && at == option_defs[i].letter && (option_defs[i].commands & command)))
                o->values[i] = optarg ? optarg : "true";
    }
    o->operands = argv + optind;
    o->operands_count = argc - optind;
    return 0;
}

static void read_environment(struct options *o, unsigned command)
{
    for (int i = 0; i < OPTIONS; i++) {
        char name[64];
        option_environment_name(&option_defs[i], name, sizeof name);
        const char *value = i == OPTION_HELP || !(option_defs[i].commands & command) ? NULL : getenv(name);
        if (value && *value && !o->values[i])
            o->values[i] = value;
    }
}

struct config_file {
    struct options *options;
    const char *path;
    unsigned command;
    struct error *err;
};

/* Clair's keys that need nothing here: what they tuned is not there, or always on. */
static bool is_without_effect(struct str key)
{
    static const struct str keys[] = {STR_INIT("clair.database.options.cachesize"),
                                      STR_INIT("clair.database.options.managedatabaselifecycle"),
                                      STR_INIT("clair.database.options.fixturepath"),
                                      STR_INIT("clair.api.servername"),
                                      STR_INIT("clair.notifier.http.servername"),
                                      STR_INIT("clair.notifier"),
                                      STR_INIT("clair.api")};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (str_eq(key, keys[i]))
            return true;
    return false;
}

/* Letters to add, drop or replace until one becomes the other; `most` is enough to know. */
static size_t distance(struct str a, struct str b)
{
    size_t row[96];
    if (b.len >= sizeof row / sizeof *row)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replaced = diagonal + (a.ptr[i - 1] != b.ptr[j - 1]);
            size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = replaced < least ? replaced : least;
        }
    }
    return row[b.len];
}

const char *option_nearest(struct str key, unsigned command)
{
    const char *best = NULL;
    size_t least = 5;
    for (int i = OPTION_HELP + 1; i < OPTIONS; i++) {
        const char *const names[] = {option_defs[i].name, option_defs[i].clair};
        for (size_t k = 0; k < 2 && (option_defs[i].commands & command); k++) {
            size_t d = names[k] ? distance(key, str_of(names[k])) : SIZE_MAX;
            best = d < least ? names[k] : best;
            least = d < least ? d : least;
        }
    }
    return best;
}

static bool is_key_of(const struct option_def *d, struct str key)
{
    return str_eq(key, str_of(d->name)) || (d->clair && str_eq(key, str_of(d->clair)));
}

/* Clair passes over what it does not know: a server's configuration gets a warning. */
static int unknown_key(const struct config_file *f, struct str key)
{
    char safe[128];
    str_printable(key, safe, sizeof safe);
    if (f->command != FOR_SERVE)
        return error_set(f->err, E_USAGE, "%s: unknown key \"%s\"", f->path, safe);
    const char *nearest = option_nearest(key, f->command);
    if (str_eq(key, STR("clair.updater")) && !f->options->values[OPTION_UPDATE_INTERVAL])
        f->options->values[OPTION_UPDATE_INTERVAL] =
            "0"; /* a section without contents turns the service off */
    else if (!is_without_effect(key))
        fprintf(stderr,
                nearest ? "limpid: %s: unknown key \"%s\"; did you mean \"%s\"?\n"
                        : "limpid: %s: unknown key \"%s\"\n",
                f->path, safe, nearest);
    return 0;
}

static int take_key(void *ctx, struct str key, struct str value)
{
    struct config_file *f = ctx;
    for (int i = OPTION_HELP + 1; i < OPTIONS; i++) {
        if (!is_key_of(&option_defs[i], key))
            continue;
        char *copy = arena_alloc_zero(&f->options->arena, value.len + 1, 1, 1);
        if (!copy || (value.len && memchr(value.ptr, 0, value.len)))
            return error_set(f->err, E_USAGE, "%s: the value of %s cannot be used", f->path,
                             option_defs[i].name);
        if (value.len)
            memcpy(copy, value.ptr, value.len);
        if (!f->options->values[i] && value.len) /* a key without a value is as good as none */
            f->options->values[i] = copy;
        return 0;
    }
    return unknown_key(f, key);
}

static int read_file(struct options *o, unsigned command, const char *path, bool must_exist,
                     struct error *err)
{
    CLEANUP(buf_done) struct buf text = buf_make(CONFIG_MAX);
    struct config_file f = {o, path, command, err};
    int rc = file_read(path, &text, err);
    if (rc == -E_NOT_FOUND && !must_exist)
        return 1;
    if (rc == 0 && (rc = yaml_read(buf_str(&text), take_key, &f, err)) < 0 && err->code == E_BAD_INPUT)
        return error_in(err, "%s", path);
    return rc;
}

/* A server's is named as Clair takes it: for those who start it without a shell. */
static int read_named(struct options *o, unsigned command, const char *path, struct error *err)
{
    CLEANUP(buf_done) struct buf expanded = buf_make(KIB(4));
    if (command != FOR_SERVE)
        return read_file(o, command, path, true, err);
    expand_environment(str_of(path), &expanded);
    buf_add_char(&expanded, 0);
    int rc = buf_finish(&expanded, "the path of the configuration", err);
    return rc < 0 ? rc : read_file(o, command, expanded.ptr, true, err);
}

static int read_config(struct options *o, unsigned command, struct error *err)
{
    char path[4096];
    struct error ignored;
    if (o->values[OPTION_CONFIG])
        return read_named(o, command, o->values[OPTION_CONFIG], err);
    int rc = 1;
    if (file_home("XDG_CONFIG_HOME", ".config", path, sizeof path - 16, &ignored) == 0) {
        size_t n = strlen(path);
        snprintf(path + n, sizeof path - n, "/config.yaml");
        rc = read_file(o, command, path, false, err);
    }
    if (rc == 1)
        rc = read_file(o, command, "/etc/limpid/config.yaml", false, err);
    return rc < 0 ? rc : 0;
}

int options_read(struct options *o, unsigned command, int argc, char **argv, struct error *err)
{
    *o = (struct options){.arena = arena_make(2 * CONFIG_MAX), .argv = argv, .argc = argc};
    int rc = read_flags(o, command, argc, argv, err);
    if (rc < 0 || o->values[OPTION_HELP])
        return rc;
    read_environment(o, command);
    return command & FOR_CONFIG ? read_config(o, command, err) : 0;
}

void options_done(struct options *o)
{
    arena_done(&o->arena);
}

bool option_on(const struct options *o, enum option_id id)
{
    const char *v = o->values[id];
    return v && strcmp(v, "false") != 0 && strcmp(v, "0") != 0 && strcmp(v, "no") != 0;
}

int option_number(const struct options *o, enum option_id id, uint64_t min, uint64_t max, uint64_t fallback,
                  uint64_t *ret, struct error *err)
{
    *ret = fallback;
    if (!o->values[id])
        return 0;
    if (str_u64(str_of(o->values[id]), max, ret) < 0 || *ret < min)
        return error_set(err, E_USAGE, "--%s: \"%s\" is not a number from %ju to %ju", option_defs[id].name,
                         o->values[id], (uintmax_t)min, (uintmax_t)max);
    return 0;
}

int option_timeouts(const struct options *o, unsigned *ret_connection, unsigned *ret_worker,
                    struct error *err)
{
    uint64_t connection = 0, worker = WORKER_STALL_SECONDS;
    int rc = option_number(o, OPTION_TIMEOUT, 1, 3600, 0, &connection, err);
    if (rc == 0)
        rc = option_number(o, OPTION_WORKER_TIMEOUT, 1, 86400, WORKER_STALL_SECONDS, &worker, err);
    *ret_connection = (unsigned)connection;
    *ret_worker = (unsigned)worker;
    return rc;
}

int option_duration(const struct options *o, enum option_id id, unsigned fallback, unsigned *ret,
                    struct error *err)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"h", 3600}, {"m", 60}, {"s", 1}};
    const char *text = o->values[id];
    double total = 0;
    *ret = fallback;
    if (!text)
        return 0;
    if (text[0] && text[strspn(text, "0123456789")] == 0)
        total = strtod(text, NULL) * 1e-9;
    else
        for (const char *at = text; *at || at == text;) {
            char *end;
            double n = strtod(at, &end);
            size_t u = 0, count = sizeof units / sizeof *units;
            while (u < count && strncmp(end, units[u].name, strlen(units[u].name)) != 0)
                u++;
            if (end == at || u == count || n < 0)
                return error_set(err, E_USAGE, "--%s: \"%s\" is no duration such as 90s, 2h or 1h30m",
                                 option_defs[id].name, text);
            total += n * units[u].seconds;
            at = end + strlen(units[u].name);
        }
    if (!(total <= 1e9))
        return error_set(err, E_USAGE, "--%s: \"%s\" is longer than 30 years", option_defs[id].name, text);
    *ret = (unsigned)total + (total > (double)(unsigned)total);
    return 0;
}
