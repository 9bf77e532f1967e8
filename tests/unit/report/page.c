/* The page as a whole: what it says of which result. */
#include "base/limits.h"
#include "report/report.h"
#include "report/upgrades.h"
#include "test.h"

#define EVIL "<img src=x onerror=alert(1)>\"'&\xe2\x80\xae"

static struct package packages[] = {
    {.name = STR_INIT("libssl3"),
     .version = STR_INIT("3.0.11-1"),
     .source_name = STR_INIT("openssl"),
     .source_version = STR_INIT("3.0.11-1"),
     .introduced = 1,
     .changed = 1},
    {.name = STR_INIT("openssl"),
     .version = STR_INIT("3.0.11-1"),
     .source_name = STR_INIT("openssl"),
     .source_version = STR_INIT("3.0.11-1"),
     .introduced = 1,
     .changed = 2},
    {.name = STR_INIT("zlib1g"), .version = STR_INIT("1:1.2"), .introduced = 0},
};

static struct vulnerability known = {.id = STR_INIT("CVE-2024-1"),
                                     .description = STR_INIT("A <race>."),
                                     .link = STR_INIT("https://nvd/1"),
                                     .cvss3 = STR_INIT("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
                                     .score2 = -1,
                                     .score3 = 98,
                                     .score4 = -1,
                                     .cwe = STR_INIT("CWE-79"),
                                     .kev = STR_INIT("2024-07-01"),
                                     .epss = 0.5};

static struct finding findings[] = {
    {.package = &packages[2],
     .id = STR_INIT("CVE-2024-9"),
     .severity = SEVERITY_CRITICAL,
     .status = ADVISORY_FIXED,
     .fixed_version = STR_INIT("1:1.3")},
    {.package = &packages[0],
     .id = STR_INIT("CVE-2024-1"),
     .severity = SEVERITY_HIGH,
     .status = ADVISORY_FIXED,
     .fixed_version = STR_INIT("3.0.11-2"),
     .feed = STR_INIT("debian"),
     .link = STR_INIT("https://tracker/1"),
     .about = &known},
    {.package = &packages[1],
     .id = STR_INIT("CVE-2024-1"),
     .severity = SEVERITY_HIGH,
     .status = ADVISORY_FIXED,
     .fixed_version = STR_INIT("3.0.11-2"),
     .about = &known},
    {.package = &packages[0],
     .id = STR_INIT("CVE-2024-2"),
     .severity = SEVERITY_LOW,
     .status = ADVISORY_FIXED,
     .fixed_version = STR_INIT("3.0.11-10")},
    {.package = &packages[0],
     .id = STR_INIT("CVE-2024-3"),
     .severity = SEVERITY_UNKNOWN,
     .status = ADVISORY_WILL_NOT_FIX},
};
static struct result_layer layers[] = {
    {.created_by = STR_INIT("/bin/sh -c #(nop) ADD rootfs"), .size = 39789581},
    {.created_by = STR_INIT("RUN /bin/sh -c apt-get install openssl # buildkit"), .size = 999},
    {.size = 7149568}};

static struct scan_result sample(void)
{
    return (struct scan_result){.reference = STR("nginx:1.27"),
                                .distribution = STR("Debian"),
                                .layers = {layers, 3, 3},
                                .packages = {packages, 3, 3},
                                .findings = {findings, 5, 5},
                                .judged = 3};
}

static void write_page(struct buf *out, const struct scan_result *results, size_t n)
{
    const struct report_options o = {.now = 90000};
    buf_clear(out);
    reporter_find(reporters, STR("html"))->write(out, results, n, &o);
    buf_add_char(out, 0);
    assert_false(out->failed);
}

static void assert_has(const struct buf *page, const char *part)
{
    if (!strstr(page->ptr, part))
        fail_msg("%s is not in %s", part, strstr(page->ptr, "<main>"));
}

static void assert_lacks(const struct buf *page, const char *part)
{
    if (strstr(page->ptr, part))
        fail_msg("%s is in %s", part, strstr(page->ptr, part));
}

static size_t count(const struct buf *page, const char *part)
{
    size_t n = 0;
    for (const char *at = page->ptr; (at = strstr(at, part)); at++)
        n++;
    return n;
}

TEST(upgrades_group_by_source)
{
    struct arena a = arena_make(MIB(1));
    struct scan_result r = sample();
    struct upgrades u;
    assert_int_equal(upgrades_of(&r, &a, &u), 0);
    assert_int_equal(u.list.len, 2);
    const struct upgrade *first = &u.list.ptr[0], *second = &u.list.ptr[1];
    assert_true(str_eq(first->source, STR("openssl"))); /* one of its vulnerabilities is exploited */
    assert_true(str_eq(first->fixed, STR("3.0.11-10")));
    assert_int_equal(first->exploited, 1);
    assert_int_equal(first->total, 2);
    assert_int_equal(first->counts[SEVERITY_HIGH], 1); /* in two packages, but one vulnerability */
    assert_int_equal(first->findings_count, 3);
    assert_true(str_eq(second->source, STR("zlib1g"))); /* without a source: by its own name and version */
    assert_true(str_eq(second->installed, STR("1:1.2")));
    arena_done(&a);
    a = arena_make(16);
    assert_int_equal(upgrades_of(&r, &a, &u), -1);
    arena_done(&a);
}

TEST(page_parts)
{
    static const char *const parts[] = {
        "<title>nginx:1.27: vulnerabilities</title>",
        "<h1 id=\"i1-title\" class=\"title\">nginx:1.27</h1>",
        "<tr class=\"s5\"><th scope=\"row\">Critical</th>",
        "<tr class=\"s3 zero\"><th scope=\"row\">Medium</th>",
        "4 vulnerabilities in 3 packages",
        "by 2 upgrades",
        "listed by CISA",
        "<span class=\"from\">3.0.11-1</span> ",
        "<span class=\"to\">3.0.11-10</span>",
        "in libssl3, openssl · <a href=\"#i1-l2\">layer 2</a>",
        "<tr role=\"row\" class=\"s4 fix\" data-layer=\"2\"><td role=\"cell\">High</td>",
        "<a rel=noreferrer href=\"https://tracker/1\">CVE-2024-1</a> <b class=\"kev\">exploited</b>",
        "<td role=\"cell\">2 <code>RUN apt-get install openssl</code></td>",
        "<td role=\"cell\">will not fix</td>",
        "<p class=\"what\">A &lt;race&gt;.</p>",
        "It came with <a href=\"#i1-l2\">layer 2</a>, this version with <a href=\"#i1-l3\">layer 3</a>",
        "CVSS 3.1 <b>9.8</b> Critical",
        "<dt>Attack vector</dt><dd>Physical Local Adjacent <mark class=\"v2\">Network</mark> </dd>",
        "<mark class=\"v0\">Unchanged</mark> Changed",
        "known, listed by CISA since 2024-07-01; 50.0 % likely within 30 days (EPSS)",
        "<a rel=noreferrer href=\"https://cwe.mitre.org/data/definitions/79.html\">CWE-79</a>",
        "href=\"https://nvd/1\"",
        "Nothing: every package was judged",
        "39.7 MB",
        "999 bytes",
        "7.1 MB",
        "ADD rootfs",
        "<time datetime=\"1970-01-02T01:00:00Z\">2 January 1970, 01:00 UTC</time>",
    };
    CLEANUP(buf_done) struct buf page = buf_make(MIB(1));
    struct scan_result r = sample();
    write_page(&page, &r, 1);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        assert_has(&page, parts[i]);
    assert_lacks(&page, "class=\"notice");
    assert_lacks(&page, "Defcon1");
    assert_lacks(&page, "<th scope=\"col\">Image</th>");
    assert_lacks(&page, " style=");
    assert_int_equal(count(&page, "<tr role=\"row\" class="), 5);
}

TEST(page_is_never_a_silent_ok)
{
    CLEANUP(buf_done) struct buf page = buf_make(MIB(1));
    struct result_feed feed = {.name = STR("debian"), .stale = true, .snapshot = true, .published = 3600};
    struct problem problem = {.where = STR("layer 1"), .text = STR("broken")};
    struct scan_result r = sample();
    r.findings.len = 0;
    write_page(&page, &r, 1);
    assert_has(&page, "<p class=\"verdict good\">No known vulnerability</p>");
    r.hidden = 2;
    write_page(&page, &r, 1);
    assert_has(&page, "<p class=\"verdict good\">No known vulnerability, apart from 2 findings left out by "
                      "the filters of this run</p>");
    r.unjudged = 1;
    r.unjudged_why = STR("no feed knows it");
    r.problems = (__typeof__(r.problems)){&problem, 1, 1};
    r.feeds = (__typeof__(r.feeds)){&feed, 1, 1};
    r.undetermined = 3;
    r.weakness = "no Landlock";
    r.end_of_life = STR("2020-06-30");
    write_page(&page, &r, 1);
    static const char *const parts[] = {
        "<p class=\"verdict\">No known vulnerability in what could be judged",
        "Support of this release ended on 2020-06-30.",
        "1 of 3 packages was not judged. 1 problem on the way. The data are older",
        "<strong>Not judged:</strong> 1 of 3 packages: no feed knows it.",
        "the feed has not decided about 3 more",
        "<strong>Old data:</strong> debian is 24 hours old",
        "nobody has looked at this release since 2020-06-30",
        "<strong>Problem:</strong> layer 1: broken.",
        "<strong>Sandbox:</strong> no Landlock.",
        "2 findings by the filters",
        "debian, read from a file"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        assert_has(&page, parts[i]);
    r.unjudged = r.problems.len = 0;
    write_page(&page, &r, 1);
    assert_has(&page, "<strong>The data are older than they should be.</strong> <a href=\"#i1-judged\">");
    r.judged = 0;
    write_page(&page, &r, 1);
    assert_has(&page, "<p class=\"verdict\">Nothing could be judged");
}

/* A server knows layers by names alone. */
TEST(page_names_layers)
{
    CLEANUP(buf_done) struct buf page = buf_make(MIB(1));
    struct result_layer named[] = {{.name = STR("sha256:1_abc")},
                                   {.name = STR("b"), .created_by = STR("COPY x y")}};
    struct scan_result r = {.layers = {named, 2, 2}};
    write_page(&page, &r, 1);
    assert_has(&page, "<code>sha256:1_abc</code>");
    assert_has(&page, "<code>COPY x y</code>");
}

/* A result that a server's answer made: no layers, no digest, no sources, nothing judged. */
TEST(page_of_bare_results)
{
    CLEANUP(buf_done) struct buf page = buf_make(MIB(1));
    struct package p = {.name = STR("a"), .version = STR("1"), .introduced = 7};
    struct finding f = {.package = &p, .id = STR("X"), .severity = SEVERITY_DEFCON1};
    struct scan_result several[3] = {{.findings = {&f, 1, 1}}, {.reference = STR("b/c")}, sample()};
    write_page(&page, several, 3);
    assert_has(&page, "<h1>Vulnerabilities in 3 images</h1>");
    assert_has(&page, "<th scope=\"row\"><a href=\"#i2\">b/<wbr>c</a></th>");
    assert_has(&page, "<h2 id=\"i1-title\" class=\"title\">Image without a name</h2>");
    assert_has(&page, "<th scope=\"row\">Defcon1</th>");
    assert_has(&page, "No upgrade mends any of the findings yet.");
    assert_has(&page, "<h3 id=\"i3-first\">");
    assert_has(&page, "There was no package to judge.");
    assert_int_equal(count(&page, "<h1"), 1);
    write_page(&page, NULL, 0);
    assert_has(&page, "Vulnerabilities in 0 images");
}

/* Every text of a result is an attack, and none arrives. */
TEST(page_escapes_everything)
{
    CLEANUP(buf_done) struct buf page = buf_make(MIB(1));
    const struct str evil = STR(EVIL);
    struct package p = {.name = evil,
                        .version = evil,
                        .arch = evil,
                        .source_name = STR(EVIL "s"),
                        .source_version = evil,
                        .path = evil};
    struct vulnerability v = {.id = evil,
                              .description = evil,
                              .link = evil,
                              .cvss2 = evil,
                              .cvss3 = evil,
                              .cvss4 = evil,
                              .score2 = 1,
                              .score3 = 2,
                              .score4 = 3,
                              .cwe = evil,
                              .kev = evil,
                              .epss = 0.01};
    struct finding f = {
        .package = &p, .id = evil, .fixed_version = evil, .feed = evil, .link = evil, .about = &v};
    struct result_layer layer = {.created_by = evil};
    struct result_feed feed = {.name = evil, .title = evil};
    struct problem problem = {.where = evil, .text = evil};
    struct scan_result r = {.reference = evil,
                            .platform = evil,
                            .namespace = evil,
                            .distribution = evil,
                            .end_of_life = evil,
                            .unjudged_why = evil,
                            .unjudged = 1,
                            .weakness = EVIL,
                            .layers = {&layer, 1, 1},
                            .findings = {&f, 1, 1},
                            .feeds = {&feed, 1, 1},
                            .problems = {&problem, 1, 1}};
    struct scan_result both[2] = {r, r};
    write_page(&page, both, 2);
    assert_lacks(&page, "<img");
    assert_lacks(&page, "\xe2\x80\xae");
    assert_lacks(&page, "javascript:");
    assert_true(count(&page, "&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;") > 40);
    assert_int_equal(count(&page, "<script>"), 1);
}

TEST(page_rows_in_bodies)
{
    CLEANUP(buf_done) struct buf page = buf_make(MIB(4));
    struct arena a = arena_make(MIB(4));
    struct scan_result r = sample();
    for (size_t n = 249; n <= 501; n += 126) {
        r.findings = (__typeof__(r.findings)){arena_array(&a, struct finding, n), n, n};
        for (size_t i = 0; i < n; i++)
            r.findings.ptr[i] = findings[0];
        write_page(&page, &r, 1);
        assert_int_equal(count(&page, "<tbody role=\"rowgroup\">"), (n + 249) / 250);
        assert_int_equal(count(&page, "</tbody>"), count(&page, "<tbody"));
    }
    arena_done(&a);
}
