/* What the feeds' tests share: a sink that writes what it gets as text, and the ways to run a parser. */
#pragma once
#include "base/limits.h"
#include "feed/publishers.h"
#include "stream/memory.h"
#include "test.h"

/* Writes rows as text, "debian:12 openssl: CVE-1 fixed Low 1.0-1; CVE-2 …", and problems as "! where: text",
   a line each. */
struct text_sink {
    struct feed_sink sink;
    struct buf out;
    unsigned rows, problems;
    int fail_row, fail_problem;
};

static inline void text_more(struct buf *out, const struct advisory *a)
{
    const struct {
        const char *name;
        struct str text;
    } more[] = {{"from", a->introduced},
                {"to", a->last_affected},
                {"arch", a->arches},
                {"module", a->module},
                {"product", a->product}};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (more[i].text.len)
            buf_printf(out, " %s " STR_FMT, more[i].name, STR_ARG(more[i].text));
    if (a->flags & ADVISORY_SUBSCRIPTION)
        buf_add(out, STR(" subscription"));
    if (a->flags & ADVISORY_OWN_NAME)
        buf_add(out, STR(" own name"));
}

static inline int text_row(struct feed_sink *sink, const struct advisory_row *row, struct error *err)
{
    struct text_sink *s = (struct text_sink *)sink;
    struct wire w = wire_make(row->packed);
    struct advisory a;
    uint32_t count = 0;
    int rc;
    if (s->fail_row && --s->fail_row == 0)
        return error_set(err, E_SYSTEM, "the row is refused");
    buf_printf(&s->out, STR_FMT " " STR_FMT ":", STR_ARG(row->namespace), STR_ARG(row->package));
    while ((rc = advisory_unpack(&w, &a, err)) > 0) {
        buf_printf(&s->out, "%s " STR_FMT " %s %s%s%s" STR_FMT, count ? ";" : "", STR_ARG(a.id),
                   advisory_status_name(a.status), severity_name(a.severity),
                   a.flags & ADVISORY_NO_DSA ? " no-dsa" : "", a.fixed_version.len ? " " : "",
                   STR_ARG(a.fixed_version));
        text_more(&s->out, &a);
        count++;
    }
    assert_int_equal(rc, 0);
    assert_int_equal(count, row->count);
    buf_add_char(&s->out, '\n');
    s->rows++;
    return 0;
}

static inline int text_problem(struct feed_sink *sink, struct str where, const char *text, struct error *err)
{
    struct text_sink *s = (struct text_sink *)sink;
    if (s->fail_problem && --s->fail_problem == 0)
        return error_set(err, E_SYSTEM, "the problem is refused");
    buf_printf(&s->out, "! " STR_FMT ": %s\n", STR_ARG(where), text);
    s->problems++;
    return 0;
}

static inline void text_facts(struct buf *out, const struct vulnerability *v)
{
    const struct {
        struct str vector;
        int score;
    } scores[] = {{v->cvss2, v->score2}, {v->cvss3, v->score3}, {v->cvss4, v->score4}};
    for (size_t i = 0; i < 3; i++)
        if (scores[i].vector.len || scores[i].score >= 0)
            buf_printf(out, " [" STR_FMT " %d]", STR_ARG(scores[i].vector), scores[i].score);
    if (v->cwe.len)
        buf_printf(out, " " STR_FMT, STR_ARG(v->cwe));
    if (v->kev.len)
        buf_printf(out, " exploited " STR_FMT, STR_ARG(v->kev));
    if (v->epss >= 0)
        buf_printf(out, " epss %.5f", v->epss);
    if (v->rejected)
        buf_add(out, STR(" rejected"));
}

static inline int text_about(struct feed_sink *sink, const struct vulnerability *v, struct error *err)
{
    struct text_sink *s = (struct text_sink *)sink;
    (void)err;
    buf_printf(&s->out, "? " STR_FMT ": " STR_FMT, STR_ARG(v->id), STR_ARG(v->description));
    text_facts(&s->out, v);
    buf_add_char(&s->out, '\n');
    return 0;
}

static inline int text_parse(const struct feed *feed, struct str text, size_t step, struct text_sink *s,
                             struct error *err)
{
    struct memory_reader m;
    struct reader *in = memory_reader_init(&m, text, step, err);
    *err = (struct error){0};
    s->sink = (struct feed_sink){text_row, text_problem, text_about};
    s->rows = s->problems = 0;
    s->out.max = MIB(64);
    buf_clear(&s->out);
    int rc = feed->parse(feed, in, &s->sink, err);
    buf_add_char(&s->out, 0);
    return rc;
}

/* The same for every size of window. */
static inline void text_check(const struct feed *feed, const char *text, const char *want)
{
    struct text_sink s = {0};
    struct error err;
    for (size_t step = 0; step < 80; step++) {
        if (text_parse(feed, str_of(text), step, &s, &err) < 0)
            fail_msg("%s", err.text);
        assert_string_equal(s.out.ptr, want);
    }
    buf_done(&s.out);
}

static inline void text_refuse(const struct feed *feed, const char *text, const char *want)
{
    struct text_sink s = {0};
    struct error err;
    for (size_t step = 0; step < 30; step += 7) {
        assert_int_equal(text_parse(feed, str_of(text), step, &s, &err), -E_BAD_INPUT);
        assert_string_equal(err.text, want);
    }
    buf_done(&s.out);
}

/* Each beginning of a document is refused, and gives no more rows than the whole. */
static inline void text_truncate(const struct feed *feed, struct str text, unsigned rows)
{
    struct text_sink s = {0};
    struct error err;
    for (size_t len = 0; len < text.len; len++)
        for (size_t step = 0; step < 8; step += 7) {
            assert_true(text_parse(feed, (struct str){text.ptr, len}, step, &s, &err) < 0);
            assert_true(err.text[0] && s.rows <= rows);
        }
    buf_done(&s.out);
}

static inline int text_failing_fill(struct reader *r)
{
    return error_set(r->err, E_SYSTEM, "reads fail");
}

/* Failures of the reader and of the sink come back as they are. */
static inline void text_failures(const struct feed *feed, struct str text)
{
    static const struct reader_ops ops = {.name = "failing", .fill = text_failing_fill};
    struct error err = {0}, reader_err = {0};
    struct reader r = {.ops = &ops, .limit = UINT64_MAX, .err = &reader_err};
    struct memory_reader m;
    struct text_sink s = {.sink = {.row = text_row}, .out = buf_make(MIB(1)), .fail_row = 1};
    assert_int_equal(feed->parse(feed, &r, &s.sink, &err), -E_SYSTEM);
    assert_int_equal(feed->parse(feed, memory_reader_init(&m, text, 0, &err), &s.sink, &err), -E_SYSTEM);
    assert_string_equal(err.text, "the row is refused");
    assert_int_equal(feed->parse(feed, memory_reader_init(&m, text, 0, &err), &s.sink, &err), 0);
    buf_done(&s.out);
}
