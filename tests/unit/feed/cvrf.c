/* openEuler's errata as CVRF, as their index, and as OSV, by name of the trap. */
#include "text_sink.h"

#define CPE(release) "cpe:/a:openEuler:openEuler:" release
#define RELEASE(release) \
    "<FullProductName ProductID=\"openEuler-" release "\" CPE=\"" CPE(release) "\">x</FullProductName>"
#define BUILT(release, file) \
    "<FullProductName ProductID=\"p\" CPE=\"" CPE(release) "\">" file "</FullProductName>"
#define RELEASES(inner) "<Branch Type=\"Product Name\" Name=\"openEuler\">" inner "</Branch>"
#define ON(arch, inner) "<Branch Type=\"Package Arch\" Name=\"" arch "\">" inner "</Branch>"
#define FIXED(id)       "<ProductID>openEuler-" id "</ProductID>"
#define FLAW(id, impact, fixed)                                                                           \
    "<Vulnerability><Notes><Note Title=\"Vulnerability Description\">About " id "</Note></Notes><CVE>" id \
    "</CVE><ProductStatuses><Status Type=\"Fixed\">" fixed                                                \
    "</Status></ProductStatuses><Threats><Threat Type=\"Impact\"><Description>" impact                    \
    "</Description></Threat></Threats><Remediations><Remediation><Description>low</Description></"        \
    "Remediation>"                                                                                        \
    "</Remediations></Vulnerability>"
#define DOCUMENT(tree, flaws)                                                      \
    "<?xml version=\"1.0\"?><cvrfdoc "                                             \
    "xmlns=\"c\"><DocumentTracking><Identification><ID>SA-1</ID></Identification>" \
    "</DocumentTracking><ProductTree>" tree "</ProductTree>" flaws "</cvrfdoc>"

TEST(openeuler_source_packages_of_each_release)
{
    text_check(&openeuler_feed,
               DOCUMENT(RELEASES(RELEASE("20.03-LTS-SP1") RELEASE("22.03-LTS-SP3"))
                            ON("aarch64", BUILT("20.03-LTS-SP1", "libz-1.2-3.oe1.aarch64.rpm"))
                                ON("src", BUILT("20.03-LTS-SP1", "zlib-ng-1.2-3.oe1.src.rpm")
                                              BUILT("22.03-LTS-SP3", "zlib-ng-1.2-9.oe2203sp3.src.rpm")),
                        FLAW("CVE-1", "Medium", FIXED("20.03-LTS-SP1") FIXED("22.03-LTS-SP3"))
                            FLAW("CVE-2", "Critical", FIXED("22.03-LTS-SP3"))),
               "openeuler:20.03-LTS-SP1 zlib-ng: CVE-1 fixed Medium 1.2-3.oe1\n"
               "openeuler:22.03-LTS-SP3 zlib-ng: CVE-1 fixed Medium 1.2-9.oe2203sp3; "
               "CVE-2 fixed Critical 1.2-9.oe2203sp3\n"
               "? CVE-1: About CVE-1\n? CVE-2: About CVE-2\n");
}

TEST(openeuler_words_of_severity)
{
    text_check(
        &openeuler_feed,
        DOCUMENT(RELEASES(RELEASE("24.03-LTS")) ON("src", BUILT("24.03-LTS", "p-1-1.src.rpm")),
                 FLAW("CVE-1", "Important", FIXED("24.03-LTS")) FLAW("CVE-2", "moderate", FIXED("24.03-LTS"))
                     FLAW("CVE-3", "dire", FIXED("24.03-LTS"))),
        "openeuler:24.03-LTS p: CVE-1 fixed High 1-1; CVE-2 fixed Medium 1-1; CVE-3 fixed Unknown 1-1\n"
        "? CVE-1: About CVE-1\n? CVE-2: About CVE-2\n? CVE-3: About CVE-3\n");
}

TEST(cvrf_problems_are_told)
{
    text_check(&openeuler_feed,
               DOCUMENT(RELEASES(RELEASE("24.03-LTS")) ON(
                            "src", BUILT("24.03-LTS", "nothing.src.rpm") BUILT("24.03-LTS", "a-1-.src.rpm")
                                       BUILT("24.03-LTS", "-1-1.src.rpm") BUILT("24.03-LTS", "a--1.src.rpm")
                                           BUILT("24.03-LTS", "") BUILT("24.03 LTS", "b-1-1.src.rpm")),
                        FLAW("X-1", "Low", FIXED("24.03-LTS"))),
               "! SA-1: a package whose name, version and release cannot be told apart\n"
               "! SA-1: a package whose name, version and release cannot be told apart\n"
               "! SA-1: a package whose name, version and release cannot be told apart\n"
               "! SA-1: a package whose name, version and release cannot be told apart\n"
               "! SA-1: a package whose name, version and release cannot be told apart\n"
               "! SA-1: a vulnerability without a CVE\n");
    text_check(&openeuler_feed, DOCUMENT("", FLAW("CVE-1", "", "")),
               "! SA-1: no source packages\n? CVE-1: About CVE-1\n");
}

TEST(cvrf_odd_shapes)
{
    text_check(
        &openeuler_feed,
        "<cvrfdoc><FullProductName/><Status/><ProductID/><CVE/><Branch/><Branch Type=\"Package Arch\"/>"
        "<Vulnerability/><Vulnerability><Status Type=\"Known Affected\"><ProductID>x</ProductID></Status>"
        "<Threat "
        "Type=\"Other\"><Description>High</Description></Threat><Vulnerability/></Vulnerability></cvrfdoc>",
        "! : no source packages\n");
}

TEST(cvrf_refusals)
{
    text_refuse(&openeuler_feed, "<html/>", "cvrf: the document is none");
    text_refuse(&openeuler_feed, "2021/a.xml\n<html>", "openeuler: neither a document nor an index of such");
    text_refuse(&openeuler_feed, "404 page not found", "openeuler: neither a document nor an index of such");
}

#define SMALL                                                                               \
    DOCUMENT(RELEASES(RELEASE("24.03-LTS")) ON("src", BUILT("24.03-LTS", "p-1-1.src.rpm")), \
             FLAW("CVE-1", "Low", FIXED("24.03-LTS")))

TEST(cvrf_truncations)
{
    struct text_sink s = {0};
    struct error err;
    const struct str text = STR(SMALL);
    for (size_t len = 1; len < text.len; len++) {
        assert_true(text_parse(&openeuler_feed, (struct str){text.ptr, len}, 7, &s, &err) < 0);
        assert_int_equal(s.rows, 0);
    }
    buf_done(&s.out);
}

TEST(cvrf_failures_of_others)
{
    text_failures(&openeuler_feed, STR(SMALL));
}

TEST(cvrf_huge)
{
    struct text_sink s = {0};
    struct error err;
    struct buf text = buf_make(MIB(64));
    buf_add(&text, STR("<cvrfdoc><Vulnerability><Status Type=\"Fixed\">"));
    while (text.len < CVRF_MEMORY_MAX * 2)
        buf_add(&text, STR("<ProductID>openEuler-24.03-LTS-SP1-and-more-of-it</ProductID>"));
    buf_add(&text, STR("</Status></Vulnerability></cvrfdoc>"));
    assert_int_equal(text_parse(&openeuler_feed, buf_str(&text), 0, &s, &err), -E_LIMIT);
    assert_string_equal(err.text, "cvrf: more than one document may hold");
    buf_done(&text);
    buf_done(&s.out);
}

/* ---- the index ---- */

struct more_sink {
    struct feed_sink sink;
    struct buf names;
    int fail;
};

static int take_more(struct feed_sink *sink, struct str url, struct error *err)
{
    struct more_sink *s = (struct more_sink *)sink;
    if (s->fail && --s->fail == 0)
        return error_set(err, E_SYSTEM, "no more");
    buf_add(&s->names, url);
    buf_add_char(&s->names, ' ');
    return 0;
}

TEST(openeuler_index)
{
    static const struct str lines = STR_INIT("2021/a.xml\r\n\n2022/b.xml\n2023/c.xml");
    for (size_t step = 0; step < 30; step++) {
        struct error err;
        struct memory_reader m;
        struct more_sink s = {.sink = {.more = take_more}, .names = buf_make(KIB(1))};
        struct reader *in = memory_reader_init(&m, lines, step, &err);
        assert_int_equal(openeuler_feed.parse(&openeuler_feed, in, &s.sink, &err), 0);
        assert_true(str_eq(buf_str(&s.names), STR("2021/a.xml 2022/b.xml 2023/c.xml ")));
        s.fail = 2;
        in = memory_reader_init(&m, lines, step, &err);
        assert_int_equal(openeuler_feed.parse(&openeuler_feed, in, &s.sink, &err), -E_SYSTEM);
        buf_done(&s.names);
    }
    char line[ADVISORY_TEXT_MAX + 3];
    memset(line, '2', sizeof line);
    line[sizeof line - 1] = 0;
    text_refuse(&openeuler_feed, line, "openeuler: neither a document nor an index of such");
}

/* ---- OSV ---- */

TEST(openeuler_records)
{
    text_check(
        &openeuler_feed,
        "[{\"id\":\"OESA-2025-1\",\"upstream\":[\"CVE-1\",\"CVE-2\"],\"affected\":[{\"package\":{"
        "\"ecosystem\":"
        "\"openEuler:22.03-LTS-SP4\",\"name\":\"kernel\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":["
        "{\"introduced\":\"0\"},{\"fixed\":\"5.10.0-1.oe2203sp4\"}]}]},{\"package\":{\"ecosystem\":"
        "\"openEuler:a b\",\"name\":\"p\"},\"ranges\":[{\"events\":[{\"introduced\":\"0\"}]}]}]}]",
        "openeuler:22.03-LTS-SP4 kernel: CVE-1 fixed Unknown 5.10.0-1.oe2203sp4; "
        "CVE-2 fixed Unknown 5.10.0-1.oe2203sp4\n");
}
