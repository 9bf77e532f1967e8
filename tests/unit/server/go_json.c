#include "server/go_json.h"

#include "base/limits.h"
#include "test.h"

static void check_any(const char *body, const char *wanted)
{
    struct arena arena = arena_make(MIB(8));
    struct error err = {0};
    struct go_reader g;
    struct str got = {0};
    go_open(&g, str_of(body), &arena, &err);
    if (go_any(&g, &got) < 0)
        fail_msg("%s: %s", body, err.text);
    if (!str_eq(got, str_of(wanted)))
        fail_msg("%s: %.*s", body, STR_ARG(got));
    go_done(&g);
    arena_done(&arena);
}

/* Maps by key, numbers short, markup escaped, as Go writes what it has read. */
TEST(go_any_value)
{
    check_any("{\"b\": 1, \"a\": [true, false, null, \"x<y>&\"], \"c\": {}}",
              "{\"a\":[true,false,null,\"x\\u003cy\\u003e\\u0026\"],\"b\":1,\"c\":{}}");
    check_any("{\"n\": [5.0, 4.30, 1e3, 1e21, 0.000001, 1e-7, -0.5, 123456789012345678]}",
              "{\"n\":[5,4.3,1000,1e+21,0.000001,1e-7,-0.5,123456789012345680]}");
    check_any("null", "");
    check_any("\"text\" behind it", "\"text\"");
    check_any("{\"a\":1,\"a\":2}", "{\"a\":2}");
}

static void expect_message(const char *body, const char *wanted)
{
    struct arena arena = arena_make(MIB(8));
    struct error err = {0};
    struct go_reader g;
    struct str key, text = {0};
    go_open(&g, str_of(body), &arena, &err);
    int rc = go_object(&g);
    while (rc > 0 && (rc = go_key(&g, &key)) > 0)
        rc = go_string(&g, &text) < 0 ? -1 : 1;
    if (rc == 0)
        rc = go_end(&g);
    assert_true(rc < 0);
    assert_true(str_eq(go_message(&g), str_of(wanted)));
    go_done(&g);
    arena_done(&arena);
}

TEST(go_messages)
{
    expect_message("", "EOF");
    expect_message(" \n", "EOF");
    expect_message("{", "unexpected EOF");
    expect_message("{\"a\":\"b", "unexpected EOF");
    expect_message("{\"a\":1}", "json: cannot unmarshal number into Go value of type string");
    expect_message("[]", "json: cannot unmarshal array into Go value of type struct");
    expect_message("{\"a\":x}", "json: offset 5: expected a value, found 'x'");
}

TEST(go_number_too_large)
{
    struct arena arena = arena_make(MIB(8));
    struct error err = {0};
    struct go_reader g;
    struct str got;
    go_open(&g, STR("[1e400]"), &arena, &err);
    assert_int_equal(go_any(&g, &got), 0);
    assert_int_equal(go_end(&g), -E_BAD_INPUT);
    assert_true(
        str_eq(go_message(&g), STR("json: cannot unmarshal number 1e400 into Go value of type float64")));
    go_done(&g);
    arena_done(&arena);
}

TEST(go_null_changes_nothing)
{
    struct arena arena = arena_make(MIB(8));
    struct error err = {0};
    struct go_reader g;
    struct str key, text = STR("before");
    go_open(&g, STR("{\"a\":null}"), &arena, &err);
    assert_int_equal(go_object(&g), 1);
    assert_int_equal(go_key(&g, &key), 1);
    assert_int_equal(go_string(&g, &text), 0);
    assert_true(str_eq(text, STR("before")));
    assert_int_equal(go_key(&g, &key), 0);
    assert_int_equal(go_end(&g), 0);
    go_done(&g);
    arena_done(&arena);
}

TEST(go_deep)
{
    static char deep[2 * METADATA_DEPTH_MAX + 16];
    for (int levels = METADATA_DEPTH_MAX; levels <= METADATA_DEPTH_MAX + 2; levels++) {
        struct arena arena = arena_make(MIB(8));
        struct error err = {0};
        struct go_reader g;
        struct str got;
        memset(deep, '[', (size_t)levels);
        memset(deep + levels, ']', (size_t)levels);
        go_open(&g, (struct str){deep, 2 * (size_t)levels}, &arena, &err);
        int rc = go_any(&g, &got);
        assert_int_equal(rc, levels > METADATA_DEPTH_MAX + 1 ? -E_LIMIT : 0);
        go_done(&g);
        arena_done(&arena);
    }
}

/* Every truncation of a body is an error, and none is taken for the whole. */
TEST(go_truncations)
{
    static const char body[] = "{\"a\":[1,{\"b\":\"\\u00e9\"}],\"c\":true}";
    for (size_t n = 1; n < sizeof body - 1; n++) {
        struct arena arena = arena_make(MIB(8));
        struct error err = {0};
        struct go_reader g;
        struct str got;
        go_open(&g, (struct str){body, n}, &arena, &err);
        assert_true(go_any(&g, &got) < 0);
        assert_true(str_eq(go_message(&g), STR("unexpected EOF")));
        go_done(&g);
        arena_done(&arena);
    }
}

TEST(go_budget)
{
    static char body[4096];
    struct arena arena = arena_make(KIB(1));
    struct error err = {0};
    struct go_reader g;
    struct str got;
    memset(body, 'x', sizeof body);
    body[0] = body[sizeof body - 1] = '"';
    go_open(&g, (struct str){body, sizeof body}, &arena, &err);
    assert_int_equal(go_any(&g, &got), -E_LIMIT);
    assert_string_equal(err.text, "a body with too much in it");
    go_done(&g);
    arena_done(&arena);
}
