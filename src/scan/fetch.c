#include "scan/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"
#include "net/address.h"
#include "net/http.h"
#include "os/fd.h"
#include "os/feeder.h"

struct fetch {
    const struct posted_layer *layer;
    struct http_options options;
    struct feeder *feeder; /* NULL: a local file */
    int fd;
};

/* ---- local files ---- */

static bool is_below(const char *path, const char *folder)
{
    char real[PATH_MAX];
    if (!realpath(folder, real))
        return false;
    size_t len = strlen(real);
    return !strcmp(real, "/") || (!strncmp(path, real, len) && (path[len] == '/' || !path[len]));
}

/* Where the open file really lies decides, whatever links led to it. */
static int check_place(int fd, const char *path, const char *const *folders, struct error *err)
{
    char link[64], real[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, real, sizeof real - 1);
    if (n < 0)
        return error_sys(err, "%s", path);
    real[n] = 0;
    for (size_t i = 0; folders && folders[i]; i++)
        if (is_below(real, folders[i]))
            return 0;
    return error_set(err, E_NOT_FOUND,
                     "%s: local layers are read below the folders of layer-paths only, which do not hold it",
                     path);
}

static int open_file(struct fetch *f, const struct posted_options *options, struct error *err)
{
    struct stat st;
    char shown[400];
    const char *path = str_printable(str_of(f->layer->path), shown, sizeof shown);
    f->fd = open(f->layer->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (f->fd < 0)
        return error_set(err, E_NOT_FOUND, "%s: %s", path, strerror(errno));
    int rc = check_place(f->fd, path, options->folders, err);
    if (rc == 0 && fstat(f->fd, &st) < 0)
        rc = error_sys(err, "%s", path);
    if (rc == 0 && !S_ISREG(st.st_mode))
        rc = error_set(err, E_BAD_INPUT, "%s: not a regular file", path);
    return rc;
}

/* ---- http ---- */

static int put(void *ctx, struct str piece, struct error *err)
{
    return feeder_put(ctx, piece, err);
}

static int download(void *ctx, struct feeder *feeder, struct error *err)
{
    struct fetch *f = ctx;
    CLEANUP(http_freep) struct http *http = NULL;
    struct http_response response = {0};
    f->options.cancelled = feeder_closing(feeder);
    const struct http_request request = {.url = f->layer->path,
                                         .headers = f->layer->headers,
                                         .authorization = f->layer->authorization,
                                         .body_max = REGISTRY_BLOB_MAX,
                                         .data = put,
                                         .ctx = feeder};
    int rc = http_new(&http, &f->options, err);
    if (rc == 0)
        rc = http_send(http, &request, &response, err);
    if (rc == 0 && (response.status < 200 || response.status > 299))
        rc = error_set(err, response.status == 401 || response.status == 403 ? E_DENIED : E_NOT_FOUND,
                       "HTTP %d from %.*s", response.status, STR_ARG(buf_str(&response.url)));
    http_response_done(&response);
    return rc;
}

/* ---- either ---- */

static void fetch_free(struct fetch *f)
{
    fd_close(&f->fd);
    free(f);
}
DEFINE_CLEANUP(struct fetch, fetch_free)

int fetch_open(struct fetch **ret, const struct posted_layer *layer, const struct posted_options *options,
               struct error *err)
{
    CLEANUP(fetch_freep) struct fetch *f = memory_new(sizeof *f);
    struct str path = str_of(layer->path);
    f->layer = layer;
    f->fd = -1;
    f->options = (struct http_options){.refused = options->refused,
                                       .insecure = options->insecure_tls ? "*" : NULL,
                                       .stall_seconds = options->stall_seconds,
                                       .backoff_ms = FETCH_BACKOFF_MS};
    int rc = str_starts(path, STR("http://")) || str_starts(path, STR("https://"))
                 ? feeder_open(&f->feeder, download, f, err)
                 : open_file(f, options, err);
    if (rc < 0)
        return rc;
    *ret = STEAL(f);
    return 0;
}

int fetch_fd(const struct fetch *f)
{
    return f->feeder ? feeder_fd(f->feeder) : f->fd;
}

int fetch_close(struct fetch *f, bool *ret_began, struct error *err)
{
    *ret_began = !f->feeder || feeder_progress(f->feeder) > 0;
    int rc = f->feeder ? feeder_close(f->feeder, err) : 0;
    fetch_free(f);
    return rc;
}
