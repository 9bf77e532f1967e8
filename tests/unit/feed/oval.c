/* OVAL and the feeds in it, by name of the trap. Rows come package by package, in the order of the objects. */
#include "text_sink.h"

#define DEFINITION(title, references, severity, criteria)                             \
    "<definition id=\"oval:x:def:1\"><metadata><title>\n" title "</title>" references \
    "<advisory><severity>" severity "</severity></advisory></metadata>" criteria "</definition>"
#define CVE(id)         "<reference source=\"CVE\" ref_id=\"" id "\"/>"
#define AND(inner)      "<criteria operator=\"AND\">" inner "</criteria>"
#define OR(inner)       "<criteria operator=\"OR\">" inner "</criteria>"
#define SAYS(comment)   "<criterion test_ref=\"oval:x:tst:99\" comment=\"" comment "\"/>"
#define PACKAGE(number) "<criterion test_ref=\"oval:x:tst:" number "\" comment=\"is earlier\"/>"
/* Test, object and state of one number. */
#define RPM(number, name, operation, evr)                                                    \
    "<l:rpminfo_test id=\"oval:x:tst:" number "\"><l:object object_ref=\"oval:x:obj:" number \
    "\"/><l:state state_ref=\"oval:x:ste:" number                                            \
    "\"/></l:rpminfo_test><l:rpminfo_object id=\"oval:x:obj:" number "\"><l:name>" name      \
    "</l:name></l:rpminfo_object><l:rpminfo_state id=\"oval:x:ste:" number                   \
    "\"><l:evr operation=\"" operation "\">" evr "</l:evr></l:rpminfo_state>"
/* The architecture of the state before. */
#define ON(pattern) "<l:arch operation=\"pattern match\">" pattern "</l:arch>"
#define DOCUMENT(definitions, rest) \
    "<oval_definitions xmlns:l=\"x\"><definitions>" definitions "</definitions>" rest "</oval_definitions>"

TEST(oracle_definitions)
{
    text_check(&oracle_feed,
               DOCUMENT(DEFINITION("ELSA-2007-0057:  Moderate: bind security update",
                                   CVE("CVE-1") CVE("CVE-2") CVE("CVE-1"), "MODERATE",
                                   AND(SAYS("Oracle Linux 5 is installed")
                                           OR(AND(PACKAGE("1") PACKAGE("3")) AND(PACKAGE("2")))))
                            DEFINITION("ELSA-2007-0058: without CVE", "", "N/A",
                                       AND(SAYS("Oracle Linux 6 is installed") PACKAGE("2"))),
                        RPM("2", "bind-libs", "less than", "0:9-1.el5")
                            RPM("1", "bind", "less than",
                                "30:9.3.3-8.el5") "<l:rpminfo_state "
                                                  "id=\"oval:x:ste:3\"><l:signature_keyid>1</"
                                                  "l:signature_keyid></l:rpminfo_state>"),
               "oracle:5 bind-libs: CVE-1 fixed Medium 9-1.el5; CVE-2 fixed Medium 9-1.el5\n"
               "oracle:6 bind-libs: ELSA-2007-0058 fixed Unknown 9-1.el5\n"
               "oracle:5 bind: CVE-1 fixed Medium 30:9.3.3-8.el5; CVE-2 fixed Medium 30:9.3.3-8.el5\n");
}

TEST(oracle_fix_of_each_architecture) /* 33, 42, 43 */
{
    text_check(&oracle_feed,
               DOCUMENT(DEFINITION("ELSA-2022-4803", CVE("CVE-1"), "IMPORTANT",
                                   AND(SAYS("Oracle Linux 7 is installed") OR(
                                       AND(SAYS("Oracle Linux arch is x86_64") OR(AND(PACKAGE("1"))))
                                           AND(SAYS("Oracle Linux arch is aarch64") OR(AND(PACKAGE("2"))))))),
                        RPM("1", "rsyslog", "less than", "0:8.24.0-57.0.1.el7_9.3")
                            RPM("2", "rsyslog", "less than", "0:8.24.0-57.0.4.el7_9.3")),
               "oracle:7 rsyslog: CVE-1 fixed High 8.24.0-57.0.1.el7_9.3 arch x86_64; "
               "CVE-1 fixed High 8.24.0-57.0.4.el7_9.3 arch aarch64\n");
}

TEST(oracle_modules) /* 28 */
{
    text_check(&oracle_feed,
               DOCUMENT(DEFINITION("ELSA-1", CVE("CVE-1"), "LOW",
                                   AND(SAYS("Oracle Linux 8 is installed") SAYS("Module httpd:2.4 is enabled")
                                           OR(PACKAGE("1")))),
                        RPM("1", "httpd", "less than", "0:2.4.37-1.module+el8")),
               "oracle:8 httpd: CVE-1 fixed Low 2.4.37-1.module+el8 module httpd:2.4\n");
}

TEST(oval_platforms_in_a_list_of_their_own)
{
    text_check(
        &oracle_feed,
        DOCUMENT(DEFINITION("E", CVE("Mitre CVE-1"), "High",
                            AND(OR(SAYS("Oracle Linux 8 is installed") SAYS("Oracle Linux 9 is installed")
                                       SAYS("Windows is installed")) OR(PACKAGE("1")))),
                 RPM("1", "p", "less than", "2-1")),
        "oracle:8 p: CVE-1 fixed High 2-1\noracle:9 p: CVE-1 fixed High 2-1\n");
}

TEST(azure_release_of_the_tag)
{
    text_check(
        &azure_feed,
        DOCUMENT(DEFINITION("CVE-1 affecting a", CVE("CVE-1"), "Critical",
                            AND(PACKAGE("1") PACKAGE("2") PACKAGE("3") PACKAGE("4"))),
                 RPM("1", "a", "less than", "0:1-1.azl3") RPM("2", "b", "less than or equal", "0:1-1.cm2")
                     RPM("3", "c", "greater than", "0:0-0.cm1") RPM("4", "d", "less than", "0:1-1.el7")),
        "azurelinux:3.0 a: CVE-1 fixed Critical 1-1.azl3\nmariner:2.0 b: CVE-1 affected Critical to 1-1.cm2\n"
        "mariner:1.0 c: CVE-1 affected Critical\n");
}

TEST(oval_odd_shapes)
{
    text_check(&oracle_feed,
               DOCUMENT("<criterion/><definition/>" DEFINITION("", "", "", "")
                            DEFINITION("E", "", "", SAYS("Oracle Linux 8 is installed"))
                                DEFINITION("E", "", "",
                                           AND(SAYS("Oracle Linux 8 is installed") SAYS("Module  is enabled")
                                                   PACKAGE("1") PACKAGE("7") PACKAGE("x")) "<criteria/>"),
                        "<object/><state/><name/><evr/>" RPM("1", "p", "greater than or equal", "1-1")),
               "! : a definition without a name\n! : a definition without a name\n");
    text_check(&oracle_feed,
               DOCUMENT(DEFINITION("E", "", "", AND(SAYS("Oracle Linux 8 is installed") PACKAGE("1"))),
                        RPM("1", "p", "less than", "a b")),
               "! E: an evr that is none\n");
}

TEST(oval_refusals)
{
    text_refuse(&oracle_feed, "<html/>", "oval: the document has no definitions");
    text_refuse(&oracle_feed, "<oval_definitions/>", "oval: the document has no definitions");
    text_refuse(&oracle_feed, "{}", "xml: offset 0: text outside of the root element");
}

#define SMALL                                                                                             \
    DOCUMENT(DEFINITION("E", CVE("CVE-1"), "Low", AND(SAYS("Oracle Linux 8 is installed") PACKAGE("1"))), \
             RPM("1", "p", "less than", "2-1"))

TEST(oval_truncations)
{
    text_truncate(&oracle_feed, STR(SMALL), 0); /* what a part says is not known before the end */
}

TEST(oval_failures_of_others)
{
    text_failures(&oracle_feed, STR(SMALL));
}

/* What is true of one version only, and of some architectures only. */
TEST(oval_equals_and_architectures)
{
    text_check(&oracle_feed,
               DOCUMENT(DEFINITION("E", CVE("CVE-1"), "Low",
                                   AND(SAYS("Oracle Linux 8 is installed")
                                           OR(PACKAGE("1") PACKAGE("2") PACKAGE("3") PACKAGE("4")))),
                        RPM("1", "p", "equals", "0:2-1") RPM("2", "q", "less than", "2-1")
                            ON("(aarch64|x86_64)") RPM("3", "r", "less than", "2-1") ON("s390x")
                                RPM("4", "s", "less than", "2-1") ON("i.86")),
               "oracle:8 p: CVE-1 affected Low from 2-1 to 2-1\noracle:8 q: CVE-1 fixed Low 2-1 arch aarch64 "
               "x86_64\n"
               "oracle:8 r: CVE-1 fixed Low 2-1 arch s390x\noracle:8 s: CVE-1 fixed Low 2-1\n");
}

TEST(oval_descriptions_of_vulnerabilities)
{
    static const char definition[] =
        "<oval_definitions><definition class=\"%s\"><title>CVE-1</title><reference ref_id=\"CVE-1\"/>"
        "<description>\n Words.\n</description></definition></oval_definitions>";
    char text[512];
    snprintf(text, sizeof text, definition, "vulnerability");
    text_check(&azure_feed, text, "? CVE-1: Words.\n");
    snprintf(text, sizeof text, definition, "patch");
    text_check(&azure_feed, text, "");
}

static int parse_big(const struct feed *feed, struct buf *text, struct text_sink *s, struct error *err)
{
    int rc = text_parse(feed, buf_str(text), 0, s, err);
    buf_done(text);
    buf_done(&s->out);
    return rc;
}

TEST(oval_huge)
{
    struct buf text = buf_make(MIB(400));
    struct text_sink s = {0};
    struct error err;
    static char words[FEED_DESCRIPTION_MAX];
    memset(words, 'x', sizeof words);
    buf_add(&text, STR("<oval_definitions>"));
    for (size_t i = 0; i <= OVAL_MEMORY_MAX / sizeof words; i++) {
        buf_add(&text, STR("<definition class=\"vulnerability\"><title>A</title><description>"));
        buf_add(&text, (struct str){words, sizeof words});
        buf_add(&text, STR("</description></definition>"));
    }
    buf_add(&text, STR("</oval_definitions>"));
    assert_int_equal(parse_big(&oracle_feed, &text, &s, &err), -E_LIMIT);
    assert_string_equal(err.text, "oval: more definitions than one document may hold");
}

TEST(oval_many_namespaces)
{
    struct text_sink s = {0};
    struct error err;
    for (int count = OVAL_NAMESPACES_MAX; count <= OVAL_NAMESPACES_MAX + 1; count++) {
        struct buf text = buf_make(MIB(1));
        buf_add(&text, STR("<oval_definitions><definition><title>A</title><criteria>"));
        for (int i = 1; i <= count; i++)
            buf_printf(&text, "<criterion comment=\"Oracle Linux %d is installed\"/>", i);
        buf_add(&text, STR(PACKAGE("1") "</criteria></definition>" RPM("1", "p", "less than",
                                                                       "2-1") "</oval_definitions>"));
        int rc = parse_big(&oracle_feed, &text, &s, &err);
        assert_int_equal(rc, count > OVAL_NAMESPACES_MAX ? -E_LIMIT : 0);
    }
    assert_string_equal(err.text, "oval: more than 64 namespaces");
}

/* A package's advisories that do not fit into one row are several. */
TEST(oval_long_rows)
{
    struct text_sink s = {0};
    struct error err;
    struct buf text = buf_make(MIB(64));
    buf_add(&text, STR("<oval_definitions>"));
    for (int i = 0; i < 160000; i++)
        buf_printf(&text,
                   "<definition><title>CVE-%d</title><criteria><criterion comment=\"Oracle Linux 8 is "
                   "installed\"/>" PACKAGE("1") "</criteria></definition>",
                   i);
    buf_add(&text, STR(RPM("1", "p", "less than", "2-1") "</oval_definitions>"));
    assert_int_equal(parse_big(&oracle_feed, &text, &s, &err), 0);
    assert_int_equal(s.rows, 2);
}
