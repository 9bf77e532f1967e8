#include "os/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/fd.h"

/* Its signals are as a fresh program's, whatever ours are; its standard input and output is `end`. */
static int start(const char *const *argv, int end, pid_t *ret, struct error *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, end, 0);
    posix_spawn_file_actions_adddup2(&actions, end, 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    errno = posix_spawnp(ret, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv, environ);
    int r = 0;
    if (errno == ENOENT)
        r = error_set(err, E_NOT_FOUND, "%s: no such program in PATH", argv[0]);
    else if (errno)
        r = error_sys(err, "%s", argv[0]);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return r;
}

/* Whether the socket has to be waited for again. */
static bool not_now(ssize_t n)
{
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* What is left of the input after sending as much as goes. */
static struct str send_some(int fd, struct str input)
{
    ssize_t n = send(fd, input.ptr, input.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (not_now(n))
        return input;
    input = str_skip(input,
                     n > 0 ? (size_t)n : input.len); /* when it does not read, its exit status tells more */
    if (!input.len)
        shutdown(fd, SHUT_WR);
    return input;
}

/* 1: there may be more, 0: the end. */
static int receive_some(int fd, struct buf *output, struct error *err)
{
    char piece[4096];
    ssize_t n = recv(fd, piece, sizeof piece, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno == ECONNRESET))
        return 0;
    if (n < 0)
        return not_now(n) ? 1 : error_sys(err, "read");
    buf_add(output, (struct str){piece, (size_t)n});
    int r = buf_finish(output, "answer", err);
    return r < 0 ? r : 1;
}

/* Writes and reads until the program closes its end: 0, or < 0. */
static int talk(int fd, struct str input, uint64_t deadline, struct buf *output, struct error *err)
{
    int more = 1;
    while (more > 0) {
        uint64_t now = clock_ms();
        if (now >= deadline)
            return error_set(err, E_TIMEOUT, "does not end");
        struct pollfd p = {.fd = fd, .events = (short)(POLLIN | (input.len ? POLLOUT : 0))};
        if (poll(&p, 1, (int)(deadline - now)) <= 0)
            continue;
        if (input.len && p.revents & POLLOUT)
            input = send_some(fd, input);
        if (p.revents & (POLLIN | POLLHUP | POLLERR))
            more = receive_some(fd, output, err);
    }
    return more;
}

/* Waits for its end until the deadline, then kills it. */
static int reap(pid_t pid, uint64_t deadline, struct error *err)
{
    int status = 0;
    for (;;) {
        pid_t ended = waitpid(pid, &status, WNOHANG);
        if (ended == pid)
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        if (ended < 0 && errno != EINTR)
            return error_sys(err, "wait");
        if (clock_ms() >= deadline)
            break;
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return error_set(err, E_TIMEOUT, "does not end");
}

int process_run(const char *const *argv, struct str input, unsigned seconds, struct buf *output,
                int *ret_status, struct error *err)
{
    uint64_t deadline = clock_ms() + (uint64_t)seconds * 1000;
    int ends[2];
    pid_t pid = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return error_sys(err, "%s: socket", argv[0]);
    AUTO_CLOSE int ours = ends[0];
    int r = start(argv, ends[1], &pid, err);
    close(ends[1]);
    if (r < 0)
        return r;
    if (!input.len)
        shutdown(ours, SHUT_WR);
    r = talk(ours, input, deadline, output, err);
    if (r < 0)
        deadline = 0; /* it is of no use any more */
    struct error ignored = {0};
    int status = reap(pid, deadline, r < 0 ? &ignored : err);
    if (r < 0 || status < 0)
        return error_in(err, "%s", argv[0]);
    *ret_status = status;
    return 0;
}
