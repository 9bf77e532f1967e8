#include "stream/decompress.h"

#include <lzma.h>
#include <sys/mman.h>

#include "base/limits.h"
#include "pack.h"
#include "stream/memory.h"
#include "test.h"

static void release(struct str bytes)
{
    free((char *)(uintptr_t)bytes.ptr);
}

/* What decompress_open() makes of `packed`. */
static int unpack(struct str packed, size_t step, uint64_t limit, struct buf *out, struct error *err)
{
    struct memory_reader m;
    struct reader *r;
    buf_clear(out);
    int rc = decompress_open(&r, memory_reader_init(&m, packed, step, err), limit, err);
    if (rc < 0)
        return rc;
    rc = read_everything(r, out);
    reader_close(r);
    return rc;
}

TEST(decompress_every_window)
{
    static const size_t sizes[] = {0, 1, 3000, 600000}, steps[] = {0, 1, 2, 3, 7, 512, 65536};
    struct error err;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct str bytes = sample_text(sizes[s]);
        for (size_t c = 0; c < PACKERS; c++) {
            struct buf packed = buf_make(MIB(2)), out = buf_make(MIB(2));
            packers[c].pack(bytes, &packed);
            for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
                assert_int_equal(unpack(buf_str(&packed), steps[i], UINT64_MAX, &out, &err), 0);
                assert_true(str_eq(buf_str(&out), bytes));
            }
            buf_done(&packed);
            buf_done(&out);
        }
        release(bytes);
    }
}

TEST(decompress_window_sizes)
{
    struct error err;
    struct memory_reader m;
    struct str bytes = sample_text(600000);
    for (size_t c = 0; c < PACKERS; c++) {
        struct buf packed = buf_make(MIB(2));
        struct reader *r;
        packers[c].pack(bytes, &packed);
        assert_int_equal(
            decompress_open(&r, memory_reader_init(&m, buf_str(&packed), 1000, &err), UINT64_MAX, &err), 0);
        assert_string_equal(decompress_name(r), packers[c].name);
        for (size_t left = bytes.len; left;) {
            size_t n = left < UNPACK_BUFFER ? left : UNPACK_BUFFER;
            assert_int_equal(reader_more(r), 1);
            assert_int_equal(reader_window(r).len, n);
            r->ptr = r->end;
            left -= n;
        }
        assert_int_equal(reader_more(r), 0);
        reader_close(r);
        buf_done(&packed);
    }
    release(bytes);
}

TEST(decompress_members)
{
    struct error err;
    for (size_t c = 0; c < PACKERS; c++) {
        struct buf packed = buf_make(MIB(2)), out = buf_make(MIB(2));
        packers[c].pack(STR("one "), &packed);
        packers[c].pack(STR(""), &packed);
        packers[c].pack(STR("two "), &packed);
        buf_add(&packed, STR("\0\0\0\0\0\0\0\0"));
        packers[c].pack(STR("three"), &packed);
        buf_add(&packed, STR("\0\0\0\0\0"));
        for (size_t step = 0; step < 20; step++) {
            assert_int_equal(unpack(buf_str(&packed), step, UINT64_MAX, &out, &err), 0);
            assert_true(str_eq(buf_str(&out), STR("one two three")));
        }
        buf_done(&packed);
        buf_done(&out);
    }
}

TEST(decompress_stray_bytes)
{
    struct error err;
    char text[100];
    for (size_t c = 0; c < PACKERS; c++) {
        struct buf packed = buf_make(MIB(2)), out = buf_make(MIB(2));
        packers[c].pack(STR("one"), &packed);
        buf_add(&packed, STR("\0\0#"));
        snprintf(text, sizeof text, "%s: byte 0x23 at offset %zu belongs to no member", packers[c].name,
                 packed.len - 1);
        for (size_t step = 0; step < 20; step++) {
            assert_int_equal(unpack(buf_str(&packed), step, UINT64_MAX, &out, &err), -E_BAD_INPUT);
            assert_string_equal(err.text, text);
        }
        buf_done(&packed);
        buf_done(&out);
    }
}

TEST(decompress_every_truncation)
{
    struct error err;
    struct str bytes = sample_text(300);
    char text[100];
    for (size_t c = 0; c < PACKERS; c++) {
        struct buf packed = buf_make(MIB(2)), out = buf_make(MIB(2));
        packers[c].pack(bytes, &packed);
        for (size_t cut = 10; cut < packed.len; cut++) {
            snprintf(text, sizeof text, "%s: cut off at offset %zu", packers[c].name, cut);
            for (size_t step = 0; step < 2; step++) {
                assert_int_equal(unpack((struct str){packed.ptr, cut}, step, UINT64_MAX, &out, &err),
                                 -E_BAD_INPUT);
                assert_string_equal(err.text, text);
            }
        }
        buf_done(&packed);
        buf_done(&out);
    }
    release(bytes);
}

/* Whatever byte is damaged: an error, or nothing of the content has changed (a gzip header has a time in it). */
TEST(decompress_every_damage)
{
    struct error err;
    struct str bytes = sample_text(300);
    for (size_t c = 0; c < PACKERS; c++) {
        struct buf packed = buf_make(MIB(2)), out = buf_make(MIB(2));
        size_t refused = 0;
        packers[c].pack(bytes, &packed);
        for (size_t at = 0; at < packed.len * 8; at++) {
            struct memory_reader m;
            struct reader *r;
            packed.ptr[at / 8] = (char)(packed.ptr[at / 8] ^ 1 << at % 8);
            buf_clear(&out);
            assert_int_equal(
                packers[c].open(&r, memory_reader_init(&m, buf_str(&packed), 0, &err), 10000, &err), 0);
            if (read_everything(r, &out) < 0)
                refused++;
            else
                assert_true(str_eq(buf_str(&out), bytes));
            reader_close(r);
            packed.ptr[at / 8] = (char)(packed.ptr[at / 8] ^ 1 << at % 8);
        }
        assert_true(refused > packed.len * 7);
        buf_done(&packed);
        buf_done(&out);
    }
    release(bytes);
}

TEST(decompress_broken_source)
{
    struct error err;
    struct str bytes = sample_text(3000);
    for (size_t c = 0; c < PACKERS; c++) {
        struct buf packed = buf_make(MIB(2));
        packers[c].pack(bytes, &packed);
        for (size_t cut = 0; cut < packed.len; cut += 13) {
            struct broken_reader b;
            struct reader *r;
            int rc = decompress_open(&r, broken_reader_init(&b, (struct str){packed.ptr, cut}, 5, &err),
                                     10000, &err);
            if (rc == 0) {
                rc = reader_drain(r);
                reader_close(r);
            }
            assert_int_equal(rc, -E_SYSTEM);
            assert_string_equal(err.text, "source broke");
        }
        buf_done(&packed);
    }
    release(bytes);
}

TEST(decompress_limit)
{
    struct error err;
    struct str bytes = sample_text(3000);
    char text[100];
    struct buf out = buf_make(MIB(2));
    for (size_t c = 0; c < PACKERS; c++) {
        struct buf packed = buf_make(MIB(2));
        packers[c].pack(bytes, &packed);
        assert_int_equal(unpack(buf_str(&packed), 0, 3000, &out, &err), 0);
        assert_int_equal(unpack(buf_str(&packed), 0, 2999, &out, &err), -E_LIMIT);
        snprintf(text, sizeof text, "%s: more than 2999 bytes", packers[c].name);
        assert_string_equal(err.text, text);
        buf_done(&packed);
    }
    assert_int_equal(unpack(bytes, 0, 3000, &out, &err), 0);
    assert_int_equal(unpack(bytes, 0, 2999, &out, &err), -E_LIMIT);
    assert_string_equal(err.text, "plain: more than 2999 bytes");
    buf_done(&out);
    release(bytes);
}

TEST(decompress_plain)
{
    static const struct str texts[] = {STR_INIT(""),
                                       STR_INIT("x"),
                                       STR_INIT("\x1f"),
                                       STR_INIT("BZhello"),
                                       STR_INIT("BZh9 is a file name"),
                                       STR_INIT("\xfd\x37zXZ"),
                                       STR_INIT("\x28\xb5\x2f"),
                                       STR_INIT("\x60\x2a\x4d\x18 etc.")};
    struct error err;
    struct memory_reader m;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t step = 0; step < 3; step++) {
            struct buf out = buf_make(100);
            struct reader *r;
            assert_int_equal(decompress_open(&r, memory_reader_init(&m, texts[i], step, &err), 100, &err), 0);
            assert_string_equal(decompress_name(r), "plain");
            assert_int_equal(read_everything(r, &out), 0);
            assert_true(str_eq(buf_str(&out), texts[i]));
            reader_close(r);
            buf_done(&out);
        }
}

TEST(decompress_garbage_behind_magic)
{
    static const struct {
        struct str bytes;
        const char *text;
    } cases[] = {
#ifdef HAVE_ISAL
        {STR_INIT("\x1f\x8b garbage that is no gzip"), "gzip: unknown compression method at offset 10"},
#else
        {STR_INIT("\x1f\x8b garbage that is no gzip"), "gzip: unknown compression method at offset 4"},
#endif
        {STR_INIT("\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
         "zstd: Unsupported frame parameter at offset 16"},
        {STR_INIT("\xfd\x37zXZ\0\xff\xff\xff\xff\xff\xff\xff"), "xz: damaged at offset 12"},
        {STR_INIT("BZh91AY&SY\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), "bzip2: damaged at offset 18"},
    };
    struct error err;
    struct buf out = buf_make(1000);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(unpack(cases[i].bytes, 0, 1000, &out, &err) < 0);
        assert_string_equal(err.text, cases[i].text);
    }
    buf_done(&out);
}

TEST(zstd_skippable_frames)
{
    struct error err;
    struct buf packed = buf_make(1000), out = buf_make(1000);
    buf_add(&packed, STR("\x53\x2a\x4d\x18\x05\0\0\0skip!"));
    packers[1].pack(STR("content"), &packed);
    buf_add(&packed, STR("\x5f\x2a\x4d\x18\x00\0\0\0"));
    for (size_t step = 0; step < 20; step++) {
        assert_int_equal(unpack(buf_str(&packed), step, 1000, &out, &err), 0);
        assert_true(str_eq(buf_str(&out), STR("content")));
    }
    buf_done(&packed);
    buf_done(&out);
}

/* RFC 8878: frame header descriptor 0, window descriptor, an empty last block. */
TEST(zstd_large_window)
{
    struct error err;
    struct buf out = buf_make(1000);
    assert_int_equal(unpack(STR("\x28\xb5\x2f\xfd\0\x88\1\0\0"), 0, 1000, &out, &err), 0);
    assert_int_equal(unpack(STR("\x28\xb5\x2f\xfd\0\x89\1\0\0"), 0, 1000, &out, &err), -E_LIMIT);
    assert_string_equal(err.text, "zstd: a window larger than 128 MiB at offset 5");
    buf_done(&out);
}

/* A compressed block of no bytes, which libzstd refuses when it sees the frame at once and else does not. */
TEST(zstd_verdict_in_every_window)
{
    struct error err;
    struct buf out = buf_make(1000);
    for (size_t step = 0; step < 20; step++)
        assert_int_equal(unpack(STR("\x28\xb5\x2f\xfd\x24\0\5\0\0\x99\xe9\xd8\x51"), step, 1000, &out, &err),
                         0);
    buf_done(&out);
}

static void put_crc(struct buf *b, size_t from)
{
    uint32_t crc = lzma_crc32((const uint8_t *)b->ptr + from, b->len - from, 0);
    for (int i = 0; i < 4; i++)
        buf_add_char(b, (char)(crc >> 8 * i));
}

/* A stream without check, whose only block has one LZMA2 filter with this dictionary size. */
static void make_xz(struct buf *b, char dictionary)
{
    buf_clear(b);
    buf_add(b, STR("\xfd\x37zXZ\0\0\0"));
    put_crc(b, 6);
    buf_add(b, STR("\2\0\x21\1"));
    buf_add_char(b, dictionary);
    buf_add(b, STR("\0\0\0"));
    put_crc(b, 12);
}

TEST(xz_much_memory)
{
    struct error err;
    struct buf packed = buf_make(1000), out = buf_make(1000);
    make_xz(&packed, 28); /* 64 MiB */
    assert_int_equal(unpack(buf_str(&packed), 0, 1000, &out, &err), -E_BAD_INPUT);
    assert_string_equal(err.text, "xz: cut off at offset 24");
    make_xz(&packed, 30); /* 128 MiB */
    assert_int_equal(unpack(buf_str(&packed), 0, 1000, &out, &err), -E_LIMIT);
    assert_string_equal(err.text, "xz: needs 129 MiB to unpack, more than 96, at offset 24");
    buf_done(&packed);
    buf_done(&out);
}

TEST(xz_unknown_check)
{
    struct error err;
    struct buf packed = buf_make(1000), out = buf_make(1000);
    buf_add(&packed, STR("\xfd\x37zXZ\0\0\2"));
    put_crc(&packed, 6);
    assert_int_equal(unpack(buf_str(&packed), 0, 1000, &out, &err), -E_UNSUPPORTED);
    assert_string_equal(err.text, "xz: unknown kind of checksum at offset 12");
    buf_done(&packed);
    buf_done(&out);
}

/* 4 GiB at once: a codec that took the length as 32 bits would see nothing. */
TEST(decompress_large_window)
{
#if SIZE_MAX > UINT32_MAX
    size_t size = (size_t)1 << 32;
    struct error err;
    struct memory_reader m;
    struct str bytes = sample_noise(600000);
    char *map =
        mmap(NULL, size + 10, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_ptr_not_equal(map, MAP_FAILED);
    for (size_t c = 0; c < PACKERS; c++) {
        struct buf packed = buf_make(MIB(2));
        struct reader *r;
        packers[c].pack(bytes, &packed);
        memcpy(map, packed.ptr, packed.len);
        assert_int_equal(
            packers[c].open(&r, memory_reader_init(&m, (struct str){map, size}, 0, &err), UINT64_MAX, &err),
            0);
        assert_int_equal(reader_more(r), 1);
        assert_memory_equal(r->ptr, bytes.ptr, UNPACK_BUFFER);
        reader_close(r);
        buf_done(&packed);
    }
    munmap(map, size + 10);
    release(bytes);
#endif
}
