#include "base/limits.h"
#include "report/report.h"
#include "test.h"

static struct package package = {.name = STR_INIT("a"), .version = STR_INIT("1")};
static struct finding findings[] = {
    {.package = &package, .id = STR_INIT("1"), .severity = SEVERITY_CRITICAL, .fixed_version = STR_INIT("2")},
    {.package = &package, .id = STR_INIT("2"), .severity = SEVERITY_LOW},
    {.package = &package, .id = STR_INIT("3"), .severity = SEVERITY_LOW, .fixed_version = STR_INIT("2")},
};
static struct result_feed feed = {.name = STR_INIT("debian"), .published = 1000, .stale = true};
static struct problem problem = {.where = STR_INIT("layer 1"), .text = STR_INIT("broken\033[2J")};

static void write_comparison(struct buf *out, const char *format, const struct scan_result *results, size_t n,
                             bool color)
{
    const struct report_options o = {.now = 1000 + 12 * 86400, .color = color};
    buf_clear(out);
    reporter_find(compare_reporters, str_of(format))->write(out, results, n, &o);
    buf_add_char(out, 0);
    assert_false(out->failed);
}

TEST(compare_table)
{
    CLEANUP(buf_done) struct buf out = buf_make(KIB(64));
    struct scan_result images[] = {
        {.reference = STR("nginx:1.27"), .findings = {findings, 3, 3}},
        {.reference = STR("a"), .packages.len = 9, .unjudged = 2, .unjudged_why = STR("no feed knows it")}};
    write_comparison(&out, "table", images, 1, false);
    assert_string_equal(out.ptr, "IMAGE       CRITICAL  LOW  FINDINGS  WITH A FIX  NOT JUDGED\n"
                                 "nginx:1.27         1    2         3           2           0\n");
    write_comparison(&out, "table", images, 2, false);
    assert_string_equal(out.ptr, "IMAGE       CRITICAL  LOW  FINDINGS  WITH A FIX  NOT JUDGED\n"
                                 "nginx:1.27         1    2         3           2           0\n"
                                 "a                  0    0         0           0           2\n"
                                 "\n"
                                 "a: 2 of 9 packages not judged: no feed knows it\n");
    write_comparison(&out, "table", NULL, 0, false);
    assert_string_equal(out.ptr, "IMAGE  FINDINGS  WITH A FIX  NOT JUDGED\n");
    write_comparison(&out, "table", images, 2, true);
    assert_non_null(strstr(out.ptr, "       \033[1;31m1\033[0m  "));
}

TEST(compare_tells_what_is_missing)
{
    CLEANUP(buf_done) struct buf out = buf_make(KIB(64));
    struct scan_result image = {.reference = STR("a\nb"),
                                .end_of_life = STR("2020-06-30"),
                                .hidden = 3,
                                .feeds = {&feed, 1, 1},
                                .problems = {&problem, 1, 1}};
    write_comparison(&out, "table", &image, 1, false);
    assert_string_equal(
        out.ptr,
        "IMAGE  FINDINGS  WITH A FIX  NOT JUDGED\n"
        "a?b           0           0           0\n"
        "\n"
        "a?b: support of this release ended on 2020-06-30: what was found later may not be known here\n"
        "a?b: the data of debian are 12 days old: run limpid update\n"
        "a?b: layer 1: broken?[2J\n"
        "a?b: 3 more are hidden by your filters\n");
}

TEST(compare_json)
{
    CLEANUP(buf_done) struct buf out = buf_make(KIB(64));
    struct scan_result image = {.reference = STR("nginx"),
                                .namespace = STR("debian:12"),
                                .findings = {findings, 3, 3},
                                .packages.len = 7,
                                .problems = {&problem, 1, 1}};
    write_comparison(&out, "json", &image, 1, false);
    static const char *const parts[] = {"\"reference\": \"nginx\"",
                                        "\"digest\": null",
                                        "\"Critical\": 1",
                                        "\"Medium\": 0",
                                        "\"Low\": 2",
                                        "\"findings\": 3",
                                        "\"with_fix\": 2",
                                        "\"packages_total\": 7",
                                        "\"problems\": 1"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strstr(out.ptr, parts[i]))
            fail_msg("%s is not in %s", parts[i], out.ptr);
}

TEST(compare_budget)
{
    CLEANUP(buf_done) struct buf out = buf_make(20);
    struct scan_result image = {.reference = STR("nginx"), .unjudged = 1};
    const struct report_options o = {0};
    struct error err = {0};
    for (size_t i = 0; compare_reporters[i]; i++) {
        buf_clear(&out);
        compare_reporters[i]->write(&out, &image, 1, &o);
        assert_int_equal(buf_finish(&out, "the report", &err), -E_LIMIT);
    }
}
