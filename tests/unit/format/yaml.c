#include "format/yaml.h"

#include "base/buf.h"
#include "base/limits.h"
#include "test.h"

static int take(void *ctx, struct str key, struct str value)
{
    struct buf *out = ctx;
    buf_add(out, key);
    buf_add_char(out, '=');
    buf_add(out, value);
    buf_add_char(out, '\n');
    return str_eq(value, STR("stop")) ? -E_CANCELLED : 0;
}

/* "KEY=VALUE" a line, and behind them "! " and the error. */
static const char *listed(struct str text)
{
    static char shown[4096];
    CLEANUP(buf_done) struct buf out = buf_make(sizeof shown - 1);
    struct error err = {0};
    int rc = yaml_read(text, take, &out, &err);
    assert_int_equal(rc, -(int)(err.code ? err.code : rc ? E_CANCELLED : E_OK));
    if (err.text[0])
        buf_printf(&out, "! %s", err.text);
    assert_int_equal(str_copy(buf_str(&out), shown, sizeof shown), 0);
    return shown;
}

#define assert_listed(text, wanted) assert_string_equal(listed(STR(text)), (wanted))

TEST(yaml_values)
{
    assert_listed("", "");
    assert_listed("# nothing\n", "");
    assert_listed("---\n...\n", "! line 2, column 1: expected keys and values");
    assert_listed("a: 1\nb: two words # and more\nc:\n", "a=1\nb=two words\nc=\n");
    assert_listed("a: 'it''s'\nb: \"x\\ty\"\n", "a=it's\nb=x\ty\n");
    assert_listed("a:\n  b:\n    c: 1\n  d: 2\ne: 3\n", "a.b.c=1\na.d=2\ne=3\n");
    assert_listed("a: {b: 1, c: {d: 2}}\n", "a.b=1\na.c.d=2\n");
    assert_listed("a: [x, y, z]\nb: []\nc:\n- 1\n- 2\nd: 3\n", "a=x,y,z\nb=\nc=1,2\nd=3\n");
    assert_listed("a: |\n  one\n  two\n", "a=one\ntwo\n\n");
    assert_listed("a: 1\na: 2\n", "a=1\na=2\n");
    assert_listed("a: null\nb: ~\nc: 'null'\nd: NULL\ne: nulls\n", "a=\nb=\nc=null\nd=\ne=nulls\n");
}

TEST(yaml_taker_ends_it)
{
    assert_listed("a: 1\nb: stop\nc: 3\n", "a=1\nb=stop\n");
    assert_listed("a:\n  b: [stop]\nc: 3\n", "a.b=stop\n");
}

TEST(yaml_refusals)
{
    assert_listed("word\n", "! line 1, column 1: expected keys and values");
    assert_listed("- a\n", "! line 1, column 1: expected keys and values");
    assert_listed("a: 1\nb: &x 2\nc: *x\n", "a=1\nb=2\n! line 3, column 4: aliases are not read");
    assert_listed("a:\n- [1]\n", "! line 2, column 3: only plain values may stand in a list");
    assert_listed("a:\n- b: 1\n", "! line 2, column 3: only plain values may stand in a list");
    assert_listed("a: 1\n[b]: 2\n", "a=1\n! line 2, column 1: a key must be a plain word");
    assert_listed("a: 1\n  b: 2\n",
                  "a=1 b\n! line 2, column 4: mapping values are not allowed in this context");
    assert_listed("a: 'x\n", "! line 2, column 1: found unexpected end of stream");
    assert_listed("a:\n\t b: 1\n", "! line 2, column 1: found character that cannot start any token");
    assert_listed("a: [1, 2\n", "! line 2, column 1: did not find expected ',' or ']'");
}

/* So many levels are read, and no more. */
TEST(yaml_too_deep)
{
    CLEANUP(buf_done) struct buf text = buf_make(KIB(4)), wanted = buf_make(KIB(4));
    for (int levels = YAML_DEPTH_MAX; levels <= YAML_DEPTH_MAX + 1; levels++) {
        buf_clear(&text);
        buf_clear(&wanted);
        for (int i = 1; i < levels; i++)
            buf_add(&text, STR("{a: "));
        buf_add(&text, STR("{a: 1}"));
        for (int i = 1; i < levels; i++)
            buf_add(&text, STR("}"));
        for (int i = 1; i < levels; i++)
            buf_add(&wanted, STR("a."));
        buf_add(&wanted, STR("a=1\n"));
        buf_add_char(&wanted, 0);
        assert_string_equal(listed(buf_str(&text)),
                            levels == YAML_DEPTH_MAX ? wanted.ptr : "! line 1, column 69: nested too deeply");
    }
    buf_clear(&text);
    for (int i = 0; i < 1000; i++)
        buf_add(&text, STR("{a: "));
    assert_string_equal(listed(buf_str(&text)), "! line 1, column 69: nested too deeply");
}

/* Keys and lists that become longer than a configuration may be: "\P" in a string is three bytes. */
TEST(yaml_long_keys)
{
    CLEANUP(buf_done) struct buf text = buf_make(2 * CONFIG_MAX);
    for (int list = 0; list < 2; list++) {
        buf_clear(&text);
        buf_add(&text, list ? STR("a: [\"") : STR("? \""));
        for (size_t i = 0; i < CONFIG_MAX / 3 + 1; i++)
            buf_add(&text, STR("\\P"));
        buf_add(&text, list ? STR("\"]") : STR("\"\n: 1"));
        assert_string_equal(listed(buf_str(&text)),
                            list ? "! list: more than 1048576 bytes" : "! key: more than 1048576 bytes");
    }
}

/* What was told of a beginning is told of the whole, but for the last value, which may be cut. */
TEST(yaml_truncated)
{
    static const char text[] =
        "server:\n  listen: [a, b]\n  limits: {x: 1, y: 22}\n# comment\nlast: \"end\"\n";
    char whole[4096];
    snprintf(whole, sizeof whole, "%s", listed(str_of(text)));
    assert_string_equal(whole, "server.listen=a,b\nserver.limits.x=1\nserver.limits.y=22\nlast=end\n");
    for (size_t n = 0; n < sizeof text - 1; n++) {
        const char *got = listed((struct str){text, n});
        size_t same = 0;
        while (got[same] && got[same] == whole[same])
            same++;
        const char *rest =
            got + same; /* nothing, a cut value's end, a word where a key should be, or an error */
        const char *line_end = strchr(rest, '\n');
        assert_true(!*rest || *rest == '!' || (line_end && (!line_end[1] || line_end[1] == '!')));
    }
}
