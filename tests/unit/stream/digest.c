#include "stream/digest.h"

#include "pack.h"
#include "stream/memory.h"
#include "test.h"

static void hash(struct str bytes, size_t step, bool sha512, char *ret)
{
    struct error err;
    struct memory_reader m;
    struct digest_stage d;
    struct buf out = buf_make(1000000);
    uint8_t raw[DIGEST_BYTES_MAX];
    size_t len = 0;
    assert_int_equal(digest_stage_init(&d, memory_reader_init(&m, bytes, step, &err), sha512, &err), 0);
    assert_int_equal(read_everything(&d.r, &out), 0);
    assert_true(str_eq(buf_str(&out), bytes));
    assert_int_equal(digest_stage_final(&d, raw, &len, &err), 0);
    assert_int_equal(len, sha512 ? 64 : 32);
    for (size_t i = 0; i < len; i++)
        snprintf(ret + 2 * i, 3, "%02x", raw[i]);
    reader_close(&d.r);
    buf_done(&out);
}

/* FIPS 180-4's examples. */
TEST(digest_known)
{
    char text[2 * DIGEST_BYTES_MAX + 1];
    hash(STR(""), 0, false, text);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t step = 0; step < 4; step++) {
        hash(STR("abc"), step, false, text);
        assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        hash(STR("abc"), step, true, text);
        assert_string_equal(text,
                            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a8"
                            "36ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    }
}

TEST(digest_windows)
{
    char whole[2 * DIGEST_BYTES_MAX + 1], pieces[2 * DIGEST_BYTES_MAX + 1];
    struct str bytes = sample_noise(100000);
    hash(bytes, 0, false, whole);
    for (size_t step = 1; step < 100000; step *= 7) {
        hash(bytes, step, false, pieces);
        assert_string_equal(whole, pieces);
    }
    free((char *)(uintptr_t)bytes.ptr);
}

TEST(digest_at_once)
{
    uint8_t raw[32];
    sha256_of(STR("abc"), raw);
    assert_memory_equal(raw, "\xba\x78\x16\xbf\x8f\x01\xcf\xea", 8);
    sha256_of((struct str){0}, raw);
    assert_memory_equal(raw, "\xe3\xb0\xc4\x42", 4);
}

TEST(digest_of_a_broken_source)
{
    struct error err;
    struct broken_reader b;
    struct digest_stage d;
    assert_int_equal(digest_stage_init(&d, broken_reader_init(&b, STR("0123"), 3, &err), false, &err), 0);
    assert_int_equal(reader_drain(&d.r), -E_SYSTEM);
    assert_string_equal(err.text, "source broke");
    reader_close(&d.r);
}
