#include "base/wire.h"

#include "test.h"

static const uint64_t numbers[] = {
    0, 1, 127, 128, 16383, 16384, UINT32_MAX, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

TEST(wire_numbers)
{
    CLEANUP(buf_done) struct buf b = buf_make(1000);
    for (size_t i = 0; i < NUMBERS; i++)
        wire_put_num(&b, numbers[i]);
    assert_int_equal(b.len, 1 + 1 + 1 + 2 + 2 + 3 + 5 + 9 + 10 + 10);
    struct wire w = wire_make(buf_str(&b));
    for (size_t i = 0; i < NUMBERS; i++) {
        assert_true(wire_more(&w));
        assert_int_equal(wire_num(&w, numbers[i]), numbers[i]);
    }
    assert_false(wire_more(&w));
    assert_false(w.failed);
    assert_int_equal(wire_num(&w, 9), 0);
    assert_true(w.failed);
}

static void assert_fails(struct str bytes, uint64_t max)
{
    struct wire w = wire_make(bytes);
    assert_int_equal(wire_num(&w, max), 0);
    assert_true(w.failed);
    assert_false(wire_more(&w));
    assert_int_equal(wire_num(&w, UINT64_MAX), 0); /* for good */
    struct str s = wire_str(&w, 100);
    assert_true(s.ptr && s.len == 0);
}

TEST(wire_bad_numbers)
{
    assert_fails(STR(""), UINT64_MAX);
    assert_fails(STR("\x80"), UINT64_MAX);
    assert_fails(STR("\x81\x80"), UINT64_MAX);
    assert_fails(STR("\x06\0"), 5);
    assert_fails(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02\0"), UINT64_MAX); /* 65 bits */
    assert_fails(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\0"), UINT64_MAX);
    assert_fails(STR("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\0"), UINT64_MAX); /* eleven bytes */
}

TEST(wire_texts)
{
    CLEANUP(buf_done) struct buf b = buf_make(1000);
    wire_put_str(&b, STR("a\0b"));
    wire_put_str(&b, STR(""));
    wire_put_str(&b, STR("last"));
    for (size_t n = 0; n < b.len; n++) { /* every truncation */
        struct wire w = wire_make((struct str){b.ptr, n});
        for (int i = 0; i < 3; i++)
            wire_str(&w, 4);
        assert_true(w.failed);
    }
    struct wire w = wire_make(buf_str(&b));
    assert_true(str_eq(wire_str(&w, 3), STR("a\0b")));
    assert_int_equal(wire_str(&w, 0).len, 0);
    assert_false(w.failed);
    assert_int_equal(wire_str(&w, 3).len, 0); /* longer than it may be */
    assert_true(w.failed);
    w = wire_make(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01xy"));
    assert_int_equal(wire_str(&w, SIZE_MAX).len, 0);
    assert_true(w.failed);
}
