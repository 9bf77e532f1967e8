#include "image/registry_layer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"
#include "os/fd.h"

struct registry_layer {
    struct registry_access *access;
    size_t first;
    struct image_layer layer;
    struct registry_client *client;
    pthread_t thread;
    int read_fd, write_fd;
    _Atomic uint64_t progress;
    atomic_bool closing; /* nobody will read on */
    bool abandoned;      /* the thread's: its reader stopped */
    int result;          /* the thread's, valid once it has ended */
    struct error err;
};

static int abandon(struct registry_layer *l, struct error *err)
{
    l->abandoned = true;
    return error_set(err, E_CANCELLED, "its reader has stopped");
}

/* Writes to the pipe, and looks up while it is full. */
static int feed(void *ctx, struct str piece, struct error *err)
{
    struct registry_layer *l = ctx;
    while (piece.len) {
        if (atomic_load(&l->closing))
            return abandon(l, err);
        ssize_t n = write(l->write_fd, piece.ptr, piece.len);
        if (n > 0) {
            piece = str_skip(piece, (size_t)n);
            atomic_fetch_add(&l->progress, (uint64_t)n);
        } else if (errno == EPIPE) {
            return abandon(l, err);
        } else if (errno == EAGAIN) {
            struct pollfd p = {.fd = l->write_fd, .events = POLLOUT};
            poll(&p, 1, REGISTRY_PIPE_MS);
        } else if (errno != EINTR) {
            return error_sys(err, "pipe");
        }
    }
    return 0;
}

static int check_size(const struct registry_layer *l, uint64_t received, int r, struct error *err)
{
    uint64_t size = l->layer.size;
    if (r == -E_LIMIT && l->layer.size_known && err->code == E_LIMIT)
        return error_set(err, E_BAD_INPUT,
                         "the registry sends more than the %ju bytes that the manifest states",
                         (uintmax_t)size);
    if (r == 0 && l->layer.size_known && received != size)
        return error_set(err, E_BAD_INPUT, "the registry sends %ju bytes, the manifest states %ju",
                         (uintmax_t)received, (uintmax_t)size);
    return r;
}

/* From one endpoint after the other, as long as none has begun to deliver. */
static int fetch(struct registry_layer *l, struct error *err)
{
    char path[DIGEST_TEXT_SIZE + 8];
    struct http_response response = {0};
    int r = -1;
    snprintf(path, sizeof path, "blobs/%s", l->layer.digest.text);
    const struct registry_query query = {.path = path,
                                         .body_max = l->layer.size_known ? l->layer.size : REGISTRY_BLOB_MAX,
                                         .data = feed,
                                         .ctx = l};
    for (size_t i = l->first; i < l->access->endpoints_count; i++) {
        r = registry_get(l->client, &l->access->endpoints[i], &query, &response, err);
        r = check_size(l, response.received, r, err);
        if (r == 0 || atomic_load(&l->progress) || l->abandoned)
            break;
    }
    http_response_done(&response);
    return r;
}

static void *run(void *ctx)
{
    struct registry_layer *l = ctx;
    struct error err = {0};
    l->result = fetch(l, &err);
    l->err = err;
    fd_close(&l->write_fd); /* the end of what can be read */
    return NULL;
}

/* What a kernel gives to a pipe at first (64 KiB) makes reader and writer wait for each other all the time. */
static int make_pipe(struct registry_layer *l, struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_sys(err, "pipe");
    l->read_fd = ends[0];
    l->write_fd = ends[1];
    if (fcntl(l->write_fd, F_SETFL, O_NONBLOCK) < 0)
        return error_sys(err, "pipe");
    (void)fcntl(l->write_fd, F_SETPIPE_SZ,
                REGISTRY_PIPE_SIZE); /* refused beyond a user's share: then it stays small */
    return 0;
}

static void layer_free(struct registry_layer *l)
{
    if (l->client)
        registry_client_give(l->client);
    fd_close(&l->read_fd);
    fd_close(&l->write_fd);
    free(l);
}

/* Signals are for the other threads. */
static int start(struct registry_layer *l, struct error *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    errno = pthread_create(&l->thread, NULL, run, l);
    int r = errno ? error_sys(err, "thread") : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}

int registry_layer_open(struct registry_layer **ret, struct registry_access *access, size_t first,
                        const struct image_layer *layer, struct error *err)
{
    struct registry_layer *l = memory_new(sizeof *l);
    *l = (struct registry_layer){
        .access = access, .first = first, .layer = *layer, .read_fd = -1, .write_fd = -1};
    int r = registry_client_take(&l->client, access, NULL, err);
    if (r == 0)
        r = make_pipe(l, err);
    if (r == 0)
        r = start(l, err);
    if (r < 0)
        layer_free(l);
    else
        *ret = l;
    return r;
}

int registry_layer_fd(const struct registry_layer *l)
{
    return l->read_fd;
}

uint64_t registry_layer_progress(const struct registry_layer *l)
{
    return atomic_load(&l->progress);
}

int registry_layer_close(struct registry_layer *l, struct error *err)
{
    atomic_store(&l->closing, true);
    fd_close(&l->read_fd);
    registry_client_cancel(l->client);
    pthread_join(l->thread, NULL);
    int r = l->abandoned || l->result == -E_CANCELLED ? 0 : l->result;
    if (r < 0) {
        *err = l->err;
        r = error_in(err, "blob %s", l->layer.digest.text);
    }
    layer_free(l);
    return r;
}
