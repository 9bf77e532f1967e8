/* The two gzip readers side by side. */
#include <zlib.h>

#include "base/limits.h"
#include "pack.h"
#include "stream/memory.h"
#include "test.h"

static const struct engine {
    const char *name;
    int (*open)(struct reader **ret, struct reader *in, uint64_t limit, struct error *err);
} engines[] = {
#ifdef HAVE_ISAL
    {"isal", gzip_isal_open},
#endif
    {"zlib", gzip_zlib_open},
};
#define ENGINES (sizeof engines / sizeof *engines)

static int unpack(const struct engine *e, struct str packed, size_t step, struct buf *out, struct error *err)
{
    struct memory_reader m;
    struct reader *r;
    buf_clear(out);
    assert_int_equal(e->open(&r, memory_reader_init(&m, packed, step, err), UINT64_MAX, err), 0);
    int rc = read_everything(r, out);
    reader_close(r);
    return rc;
}

static void put_le(struct buf *b, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buf_add_char(b, (char)(value >> 8 * i));
}

/* "hello" in a stored block behind a header with these flags and their fields. RFC 1952. */
static void make_gzip(struct buf *b, unsigned flags)
{
    buf_clear(b);
    buf_add(b, STR("\x1f\x8b\x08"));
    buf_add_char(b, (char)flags);
    buf_add(b, STR("\1\2\3\4\0\3"));
    if (flags & 4)
        buf_add(b, STR("\6\0extra!"));
    if (flags & 8)
        buf_add(b, STR("name.tar\0"));
    if (flags & 16)
        buf_add(b, STR("a comment\0"));
    if (flags & 2)
        put_le(b, (uint32_t)crc32(0, (const Bytef *)b->ptr, (uInt)b->len), 2);
    buf_add(b, STR("\1\5\0\xfa\xffhello"));
    put_le(b, (uint32_t)crc32(0, (const Bytef *)"hello", 5), 4);
    put_le(b, 5, 4);
}

TEST(gzip_headers)
{
    struct error err;
    struct buf packed = buf_make(1000), out = buf_make(1000);
    for (size_t e = 0; e < ENGINES; e++)
        for (unsigned flags = 0; flags < 32; flags++) {
            make_gzip(&packed, flags);
            for (size_t step = 0; step < packed.len; step++) {
                assert_int_equal(unpack(&engines[e], buf_str(&packed), step, &out, &err), 0);
                assert_true(str_eq(buf_str(&out), STR("hello")));
            }
        }
    buf_done(&packed);
    buf_done(&out);
}

TEST(gzip_bad_headers)
{
    struct error err;
    struct buf packed = buf_make(1000), out = buf_make(1000);
    for (size_t e = 0; e < ENGINES; e++) {
        make_gzip(&packed, 2); /* checksum of the header */
        packed.ptr[4] = 9;
        assert_int_equal(unpack(&engines[e], buf_str(&packed), 0, &out, &err), -E_BAD_INPUT);
        make_gzip(&packed, 32); /* reserved */
        assert_int_equal(unpack(&engines[e], buf_str(&packed), 0, &out, &err), -E_BAD_INPUT);
        struct str led_by_zero = STR("\0\x1f\x8b\x08\0\0\0\0\0\0\3\3\0\0\0\0\0\0\0\0\0");
        assert_int_equal(unpack(&engines[e], str_skip(led_by_zero, 1), 0, &out, &err), 0);
        assert_int_equal(unpack(&engines[e], led_by_zero, 0, &out, &err), -E_BAD_INPUT);
        make_gzip(&packed, 0);
        packed.ptr[2] = 7;
        assert_int_equal(unpack(&engines[e], buf_str(&packed), 0, &out, &err), -E_BAD_INPUT);
    }
    buf_done(&packed);
    buf_done(&out);
}

TEST(gzip_wrong_checksum)
{
    static const char *const texts[] = {"gzip: wrong checksum at offset 28",
                                        "gzip: incorrect data check at offset 24",
                                        "gzip: incorrect length check at offset 28"};
    struct error err;
    struct buf packed = buf_make(1000), out = buf_make(1000);
    for (size_t e = 0; e < ENGINES; e++)
        for (size_t length = 0; length < 2; length++) {
            make_gzip(&packed, 0);
            packed.ptr[packed.len - 8 + 4 * length] ^= 1;
            assert_int_equal(unpack(&engines[e], buf_str(&packed), 0, &out, &err), -E_BAD_INPUT);
            assert_string_equal(err.text, texts[strcmp(engines[e].name, "isal") == 0 ? 0 : 1 + length]);
        }
    buf_done(&packed);
    buf_done(&out);
}

/* Levels, strategies and windows of zlib, in windows of several sizes, with single bytes damaged: the same
   bytes or two refusals. */
TEST(gzip_engines_agree)
{
    struct error err;
    struct str bytes = sample_text(70000);
    struct buf out[ENGINES], packed = buf_make(MIB(1));
    for (size_t e = 0; e < ENGINES; e++)
        out[e] = buf_make(MIB(1));
    for (int trial = 0; trial < 400; trial++) {
        z_stream z = {0};
        assert_int_equal(
            deflateInit2(&z, trial % 10, Z_DEFLATED, 16 + 9 + trial % 7, 1 + trial % 9, trial / 10 % 5),
            Z_OK);
        z.next_in = (Bytef *)(uintptr_t)(bytes.ptr + trial);
        z.avail_in = (uInt)(bytes.len - (size_t)trial * 170);
        buf_clear(&packed);
        z.next_out = (Bytef *)buf_room(&packed, MIB(1));
        z.avail_out = (uInt)MIB(1);
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        packed.len = MIB(1) - z.avail_out;
        deflateEnd(&z);
        if (trial % 2)
            packed.ptr[(size_t)trial * 7919 % packed.len] ^= (char)(1u << trial % 8);
        int rc[ENGINES];
        for (size_t e = 0; e < ENGINES; e++)
            rc[e] = unpack(&engines[e], buf_str(&packed), (size_t)(trial * trial % 5000), &out[e], &err);
        for (size_t e = 1; e < ENGINES; e++) {
            assert_int_equal(rc[0], rc[e]);
            assert_true(rc[0] < 0 || str_eq(buf_str(&out[0]), buf_str(&out[e])));
        }
    }
    for (size_t e = 0; e < ENGINES; e++)
        buf_done(&out[e]);
    buf_done(&packed);
    free((char *)(uintptr_t)bytes.ptr);
}
