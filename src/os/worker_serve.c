/* The worker's own side of os/worker.h. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/wire.h"
#include "os/fd.h"
#include "os/sandbox.h"
#include "os/worker.h"
#include "os/worker_wire.h"

enum { PROGRESS_EVERY = 4 << 20 };

struct progress {
    int socket;
    uint64_t told;
};

static int send_message(int socket, enum worker_message kind, struct str body, struct error *err)
{
    char first = (char)kind;
    struct iovec pieces[2] = {{&first, 1}, {NULL, body.len}};
    memcpy(&pieces[1].iov_base, &body.ptr, sizeof body.ptr);
    struct msghdr header = {.msg_iov = pieces, .msg_iovlen = 2};
    ssize_t n;
    do
        n = sendmsg(socket, &header, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? error_sys(err, "worker: answer") : 0;
}

static int send_number(int socket, enum worker_message kind, uint64_t n, struct error *err)
{
    CLEANUP(buf_done) struct buf body = buf_make(16);
    wire_put_num(&body, n);
    return send_message(socket, kind, buf_str(&body), err);
}

int worker_reply(struct worker_call *call, struct str piece, struct error *err)
{
    int rc = 0;
    while (rc == 0 && piece.len) {
        struct str part = {piece.ptr, piece.len < WORKER_FRAME_MAX - 1 ? piece.len : WORKER_FRAME_MAX - 1};
        rc = send_message(call->socket, MESSAGE_PIECE, part, err);
        piece = str_skip(piece, part.len);
    }
    return rc;
}

static int tell_progress(void *ctx, uint64_t bytes, struct error *err)
{
    struct progress *p = ctx;
    if (bytes - p->told < PROGRESS_EVERY)
        return 0;
    p->told = bytes;
    return send_number(p->socket, MESSAGE_PROGRESS, bytes, err);
}

/* A message and the descriptor that came with it (-1: none): its length, 0 when the parent is gone. */
static ssize_t receive(int socket, char *frame, int *ret_fd)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec piece = {frame, WORKER_FRAME_MAX};
    struct msghdr header = {.msg_iov = &piece,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes};
    ssize_t n;
    do
        n = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    *ret_fd = -1;
    const struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&header) : NULL;
    if (c && c->cmsg_type == SCM_RIGHTS)
        memcpy(ret_fd, CMSG_DATA(c), sizeof(int));
    return n;
}

#ifdef LIMPID_FAULTS
/* For the tests: LIMPID_FAULT="crash layer 2" crashes at the second job for the reader "layer"; "hang",
   "eat". */
static void misbehave(const struct worker_call *call, struct str reader)
{
    struct str fault = str_of(getenv("LIMPID_FAULT"));
    struct str how = str_cut(&fault, ' '), who = str_cut(&fault, ' ');
    uint64_t which = 0;
    if (!str_eq(who, reader) || str_u64(fault, UINT64_MAX, &which) < 0 || call->args.len == 0 ||
        (uint64_t)(unsigned char)call->args.ptr[0] != which)
        return;
    if (str_eq(how, STR("crash")))
        abort();
    while (str_eq(how, STR("hang")))
        ;
    while (str_eq(how, STR("eat")))
        memset(memory_new(MIB(16)), 1, MIB(16));
}
#endif

static void run_job(int socket, const struct worker_reader *readers, struct str body, int fd)
{
    struct error err = {0};
    struct wire in = wire_make(body);
    struct str name = wire_str(&in, 64);
    struct progress progress = {.socket = socket};
    struct worker_call call = {.socket = socket, .fd = fd};
    call.offset = wire_num(&in, UINT64_MAX);
    call.length = wire_num(&in, UINT64_MAX);
    call.args = wire_str(&in, WORKER_ARGS_MAX);
    struct fd_reader file;
    call.in = fd_reader_init(&file, fd, call.offset, call.length, &err);
    file.progress = tell_progress;
    file.ctx = &progress;
#ifdef LIMPID_FAULTS
    misbehave(&call, name);
#endif
    const struct worker_reader *r = readers;
    while (r->name && !str_eq(str_of(r->name), name))
        r++;
    int rc = in.failed || !r->name ? error_set(&err, E_WORKER, "worker: no reader of that name")
                                   : r->run(&call, &err);
    reader_close(call.in);
    CLEANUP(buf_done) struct buf end = buf_make(KIB(1));
    wire_put_num(&end, rc < 0 ? err.code : E_OK);
    wire_put_str(&end, str_of(rc < 0 ? err.text : ""));
    if (send_message(socket, MESSAGE_END, buf_str(&end), &err) < 0)
        _exit(1); /* the parent is gone */
}

_Noreturn void worker_serve(int socket, const struct worker_reader *readers)
{
    struct error err = {0};
    struct sandbox_state state;
    char *frame = memory_new(WORKER_FRAME_MAX);
    if (sandbox_enter(&state, &err) < 0 || sandbox_test(&err) < 0) {
        CLEANUP(buf_done) struct buf end = buf_make(KIB(1));
        wire_put_num(&end, E_SYSTEM);
        wire_put_str(&end, str_of(err.text));
        _exit(send_message(socket, MESSAGE_END, buf_str(&end), &err) < 0 ? 1 : 0);
    }
    if (send_number(socket, MESSAGE_HELLO, (uint64_t)state.landlock_abi, &err) < 0)
        _exit(1);
    for (;;) {
        int fd = -1;
        ssize_t n = receive(socket, frame, &fd);
        if (n <= 0 || frame[0] != MESSAGE_JOB)
            _exit(0); /* no more work; leak checkers have no business here */
        run_job(socket, readers, (struct str){frame + 1, (size_t)n - 1}, fd);
        fd_close(&fd);
    }
}
