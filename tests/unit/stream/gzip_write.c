#include "stream/gzip_write.h"

#include "base/limits.h"
#include "stream/codec.h"
#include "stream/memory.h"
#include "test.h"

typedef void writer(struct str bytes, struct buf *ret);

/* What was packed is unpacked by the other library, and is the same. */
static void there_and_back(writer *write, struct str bytes)
{
    struct buf packed = buf_make(bytes.len + bytes.len / 8 + 100), unpacked = buf_make(bytes.len + 1);
    struct error err = {0};
    struct memory_reader m;
    struct reader *r;
    write(bytes, &packed);
    assert_false(packed.failed);
    assert_int_equal(gzip_zlib_open(&r, memory_reader_init(&m, buf_str(&packed), 0, &err), UINT64_MAX, &err),
                     0);
    for (; reader_more(r) > 0; r->ptr = r->end)
        buf_add(&unpacked, (struct str){(const char *)r->ptr, (size_t)(r->end - r->ptr)});
    assert_string_equal(err.text, "");
    assert_true(str_eq(buf_str(&unpacked), bytes));
    reader_close(r);
    buf_done(&packed);
    buf_done(&unpacked);
}

static void all_sizes(writer *write)
{
    static char bytes[3 << 20];
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof bytes; i++) {
        seed = seed * 1664525 + 1013904223;
        bytes[i] = i % 700 < 300 ? 'a' : (char)(seed >> 24);
    }
    for (size_t n = 0; n < 40; n++)
        there_and_back(write, (struct str){bytes, n});
    for (size_t n = 100; n < sizeof bytes; n = n * 3 + 1)
        there_and_back(write, (struct str){bytes, n});
    there_and_back(write, (struct str){bytes, sizeof bytes});
}

TEST(gzip_write_all)
{
    all_sizes(gzip_write);
}

TEST(gzip_write_all_zlib)
{
    all_sizes(gzip_write_zlib);
}

/* A maximum at every size below what is needed fails, and writes no more than it. */
TEST(gzip_write_bounded)
{
    writer *const writers[] = {gzip_write, gzip_write_zlib};
    for (size_t w = 0; w < 2; w++) {
        struct buf whole = buf_make(1000);
        writers[w](STR("some words and some words"), &whole);
        assert_false(whole.failed);
        for (size_t max = 0; max < whole.len; max++) {
            struct buf b = buf_make(max);
            writers[w](STR("some words and some words"), &b);
            assert_true(b.failed && b.len <= max);
            buf_done(&b);
        }
        struct buf exact = buf_make(whole.len);
        writers[w](STR("some words and some words"), &exact);
        assert_false(exact.failed);
        assert_true(str_eq(buf_str(&exact), buf_str(&whole)));
        buf_done(&exact);
        buf_done(&whole);
    }
}

TEST(gzip_write_appends)
{
    struct buf b = buf_make(1000);
    buf_add(&b, STR("before"));
    gzip_write(STR("x"), &b);
    assert_true(str_starts(buf_str(&b), STR("before\x1f\x8b\x08")));
    buf_done(&b);
}
