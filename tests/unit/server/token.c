#include "server/token.h"

#include "base/limits.h"
#include "test.h"

/* The example of the Fernet specification (generate.json): key, time, and the token of "hello". */
static const char spec_key[] = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
static const char spec_token[] =
    "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";

TEST(token_of_the_specification)
{
    unsigned char key[TOKEN_KEY_SIZE];
    CLEANUP(buf_done) struct buf text = buf_make(KIB(1));
    assert_int_equal(token_key_parse(str_of(spec_key), key), 0);
    assert_int_equal(token_read(key, 499162800, str_of(spec_token), &text), 0);
    assert_true(str_eq(buf_str(&text), STR("hello")));
}

TEST(token_ages)
{
    unsigned char key[TOKEN_KEY_SIZE] = {1};
    struct error err;
    CLEANUP(buf_done) struct buf token = buf_make(KIB(1)), text = buf_make(KIB(4));
    assert_int_equal(token_make(key, 1000000, STR("{\"a\":1}\n"), &token, &err), 0);
    assert_int_equal(token_read(key, 1000000, buf_str(&token), &text), 0);
    assert_true(str_eq(buf_str(&text), STR("{\"a\":1}\n")));
    assert_int_equal(token_read(key, 1000000 + TOKEN_SECONDS - 1, buf_str(&token), &text), 0);
    assert_int_equal(token_read(key, 1000000 + TOKEN_SECONDS, buf_str(&token), &text), -1);
    assert_int_equal(token_read(key, 1000000 - 60, buf_str(&token), &text), 0); /* another server's clock */
    assert_int_equal(token_read(key, 1000000 - 61, buf_str(&token), &text), -1);
}

TEST(token_forged)
{
    unsigned char key[TOKEN_KEY_SIZE] = {1}, other[TOKEN_KEY_SIZE] = {2};
    struct error err;
    CLEANUP(buf_done) struct buf token = buf_make(KIB(1)), text = buf_make(KIB(64));
    assert_int_equal(token_make(key, 1000, STR("12\n"), &token, &err), 0);
    assert_int_equal(token_read(other, 1000, buf_str(&token), &text), -1);
    size_t significant = token.len - 2; /* before the padding */
    for (size_t i = 0; i < significant; i++) {
        char kept = token.ptr[i];
        token.ptr[i] = kept == 'A' ? 'B' : 'A';
        if (i + 1 < significant)
            assert_int_equal(token_read(key, 1000, buf_str(&token), &text), -1);
        token.ptr[i] = kept;
        assert_int_equal(token_read(key, 1000, (struct str){token.ptr, i}, &text), -1);
    }
    assert_int_equal(text.len, 0);
}

TEST(token_keys)
{
    unsigned char a[TOKEN_KEY_SIZE], b[TOKEN_KEY_SIZE];
    assert_int_equal(
        token_key_parse(STR("000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"), a), 0);
    assert_int_equal(token_key_parse(STR("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="), b), 0);
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(token_key_parse(STR(""), a), -1);
    assert_int_equal(token_key_parse(STR("AAEC"), a), -1);
    assert_int_equal(
        token_key_parse(STR("zz0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"), a), -1);
}
