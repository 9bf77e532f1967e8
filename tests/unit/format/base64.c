#include "format/base64.h"

#include "test.h"

static void both_ways(const char *plain, const char *coded)
{
    struct buf b = buf_make(100);
    base64_encode(&b, str_of(plain));
    assert_true(str_eq(buf_str(&b), str_of(coded)));
    buf_clear(&b);
    assert_int_equal(base64_decode(&b, str_of(coded)), 0);
    assert_true(str_eq(buf_str(&b), str_of(plain)));
    buf_clear(&b);
    struct str bare = {coded, strcspn(coded, "=")};
    assert_int_equal(base64_decode(&b, bare), 0);
    assert_true(str_eq(buf_str(&b), str_of(plain)));
    buf_done(&b);
}

/* RFC 4648, 10. */
TEST(base64_rfc)
{
    both_ways("", "");
    both_ways("f", "Zg==");
    both_ways("fo", "Zm8=");
    both_ways("foo", "Zm9v");
    both_ways("foob", "Zm9vYg==");
    both_ways("fooba", "Zm9vYmE=");
    both_ways("foobar", "Zm9vYmFy");
    both_ways("\xfb\xff\xfe", "+//+");
}

TEST(base64_refused)
{
    static const char *const cases[] = {
        "=", "Z", "Zg=", "Zg===", "Z===", "====", "Zm9v=", "Zm 9", "Zm-_", "Zg==Zg==", "\xc3\xa9=="};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b = buf_make(100);
        if (base64_decode(&b, str_of(cases[i])) == 0)
            fail_msg("\"%s\" is taken for base64", cases[i]);
        buf_done(&b);
    }
}

TEST(base64_all_bytes)
{
    char bytes[256];
    struct buf coded = buf_make(1000), plain = buf_make(1000);
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    for (size_t n = 0; n <= sizeof bytes; n++) {
        buf_clear(&coded);
        buf_clear(&plain);
        base64_encode(&coded, (struct str){bytes, n});
        assert_int_equal(coded.len, (n + 2) / 3 * 4);
        assert_int_equal(base64_decode(&plain, buf_str(&coded)), 0);
        assert_true(str_eq(buf_str(&plain), (struct str){bytes, n}));
    }
    buf_done(&coded);
    buf_done(&plain);
}

TEST(base64_full)
{
    struct error err = {0};
    struct buf b = buf_make(3);
    base64_encode(&b, STR("f"));
    assert_int_equal(buf_finish(&b, "auth", &err), -E_LIMIT);
    buf_done(&b);
}
