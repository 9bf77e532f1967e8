#include "format/json.h"

#include "base/buf.h"
#include "pieces.h"
#include "test.h"

/* All tokens of a text as one line: "{ k:a s:b }"; or the error. */
static int tokens(struct str text, size_t step, struct buf *out, struct error *err)
{
    static const char *const signs[] = {"END", "{", "}", "[", "]", "k:", "s:", "n:", "true", "false", "null"};
    struct pieces p;
    struct json j;
    int kind;
    buf_clear(out);
    json_open(&j, pieces_init(&p, text, step, err), err);
    while ((kind = json_next(&j)) > 0) {
        buf_add(out, str_of(signs[kind]));
        if (kind == JSON_KEY || kind == JSON_STRING || kind == JSON_NUMBER)
            buf_add(out, j.text);
        buf_add_char(out, ' ');
    }
    if (kind < 0) {
        assert_int_equal(json_next(&j), kind);
        assert_int_equal(json_skip(&j), kind);
    }
    json_close(&j);
    return kind;
}

static const size_t steps[] = {1, 2, 3, 5, 7, 16, 17, 4096};

/* Each step gives the same tokens, or the same error. */
static void check(struct str text, const char *want, int code, const char *want_error)
{
    struct buf out = buf_make(MIB(1));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct error err = {0};
        int rc = tokens(text, steps[i], &out, &err);
        buf_add_char(&out, 0);
        assert_int_equal(rc, -code);
        assert_string_equal(err.text, want_error);
        if (want)
            assert_string_equal(out.ptr, want);
    }
    buf_done(&out);
}

TEST(json_tokens)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"{}", "{ } "},
        {"[]", "[ ] "},
        {" [ ] \n", "[ ] "},
        {"0", "n:0 "},
        {"-0", "n:-0 "},
        {" 12 ", "n:12 "},
        {"-1.5e+10", "n:-1.5e+10 "},
        {"1E-2", "n:1E-2 "},
        {"0.0", "n:0.0 "},
        {"123456789012345678901234567890.5", "n:123456789012345678901234567890.5 "},
        {"\"\"", "s: "},
        {"true", "true "},
        {"false", "false "},
        {"null", "null "},
        {"[true,false,null]", "[ true false null ] "},
        {"{\"a\":1}", "{ k:a n:1 } "},
        {"\r\n\t {\t\"a\" :\r[ 1 , 2 ]\n, \"b\":{\"\":[]}}", "{ k:a [ n:1 n:2 ] k:b { k: [ ] } } "},
        {"{\"a\":1,\"a\":2}", "{ k:a n:1 k:a n:2 } "},
        {"[[[[[[[]]]]]],[]]", "[ [ [ [ [ [ [ ] ] ] ] ] ] [ ] ] "},
        {"[{},[],{\"x\":[{}]}]", "[ { } [ ] { k:x [ { } ] } ] "},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "s:\"\\/\b\f\n\r\t "},
        {"\"\\u0041\\u00e9\\u20ac\\uD83D\\uDE00\"", "s:A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 "},
        {"\"a\\u00e9b\\u00E9cdefghijklmnopqrstuvwxyz\\n0123456789\"",
         "s:a\xc3\xa9"
         "b\xc3\xa9"
         "cdefghijklmnopqrstuvwxyz\n0123456789 "},
        {"\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f\"", "s:\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f "},
        {"\"\xf4\x8f\xbf\xbf\xef\xbf\xbf\"", "s:\xf4\x8f\xbf\xbf\xef\xbf\xbf "},
        {"{\"\\u0061\xc3\xa9\\t\":\"0123456789abcdef0123456789abcdef\"}",
         "{ k:a\xc3\xa9\t s:0123456789abcdef0123456789abcdef } "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(str_of(cases[i].text), cases[i].want, 0, "");
}

TEST(json_refusals)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"", "json: offset 0: expected a value, found the end"},
        {" \n ", "json: offset 3: expected a value, found the end"},
        {"\xef\xbb\xbf{}", "json: offset 0: expected a value, found byte 0xef"},
        {"{} x", "json: offset 3: expected the end, found 'x'"},
        {"{}{}", "json: offset 2: expected the end, found '{'"},
        {"1 2", "json: offset 2: expected the end, found '2'"},
        {"truex", "json: offset 4: expected the end, found 'x'"},
        {"tru", "json: offset 0: expected a value, found 't'"},
        {"nulL", "json: offset 0: expected a value, found 'n'"},
        {"True", "json: offset 0: expected a value, found 'T'"},
        {"NaN", "json: offset 0: expected a value, found 'N'"},
        {"[1,]", "json: offset 3: expected a value, found ']'"},
        {"[,1]", "json: offset 1: expected a value, found ','"},
        {"[1 2]", "json: offset 3: expected ',' or ']', found '2'"},
        {"[1}", "json: offset 2: expected ',' or ']', found '}'"},
        {"[1", "json: offset 2: expected ',' or ']', found the end"},
        {"[", "json: offset 1: expected a value, found the end"},
        {"]", "json: offset 0: expected a value, found ']'"},
        {"{", "json: offset 1: expected a name, found the end"},
        {"{\"a\"}", "json: offset 4: expected ':', found '}'"},
        {"{\"a\" 1}", "json: offset 5: expected ':', found '1'"},
        {"{\"a\":}", "json: offset 5: expected a value, found '}'"},
        {"{\"a\":1,}", "json: offset 7: expected a name, found '}'"},
        {"{\"a\":1 \"b\"}", "json: offset 7: expected ',' or '}', found '\"'"},
        {"{\"a\":1]", "json: offset 6: expected ',' or '}', found ']'"},
        {"{\"a\"", "json: offset 4: expected ':', found the end"},
        {"{a:1}", "json: offset 1: expected a name, found 'a'"},
        {"{1:1}", "json: offset 1: expected a name, found '1'"},
        {"{,}", "json: offset 1: expected a name, found ','"},
        {"['a']", "json: offset 1: expected a value, found '''"},
        {"[1]/**/", "json: offset 3: expected the end, found '/'"},
        {"01", "json: offset 0: not a number as JSON writes it"},
        {"[-]", "json: offset 1: not a number as JSON writes it"},
        {"[-01]", "json: offset 1: not a number as JSON writes it"},
        {"[1.]", "json: offset 1: not a number as JSON writes it"},
        {"[1.e5]", "json: offset 1: not a number as JSON writes it"},
        {"[.5]", "json: offset 1: expected a value, found '.'"},
        {"[+1]", "json: offset 1: expected a value, found '+'"},
        {"[1e]", "json: offset 1: not a number as JSON writes it"},
        {"[1e+]", "json: offset 1: not a number as JSON writes it"},
        {"[1-2]", "json: offset 1: not a number as JSON writes it"},
        {"[1.5.2]", "json: offset 1: not a number as JSON writes it"},
        {"0x10", "json: offset 1: expected the end, found 'x'"},
        {"\"abc", "json: offset 0: a string does not end"},
        {"\"abc\\", "json: offset 0: a string does not end"},
        {"\"abc\\\"", "json: offset 0: a string does not end"},
        {"\"\\u12", "json: offset 0: a string does not end"},
        {"\"a\nb\"", "json: offset 2: a control byte in a string"},
        {"\"a\x1f\"", "json: offset 2: a control byte in a string"},
        {"\"\\x\"", "json: offset 1: an unknown escape"},
        {"\"\\'\"", "json: offset 1: an unknown escape"},
        {"\"\\U0041\"", "json: offset 1: an unknown escape"},
        {"\"\\u00g0\"", "json: offset 5: \\u is not followed by four hexadecimal digits"},
        {"\"\\u 041\"", "json: offset 3: \\u is not followed by four hexadecimal digits"},
        {"\"\\ud800\"  ", "json: offset 7: a surrogate without its pair"},
        {"\"\\ud800x\" ", "json: offset 7: a surrogate without its pair"},
        {"\"\\ud800\\n\"", "json: offset 7: a surrogate without its pair"},
        {"\"\\udc00\\ud800\"", "json: offset 7: a surrogate without its pair"},
        {"\"\\ud800\\u0041\"", "json: offset 9: a surrogate without its pair"},
        {"\"\\ud800\\ud800\"", "json: offset 9: a surrogate without its pair"},
        {"\"\x80zzz\"", "json: offset 1: a string is not UTF-8"},
        {"\"\xc0\x80zz\"", "json: offset 1: a string is not UTF-8"},
        {"\"\xc3(zz\"", "json: offset 1: a string is not UTF-8"},
        {"\"\xe2\x82zz\"", "json: offset 1: a string is not UTF-8"},
        {"\"\xed\xa0\x80z\"", "json: offset 1: a string is not UTF-8"},
        {"\"\xf4\x90\x80\x80\"", "json: offset 1: a string is not UTF-8"},
        {"\"\xf0\x8f\xbf\xbf\"", "json: offset 1: a string is not UTF-8"},
        {"\"\xff\xff\xff\xff\"", "json: offset 1: a string is not UTF-8"},
        {"[\"ok\",\"\xe2", "json: offset 6: a string does not end"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(str_of(cases[i].text), NULL, E_BAD_INPUT, cases[i].error);
    check(STR("[\0]"), "[ ", E_BAD_INPUT, "json: offset 1: expected a token, found byte 0x00");
    check(STR("\0"), "", E_BAD_INPUT, "json: offset 0: expected a token, found byte 0x00");
    check(STR("\"a\0b\""), "", E_BAD_INPUT, "json: offset 2: a control byte in a string");
    check(STR("\"\\\0u\""), "", E_BAD_INPUT, "json: offset 1: an unknown escape");
    check(STR("12\0"), "n:12 ", E_BAD_INPUT, "json: offset 2: expected a token, found byte 0x00");
}

static const char sample[] =
    "{\"name\": \"caf\xc3\xa9 \\u20ac\\n\", \"list\": [1, -2.5e3, true, false, null, {\"deep\": [[[]]]}],\n"
    " \"\\u006bey\": {\"a\": \"0123456789012345678901234567890123456789\", \"b\": \"\\\\\\\"\\uD83D\\uDE00 "
    "end\"}}";

TEST(json_truncations)
{
    struct buf whole = buf_make(MIB(1)), part = buf_make(MIB(1));
    struct str text = str_of(sample);
    struct error err = {0};
    assert_int_equal(tokens(text, 4096, &whole, &err), 0);
    for (size_t len = 0; len < text.len; len++)
        for (size_t step = 1; step < 4096; step *= 8) {
            err = (struct error){0};
            assert_int_equal(tokens((struct str){text.ptr, len}, step, &part, &err), -E_BAD_INPUT);
            /* never a token that the whole does not have in that place */
            assert_true(part.len <= whole.len);
            assert_int_equal(part.len ? memcmp(part.ptr, whole.ptr, part.len) : 0, 0);
        }
    buf_done(&whole);
    buf_done(&part);
}

TEST(json_windows)
{
    /* longer than the window, so that it moves many times while strings, escapes and numbers lie across its
       end */
    struct buf text = buf_make(MIB(4)), whole = buf_make(MIB(8)), out = buf_make(MIB(8));
    struct error err = {0};
    buf_add_char(&text, '[');
    for (int i = 0; text.len < 3 * JSON_WINDOW; i++) {
        buf_printf(&text, "%s{\"key%d\":\"%.*s\\u00e9\\\\\xc3\xa9\",\"n\":%d.5}", i ? ",\n" : "", i, i % 97,
                   "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                   "xxxxxxxxxxxxx",
                   i);
    }
    buf_add_char(&text, ']');
    assert_int_equal(tokens(buf_str(&text), 4096, &whole, &err), 0);
    for (size_t step = 1; step < 4096; step = step * 3 + 1) {
        assert_int_equal(tokens(buf_str(&text), step, &out, &err), 0);
        assert_true(str_eq(buf_str(&out), buf_str(&whole)));
    }
    buf_done(&text);
    buf_done(&whole);
    buf_done(&out);
}

static int long_token(size_t len, char fill, const char *open, const char *close, size_t step,
                      struct error *err)
{
    struct buf text = buf_make(MIB(16)), out = buf_make(MIB(16));
    buf_add(&text, str_of(open));
    memset(buf_room(&text, len), fill, len);
    text.len += len;
    buf_add(&text, str_of(close));
    int rc = tokens(buf_str(&text), step, &out, err);
    if (rc == 0)
        assert_int_equal(out.len, strlen("[ s:") + len + strlen(" ] ") + 0);
    buf_done(&text);
    buf_done(&out);
    return rc;
}

TEST(json_long_token)
{
    struct error err = {0};
    assert_int_equal(long_token(JSON_TOKEN_MAX - 2, 'x', "[\"", "\"]", 4096, &err), 0);
    assert_int_equal(long_token(JSON_TOKEN_MAX - 2, 'x', "[\"", "\"]", 61, &err), 0);
    assert_int_equal(long_token(JSON_TOKEN_MAX - 1, 'x', "[\"", "\"]", 4096, &err), -E_LIMIT);
    assert_string_equal(err.text, "json: offset 1: a token of more bytes than 4194304");
    assert_int_equal(long_token(JSON_TOKEN_MAX + 1, '1', "[", "]", 4096, &err), -E_LIMIT);
    assert_string_equal(err.text, "json: offset 1: a token of more bytes than 4194304");
}

TEST(json_deep)
{
    struct buf text = buf_make(MIB(1)), out = buf_make(MIB(1));
    struct error err = {0};
    for (int i = 0; i < JSON_DEPTH_MAX / 2; i++)
        buf_add(&text, STR("[{\"a\":"));
    struct buf deeper = buf_make(MIB(1));
    buf_add(&deeper, buf_str(&text));
    buf_add(&text, STR("1"));
    for (int i = 0; i < JSON_DEPTH_MAX / 2; i++)
        buf_add(&text, STR("}]"));
    assert_int_equal(tokens(buf_str(&text), 4096, &out, &err), 0);
    buf_add(&deeper, STR("["));
    assert_int_equal(tokens(buf_str(&deeper), 4096, &out, &err), -E_LIMIT);
    assert_string_equal(err.text, "json: offset 1536: nested deeper than 512");
    buf_done(&text);
    buf_done(&deeper);
    buf_done(&out);
}

TEST(json_failing_reads)
{
    struct buf out = buf_make(MIB(1));
    for (size_t at = 1; at < sizeof sample; at++) {
        struct error reader_err = {0}, err = {0};
        struct pieces p;
        struct json j;
        int rc;
        json_open(&j, pieces_init(&p, str_of(sample), 3, &reader_err), &err);
        p.fail_at = at;
        while ((rc = json_next(&j)) > 0)
            ;
        assert_int_equal(rc, -E_SYSTEM);
        assert_int_equal(strncmp(err.text, "pieces: broken at ", 18), 0);
        assert_int_equal(json_end(&j), -E_SYSTEM);
        json_close(&j);
    }
    buf_done(&out);
}

struct shape {
    struct buf name;
    uint64_t size;
    bool flag;
    unsigned items, strings;
};

static int read_shape(struct json *j, struct shape *s)
{
    struct str key, text;
    int rc = json_object(j);
    if (rc <= 0)
        return rc;
    while ((rc = json_key(j, &key)) > 0) {
        if (str_eq(key, STR("name"))) {
            if ((rc = json_string(j, &text)) > 0)
                buf_add(&s->name, text);
        } else if (str_eq(key, STR("size"))) {
            rc = json_u64(j, 1000, &s->size);
        } else if (str_eq(key, STR("flag"))) {
            rc = json_bool(j, &s->flag);
        } else if (str_eq(key, STR("list")) && (rc = json_array(j)) > 0) {
            while ((rc = json_item(j)) > 0) {
                if (s->items++ % 2) /* every second item is left to be skipped */
                    continue;
                if ((rc = json_string(j, &text)) < 0)
                    break;
                s->strings += rc > 0;
            }
        }
        if (rc < 0)
            return rc;
    }
    return rc < 0 ? rc : json_end(j) < 0 ? j->failed : 1;
}

static int shape_of(const char *text, size_t step, struct shape *s, struct error *err)
{
    struct pieces p;
    struct json j;
    *s = (struct shape){.name = buf_make(100)};
    json_open(&j, pieces_init(&p, str_of(text), step, err), err);
    int rc = read_shape(&j, s);
    json_close(&j);
    buf_done(&s->name);
    return rc;
}

TEST(json_shapes)
{
    struct shape s;
    struct error err;
    for (size_t step = 1; step < 50; step++) {
        assert_int_equal(shape_of("{\"other\":{\"name\":[1,{}]},\"size\":1000,\"flag\":true,\"last\":[[]],"
                                  "\"list\":[\"a\",\"b\",{\"x\":1},[1,2],\"e\"],\"z\":null}",
                                  step, &s, &err),
                         1);
        assert_int_equal(s.size, 1000);
        assert_true(s.flag);
        assert_int_equal(s.items, 5);
        assert_int_equal(s.strings, 2);
        /* another type than expected counts as absent */
        assert_int_equal(
            shape_of("{\"name\":{\"a\":[1]},\"size\":1001,\"flag\":\"true\",\"list\":{\"q\":[]}}", step, &s,
                     &err),
            1);
        assert_int_equal(s.size, 0);
        assert_false(s.flag);
        assert_int_equal(s.items, 0);
        assert_int_equal(shape_of("{\"size\":-1,\"list\":[],\"flag\":[]}", step, &s, &err), 1);
        assert_int_equal(s.size, 0);
        assert_int_equal(shape_of("{\"size\":7.0,\"list\":[ ] }", step, &s, &err), 1);
        assert_int_equal(s.size, 0);
    }
    assert_int_equal(shape_of("[{}]", 4096, &s, &err), 0);
    assert_int_equal(shape_of("{\"list\":[1 2]}", 4096, &s, &err), -E_BAD_INPUT);
    assert_string_equal(err.text, "json: offset 11: expected ',' or ']', found '2'");
    assert_int_equal(shape_of("{\"list\":[1,]}", 4096, &s, &err), -E_BAD_INPUT);
    assert_string_equal(err.text, "json: offset 11: expected a value, found ']'");
    assert_int_equal(shape_of("{\"list\":[1,2,", 4096, &s, &err), -E_BAD_INPUT);
    assert_string_equal(err.text, "json: offset 13: expected a value, found the end");
    assert_int_equal(shape_of("{\"x\":[{\"y\":01}]}", 4096, &s, &err),
                     -E_BAD_INPUT); /* what is skipped is checked */
    assert_string_equal(err.text, "json: offset 11: not a number as JSON writes it");
    assert_int_equal(shape_of("{} []", 4096, &s, &err), -E_BAD_INPUT);
    assert_string_equal(err.text, "json: offset 3: expected the end, found '['");
}

/* Numbers as they are written, and values of which only the first token was looked at. */
TEST(json_any_values)
{
    struct pieces p;
    struct json j;
    struct str text = {0};
    struct error err = {0};
    json_open(&j, pieces_init(&p, STR("[-7.50e1, \"x\", {\"a\": [1]}, [[2], 3], 4]"), 3, &err), &err);
    assert_int_equal(json_array(&j), 1);
    assert_int_equal(json_item(&j), 1);
    assert_int_equal(json_number(&j, &text), 1);
    assert_true(str_eq(text, STR("-7.50e1")));
    assert_int_equal(json_item(&j), 1);
    assert_int_equal(json_number(&j, &text), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(json_item(&j), 1);
        assert_int_equal(json_skip_rest(&j, json_next(&j)), 0);
    }
    assert_int_equal(json_item(&j), 1);
    assert_int_equal(json_skip_rest(&j, json_next(&j)), 0);
    assert_int_equal(json_item(&j), 0);
    assert_int_equal(json_end(&j), 0);
    assert_int_equal(json_skip_rest(&j, -E_LIMIT), -E_LIMIT);
    json_close(&j);
}

TEST(json_fail_says_where)
{
    struct error err = {0};
    struct pieces p;
    struct json j;
    struct str key;
    json_open(&j, pieces_init(&p, STR("{\"a\":[1]}"), 4096, &err), &err);
    assert_int_equal(json_object(&j), 1);
    assert_int_equal(json_key(&j, &key), 1);
    assert_int_equal(json_fail(&j, "no digest"), -E_BAD_INPUT);
    assert_string_equal(err.text, "json: offset 4: no digest");
    assert_int_equal(json_fail(&j, "another"), -E_BAD_INPUT);
    assert_int_equal(json_item(&j), -E_BAD_INPUT);
    assert_string_equal(err.text, "json: offset 4: no digest");
    json_close(&j);
}
