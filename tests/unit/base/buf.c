#include "base/buf.h"

#include "test.h"

/* A maximum is reached, not passed; the failure sticks until the buffer is cleared. */
TEST(buf_maximum)
{
    CLEANUP(buf_done) struct buf b = buf_make(5);
    struct error err = {0};
    buf_add(&b, STR("abc"));
    buf_add(&b, STR("de"));
    assert_int_equal(buf_finish(&b, "text", &err), 0);
    assert_true(str_eq(buf_str(&b), STR("abcde")));
    buf_add(&b, STR(""));
    assert_false(b.failed);
    buf_add_char(&b, 'f');
    assert_int_equal(buf_finish(&b, "text", &err), -E_LIMIT);
    assert_string_equal(err.text, "text: more than 5 bytes");
    assert_true(str_eq(buf_str(&b), STR("abcde")));
    b.len = 0;
    buf_add_char(&b, 'f'); /* once it failed, nothing more is added */
    assert_int_equal(b.len, 0);
    assert_null(buf_room(&b, 1));
    buf_clear(&b);
    buf_add_char(&b, 'f');
    assert_int_equal(buf_finish(&b, "text", &err), 0);
    assert_int_equal(b.len, 1);
}

TEST(buf_room_beyond_numbers)
{
    CLEANUP(buf_done) struct buf b = buf_make(100), none = buf_make(0);
    buf_add_char(&b, 'x');
    assert_null(buf_room(&b, SIZE_MAX)); /* len + n would overflow */
    assert_true(b.failed);
    assert_non_null(buf_room(&none, 0));
    assert_false(none.failed);
    assert_null(buf_room(&none, 1));
}

TEST(buf_grows)
{
    CLEANUP(buf_done) struct buf b = buf_make(100000);
    for (unsigned i = 0; i < 100000; i++)
        buf_add_char(&b, (char)('a' + i % 26));
    assert_false(b.failed);
    assert_true(b.cap <= b.max);
    for (unsigned i = 0; i < 100000; i++)
        if (b.ptr[i] != 'a' + i % 26)
            fail_msg("byte %u", i);
    buf_add_char(&b, 'x');
    assert_true(b.failed);
}

/* The room for printf's NUL is counted, the NUL is no byte of the text. */
TEST(buf_prints)
{
    CLEANUP(buf_done) struct buf b = buf_make(6);
    buf_printf(&b, "%d-%s", 12, "a");
    buf_printf(&b, "%c", 'b');
    assert_true(str_eq(buf_str(&b), STR("12-ab")));
    buf_printf(&b, "%s", "c");
    assert_true(b.failed);
    assert_int_equal(b.len, 5);
    buf_done(&b);
    assert_int_equal(b.max, 6);
    buf_add(&b, STR("again"));
    assert_true(str_eq(buf_str(&b), STR("again")));
}
