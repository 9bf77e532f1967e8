#include "os/feeder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"
#include "os/fd.h"

struct feeder {
    feeder_run *run;
    void *ctx;
    pthread_t thread;
    int read_fd, write_fd;
    _Atomic uint64_t progress;
    atomic_bool closing;
    bool abandoned; /* the thread's: its reader stopped */
    int result;     /* the thread's, valid once it has ended */
    struct error err;
};

static int abandon(struct feeder *f, struct error *err)
{
    f->abandoned = true;
    return error_set(err, E_CANCELLED, "its reader has stopped");
}

int feeder_put(struct feeder *f, struct str piece, struct error *err)
{
    while (piece.len) {
        if (atomic_load(&f->closing))
            return abandon(f, err);
        ssize_t n = write(f->write_fd, piece.ptr, piece.len);
        if (n > 0) {
            piece = str_skip(piece, (size_t)n);
            atomic_fetch_add(&f->progress, (uint64_t)n);
        } else if (errno == EPIPE) {
            return abandon(f, err);
        } else if (errno == EAGAIN) {
            struct pollfd p = {.fd = f->write_fd, .events = POLLOUT};
            poll(&p, 1, FEEDER_PIPE_MS);
        } else if (errno != EINTR) {
            return error_sys(err, "pipe");
        }
    }
    return 0;
}

static void *thread_run(void *ctx)
{
    struct feeder *f = ctx;
    struct error err = {0};
    f->result = f->run(f->ctx, f, &err);
    f->err = err;
    fd_close(&f->write_fd); /* the end of what can be read */
    return NULL;
}

/* What a kernel gives to a pipe at first (64 KiB) makes reader and writer wait for each other all the time. */
static int make_pipe(struct feeder *f, struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_sys(err, "pipe");
    f->read_fd = ends[0];
    f->write_fd = ends[1];
    if (fcntl(f->write_fd, F_SETFL, O_NONBLOCK) < 0)
        return error_sys(err, "pipe");
    (void)fcntl(f->write_fd, F_SETPIPE_SZ,
                FEEDER_PIPE_SIZE); /* refused beyond a user's share: then it stays small */
    return 0;
}

static void feeder_free(struct feeder *f)
{
    fd_close(&f->read_fd);
    fd_close(&f->write_fd);
    free(f);
}

/* Signals are for the other threads. */
static int start(struct feeder *f, struct error *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    errno = pthread_create(&f->thread, NULL, thread_run, f);
    int r = errno ? error_sys(err, "thread") : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}

int feeder_open(struct feeder **ret, feeder_run *run, void *ctx, struct error *err)
{
    struct feeder *f = memory_new(sizeof *f);
    *f = (struct feeder){.run = run, .ctx = ctx, .read_fd = -1, .write_fd = -1};
    int r = make_pipe(f, err);
    if (r == 0)
        r = start(f, err);
    if (r < 0)
        feeder_free(f);
    else
        *ret = f;
    return r;
}

int feeder_fd(const struct feeder *f)
{
    return f->read_fd;
}

uint64_t feeder_progress(const struct feeder *f)
{
    return atomic_load(&f->progress);
}

const atomic_bool *feeder_closing(const struct feeder *f)
{
    return &f->closing;
}

int feeder_close(struct feeder *f, struct error *err)
{
    atomic_store(&f->closing, true);
    fd_close(&f->read_fd);
    pthread_join(f->thread, NULL);
    int r = f->abandoned || f->result == -E_CANCELLED ? 0 : f->result;
    if (r < 0)
        *err = f->err;
    feeder_free(f);
    return r;
}
