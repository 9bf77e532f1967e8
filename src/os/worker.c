#include "os/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/wire.h"
#include "os/clock.h"
#include "os/fd.h"
#include "os/worker_wire.h"

struct worker {
    pid_t pid; /* 0: none runs */
    int socket;
    unsigned jobs;
    int landlock_abi;
    bool greeted;
    char *frame; /* WORKER_FRAME_MAX bytes */
};

static unsigned stall_seconds = WORKER_STALL_SECONDS;

void worker_set_stall(unsigned seconds)
{
    stall_seconds = seconds;
}

struct worker *worker_new(void)
{
    struct worker *w = memory_new(sizeof *w);
    w->socket = -1;
    w->frame = memory_new(WORKER_FRAME_MAX);
    return w;
}

/* Ends the process, whatever it does; what it ended with when it had ended by itself. */
static int worker_end(struct worker *w, bool kill_it)
{
    int status = 0;
    fd_close(&w->socket);
    if (w->pid > 0) {
        if (kill_it)
            kill(w->pid, SIGKILL);
        while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
            ;
    }
    w->pid = 0;
    w->jobs = 0;
    return status;
}

void worker_free(struct worker *w)
{
    if (!w)
        return;
    worker_end(w, true);
    free(w->frame);
    free(w);
}

const char *worker_weakness(const struct worker *w)
{
    return w->greeted && w->landlock_abi == 0
               ? "this kernel has no Landlock: workers rely on seccomp and limits alone"
               : NULL;
}

static int worker_start(struct worker *w, struct error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return error_sys(err, "worker: socket");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], WORKER_SOCKET);
    posix_spawn_file_actions_addclosefrom_np(&actions,
                                             WORKER_SOCKET + 1); /* libraries open some that survive exec */
    char name[] = "limpid", word[] = "worker";
    char *const argv[] = {name, word, NULL};
    char *fault = NULL, *environment[2] = {NULL, NULL};
#ifdef LIMPID_FAULTS
    const char *wanted = getenv("LIMPID_FAULT");
    if (wanted && asprintf(&fault, "LIMPID_FAULT=%s", wanted) >= 0)
        environment[0] = fault;
#endif
    posix_spawnattr_t attributes; /* the thread may block signals, which the worker must not */
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    int rc = posix_spawn(&w->pid, "/proc/self/exe", &actions, &attributes, argv, environment);
    free(fault);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (rc != 0) {
        close(ends[0]);
        w->pid = 0;
        errno = rc;
        return error_sys(err, "worker: start of /proc/self/exe");
    }
    w->socket = ends[0];
    w->greeted = false;
    return 0;
}

static int send_job(struct worker *w, const struct worker_job *job, struct error *err)
{
    CLEANUP(buf_done) struct buf message = buf_make(WORKER_FRAME_MAX);
    if (job->args.len > WORKER_ARGS_MAX)
        return error_set(err, E_LIMIT, "worker: arguments of %zu bytes", job->args.len);
    buf_add_char(&message, MESSAGE_JOB);
    wire_put_str(&message, str_of(job->reader));
    wire_put_num(&message, job->offset);
    wire_put_num(&message, job->length ? job->length : UINT64_MAX);
    wire_put_str(&message, job->args);
    struct iovec piece = {message.ptr, message.len};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
    if (job->fd >= 0) {
        header.msg_control = control.bytes;
        header.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&header);
        *c = (struct cmsghdr){
            .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
        memcpy(CMSG_DATA(c), &job->fd, sizeof(int));
    }
    ssize_t n;
    do
        n = sendmsg(w->socket, &header, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? error_sys(err, "worker: job") : 0;
}

static int died(struct worker *w, struct error *err)
{
    int status = worker_end(w, false);
    if (WIFSIGNALED(status))
        return error_set(err, E_WORKER, "the sandboxed reader was stopped by signal %d (%s)",
                         WTERMSIG(status), strsignal(WTERMSIG(status)));
    return error_set(err, E_WORKER, "the sandboxed reader ended with status %d", WEXITSTATUS(status));
}

static bool input_waits(const struct worker_job *job)
{
    int bytes = 0;
    return job->fd < 0 || job->length || lseek(job->fd, 0, SEEK_CUR) >= 0 ||
           ioctl(job->fd, FIONREAD, &bytes) < 0 || bytes > 0;
}

/* Waits for the next message, for as long as the worker shows signs of life: length of the frame, < 0 error. */
static ssize_t next_message(struct worker *w, const struct worker_job *job, struct error *err)
{
    uint64_t since = clock_ms();
    for (;;) {
        struct pollfd p = {.fd = w->socket, .events = POLLIN};
        int ready = poll(&p, 1, 100);
        if (ready < 0 && errno != EINTR)
            return error_sys(err, "worker: poll");
        int rc = job->tick ? job->tick(job->ctx, err) : 0;
        if (rc < 0)
            return rc;
        if (ready > 0)
            break;
        if (!input_waits(job))
            since = clock_ms();
        if (clock_ms() - since > stall_seconds * 1000ULL) {
            worker_end(w, true);
            return error_set(err, E_WORKER,
                             "the sandboxed reader made no progress for %u seconds and was stopped",
                             stall_seconds);
        }
    }
    ssize_t n = recv(w->socket, w->frame, WORKER_FRAME_MAX, MSG_TRUNC);
    if (n <= 0)
        return died(w, err);
    if (n > (ssize_t)WORKER_FRAME_MAX)
        return error_set(err, E_WORKER, "the sandboxed reader sent a message of %zd bytes", n);
    return n;
}

static int job_ended(struct str body, struct error *err)
{
    struct wire in = wire_make(body);
    uint64_t code = wire_num(&in, E_WORKER);
    struct str text = wire_str(&in, sizeof err->text - 1);
    if (in.failed)
        return error_set(err, E_WORKER, "the sandboxed reader sent a broken end");
    if (!code)
        return 1;
    char safe[sizeof err->text];
    return error_set(err, (enum error_code)code, "%s", str_printable(text, safe, sizeof safe));
}

/* One message: 0 go on, 1 the job's end, < 0. *pieces counts the answer's bytes. */
static int take_message(struct worker *w, const struct worker_job *job, struct str frame, struct buf *reply,
                        uint64_t *pieces, struct error *err)
{
    struct str body = str_skip(frame, 1);
    struct wire in = wire_make(body);
    switch (frame.ptr[0]) {
    case MESSAGE_HELLO:
        w->landlock_abi = (int)wire_num(&in, 1000);
        w->greeted = true;
        return 0;
    case MESSAGE_PROGRESS:
        if (job->progress)
            __atomic_store_n(job->progress, wire_num(&in, UINT64_MAX), __ATOMIC_RELAXED);
        return 0;
    case MESSAGE_PIECE:
        *pieces += body.len;
        if (*pieces > job->reply_max)
            return error_set(err, E_LIMIT, "the sandboxed reader's answer is longer than %zu bytes",
                             job->reply_max);
        if (job->data)
            return job->data(job->ctx, body, err);
        buf_add(reply, body);
        return 0;
    case MESSAGE_END:
        return job_ended(body, err);
    default:
        return error_set(err, E_WORKER, "the sandboxed reader sent a message of kind %d", frame.ptr[0]);
    }
}

int worker_run(struct worker *w, const struct worker_job *job, struct buf *reply, struct error *err)
{
    uint64_t pieces = 0;
    if (reply) {
        buf_clear(reply);
        if (reply->max < job->reply_max)
            reply->max = job->reply_max;
    }
    if (w->jobs >= WORKER_JOBS_MAX)
        worker_end(w, true);
    int rc = w->pid > 0 ? 0 : worker_start(w, err);
    if (rc == 0)
        rc = send_job(w, job, err);
    bool finished = false;
    while (rc == 0) {
        ssize_t n = next_message(w, job, err);
        if (n < 0) {
            rc = (int)n;
            break;
        }
        struct str frame = {w->frame, (size_t)n};
        rc = take_message(w, job, frame, reply, &pieces, err);
        finished = rc != 0 && frame.ptr[0] == MESSAGE_END && err->code != E_WORKER;
    }
    w->jobs++;
    if (rc < 0 && !finished)
        worker_end(w, true); /* in an unknown state: the next job gets a fresh one */
    return rc < 0 ? rc : 0;
}
