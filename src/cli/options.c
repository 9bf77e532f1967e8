#include "cli/options.h"

#include <getopt.h>
#include <unistd.h>

#include "base/limits.h"
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
        {"cache-dir", 0, "DIR", FOR_STORE,
         "Where limpid keeps its database (default: limpid below XDG_CACHE_HOME or ~/.cache)."},
    [OPTION_DB] = {"db", 0, "FILE", FOR_STORE,
                   "The database file (default: limpid.db in the cache directory)."},
    [OPTION_FORMAT] =
        {"format", 'f', "FORMAT", FOR_IMAGES | FOR_STATUS | FOR_ANALYSE,
         "How to write the result: table (default) or json; of scan and analyse also stats and html."},
    [OPTION_OUTPUT] = {"output", 'o', "FILE", FOR_IMAGES | FOR_ANALYSE,
                       "Write the result to FILE, whole or not at all."},
    [OPTION_SEVERITY] = {"severity", 's', "LIST", FOR_FINDINGS,
                         "Show only these severities (comma separated), or one with + for it and all above: "
                         "Medium+. Names: Unknown, Negligible, Low, Medium, High, Critical, Defcon1."},
    [OPTION_ONLY_FIXED] = {"only-fixed", 0, NULL, FOR_FINDINGS, "Show only findings that an upgrade mends."},
    [OPTION_EXIT_CODE] = {"exit-code", 0, "N", FOR_FINDINGS,
                          "Exit with N (1 to 125) when something is found; with --fail-on the default is 1."},
    [OPTION_FAIL_ON] = {"fail-on", 0, "SEVERITY", FOR_FINDINGS,
                        "Only findings of this severity or above count for --exit-code."},
    [OPTION_OFFLINE] = {"offline", 0, NULL, FOR_SCANS, "Do not refresh feeds, however old they are."},
    [OPTION_FRESH] =
        {"fresh", 0, NULL, FOR_IMAGES | FOR_PUSH,
         "Read every layer again, also those known from earlier scans; with push: send them again."},
    [OPTION_WORKERS] = {"workers", 'j', "N", FOR_IMAGES | FOR_PUSH | FOR_ANALYSE,
                        "How many layers are read at once (default: one a core); of push and analyse: images "
                        "(default 4)."},
    [OPTION_WORKER_TIMEOUT] = {"worker-timeout", 0, "SECONDS", FOR_NETWORK,
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
    [OPTION_CA_FILE] = {"ca-file", 0, "FILE", FOR_NETWORK, "PEM certificates to trust besides the system's."},
    [OPTION_CLIENT_CERT] = {"client-cert", 0, "FILE", FOR_REGISTRIES,
                            "PEM client certificate for registries and servers."},
    [OPTION_CLIENT_KEY] = {"client-key", 0, "FILE", FOR_REGISTRIES, "Its private key."},
    [OPTION_MIRROR] = {"mirror", 0, "HOST=MIRROR", FOR_IMAGES,
                       "Ask MIRROR first for images of HOST (comma separated pairs)."},
    [OPTION_AUTH_FILE] =
        {"auth-file", 0, "FILE", FOR_REGISTRIES,
         "Registry credentials in Docker's config.json form (default: REGISTRY_AUTH_FILE, then "
         "Docker's and Podman's own)."},
    [OPTION_TIMEOUT] = {"timeout", 0, "SECONDS", FOR_NETWORK,
                        "Give up on a connection without progress for so long (default 30)."},
    [OPTION_FEEDS] =
        {"feeds", 0, "LIST", FOR_SCANS | FOR_UPDATE,
         "Keep only these feeds (comma separated; default: all, of which a scan fetches those of "
         "the image's distribution)."},
    [OPTION_FEED_URL] =
        {"feed-url", 0, "FEED=URL", FOR_SCANS | FOR_UPDATE,
         "Where a feed is (comma separated pairs): its document, or with a slash at the end the folder of "
         "its documents; also file:///PATH of a file or folder."},
    [OPTION_FEED_DEBIAN_URL] = {"feed-debian-url", 0, "URL", FOR_SCANS | FOR_UPDATE,
                                "Where the Debian security tracker's JSON is; also file:///PATH."},
    [OPTION_FORCE] = {"force", 0, NULL, FOR_UPDATE,
                      "Load the feeds even when the publisher says nothing changed."},
    [OPTION_REBUILD] = {"rebuild", 0, NULL, FOR_UPDATE, "Empty the database first."},
    [OPTION_SERVER] = {"server", 0, "URL", FOR_CLIENT,
                       "The Clair server, such as http://clair.example.com:6060."},
    [OPTION_API] = {"api", 0, "VERSION", FOR_CLIENT,
                    "The version of Clair's API to speak: 1 (default) or 3."},
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
    struct error *err;
};

static int take_key(void *ctx, struct str key, struct str value)
{
    struct config_file *f = ctx;
    char safe[64];
    for (int i = OPTION_HELP + 1; i < OPTIONS; i++) {
        if (!str_eq(key, str_of(option_defs[i].name)))
            continue;
        char *copy = arena_alloc_zero(&f->options->arena, value.len + 1, 1, 1);
        if (!copy || (value.len && memchr(value.ptr, 0, value.len)))
            return error_set(f->err, E_USAGE, "%s: the value of %s cannot be used", f->path,
                             option_defs[i].name);
        if (value.len)
            memcpy(copy, value.ptr, value.len);
        if (!f->options->values[i])
            f->options->values[i] = copy;
        return 0;
    }
    return error_set(f->err, E_USAGE, "%s: unknown key \"%s\"", f->path,
                     str_printable(key, safe, sizeof safe));
}

static int read_file(struct options *o, const char *path, bool must_exist, struct error *err)
{
    CLEANUP(buf_done) struct buf text = buf_make(CONFIG_MAX);
    struct config_file f = {o, path, err};
    int rc = file_read(path, &text, err);
    if (rc == -E_NOT_FOUND && !must_exist)
        return 1;
    if (rc == 0 && (rc = yaml_read(buf_str(&text), take_key, &f, err)) < 0 && err->code == E_BAD_INPUT)
        return error_in(err, "%s", path);
    return rc;
}

static int read_config(struct options *o, struct error *err)
{
    char path[4096];
    struct error ignored;
    if (o->values[OPTION_CONFIG])
        return read_file(o, o->values[OPTION_CONFIG], true, err);
    int rc = 1;
    if (file_home("XDG_CONFIG_HOME", ".config", path, sizeof path - 16, &ignored) == 0) {
        size_t n = strlen(path);
        snprintf(path + n, sizeof path - n, "/config.yaml");
        rc = read_file(o, path, false, err);
    }
    if (rc == 1)
        rc = read_file(o, "/etc/limpid/config.yaml", false, err);
    return rc < 0 ? rc : 0;
}

int options_read(struct options *o, unsigned command, int argc, char **argv, struct error *err)
{
    *o = (struct options){.arena = arena_make(2 * CONFIG_MAX)};
    int rc = read_flags(o, command, argc, argv, err);
    if (rc < 0 || o->values[OPTION_HELP])
        return rc;
    read_environment(o, command);
    return command & FOR_CONFIG ? read_config(o, err) : 0;
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
