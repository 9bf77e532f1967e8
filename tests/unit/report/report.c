#include "report/report.h"

#include "base/limits.h"
#include "report/columns.h"
#include "test.h"

static struct package packages[] = {
    {.name = STR_INIT("libssl3"),
     .version = STR_INIT("3.0-1"),
     .arch = STR_INIT("amd64"),
     .source_name = STR_INIT("openssl"),
     .source_version = STR_INIT("3.0-1"),
     .path = STR_INIT("var/lib/dpkg/status"),
     .introduced = 1,
     .changed = 1},
    {.name = STR_INIT("evil\033[31m\n"),
     .version = STR_INIT("1"),
     .source_name = STR_INIT("evil"),
     .source_version = STR_INIT("1"),
     .path = STR_INIT("var/lib/dpkg/status")},
};
static struct finding findings[] = {
    {.package = &packages[0],
     .id = STR_INIT("CVE-2024-1"),
     .severity = SEVERITY_HIGH,
     .status = ADVISORY_FIXED,
     .fixed_version = STR_INIT("3.0-2"),
     .feed = STR_INIT("debian"),
     .link = STR_INIT("https://x/CVE-2024-1")},
    {.package = &packages[0],
     .id = STR_INIT("CVE-2024-2"),
     .severity = SEVERITY_HIGH,
     .status = ADVISORY_AFFECTED,
     .feed = STR_INIT("debian")},
    {.package = &packages[1],
     .id = STR_INIT("CVE-2024-3"),
     .severity = SEVERITY_UNKNOWN,
     .status = ADVISORY_WILL_NOT_FIX,
     .feed = STR_INIT("debian")},
};
static struct result_layer layers[] = {{.created_by = STR_INIT("/bin/sh -c #(nop) ADD file")},
                                       {.created_by = STR_INIT("RUN apt-get install openssl")}};
static struct result_feed feeds[] = {{.name = STR_INIT("debian"),
                                      .title = STR_INIT("Debian security tracker"),
                                      .fetched = 1000,
                                      .published = 1000,
                                      .packages = 2}};
static struct problem problems[] = {
    {.code = E_BAD_INPUT, .where = STR_INIT("layer 1"), .text = STR_INIT("broken")}};

static struct scan_result sample(void)
{
    return (struct scan_result){
        .reference = STR("docker.io/library/nginx:1.27"),
        .platform = STR("linux/amd64"),
        .namespace = STR("debian:12"),
        .distribution = STR("Debian GNU/Linux 12 (bookworm)"),
        .layers = {layers, 2, 2},
        .packages = {packages, 2, 2},
        .findings = {findings, 3, 3},
        .problems = {problems, 1, 1},
        .feeds = {feeds, 1, 1},
        .judged = 2,
        .undetermined = 4,
        .hidden = 1,
    };
}

static void write(struct buf *out, const char *name, const struct scan_result *r, size_t n, bool color)
{
    const struct report_options o = {.color = color, .now = 1000 + 7200};
    buf_clear(out);
    reporter_find(reporters, str_of(name))->write(out, r, n, &o);
    buf_add_char(out, 0);
    assert_false(out->failed);
}

TEST(report_table)
{
    CLEANUP(buf_done) struct buf out = buf_make(MIB(1));
    struct scan_result r = sample();
    write(&out, "table", &r, 1, false);
    assert_string_equal(
        out.ptr,
        "docker.io/library/nginx:1.27  Debian GNU/Linux 12 (bookworm), debian:12, linux/amd64\n"
        "\n"
        "SEVERITY  PACKAGE     INSTALLED  FIXED IN  VULNERABILITY  STATUS        LAYER\n"
        "High      libssl3     3.0-1      3.0-2     CVE-2024-1     upgrade       2\n"
        "                                 -         CVE-2024-2     no fix yet\n"
        "Unknown   evil?[31m?  1          -         CVE-2024-3     will not fix  1\n"
        "\n"
        "Layer 1: 1 finding; /bin/sh -c #(nop) ADD file\n"
        "Layer 2: 2 findings; RUN apt-get install openssl\n"
        "\n"
        "3 findings: 2 High, 1 Unknown. 1 can be mended by an upgrade. 1 more are hidden by your filters.\n"
        "Judged: 2 of 2 packages, by the feed debian (Debian security tracker; data 2 hours old).\n"
        "Open questions: the feed has not decided 4 more about installed packages.\n"
        "Problem: layer 1: broken\n");
}

/* KEV and EPSS have columns where something is known of them. */
TEST(report_what_is_known)
{
    CLEANUP(buf_done) struct buf out = buf_make(MIB(1));
    struct scan_result r = sample();
    struct vulnerability known[] = {vulnerability_make(findings[0].id), vulnerability_make(findings[2].id)};
    struct finding learned[] = {findings[0], findings[1], findings[2]};
    struct result_feed told[] = {
        feeds[0], {.name = STR_INIT("epss"), .title = STR_INIT("Scores"), .fetched = 1000, .enriches = true}};
    known[0].kev = STR("2024-05-06");
    known[0].epss = 0.94379;
    known[1].epss = 0.5;
    known[1].cvss3 = STR("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
    known[1].score3 = 98;
    learned[0].about = &known[0];
    learned[2].about = &known[1];
    learned[2].severity_from = STR("nvd");
    r.findings.ptr = learned;
    r.feeds.ptr = told;
    r.feeds.len = 2;
    r.rejected = 2;
    write(&out, "table", &r, 1, false);
    static const char want[] =
        "SEVERITY  PACKAGE     INSTALLED  FIXED IN  VULNERABILITY  KEV           EPSS  STATUS        LAYER\n"
        "High      libssl3     3.0-1      3.0-2     CVE-2024-1     exploited  94.38 %  upgrade       2\n"
        "                                 -         CVE-2024-2                         no fix yet\n"
        "Unknown   evil?[31m?  1          -         CVE-2024-3                50.00 %  will not fix  1\n";
    if (!strstr(out.ptr, want))
        fail_msg("%s", out.ptr);
    assert_non_null(strstr(out.ptr, "Enriched: by the feed epss (Scores; data 2 hours old).\n"
                                    "Severities: 1 are those of scores, since the distribution gives none.\n"
                                    "Left out: 2 findings of ids that were rejected.\n"));
    write(&out, "json", &r, 1, false);
    assert_non_null(strstr(out.ptr, "\"severity_feed\": \"nvd\""));
    assert_non_null(strstr(out.ptr, "\"kev\": \"2024-05-06\""));
    assert_non_null(strstr(out.ptr, "\"epss\": 0.94379"));
    assert_non_null(strstr(out.ptr, "\"score\": 9.8"));
    assert_non_null(strstr(out.ptr, "\"cvss\": []"));
    write(&out, "html", &r, 1, false);
    assert_non_null(strstr(out.ptr, "<small>by nvd</small>"));
    assert_non_null(strstr(out.ptr, "<td role=\"cell\">94.38 %</td>"));
}

TEST(report_colour_only_when_asked)
{
    CLEANUP(buf_done) struct buf out = buf_make(MIB(1));
    struct scan_result r = sample();
    write(&out, "table", &r, 1, false);
    assert_null(strchr(out.ptr, '\033'));
    write(&out, "table", &r, 1, true);
    assert_non_null(strstr(out.ptr, "\033[31mHigh\033[0m"));
    assert_null(strstr(out.ptr, "evil\033"));
}

TEST(report_never_a_silent_ok)
{
    CLEANUP(buf_done) struct buf out = buf_make(MIB(1));
    struct scan_result r = {.reference = STR("x"),
                            .unjudged = 5,
                            .unjudged_why = STR("no feed knows it"),
                            .end_of_life = STR("2020-01-01")};
    r.packages.len = 5;
    write(&out, "table", &r, 1, false);
    assert_string_equal(out.ptr,
                        "x\n\nSupport of this release ended on 2020-01-01: what was found later may not be "
                        "known here.\n\n0 findings.\nNot judged: 5 of 5 packages: no feed knows it.\n");
}

TEST(report_stats)
{
    CLEANUP(buf_done) struct buf out = buf_make(MIB(1));
    struct scan_result both[2] = {sample(), {.reference = STR("other"), .unjudged = 1}};
    write(&out, "stats", both, 1, false);
    assert_string_equal(out.ptr, "High: 2\nUnknown: 1\n");
    write(&out, "stats", both, 2, false);
    assert_string_equal(out.ptr,
                        "docker.io/library/nginx:1.27\nHigh: 2\nUnknown: 1\n\nother\nNot judged: 1\n");
}

TEST(report_json)
{
    CLEANUP(buf_done) struct buf out = buf_make(MIB(1));
    struct scan_result r = sample();
    write(&out, "json", &r, 1, false);
    static const char *const parts[] = {
        "\"version\": 1",
        "\"reference\": \"docker.io/library/nginx:1.27\"",
        "\"purl\": \"pkg:deb/debian/libssl3@3.0-1?arch=amd64&distro=debian-12\"",
        "\"fixed_version\": \"3.0-2\"",
        "\"fixed_version\": null",
        "\"status\": \"will_not_fix\"",
        "\"evil\\u001b[31m\\n\"",
        "\"published\": \"1970-01-01T00:16:40Z\"",
        "\"created_by\": \"RUN apt-get install openssl\"",
        "\"packages_total\": 2",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strstr(out.ptr, parts[i]))
            fail_msg("%s is not in %s", parts[i], out.ptr);
}

TEST(report_budget)
{
    CLEANUP(buf_done) struct buf out = buf_make(100);
    struct scan_result r = sample();
    const struct report_options o = {0};
    struct error err = {0};
    for (size_t i = 0; reporters[i]; i++) {
        buf_clear(&out);
        if (strcmp(reporters[i]->name, "stats") != 0) {
            reporters[i]->write(&out, &r, 1, &o);
            assert_int_equal(buf_finish(&out, "the report", &err), -E_LIMIT);
        }
    }
    struct columns c = columns_make(2);
    assert_int_equal(c.arena.limit, REPORT_MAX);
    columns_done(&c);
}

TEST(report_ages)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {{-5, "under a second"}, {0, "under a second"},    {1, "1 second"},   {119, "119 seconds"},
                 {120, "2 minutes"},     {7199, "119 minutes"},    {7200, "2 hours"}, {172799, "47 hours"},
                 {172800, "2 days"},     {86400 * 400, "400 days"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CLEANUP(buf_done) struct buf out = buf_make(100);
        report_age(&out, cases[i].seconds);
        buf_add_char(&out, 0);
        assert_string_equal(out.ptr, cases[i].text);
    }
}
