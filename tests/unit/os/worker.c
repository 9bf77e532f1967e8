#include "os/worker.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/limits.h"
#include "os/ahead.h"
#include "os/file.h"
#include "os/sandbox.h"
#include "os/worker_wire.h"
#include "stream/reader.h"
#include "test.h"

void unit_test_worker(void);

static int echo(struct worker_call *call, struct error *err)
{
    int more;
    while ((more = reader_more(call->in)) > 0) {
        int rc = worker_reply(call, reader_window(call->in), err);
        if (rc < 0)
            return rc;
        call->in->ptr = call->in->end;
    }
    return more < 0 ? more : worker_reply(call, call->args, err);
}

static int refuse(struct worker_call *call, struct error *err)
{
    int rc = worker_reply(call, STR("some"), err);
    return rc < 0 ? rc : error_set(err, E_BAD_INPUT, "offset 7: \033[31mbroken");
}

static int crash(struct worker_call *call, struct error *err)
{
    (void)call;
    (void)err;
    signal(SIGABRT, SIG_DFL);
    abort();
}

static int hang(struct worker_call *call, struct error *err)
{
    (void)err;
    volatile bool forever = call != NULL;
    while (forever)
        ;
    return 0;
}

static int eat(struct worker_call *call, struct error *err)
{
    for (size_t i = 0; i < 2 * WORKER_MEMORY_MAX / MIB(16); i++) {
        void *p = malloc(MIB(16));
        if (!p)
            return error_set(err, E_LIMIT, "no more memory after %zu MiB", i * 16);
        call->in->state = p != NULL;
    }
    return 0;
}

static int sandbox(struct worker_call *call, struct error *err)
{
    (void)call;
    if (fcntl(WORKER_SOCKET, F_GETFD) >= 0)
        return error_set(err, E_BAD_INPUT, "fcntl is allowed");
    return sandbox_test(err);
}

static int thread_inside(struct worker_call *call, struct error *err)
{
    struct reader *ahead;
    int rc = ahead_open(&ahead, call->in, err);
    if (rc == 0)
        rc = reader_drain(ahead);
    if (rc == 0)
        reader_close(ahead);
    return rc;
}

static const struct worker_reader readers[] = {
    {"echo", echo}, {"refuse", refuse},   {"crash", crash},          {"hang", hang},
    {"eat", eat},   {"sandbox", sandbox}, {"thread", thread_inside}, {0},
};

void unit_test_worker(void)
{
    worker_serve(WORKER_SOCKET, readers);
}

static int run(struct worker *w, const char *reader, struct str input, struct str args, struct buf *reply,
               struct error *err)
{
    int fd = file_memory(input, err);
    assert_true(fd >= 0);
    struct worker_job job = {.reader = reader, .args = args, .fd = fd, .reply_max = MIB(8)};
    int rc = worker_run(w, &job, reply, err);
    close(fd);
    return rc;
}

TEST(worker_answers)
{
    struct error err = {0};
    CLEANUP(worker_freep) struct worker *w = worker_new();
    CLEANUP(buf_done) struct buf reply = buf_make(MIB(1));
    assert_int_equal(run(w, "echo", STR("hello"), STR(" there"), &reply, &err), 0);
    assert_true(str_eq(buf_str(&reply), STR("hello there")));
    assert_int_equal(run(w, "refuse", STR(""), STR(""), &reply, &err), -E_BAD_INPUT);
    assert_string_equal(err.text, "offset 7: ?[31mbroken");
    assert_true(str_eq(buf_str(&reply), STR("some")));
    assert_int_equal(run(w, "nobody", STR(""), STR(""), &reply, &err), -E_WORKER);
    assert_int_equal(run(w, "thread", STR("abc"), STR(""), &reply, &err), 0);
}

TEST(worker_long_answer)
{
    struct error err = {0};
    CLEANUP(worker_freep) struct worker *w = worker_new();
    CLEANUP(buf_done) struct buf reply = buf_make(MIB(8)), big = buf_make(MIB(9));
    memset(buf_room(&big, MIB(8) + 1), 'x', MIB(8) + 1);
    big.len = MIB(8);
    assert_int_equal(run(w, "echo", buf_str(&big), STR(""), &reply, &err), 0);
    assert_true(str_eq(buf_str(&reply), buf_str(&big)));
    big.len++;
    assert_int_equal(run(w, "echo", buf_str(&big), STR(""), &reply, &err), -E_LIMIT);
    assert_int_equal(run(w, "echo", STR("again"), STR(""), &reply, &err), 0);
}

TEST(worker_long_args)
{
    struct error err = {0};
    static char args[WORKER_ARGS_MAX + 1];
    CLEANUP(worker_freep) struct worker *w = worker_new();
    CLEANUP(buf_done) struct buf reply = buf_make(MIB(1));
    assert_int_equal(run(w, "echo", STR(""), (struct str){args, WORKER_ARGS_MAX}, &reply, &err), 0);
    assert_int_equal(reply.len, WORKER_ARGS_MAX);
    assert_int_equal(run(w, "echo", STR(""), (struct str){args, sizeof args}, &reply, &err), -E_LIMIT);
}

/* What a library of the parent has left open for its children is not the worker's, neither to use nor to count. */
TEST(worker_inherits_nothing)
{
    struct error err = {0};
    CLEANUP(worker_freep) struct worker *w = worker_new();
    CLEANUP(buf_done) struct buf reply = buf_make(MIB(1));
    int open_ones[40];
    for (size_t i = 0; i < sizeof open_ones / sizeof *open_ones; i++)
        open_ones[i] = dup(STDERR_FILENO); /* without FD_CLOEXEC */
    assert_int_equal(run(w, "echo", STR("hello"), STR(""), &reply, &err), 0);
    for (size_t i = 0; i < sizeof open_ones / sizeof *open_ones; i++)
        close(open_ones[i]);
}

TEST(worker_crashes)
{
    struct error err = {0};
    CLEANUP(worker_freep) struct worker *w = worker_new();
    CLEANUP(buf_done) struct buf reply = buf_make(MIB(1));
    assert_int_equal(run(w, "crash", STR(""), STR(""), &reply, &err), -E_WORKER);
    assert_non_null(strstr(err.text, "the sandboxed reader "));
    assert_int_equal(run(w, "echo", STR("alive"), STR(""), &reply, &err), 0);
}

TEST(worker_hangs)
{
    struct error err = {0};
    CLEANUP(worker_freep) struct worker *w = worker_new();
    CLEANUP(buf_done) struct buf reply = buf_make(MIB(1));
    worker_set_stall(1);
    assert_int_equal(run(w, "hang", STR(""), STR(""), &reply, &err), -E_WORKER);
    assert_string_equal(err.text, "the sandboxed reader made no progress for 1 seconds and was stopped");
    worker_set_stall(WORKER_STALL_SECONDS);
    assert_int_equal(run(w, "echo", STR("alive"), STR(""), &reply, &err), 0);
}

#ifndef LIMPID_SANITIZED /* sanitizers need more addresses than the limit leaves */
TEST(worker_eats_memory)
{
    struct error err = {0};
    CLEANUP(worker_freep) struct worker *w = worker_new();
    CLEANUP(buf_done) struct buf reply = buf_make(MIB(1));
    assert_int_equal(run(w, "eat", STR(""), STR(""), &reply, &err), -E_LIMIT);
}
#endif

TEST(worker_sandbox)
{
    struct error err = {0};
    CLEANUP(worker_freep) struct worker *w = worker_new();
    CLEANUP(buf_done) struct buf reply = buf_make(MIB(1));
    assert_int_equal(run(w, "sandbox", STR(""), STR(""), &reply, &err), 0);
}

TEST(worker_many_jobs)
{
    struct error err = {0};
    CLEANUP(worker_freep) struct worker *w = worker_new();
    CLEANUP(buf_done) struct buf reply = buf_make(MIB(1));
    for (unsigned i = 0; i < WORKER_JOBS_MAX + 2; i++)
        assert_int_equal(run(w, "echo", STR("x"), STR(""), &reply, &err), 0);
}

TEST(sandbox_test_sees_freedom)
{
    struct error err = {0};
    assert_int_equal(sandbox_test(&err), -E_SYSTEM);
}
