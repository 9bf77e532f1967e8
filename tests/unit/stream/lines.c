#include "stream/lines.h"

#include "base/buf.h"
#include "stream/memory.h"
#include "test.h"

/* All lines, each with its offset, and how it ended. */
static void write_lines(struct str text, size_t step, struct buf *out)
{
    struct error err = {0};
    struct memory_reader m;
    struct lines l = lines_make(memory_reader_init(&m, text, step, &err));
    struct str line;
    int rc;
    buf_clear(out);
    while ((rc = lines_next(&l, &line)) > 0)
        buf_printf(out, "%ju[%.*s]", (uintmax_t)l.offset, STR_ARG(line));
    buf_printf(out, "%d%s", rc, l.unterminated ? " cut" : "");
    buf_add_char(out, 0);
}

TEST(lines_every_window)
{
    static const struct {
        struct str text;
        const char *wanted;
    } cases[] = {
        {STR_INIT(""), "0"},
        {STR_INIT("\n"), "0[]0"},
        {STR_INIT("a"), "0[a]0 cut"},
        {STR_INIT("a\n\nbc\r\nd"), "0[a]2[]3[bc\r]7[d]0 cut"},
        {STR_INIT("one\ntwo\nthree\n"), "0[one]4[two]8[three]0"},
    };
    CLEANUP(buf_done) struct buf got = buf_make(KIB(4));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t step = 0; step <= cases[i].text.len; step++) {
            write_lines(cases[i].text, step, &got);
            assert_string_equal(got.ptr, cases[i].wanted);
        }
}

/* Of a long line the beginning is kept, and the next one is found. */
TEST(lines_long)
{
    static char text[3 * LINE_HEAD_MAX + 2];
    memset(text, 'x', sizeof text);
    text[sizeof text - 2] = '\n';
    text[sizeof text - 1] = 'y';
    for (size_t step = 0; step < 2 * LINE_HEAD_MAX; step += 509) {
        struct error err = {0};
        struct memory_reader m;
        struct lines l = lines_make(memory_reader_init(&m, (struct str){text, sizeof text}, step, &err));
        struct str line;
        assert_int_equal(lines_next(&l, &line), 1);
        assert_int_equal(line.len, LINE_HEAD_MAX);
        assert_int_equal(lines_next(&l, &line), 1);
        assert_true(str_eq(line, STR("y")) && l.offset == sizeof text - 1);
        assert_int_equal(lines_next(&l, &line), 0);
    }
}

static int breaks(struct reader *r)
{
    return error_set(r->err, E_NETWORK, "gone");
}

TEST(lines_reader_fails)
{
    static const struct reader_ops ops = {.name = "broken", .fill = breaks};
    struct error err = {0};
    struct reader r = {.ops = &ops, .limit = UINT64_MAX, .err = &err};
    struct lines l = lines_make(&r);
    struct str line;
    assert_int_equal(lines_next(&l, &line), -E_NETWORK);
    assert_false(l.unterminated);
}
