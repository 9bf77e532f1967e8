#include "base/str.h"

#include "test.h"

static uint64_t number(const char *text, uint64_t max)
{
    uint64_t n = 77;
    if (str_u64(str_of(text), max, &n) == 0)
        return n;
    assert_int_equal(n, 77);
    return 1234567;
}

TEST(str_numbers)
{
    const uint64_t none = 1234567;
    assert_int_equal(number("0", 0), 0);
    assert_int_equal(number("007", 9), 7);
    assert_int_equal(number("18446744073709551615", UINT64_MAX), UINT64_MAX);
    assert_int_equal(number("18446744073709551616", UINT64_MAX), none);
    assert_int_equal(number("99999999999999999999", UINT64_MAX), none);
    assert_int_equal(number("100", 100), 100);
    assert_int_equal(number("101", 100), none);
    assert_int_equal(number("", 9), none);
    assert_int_equal(number("-1", 9), none);
    assert_int_equal(number("+1", 9), none);
    assert_int_equal(number(" 1", 9), none);
    assert_int_equal(number("1 ", 9), none);
    assert_int_equal(number("0x1", 9), none);
    assert_int_equal(number("1/", 99), none);
    assert_int_equal(number("1:", 99), none);
}

/* The length of the character at the start, and its code. */
static void assert_character(struct str s, size_t len, uint32_t code)
{
    uint32_t got = 0xdead;
    assert_int_equal(str_utf8_char(s, &got), len);
    assert_int_equal(got, len ? code : 0xdead);
}

TEST(str_utf8)
{
    assert_character(STR(""), 0, 0);
    assert_character(STR("\0"), 1, 0);
    assert_character(STR("a\xff"), 1, 'a');
    assert_character(STR("\x7f"), 1, 0x7f);
    assert_character(STR("\xc2\x80"), 2, 0x80);
    assert_character(STR("\xdf\xbf"), 2, 0x7ff);
    assert_character(STR("\xe0\xa0\x80"), 3, 0x800);
    assert_character(STR("\xed\x9f\xbf"), 3, 0xd7ff);
    assert_character(STR("\xee\x80\x80"), 3, 0xe000);
    assert_character(STR("\xef\xbf\xbf"), 3, 0xffff);
    assert_character(STR("\xf0\x90\x80\x80"), 4, 0x10000);
    assert_character(STR("\xf4\x8f\xbf\xbf"), 4, 0x10ffff);
    assert_character(STR("\x80"), 0, 0);
    assert_character(STR("\xc0\x80"), 0, 0); /* longer than needed */
    assert_character(STR("\xc1\xbf"), 0, 0);
    assert_character(STR("\xe0\x9f\xbf"), 0, 0);
    assert_character(STR("\xf0\x8f\xbf\xbf"), 0, 0);
    assert_character(STR("\xed\xa0\x80"), 0, 0); /* surrogates */
    assert_character(STR("\xed\xbf\xbf"), 0, 0);
    assert_character(STR("\xf4\x90\x80\x80"), 0, 0); /* beyond Unicode */
    assert_character(STR("\xf5\x80\x80\x80"), 0, 0);
    assert_character(STR("\xff"), 0, 0);
    assert_character(STR("\xc2"), 0, 0); /* cut */
    assert_character(STR("\xe2\x82"), 0, 0);
    assert_character(STR("\xf0\x90\x80"), 0, 0);
    assert_character(STR("\xc2\x41"), 0, 0);
    assert_character(STR("\xe2\x82\xc2"), 0, 0);
}

/* Each code as UTF-8, by the definition and not by the decoder's own table. */
TEST(str_utf8_all)
{
    for (uint32_t code = 0; code <= 0x110000; code++) {
        char b[4];
        size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        for (size_t i = len; i-- > 1;)
            b[i] = (char)(0x80 | (code >> (6 * (len - 1 - i)) & 0x3f));
        b[0] = (char)(len == 1 ? code : (0xf00U >> len & 0xff) | code >> (6 * (len - 1)));
        bool valid = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
        uint32_t got = 0xdead;
        if (str_utf8_char((struct str){b, len}, &got) != (valid ? len : 0) || (valid && got != code))
            fail_msg("U+%04X", code);
    }
}

static const char *printable(struct str s, size_t size)
{
    static char dst[100];
    memset(dst, 'z', sizeof dst);
    assert_ptr_equal(str_printable(s, dst, size), dst);
    assert_int_equal(dst[size], 'z');
    return dst;
}

TEST(str_printable_text)
{
    assert_string_equal(printable(STR(""), 10), "");
    assert_string_equal(printable(STR("na\xc3\xafve \xe6\xbc\xa2 \xf0\x9f\x98\x80"), 50),
                        "na\xc3\xafve \xe6\xbc\xa2 \xf0\x9f\x98\x80");
    assert_string_equal(printable(STR("a\0b\tc\nd\033[1m\x7f"), 50), "a?b?c?d?[1m?");
    assert_string_equal(printable(STR("\xc2\x9b"
                                      "31m\xff\xe2\x82"),
                                  50),
                        "?31m???"); /* C1's CSI; broken */
    assert_string_equal(printable(STR("a\xe2\x80\xae"
                                      "b\xe2\x81\xa6"
                                      "c\xe2\x80\x8f"
                                      "d\xd8\x9c"),
                                  50),
                        "a?b?c?d?"); /* override, isolate, right-to-left and Arabic letter marks */
    assert_string_equal(printable(STR("a\xe2\x80\x8b"
                                      "b\xef\xbb\xbf"
                                      "c\xc2\xad"
                                      "d\xf3\xa0\x81\xa1"),
                                  50),
                        "a?b?c?d?"); /* no width: space, byte order mark, soft hyphen, tag */
    assert_string_equal(printable(STR("a\xe2\x80\xa8"
                                      "b\xe2\x80\xa9"),
                                  50),
                        "a?b?"); /* new lines */
    assert_string_equal(printable(STR("\xe2\x80\xa7\xe2\x80\xaf"), 50),
                        "\xe2\x80\xa7\xe2\x80\xaf"); /* beside */
}

/* It is cut at a character, and always ended. */
TEST(str_printable_cut)
{
    assert_string_equal(printable(STR("abc"), 1), "");
    assert_string_equal(printable(STR("abc"), 3), "ab");
    assert_string_equal(printable(STR("abc"), 4), "abc");
    assert_string_equal(printable(STR("a\xe6\xbc\xa2"), 4), "a");
    assert_string_equal(printable(STR("a\xe6\xbc\xa2"), 5), "a\xe6\xbc\xa2");
    char none = 'z';
    str_printable(STR("abc"), &none, 0);
    assert_int_equal(none, 'z');
}

static void assert_same(struct str got, const char *wanted)
{
    assert_true(str_eq(got, str_of(wanted)));
}

TEST(str_lines)
{
    struct str text = STR("one\r\n\ntwo\rthree\r\r\nlast"), line;
    static const char *const lines[] = {"one", "", "two\rthree\r", "last"};
    for (size_t i = 0; i < 4; i++) {
        assert_true(str_line(&text, &line));
        assert_same(line, lines[i]);
    }
    assert_false(str_line(&text, &line));
    text = STR("\n");
    assert_true(str_line(&text, &line));
    assert_same(line, "");
    assert_false(str_line(&text, &line));
}

TEST(str_cuts)
{
    struct str s = STR("a:b::c");
    assert_same(str_cut(&s, ':'), "a");
    assert_same(str_cut(&s, ':'), "b");
    assert_same(str_cut(&s, ':'), "");
    assert_same(str_cut(&s, ':'), "c");
    assert_int_equal(s.len, 0);
    assert_same(str_cut(&s, ':'), "");
    assert_same(str_trim(STR(" \t\r\na b\n ")), "a b");
    assert_same(str_trim(STR(" \n ")), "");
    assert_same(str_skip(STR("abc"), 9), "");
    assert_int_equal(str_find(STR("abcb"), 'b'), 1);
    assert_int_equal(str_find_last(STR("abcb"), 'b'), 3);
    assert_int_equal(str_find(STR("abc"), 'x'), 3);
    assert_int_equal(str_find_last(str_of(NULL), 'x'), 0);
}

TEST(str_compares)
{
    assert_true(str_cmp(STR("a"), STR("b")) < 0);
    assert_true(str_cmp(STR("a"), STR("ab")) < 0);
    assert_true(str_cmp(STR("\xff"), STR("a")) > 0); /* bytes have no sign */
    assert_int_equal(str_cmp(str_of(NULL), STR("")), 0);
    assert_true(str_eq_nocase(STR("aBz@"), STR("AbZ@")));
    assert_false(str_eq_nocase(STR("@"), STR("`")));
    assert_false(str_eq_nocase(STR("a"), STR("ab")));
    assert_true(str_starts(STR("ab"), STR("")));
    assert_false(str_starts(STR("a"), STR("ab")));
    assert_true(str_ends(STR("ab"), STR("b")));
    assert_false(str_ends(STR("b"), STR("ab")));
    assert_true(str_has(STR("abc"), STR("bc")) && str_has(STR("abc"), STR("abc")) &&
                str_has(STR(""), STR("")));
    assert_false(str_has(STR("abc"), STR("abcd")) || str_has(STR(""), STR("a")) ||
                 str_has(STR("abc"), STR("ac")));
}

TEST(str_parts)
{
    assert_int_equal(str_find_part(STR("abcbc"), STR("bc")), 1);
    assert_int_equal(str_find_part(STR("abc"), STR("abc")), 0);
    assert_int_equal(str_find_part(STR("abc"), STR("cd")), 3);
    assert_int_equal(str_find_part(STR("abc"), STR("")), 0);
    assert_int_equal(str_find_part(str_of(NULL), STR("a")), 0);
    assert_int_equal(str_find_part(str_of(NULL), str_of(NULL)), 0);
    assert_true(str_has_word(STR("aarch64 x86_64"), STR("x86_64")) && str_has_word(STR("a"), STR("a")));
    assert_false(str_has_word(STR("aarch64 x86_64"), STR("x86")) || str_has_word(STR(""), STR("")) ||
                 str_has_word(STR("a b"), STR("a b")));
}

TEST(str_hex_digits)
{
    static const char digits[] = "0123456789abcdef", capitals[] = "0123456789ABCDEF";
    for (int i = 0; i < 16; i++) {
        assert_int_equal(str_hex_digit(digits[i]), i);
        assert_int_equal(str_hex_digit(capitals[i]), i);
    }
    for (int c = -128; c < 128; c++)
        assert_true(str_hex_digit((char)c) >= 0 ? c && strchr("0123456789abcdefABCDEF", c)
                                                : !c || !strchr("0123456789abcdefABCDEF", c));
}

TEST(str_percent)
{
    static const char *const cases[][2] = {{"a%41%7e%2F", "aA~/"}, {"%", "%"},     {"%4", "%4"},
                                           {"%4g%g4", "%4g%g4"},   {"%%41", "%A"}, {"+%2b", "++"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[32] = "";
        size_t n = 0;
        for (struct str s = str_of(cases[i][0]); s.len;)
            out[n++] = str_cut_percent(&s);
        assert_string_equal(out, cases[i][1]);
    }
}

TEST(str_decimals)
{
    static const struct {
        const char *text;
        unsigned places;
        int64_t want;
    } cases[] = {
        {"9.8", 1, 98},     {"10", 1, 100},     {"0", 1, 0},
        {"0.05", 1, 1},     {"0.04", 1, 0},     {"10.0", 1, 100},
        {"0.00043", 5, 43}, {"1.0", 5, 100000}, {"0.943795", 5, 94380},
        {"7", 0, 7},        {"7.5", 0, 8},      {"", 1, -1},
        {".5", 1, -1},      {"5.", 1, -1},      {"1.2.3", 1, -1},
        {"-1", 1, -1},      {"1e5", 1, -1},     {"100001", 1, -1},
        {"10000.1", 1, -1}, {"1.x", 0, -1},     {"99999999999999999999", 1, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t n = 0;
        int rc = str_decimal(str_of(cases[i].text), cases[i].places, 100000, &n);
        assert_int_equal(rc, cases[i].want < 0 ? -1 : 0);
        if (rc == 0)
            assert_int_equal(n, cases[i].want);
    }
}

TEST(str_copies)
{
    char dst[4] = "zzz";
    assert_int_equal(str_copy(STR("abc"), dst, 4), 0);
    assert_string_equal(dst, "abc");
    assert_int_equal(str_copy(STR("abcd"), dst, 4), -1);
    assert_int_equal(str_copy(STR("a\0b"), dst, 4), -1);
    assert_int_equal(str_copy(STR(""), dst, 0), -1);
    assert_string_equal(dst, "abc");
    assert_int_equal(str_copy(str_of(NULL), dst, 1), 0);
    assert_string_equal(dst, "");
}
