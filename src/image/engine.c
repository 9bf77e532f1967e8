/* docker-daemon:NAME and podman:NAME: what a local engine saves, through its socket. Its stream is spooled
   into a file without a name, since it may tell the layers before the manifest.
   https://docs.docker.com/engine/api/, ImageGet */
#include <unistd.h>

#include "base/limits.h"
#include "image/archive.h"
#include "image/sources.h"
#include "net/http.h"
#include "os/fd.h"
#include "os/file.h"

/* "unix:///run/x.sock" or a plain path of the variable, else the first of the usual places that exists. */
static int find_socket(const char *variable, const char *const *places, char *ret, size_t size,
                       struct error *err)
{
    const char *set = getenv(variable), *runtime = getenv("XDG_RUNTIME_DIR");
    if (set && *set) {
        const char *path = strncmp(set, "unix://", 7) == 0 ? set + 7 : set;
        if (*path != '/')
            return error_set(err, E_UNSUPPORTED, "%s=%s: only a unix socket can be asked", variable, set);
        return snprintf(ret, size, "%s", path) < (int)size
                   ? 0
                   : error_set(err, E_USAGE, "%s: too long", variable);
    }
    for (; *places; places++) {
        bool user = **places != '/';
        if (user && !runtime)
            continue;
        int n = snprintf(ret, size, user ? "%s/%s" : "%.0s%s", user ? runtime : "", *places);
        if (n > 0 && (size_t)n < size && access(ret, F_OK) == 0)
            return 0;
    }
    return error_set(err, E_NOT_FOUND, "no engine's socket found; is it running? (%s names another)",
                     variable);
}

/* "/" and "@" would be other paths of the API. */
static void put_escaped(struct buf *b, const char *name)
{
    for (; *name; name++) {
        bool plain = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
                     (*name >= '0' && *name <= '9') || strchr("-._~:/", *name);
        buf_printf(b, plain ? "%c" : "%%%02X", (unsigned char)*name);
    }
}

static int take(void *ctx, struct str piece, struct error *err)
{
    return fd_write_all(*(int *)ctx, piece, err);
}

static int spool(int fd, const char *socket, const char *name, const struct image_options *options,
                 struct error *err)
{
    CLEANUP(http_freep) struct http *http = NULL;
    CLEANUP(http_response_done) struct http_response response = {0};
    CLEANUP(buf_done) struct buf url = buf_make(KIB(8));
    const struct http_options http_options = {.unix_socket = socket,
                                              .stall_seconds = (unsigned)options->timeout_seconds,
                                              .interrupted = options->interrupted};
    buf_add(&url, STR("http://localhost/images/"));
    put_escaped(&url, name);
    buf_add(&url, STR("/get"));
    buf_add_char(&url, 0);
    int rc = buf_finish(&url, "name", err);
    if (rc == 0)
        rc = http_new(&http, &http_options, err);
    const struct http_request request = {
        .url = url.ptr, .body_max = ARCHIVE_UNPACKED_MAX, .data = take, .ctx = &fd};
    if (rc == 0)
        rc = http_send(http, &request, &response, err);
    if (rc < 0)
        return error_in(err, "%s", socket);
    char safe[200];
    if (response.status != 200)
        return error_set(err, response.status == 404 ? E_NOT_FOUND : E_NETWORK, "the engine answers %d: %s",
                         response.status,
                         str_printable(str_trim(buf_str(&response.refusal)), safe, sizeof safe));
    return 0;
}

static int engine_open(struct image **ret, const struct image_source *source, const char *socket,
                       const char *name, const struct image_options *options, struct worker *worker,
                       struct error *err)
{
    int fd = file_nameless(options->cache_dir, err);
    if (fd < 0)
        return fd;
    int rc = spool(fd, socket, name, options, err);
    if (rc < 0) {
        close(fd);
        return rc;
    }
    return archive_open(ret, source, fd, &(struct archive_name){name, ""}, options, worker, err);
}

static int docker_daemon_open(struct image **ret, const char *name, const struct image_options *options,
                              struct worker *worker, struct error *err)
{
    static const char *const places[] = {"/var/run/docker.sock", "docker.sock", NULL};
    char socket[108];
    int rc = find_socket("DOCKER_HOST", places, socket, sizeof socket, err);
    return rc < 0 ? rc : engine_open(ret, &docker_daemon_source, socket, name, options, worker, err);
}

static int podman_open(struct image **ret, const char *name, const struct image_options *options,
                       struct worker *worker, struct error *err)
{
    static const char *const places[] = {"podman/podman.sock", "/run/podman/podman.sock", NULL};
    char socket[108];
    int rc = find_socket("CONTAINER_HOST", places, socket, sizeof socket, err);
    return rc < 0 ? rc : engine_open(ret, &podman_source, socket, name, options, worker, err);
}

const struct image_source docker_daemon_source = {
    .scheme = "docker-daemon",
    .open = docker_daemon_open,
    .layer_open = archive_layer_open,
    .layer_close = archive_layer_close,
    .free = archive_free,
};

const struct image_source podman_source = {
    .scheme = "podman",
    .open = podman_open,
    .layer_open = archive_layer_open,
    .layer_close = archive_layer_close,
    .free = archive_free,
};
