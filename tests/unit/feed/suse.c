/* SUSE's OVAL, by name of the trap. */
#include "feed/suse.h"

#include "text_sink.h"

#define AND(inner)      "<criteria operator=\"AND\">" inner "</criteria>"
#define OR(inner)       "<criteria operator=\"OR\">" inner "</criteria>"
#define ON(product)     "<criterion test_ref=\"oval:s:tst:99\" comment=\"" product " is installed\"/>"
#define HAS(test, says) "<criterion test_ref=\"oval:s:tst:" test "\" comment=\"" says "\"/>"
#define CVE(id, criteria)                                                                                  \
    "<definition class=\"vulnerability\"><metadata><title>" id "</title><reference ref_id=\"Mitre " id     \
    "\" source=\"CVE\"/><reference ref_id=\"SUSE " id "\" source=\"SUSE CVE\"/>"                           \
    "<reference "                                                                                          \
    "ref_id=\"SUSE-SU-2024:1-1\"/><advisory><severity>Important</severity></advisory></metadata>" criteria \
    "</definition>"
#define TEST_OF(number, object, state)                                                   \
    "<rpminfo_test id=\"oval:s:tst:" number "\"><object object_ref=\"oval:s:obj:" object \
    "\"/><state state_ref=\"oval:s:ste:" state "\"/></rpminfo_test>"
#define OBJECT(number, name) \
    "<rpminfo_object id=\"oval:s:obj:" number "\"><name>" name "</name></rpminfo_object>"
#define STATE(number, inner) "<rpminfo_state id=\"oval:s:ste:" number "\">" inner "</rpminfo_state>"
#define EVR(operation, evr)  "<evr operation=\"" operation "\">" evr "</evr>"
#define ALL                  "<arch operation=\"pattern match\">(aarch64|ppc64le|s390x|x86_64)</arch>"
#define DOCUMENT(definitions, rest) \
    "<oval_definitions><definitions>" definitions "</definitions>" rest "</oval_definitions>"

/* What it says of products, tests and objects that most cases share. */
#define TESTS   TEST_OF("1", "1", "1") TEST_OF("2", "1", "2") TEST_OF("3", "2", "3") TEST_OF("4", "2", "4")
#define OBJECTS OBJECT("1", "libz1") OBJECT("2", "zlib-devel")
#define FIXES \
    STATE("1", ALL EVR("less than", "0:1.2-150600.1")) STATE("2", EVR("less than", "0:1.2-150700.1"))
#define OTHERS \
    STATE("3", EVR("greater than", "0:0-0")) STATE("4", "<version operation=\"equals\">0</version>")
#define REST TESTS OBJECTS FIXES OTHERS

TEST(suse_modules_and_products_of_a_release) /* 47 */
{
    text_check(&suse_feed,
               DOCUMENT(CVE("CVE-1", AND(OR(ON("SUSE Linux Enterprise Desktop 15 SP6")
                                                ON("SUSE Linux Enterprise Module for Basesystem 15 SP6")
                                                    ON("SUSE Linux Enterprise Server 15 SP6")
                                                        ON("SUSE Manager Proxy 4.3"))
                                             OR(HAS("1", "libz1-1.2-150600.1 is installed")
                                                    HAS("3", "zlib-devel is affected")))),
                        REST),
               "sles:15.6 libz1: CVE-1 fixed High 1.2-150600.1\nsles:15.6 zlib-devel: CVE-1 affected High\n");
}

TEST(suse_releases_do_not_leak) /* 47, R29 */
{
    text_check(
        &suse_feed,
        DOCUMENT(CVE("CVE-1",
                     OR(AND(ON("SUSE Linux Enterprise Server 15 SP6") HAS("1", "libz1-1 is installed"))
                            AND(ON("SUSE Linux Enterprise Server 15 SP7") HAS("2", "libz1-1 is installed"))
                                AND(ON("SUSE Linux Enterprise Server 15") HAS("3", "zlib-devel is affected"))
                                    AND(ON("SUSE Linux Enterprise Server 15 SP5")
                                            HAS("4", "zlib-devel is not affected")))),
                 REST),
        "sles:15.6 libz1: CVE-1 fixed High 1.2-150600.1\nsles:15.7 libz1: CVE-1 fixed High 1.2-150700.1\n"
        "sles:15 zlib-devel: CVE-1 affected High\n");
}

TEST(suse_long_term_support_is_told)
{
    text_check(&suse_feed,
               DOCUMENT(CVE("CVE-1", AND(OR(ON("SUSE Linux Enterprise Server 15 SP3-LTSS") ON(
                                         "SUSE Linux Enterprise Server for SAP Applications 15 SP3"))
                                             HAS("1", "libz1-1 is installed")))
                            CVE("CVE-2", AND(OR(ON("SUSE Linux Enterprise Server 15 SP3-LTSS")
                                                    ON("SUSE Linux Enterprise Server 15 SP3"))
                                                 HAS("1", "libz1-1 is installed")))
                                CVE("CVE-3", AND(ON("SUSE Linux Enterprise Server 15 SP3-LTSS")
                                                     HAS("3", "zlib-devel is affected"))),
                        REST),
               "sles:15.3 libz1: CVE-1 fixed High 1.2-150600.1 subscription; CVE-2 fixed High 1.2-150600.1\n"
               "sles:15.3 zlib-devel: CVE-3 affected High\n");
}

TEST(suse_lines_are_separate) /* 48 */
{
    text_check(&opensuse_feed,
               DOCUMENT(CVE("CVE-1", AND(OR(ON("openSUSE Leap 15.6") ON("openSUSE Tumbleweed") ON(
                                         "SUSE Linux Enterprise Micro 5.5") ON("SUSE Linux Micro 6.0"))
                                             HAS("1", "libz1-1 is installed"))),
                        REST),
               "opensuse-leap:15.6 libz1: CVE-1 fixed High 1.2-150600.1\n"
               "opensuse-tumbleweed:rolling libz1: CVE-1 fixed High 1.2-150600.1\n"
               "sle-micro:5.5 libz1: CVE-1 fixed High 1.2-150600.1\n"
               "sl-micro:6.0 libz1: CVE-1 fixed High 1.2-150600.1\n");
}

/* A kernel of one version, as long as no live patch of that version is there: in an image the kernel is what counts. */
TEST(suse_live_patches) /* R30 */
{
    text_check(
        &suse_feed,
        DOCUMENT(
            CVE("CVE-1",
                AND(ON("SUSE Linux Enterprise Server 15 SP1-LTSS") OR(
                    AND(HAS("5", "kernel-default 4.12.14-150.66.1 is installed") HAS(
                        "6", "no kernel-livepatch-4_12_14-150_66-default is greater or equal than 14-2.2"))
                        AND(HAS("7", "kernel-default-4.12.14-150.72.1 is installed"))))),
            TEST_OF("5", "5", "5") TEST_OF("6", "6", "6") TEST_OF("7", "5", "7") OBJECT("5", "kernel-default")
                OBJECT("6", "kernel-livepatch-4_12_14-150_66-default")
                    STATE("5", EVR("equals", "0:4.12.14-150.66.1"))
                        STATE("6", EVR("greater than or equal", "0:14-2.2-0"))
                            STATE("7", EVR("less than", "0:4.12.14-150.72.1"))),
        "sles:15.1 kernel-default: CVE-1 affected High from 4.12.14-150.66.1 to 4.12.14-150.66.1; "
        "CVE-1 fixed High 4.12.14-150.72.1 subscription\n");
}

TEST(suse_products)
{
    static const struct {
        const char *product, *namespaces;
        enum oval_audience whom;
    } cases[] = {
        {"SUSE Linux Enterprise Server 15", "sles:15", OVAL_EVERYBODY},
        {"SUSE Linux Enterprise Server 16.0", "sles:16.0", OVAL_EVERYBODY},
        {"SUSE Linux Enterprise Server 15-LTSS", "sles:15", OVAL_SUBSCRIBERS},
        {"SUSE Linux Enterprise Server 11 SP3 LTSS", "sles:11.3", OVAL_SUBSCRIBERS},
        {"SUSE Linux Enterprise Server 12 SP2-BCL", "sles:12.2", OVAL_SUBSCRIBERS},
        {"SUSE Linux Enterprise Server LTSS Extended Security 12 SP5", "sles:12.5", OVAL_SUBSCRIBERS},
        {"SUSE Linux Enterprise High Performance Computing 15 SP4-ESPOS", "sles:15.4", OVAL_SUBSCRIBERS},
        {"SUSE Linux Enterprise Module for Python 3 15 SP6", "sles:15.6", OVAL_EVERYBODY},
        {"SUSE Linux Enterprise Module for Containers 12",
         "sles:12 sles:12.1 sles:12.2 sles:12.3 sles:12.4 sles:12.5", OVAL_EVERYBODY},
        {"SUSE Linux Enterprise Server 12", "sles:12", OVAL_EVERYBODY},
        {"SUSE Linux Enterprise Module for SUSE Manager Server 4.3", "", OVAL_NOBODY},
        {"SUSE Linux Enterprise Storage 7", "", OVAL_NOBODY},
        {"SUSE Linux Enterprise Server 15.x", "", OVAL_NOBODY},
        {"SUSE Package Hub 15 SP6", "sles:15.6", OVAL_EVERYBODY},
        {"SUSE Linux Enterprise Micro 5.5", "sle-micro:5.5", OVAL_EVERYBODY},
        {"SUSE Linux Enterprise Micro for Rancher 5.3", "sle-micro:5.3", OVAL_EVERYBODY},
        {"SUSE Linux Enterprise Micro 6.1", "sl-micro:6.1", OVAL_EVERYBODY},
        {"SUSE Linux Micro 6.0", "sl-micro:6.0", OVAL_EVERYBODY},
        {"SUSE Linux Micro Extras 6.0", "", OVAL_NOBODY},
        {"openSUSE Leap 15.6 NonFree", "opensuse-leap:15.6", OVAL_EVERYBODY},
        {"openSUSE Leap Micro 5.5", "opensuse-leap-micro:5.5", OVAL_EVERYBODY},
        {"openSUSE 13.2", "opensuse:13.2", OVAL_EVERYBODY},
        {"openSUSE Backports SLE-15 SP6", "", OVAL_NOBODY},
        {"openSUSE Tumbleweed", "opensuse-tumbleweed:rolling", OVAL_EVERYBODY},
        {"SUSE Manager Server 4.3", "", OVAL_NOBODY},
        {"Windows", "", OVAL_NOBODY},
        {"", "", OVAL_NOBODY},
    };
    struct buf b = buf_make(KIB(1));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_clear(&b);
        assert_int_equal(suse_namespaces(str_of(cases[i].product), STR(""), &b), cases[i].whom);
        buf_add_char(&b, 0);
        assert_string_equal(b.ptr, cases[i].namespaces);
    }
    buf_done(&b);
}
