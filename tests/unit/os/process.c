#include "os/process.h"

#include "test.h"

static int shell(const char *script, const char *input, size_t max, unsigned seconds, struct buf *out,
                 int *status, struct error *err)
{
    *out = buf_make(max);
    *err = (struct error){0};
    return process_run((const char *const[]){"sh", "-c", script, NULL}, str_of(input), seconds, out, status,
                       err);
}

TEST(process_talks)
{
    struct buf out;
    struct error err;
    int status = -1;
    assert_int_equal(
        shell("cat; echo there; echo hidden >&2; exit 3", "hello ", 100, 20, &out, &status, &err), 0);
    assert_true(str_eq(buf_str(&out), STR("hello there\n")));
    assert_int_equal(status, 3);
    buf_done(&out);
    assert_int_equal(shell("cat", "", 100, 20, &out, &status, &err), 0);
    assert_int_equal(out.len + (size_t)status, 0);
    buf_done(&out);
    assert_int_equal(shell("kill -TERM $$", "not read", 100, 20, &out, &status, &err), 0);
    assert_int_equal(status, 128 + 15);
    buf_done(&out);
}

TEST(process_limits)
{
    struct buf out;
    struct error err;
    int status = -1;
    assert_int_equal(shell("yes", "", 100000, 20, &out, &status, &err), -E_LIMIT);
    assert_string_equal(err.text, "sh: answer: more than 100000 bytes");
    buf_done(&out);
    assert_int_equal(shell("exec sleep 1000", "", 100, 1, &out, &status, &err), -E_TIMEOUT);
    assert_string_equal(err.text, "sh: does not end");
    buf_done(&out);
    assert_int_equal(shell("exec <&- >&-; exec sleep 1000", "", 100, 1, &out, &status, &err), -E_TIMEOUT);
    buf_done(&out);
    assert_int_equal(status, -1);
}

TEST(process_missing)
{
    struct buf out = buf_make(100);
    struct error err = {0};
    int status;
    assert_int_equal(
        process_run((const char *const[]){"docker-credential-none", NULL}, STR("x"), 20, &out, &status, &err),
        -E_NOT_FOUND);
    assert_string_equal(err.text, "docker-credential-none: no such program in PATH");
    assert_int_equal(process_run((const char *const[]){"/", NULL}, STR("x"), 20, &out, &status, &err),
                     -E_SYSTEM);
    assert_string_equal(err.text, "/: Permission denied");
    buf_done(&out);
}
