#include "base/arena.h"
#include "pack.h"
#include "stream/memory.h"
#include "stream/part.h"
#include "test.h"

TEST(memory_windows)
{
    struct error err;
    struct memory_reader m;
    for (size_t step = 0; step < 8; step++) {
        struct reader *r = memory_reader_init(&m, STR("window"), step, &err);
        struct buf out = buf_make(100);
        size_t windows = 0;
        while (reader_more(r) > 0) {
            windows++;
            buf_add(&out, reader_window(r));
            r->ptr = r->end;
            assert_int_equal(reader_position(r), out.len);
        }
        assert_true(str_eq(buf_str(&out), STR("window")));
        assert_int_equal(windows, step == 0 || step > 5 ? 1 : (6 + step - 1) / step);
        assert_int_equal(reader_more(r), 0);
        buf_done(&out);
    }
}

TEST(reader_pieces)
{
    struct error err;
    struct memory_reader m;
    char got[8];
    for (size_t step = 0; step < 8; step++) {
        struct reader *r = memory_reader_init(&m, STR("0123456789"), step, &err);
        assert_int_equal(reader_read(r, got, 3), 0);
        assert_memory_equal(got, "012", 3);
        assert_int_equal(reader_skip(r, 4), 0);
        assert_int_equal(reader_position(r), 7);
        size_t n;
        assert_int_equal(reader_read_some(r, got, 8, &n), 0);
        assert_int_equal(n, 3);
        assert_memory_equal(got, "789", 3);
        assert_int_equal(reader_read(r, got, 1), -E_BAD_INPUT);
        assert_string_equal(err.text, "memory: ends 1 bytes early, at offset 10");
        assert_int_equal(reader_more(r), -E_BAD_INPUT);
    }
}

TEST(reader_skips_too_far)
{
    struct error err;
    struct memory_reader m;
    struct reader *r = memory_reader_init(&m, STR("0123456789"), 3, &err);
    assert_int_equal(reader_skip(r, 12), -E_BAD_INPUT);
    assert_string_equal(err.text, "memory: ends 2 bytes early, at offset 10");
}

TEST(reader_whole)
{
    struct error err;
    struct memory_reader m;
    struct arena a = arena_make(100);
    struct str all;
    assert_int_equal(reader_all(memory_reader_init(&m, STR("0123456789"), 3, &err), 10, &a, &all), 0);
    assert_true(str_eq(all, STR("0123456789")));
    assert_int_equal(reader_all(memory_reader_init(&m, STR("0123456789"), 3, &err), 9, &a, &all), -E_LIMIT);
    assert_string_equal(err.text, "memory: more than 9 bytes");
    arena_done(&a);
}

TEST(reader_limit)
{
    struct error err;
    struct memory_reader m;
    struct reader *r = memory_reader_init(&m, STR("0123456789"), 3, &err);
    r->limit = 9;
    assert_int_equal(reader_drain(r), -E_LIMIT);
    assert_string_equal(err.text, "memory: more than 9 bytes");
}

TEST(part_lends_its_share)
{
    struct error err;
    struct memory_reader m;
    struct part p;
    for (size_t step = 0; step < 8; step++) {
        struct reader *in = memory_reader_init(&m, STR("0123456789"), step, &err);
        struct buf out = buf_make(100);
        assert_int_equal(reader_skip(in, 2), 0);
        assert_int_equal(read_everything(part_init(&p, in, 5, &err), &out), 0);
        assert_true(str_eq(buf_str(&out), STR("23456")));
        assert_int_equal(reader_position(in), 7);
        buf_done(&out);
    }
}

TEST(part_ends_early)
{
    struct error err;
    struct memory_reader m;
    struct part p;
    struct reader *r = part_init(&p, memory_reader_init(&m, STR("0123456789"), 3, &err), 15, &err);
    assert_int_equal(reader_drain(r), -E_BAD_INPUT);
    assert_string_equal(err.text, "part: ends 5 bytes early, at offset 10");
}

TEST(part_of_a_broken_source)
{
    struct error err;
    struct broken_reader b;
    struct part p;
    struct reader *r = part_init(&p, broken_reader_init(&b, STR("0123456789"), 3, &err), 15, &err);
    assert_int_equal(reader_drain(r), -E_SYSTEM);
    assert_string_equal(err.text, "source broke");
}
