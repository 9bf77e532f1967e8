/* One table of options: flags, environment (LIMPID_NAME), configuration file, --help and the man pages all
   come from it. The flag wins over the environment, the environment over the file. */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

enum option_id {
    OPTION_HELP,
    OPTION_QUIET,
    OPTION_COLOR,
    OPTION_CONFIG,
    OPTION_CACHE_DIR,
    OPTION_DB,
    OPTION_FORMAT,
    OPTION_OUTPUT,
    OPTION_SEVERITY,
    OPTION_ONLY_FIXED,
    OPTION_EXIT_CODE,
    OPTION_FAIL_ON,
    OPTION_MIN_EPSS,
    OPTION_SORT,
    OPTION_OFFLINE,
    OPTION_FRESH,
    OPTION_WORKERS,
    OPTION_WORKER_TIMEOUT,
    OPTION_MAX_LAYER_SIZE,
    OPTION_PLATFORM,
    OPTION_INSECURE,
    OPTION_CA_FILE,
    OPTION_CLIENT_CERT,
    OPTION_CLIENT_KEY,
    OPTION_MIRROR,
    OPTION_AUTH_FILE,
    OPTION_TIMEOUT,
    OPTION_FEEDS,
    OPTION_FEED_URL,
    OPTION_FEED_DEBIAN_URL,
    OPTION_FORCE,
    OPTION_REBUILD,
    OPTION_SERVER,
    OPTION_API,
    OPTION_ACCEPT_SHRINK,
    OPTION_DATABASE_TYPE,
    OPTION_ADDRESS,
    OPTION_PORT,
    OPTION_HEALTH_PORT,
    OPTION_API_TIMEOUT,
    OPTION_PAGINATION_KEY,
    OPTION_API_CERT,
    OPTION_API_KEY,
    OPTION_API_CA,
    OPTION_UPDATE_INTERVAL,
    OPTION_NOTIFY_URL,
    OPTION_NOTIFY_ATTEMPTS,
    OPTION_RENOTIFY_INTERVAL,
    OPTION_NOTIFY_CERT,
    OPTION_NOTIFY_KEY,
    OPTION_NOTIFY_CA,
    OPTION_NOTIFY_PROXY,
    OPTION_NOTIFY_ABOUT,
    OPTION_LAYER_PATHS,
    OPTION_REFUSE_NETWORKS,
    OPTION_INSECURE_TLS,
    OPTION_CPU_PROFILE,
    OPTION_LOG_LEVEL,
    OPTION_LOG_FORMAT,
    OPTIONS,
};

/* Which commands take an option. */
enum {
    FOR_SCAN = 1,
    FOR_INVENTORY = 2,
    FOR_UPDATE = 4,
    FOR_STATUS = 8,
    FOR_VERCMP = 16,
    FOR_COMPLETION = 32,
    FOR_PUSH = 64,
    FOR_ANALYSE = 128,
    FOR_DELETE = 256,
    FOR_COMPARE = 512,
    FOR_SERVE = 1024,
    FOR_ALL = 2047,
    FOR_CLIENT = FOR_PUSH | FOR_ANALYSE | FOR_DELETE,
    FOR_SCANS = FOR_SCAN | FOR_COMPARE,
    FOR_FINDINGS = FOR_SCANS | FOR_ANALYSE,
    FOR_IMAGES = FOR_SCANS | FOR_INVENTORY,
    FOR_STORE = FOR_IMAGES | FOR_UPDATE | FOR_STATUS,
    FOR_NETWORK = FOR_IMAGES | FOR_UPDATE | FOR_CLIENT,
    FOR_REGISTRIES = FOR_IMAGES | FOR_CLIENT,
    FOR_CONFIG = FOR_STORE | FOR_CLIENT | FOR_SERVE,
};

struct option_def {
    const char *name;     /* "cache-dir" */
    char letter;          /* short flag, or 0 */
    const char *argument; /* "DIR", or NULL for a switch */
    unsigned commands;
    const char *help;  /* a sentence or two */
    const char *clair; /* the key of Clair's configuration that means the same, or NULL */
};

extern const struct option_def option_defs[OPTIONS];

struct options {
    struct arena arena;
    const char *values[OPTIONS]; /* NULL: not given */
    char **operands;
    int operands_count;
    char **argv; /* what it was read from */
    int argc;
};

/* Reads argv after the command's name, then environment and file. E_USAGE says what is wrong. */
int options_read(struct options *o, unsigned command, int argc, char **argv, struct error *err);
void options_done(struct options *o);
/* The key of a configuration that this may have been meant for, or NULL. */
const char *option_nearest(struct str key, unsigned command);
/* "2h", "900s", "1h30m", as Go writes durations (a bare number is nanoseconds), in seconds, rounded up. */
int option_duration(const struct options *o, enum option_id id, unsigned fallback, unsigned *ret,
                    struct error *err);
bool option_on(const struct options *o, enum option_id id);
/* The option as a number from min to max, or fallback; E_USAGE names the option. */
int option_number(const struct options *o, enum option_id id, uint64_t min, uint64_t max, uint64_t fallback,
                  uint64_t *ret, struct error *err);
/* What --timeout and --worker-timeout say, in seconds; a connection's is 0 for the default. */
int option_timeouts(const struct options *o, unsigned *ret_connection, unsigned *ret_worker,
                    struct error *err);
/* "LIMPID_CACHE_DIR" */
void option_environment_name(const struct option_def *def, char *ret, size_t size);
