#include "base/error.h"

#include <errno.h>
#include <string.h>

#include "test.h"

TEST(error_context)
{
    struct error err = {0};
    assert_int_equal(error_set(&err, E_LIMIT, "more than %d", 5), -E_LIMIT);
    assert_int_equal(error_in(&err, "layer %d", 3), -E_LIMIT);
    assert_int_equal(error_in(&err, "%s", ""), -E_LIMIT); /* no context */
    assert_string_equal(err.text, "layer 3: more than 5");
    errno = ENOENT;
    assert_int_equal(error_sys(&err, "x"), -E_SYSTEM);
    assert_int_equal(err.sys_errno, ENOENT);
    assert_string_equal(err.text, "x: No such file or directory");
}

/* What is too long loses its end, never its context. */
TEST(error_long)
{
    struct error err = {0};
    char text[700];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    error_fill(&err, E_USAGE, "%s", text);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    error_in(&err, "where");
    assert_int_equal(strncmp(err.text, "where: xxx", 10), 0);
    assert_true(strlen(err.text) < sizeof err.text);
    error_in(&err, "%s", text);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_int_equal(err.code, E_USAGE);
}
