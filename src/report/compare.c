/* Images side by side: their findings counted, and beside the counts what they leave out. */
#include "base/limits.h"
#include "format/json_write.h"
#include "report/columns.h"
#include "report/report.h"

enum { COMPARE_VERSION = 1 };

/* The severities that any image has: the others need no column. */
static size_t severities_of(const struct scan_result *results, size_t count, bool shown[SEVERITY_COUNT])
{
    size_t n = 0;
    memset(shown, 0, SEVERITY_COUNT * sizeof *shown);
    for (size_t i = 0; i < count; i++)
        vec_each (&results[i].findings, f)
            shown[f->severity] = true;
    for (size_t s = 0; s < SEVERITY_COUNT; s++)
        n += shown[s];
    return n;
}

static void add_number(struct columns *c, size_t n, const char *color)
{
    char text[24];
    snprintf(text, sizeof text, "%zu", n);
    columns_add(c, str_of(text), n ? color : NULL);
}

static void add_image(struct columns *c, const struct scan_result *r, const bool shown[SEVERITY_COUNT])
{
    size_t counts[SEVERITY_COUNT], fixable = report_count(r, counts);
    columns_add(c, r->reference, NULL);
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
        if (shown[s])
            add_number(c, counts[s], report_color((enum severity)s));
    add_number(c, r->findings.len, "1");
    add_number(c, fixable, "32");
    add_number(c, r->unjudged, "33");
}

static void put_note(struct buf *out, const struct scan_result *r, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void put_note(struct buf *out, const struct scan_result *r, const char *fmt, ...)
{
    char safe[512], text[1024], printable[sizeof text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    buf_printf(out, "%s: %s\n", str_printable(r->reference, safe, sizeof safe),
               str_printable(str_of(text), printable, sizeof printable));
}

/* What makes a count smaller than the truth. */
static void write_notes(struct buf *out, const struct scan_result *r, const struct report_options *o)
{
    if (r->end_of_life.len)
        put_note(out, r, "support of this release ended on %.*s: what was found later may not be known here",
                 STR_ARG(r->end_of_life));
    if (r->unjudged)
        put_note(out, r, "%zu of %zu packages not judged%s%.*s", r->unjudged, r->packages.len,
                 r->unjudged_why.len ? ": " : "", STR_ARG(r->unjudged_why));
    vec_each (&r->feeds, f) {
        CLEANUP(buf_done) struct buf age = buf_make(64);
        report_age(&age, o->now - (f->published ? f->published : f->fetched));
        if (f->stale)
            put_note(out, r, "the data of %.*s are %.*s old: run limpid update", STR_ARG(f->name),
                     STR_ARG(buf_str(&age)));
    }
    vec_each (&r->problems, p)
        put_note(out, r, "%.*s%s%.*s", STR_ARG(p->where), p->where.len ? ": " : "", STR_ARG(p->text));
    if (r->hidden)
        put_note(out, r, "%zu more are hidden by your filters", r->hidden);
}

static void write_table(struct buf *out, const struct scan_result *results, size_t count,
                        const struct report_options *o)
{
    bool shown[SEVERITY_COUNT];
    struct columns c = columns_make(4 + severities_of(results, count, shown));
    c.right = ~1U;
    columns_add(&c, STR("IMAGE"), "1");
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--) {
        if (!shown[s])
            continue;
        char title[16];
        snprintf(title, sizeof title, "%s", severity_name((enum severity)s));
        for (char *at = title; *at; at++)
            *at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
        columns_add(&c, str_of(title), "1");
    }
    columns_add(&c, STR("FINDINGS"), "1");
    columns_add(&c, STR("WITH A FIX"), "1");
    columns_add(&c, STR("NOT JUDGED"), "1");
    for (size_t i = 0; i < count; i++)
        add_image(&c, &results[i], shown);
    columns_write(&c, out, "", o->color);
    columns_done(&c);
    CLEANUP(buf_done) struct buf notes = buf_make(REPORT_MAX);
    for (size_t i = 0; i < count; i++)
        write_notes(&notes, &results[i], o);
    if (notes.len)
        buf_add_char(out, '\n');
    buf_add(out, buf_str(&notes));
    out->failed |= notes.failed;
}

const struct reporter compare_table_reporter = {"table", "a line of counts for each image (default)",
                                                write_table};

static void put_image(struct json_writer *w, const struct scan_result *r)
{
    size_t counts[SEVERITY_COUNT], fixable = report_count(r, counts);
    json_write_object(w);
    json_write_member(w, STR("reference"), r->reference);
    json_write_known(w, STR("digest"), digest_str(&r->digest));
    json_write_known(w, STR("namespace"), r->namespace);
    json_write_known(w, STR("end_of_life"), r->end_of_life);
    json_write_key(w, STR("severities"));
    json_write_object(w);
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
        json_write_count(w, str_of(severity_name((enum severity)s)), counts[s]);
    json_write_object_end(w);
    json_write_count(w, STR("findings"), r->findings.len);
    json_write_count(w, STR("with_fix"), fixable);
    json_write_count(w, STR("hidden"), r->hidden);
    json_write_count(w, STR("packages_total"), r->packages.len);
    json_write_count(w, STR("packages_not_judged"), r->unjudged);
    json_write_count(w, STR("problems"), r->problems.len);
    json_write_object_end(w);
}

static void write_json(struct buf *out, const struct scan_result *results, size_t count,
                       const struct report_options *o)
{
    (void)o;
    struct json_writer w;
    json_writer_init(&w, out, 2);
    json_write_object(&w);
    json_write_count(&w, STR("version"), COMPARE_VERSION);
    json_write_key(&w, STR("images"));
    json_write_array(&w);
    for (size_t i = 0; i < count; i++)
        put_image(&w, &results[i]);
    json_write_array_end(&w);
    json_write_object_end(&w);
    buf_add_char(out, '\n');
}

const struct reporter compare_json_reporter = {"json", "for programs, see docs/compare.schema.json",
                                               write_json};
