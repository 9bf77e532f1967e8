#include "format/json_write.h"

#include "format/json.h"
#include "stream/memory.h"
#include "test.h"

static void sample(struct json_writer *w)
{
    json_write_object(w);
    json_write_member(w, STR("id"), STR("CVE-1"));
    json_write_key(w, STR("empty"));
    json_write_object(w);
    json_write_object_end(w);
    json_write_key(w, STR("list"));
    json_write_array(w);
    json_write_u64(w, UINT64_MAX);
    json_write_i64(w, INT64_MIN);
    json_write_bool(w, true);
    json_write_bool(w, false);
    json_write_null(w);
    json_write_array(w);
    json_write_array_end(w);
    json_write_object(w);
    json_write_key(w, STR("raw"));
    json_write_raw(w, STR("[1.5]"));
    json_write_object_end(w);
    json_write_array_end(w);
    json_write_object_end(w);
}

static void is(struct buf *b, const char *want)
{
    buf_add_char(b, 0);
    assert_string_equal(b->ptr, want);
    buf_clear(b);
}

TEST(json_write_compact)
{
    struct buf b = buf_make(MIB(1));
    struct json_writer w;
    json_writer_init(&w, &b, 0);
    sample(&w);
    is(&b, "{\"id\":\"CVE-1\",\"empty\":{},\"list\":[18446744073709551615,-9223372036854775808,true,false,"
           "null,[],"
           "{\"raw\":[1.5]}]}");
    buf_done(&b);
}

TEST(json_write_indented)
{
    struct buf b = buf_make(MIB(1));
    struct json_writer w;
    json_writer_init(&w, &b, 2);
    sample(&w);
    is(&b, "{\n  \"id\": \"CVE-1\",\n  \"empty\": {},\n  \"list\": [\n    18446744073709551615,\n    "
           "-9223372036854775808,\n"
           "    true,\n    false,\n    null,\n    [],\n    {\n      \"raw\": [1.5]\n    }\n  ]\n}");
    json_writer_init(&w, &b, 2);
    json_write_string(&w, STR("alone"));
    is(&b, "\"alone\"");
    buf_done(&b);
}

static void check_string(struct str s, const char *want)
{
    struct buf b = buf_make(MIB(1));
    struct json_writer w;
    json_writer_init(&w, &b, 0);
    json_write_string(&w, s);
    is(&b, want);
    buf_done(&b);
}

TEST(json_write_strings)
{
    check_string(STR(""), "\"\"");
    check_string(STR("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
    check_string(STR("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
    check_string(STR("\0\x01\x1b[1m\x1f\x7f"), "\"\\u0000\\u0001\\u001b[1m\\u001f\\u007f\"");
    check_string(STR("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
                 "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"");
    check_string(STR("\xe2\x80\xa8\xe2\x80\xa9"), "\"\\u2028\\u2029\"");
    /* C1 controls and what turns text around */
    check_string(STR("\xc2\x9b\xe2\x80\xae\xe2\x80\x8f\xe2\x81\xa6\xd8\x9c\xc2\xa0"),
                 "\"\\u009b\\u202e\\u200f\\u2066\\u061c\xc2\xa0\"");
    check_string(STR("a\xff"
                     "b\xc3"),
                 "\"a\xef\xbf\xbd"
                 "b\xef\xbf\xbd\"");
    check_string(STR("\xed\xa0\x80"),
                 "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""); /* a surrogate is no character */
    check_string(STR("\xc3\""), "\"\xef\xbf\xbd\\\"\"");
}

/* Whatever bytes are written as key and value, a strict reader takes them, and finds ASCII unchanged. */
TEST(json_write_is_json)
{
    struct buf b = buf_make(MIB(1));
    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second += 3) {
            char bytes[] = {(char)first, (char)second, 'x'};
            struct str s = {bytes, sizeof bytes}, key, text;
            struct json_writer w;
            json_writer_init(&w, &b, second % 3);
            struct memory_reader m;
            struct error err;
            struct json j;
            buf_clear(&b);
            json_write_object(&w);
            json_write_member(&w, s, s);
            json_write_object_end(&w);
            json_open(&j, memory_reader_init(&m, buf_str(&b), 0, &err), &err);
            assert_int_equal(json_object(&j), 1);
            assert_int_equal(json_key(&j, &key), 1);
            assert_true(first > 127 || second > 127 || str_eq(key, s));
            assert_int_equal(json_string(&j, &text), 1);
            assert_true(first > 127 || second > 127 || str_eq(text, s));
            assert_int_equal(json_key(&j, &key), 0);
            assert_int_equal(json_end(&j), 0);
            json_close(&j);
        }
    buf_done(&b);
}

TEST(json_write_deep)
{
    struct buf b = buf_make(MIB(1));
    struct json_writer w;
    json_writer_init(&w, &b, 0);
    for (int i = 0; i < JSON_WRITE_DEPTH_MAX; i++)
        json_write_array(&w);
    assert_false(b.failed);
    json_write_array(&w);
    assert_true(b.failed);
    buf_done(&b);
}

TEST(json_write_misuse)
{
    struct buf b = buf_make(MIB(1));
    struct json_writer w;
    json_writer_init(&w, &b, 0);
    json_write_object_end(&w);
    assert_true(b.failed);
    buf_clear(&b);
    json_writer_init(&w, &b, 0);
    json_write_object(&w);
    json_write_key(&w, STR("a"));
    json_write_object_end(&w); /* a key without its value */
    assert_true(b.failed);
    buf_clear(&b);
    json_writer_init(&w, &b, 0);
    json_write_object(&w);
    json_write_array_end(&w);
    assert_true(b.failed);
    buf_done(&b);
}
