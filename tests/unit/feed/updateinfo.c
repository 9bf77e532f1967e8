/* updateinfo.xml of Amazon Linux and Fedora. */
#include "text_sink.h"

#define UPDATE(id, type, severity, references, packages)                                                \
    "<update type=\"" type "\"><id>" id "</id><severity>" severity "</severity><references>" references \
    "</references><pkglist><collection short=\"x\"><name>x</name>" packages                             \
    "</collection></pkglist></update>"
#define CVE(id) "<reference type=\"cve\" id=\"" id "\" title=\"\"/>"
#define PACKAGE(name, epoch, release, arch)                                                               \
    "<package name=\"" name "\" version=\"1.2\" release=\"" release "\" epoch=\"" epoch "\" arch=\"" arch \
    "\"><filename>x</filename></package>"

TEST(amazon_updates)
{
    text_check(&amazon_feed,
               "<updates>" UPDATE("ALAS2023-2023-001", "security", "Important", CVE("CVE-1") CVE("CVE-2"),
                                  PACKAGE("rsyslog", "0", "3.amzn2023.0.2", "x86_64")
                                      PACKAGE("rsyslog-doc", "2", "3.amzn2023.0.2", "noarch")
                                          PACKAGE("rsyslog", "0", "3.amzn2023.0.2", "src"))
                   UPDATE("ALAS2-2018-939", "security", "medium", CVE("CVE-3"),
                          PACKAGE("kernel", "0", "1.amzn2", "aarch64"))
                       UPDATE("ALAS-2018-1", "security", "low", CVE("CVE-4"),
                              PACKAGE("kernel", "0", "1.1.amzn1", "x86_64")) "</updates>",
               "amzn:2023 rsyslog: CVE-1 fixed High 1.2-3.amzn2023.0.2 arch x86_64; CVE-2 fixed High "
               "1.2-3.amzn2023.0.2 arch x86_64\n"
               "amzn:2023 rsyslog-doc: CVE-1 fixed High 2:1.2-3.amzn2023.0.2; CVE-2 fixed High "
               "2:1.2-3.amzn2023.0.2\n"
               "amzn:2 kernel: CVE-3 fixed Medium 1.2-1.amzn2 arch aarch64\n"
               "amzn:2018.03 kernel: CVE-4 fixed Low 1.2-1.1.amzn1 arch x86_64\n");
}

/* The core of Amazon Linux 2 has kernel 4.14 and MariaDB 5.5: errata of topics say nothing of those. */
TEST(trap_44_topics_of_amazon)
{
    text_check(&amazon_feed,
               "<updates>" UPDATE("ALASKERNEL-1.0-2023-048", "security", "low", CVE("CVE-1"),
                                  PACKAGE("kernel", "0", "1.amzn2", "x86_64"))
                   UPDATE("ALAS2MARIADB1.1-2023-001", "security", "low", CVE("CVE-2"),
                          PACKAGE("mariadb", "3", "1.amzn2", "x86_64"))
                       UPDATE("ALAS2DOCKER-2021-001", "security", "low", CVE("CVE-3"),
                              PACKAGE("docker", "0", "1.amzn2", "x86_64"))
                           UPDATE("ALAS2CORRETTO8-2021-001", "security", "low", CVE("CVE-4"),
                                  PACKAGE("java", "1", "1.amzn2", "x86_64"))
                               UPDATE("ALAS2-2021-1.5", "security", "low", CVE("CVE-5"),
                                      PACKAGE("a", "0", "1.amzn2", "x86_64")) "</updates>",
               "amzn:2 kernel: CVE-1 fixed Low 1.2-1.amzn2 from 1.0 arch x86_64\n"
               "amzn:2 mariadb: CVE-2 fixed Low 3:1.2-1.amzn2 from 3:1.1 arch x86_64\n"
               "amzn:2 docker: CVE-3 fixed Low 1.2-1.amzn2 arch x86_64\n"
               "amzn:2 java: CVE-4 fixed Low 1:1.2-1.amzn2 arch x86_64\n"
               "amzn:2 a: CVE-5 fixed Low 1.2-1.amzn2 arch x86_64\n");
}

TEST(fedora_updates)
{
    text_check(
        &fedora_feed,
        "<updates>" UPDATE(
            "FEDORA-2025-aaa", "security", "Moderate",
            "<reference type=\"bugzilla\" id=\"1\" title=\"CVE-2025-1 a: x [fedora-41], CVE-2025-2\"/>",
            PACKAGE("a", "0", "1.fc41", "x86_64"))
            UPDATE("FEDORA-2025-bbb", "bugfix", "None", "", PACKAGE("b", "0", "1.fc41", "x86_64"))
                UPDATE("FEDORA-2025-ccc", "security", "None", "",
                       PACKAGE("c", "0", "1.fc41", "x86_64")) "</updates>",
        "fedora:41 a: CVE-2025-1 fixed Medium 1.2-1.fc41 arch x86_64; CVE-2025-2 fixed Medium 1.2-1.fc41 "
        "arch x86_64\n"
        "fedora:41 c: FEDORA-2025-ccc fixed Unknown 1.2-1.fc41 arch x86_64\n");
}

TEST(updateinfo_problems_are_told)
{
    text_check(&fedora_feed,
               "<updates>" UPDATE("F", "security", "", "",
                                  PACKAGE("a", "0", "1.el9", "x86_64") PACKAGE("", "0", "1.fc41", "")
                                      PACKAGE("a", "0", "1.fc", "x")) "</updates>",
               "! F: a package that is none of the distribution's\n! F: a package that is none of the "
               "distribution's\n! F: a package that is none of the distribution's\n");
}

static int take_more(struct feed_sink *sink, struct str url, struct error *err)
{
    struct text_sink *s = (struct text_sink *)sink;
    (void)err;
    buf_printf(&s->out, "+ " STR_FMT "\n", STR_ARG(url));
    return 0;
}

static void check_more(const char *text, const char *want)
{
    struct text_sink s = {.sink = {.row = text_row, .more = take_more}, .out = buf_make(KIB(4))};
    struct error err = {0};
    struct memory_reader m;
    for (size_t step = 0; step < 5; step++) {
        buf_clear(&s.out);
        assert_int_equal(
            amazon_feed.parse(&amazon_feed, memory_reader_init(&m, str_of(text), step, &err), &s.sink, &err),
            0);
        assert_true(str_eq(buf_str(&s.out), str_of(want)));
    }
    buf_done(&s.out);
}

TEST(updateinfo_is_found)
{
    check_more("https://cdn.example.com/2/core/x/\nhttps://other/\n",
               "+ https://cdn.example.com/2/core/x/repodata/repomd.xml\n");
    check_more("http://x/y", "+ http://x/y/repodata/repomd.xml\n");
    check_more(
        "<repomd><data type=\"primary\"><location href=\"repodata/p.xml\"/></data><data "
        "type=\"updateinfo\"><checksum/><location href=\"repodata/1-updateinfo.xml.gz\"/></data></repomd>",
        "+ 1-updateinfo.xml.gz\n");
    check_more("<repomd><data type=\"updateinfo\"><location href=\"/etc/passwd\"/></data></repomd>", "");
}

TEST(updateinfo_refusals)
{
    text_refuse(&amazon_feed, "<html/>", "updateinfo: the document has no updates");
    text_refuse(&amazon_feed, "hello", "updateinfo: neither errata nor a list of mirrors");
    text_refuse(&amazon_feed, "", "xml: offset 0: the document ends too early");
}

#define SMALL                                                \
    "<updates>" UPDATE("A", "security", "low", CVE("CVE-1"), \
                       PACKAGE("p", "0", "1.amzn2", "x86_64")) "</updates>"

TEST(updateinfo_truncations)
{
    text_truncate(&amazon_feed, STR(SMALL), 1);
}

TEST(updateinfo_failures_of_others)
{
    text_failures(&amazon_feed, STR(SMALL));
}

TEST(updateinfo_huge)
{
    struct buf text = buf_make(MIB(64));
    struct text_sink s = {0};
    struct error err;
    buf_add(&text, STR("<updates><update>"));
    for (size_t i = 0; i < UPDATEINFO_MEMORY_MAX / 48; i++)
        buf_add(&text, STR("<package name=\"p\" version=\"1\" release=\"1.fc41\"/>"));
    buf_add(&text, STR("</update></updates>"));
    assert_int_equal(text_parse(&fedora_feed, buf_str(&text), 0, &s, &err), -E_LIMIT);
    assert_string_equal(err.text, "updateinfo: more than one update may hold");
    buf_done(&text);
    buf_done(&s.out);
}
