/* Alpine's security database and its likes, by name of the trap. */
#include "text_sink.h"

#define HEAD             "{\"apkurl\":\"x\",\"archs\":[\"x86_64\"],\"distroversion\":\"v3.18\",\"packages\":["
#define PKG(name, fixes) "{\"pkg\":{\"name\":\"" name "\",\"secfixes\":{" fixes "}}}"

TEST(secdb_fixes)
{
    text_check(
        &alpine_feed,
        HEAD PKG("openssl", "\"1.1.1a-r0\":[\"CVE-2018-0734\",\"CVE-2018-0735\"],\"1.1.1d-r1\":[\"CVE-2019-"
                            "1547\"]") "," PKG("zlib", "\"1.2.12-r2\":[\"CVE-2022-37434\"]") "]}",
        "alpine:v3.18 openssl: CVE-2018-0734 fixed Unknown 1.1.1a-r0; CVE-2018-0735 fixed Unknown 1.1.1a-r0; "
        "CVE-2019-1547 fixed Unknown 1.1.1d-r1\n"
        "alpine:v3.18 zlib: CVE-2022-37434 fixed Unknown 1.2.12-r2\n");
}

TEST(secdb_key_0_is_not_affected) /* 49, 50 */
{
    text_check(
        &alpine_feed, HEAD PKG("bind", "\"0\":[\"CVE-2019-6470\"],\"9.16.4-r0\":[\"CVE-2020-8618\"]") "]}",
        "alpine:v3.18 bind: CVE-2019-6470 not_affected Unknown; CVE-2020-8618 fixed Unknown 9.16.4-r0\n");
}

TEST(secdb_several_ids_in_one_text)
{
    text_check(
        &alpine_feed,
        HEAD PKG("xen", "\"4.10.1-r1\":[\"CVE-2018-10472 XSA-258\",\"XSA-300\",\" CVE-1  CVE-2 \"]") "]}",
        "alpine:v3.18 xen: CVE-2018-10472 fixed Unknown 4.10.1-r1; XSA-300 fixed Unknown 4.10.1-r1; CVE-1 "
        "fixed "
        "Unknown 4.10.1-r1; CVE-2 fixed Unknown 4.10.1-r1\n");
}

TEST(secdb_ids_with_remarks) /* A4 */
{
    text_check(
        &alpine_feed,
        HEAD PKG("p",
                 "\"1-r1\":[\"CVE-2017-2616 (+ regression fix)\",\"CVE_2020-1234\",\"GHSA-h6cc (+regression "
                 "fix)\",\"CVE-1 GHSA-2\",\"(none)\"]") "]}",
        "alpine:v3.18 p: CVE-2017-2616 fixed Unknown 1-r1; CVE-2020-1234 fixed Unknown 1-r1; GHSA-h6cc fixed "
        "Unknown 1-r1; CVE-1 fixed Unknown 1-r1\n");
}

TEST(secdb_rolling_distributions) /* 50 */
{
    static const char text[] = "{\"reponame\":\"os\",\"packages\":[" PKG(
        "akhq", "\"0\":[\"CVE-2024-47535\"],\"0.25-r1\":[\"GHSA-xw35-rrcp-g7xm\"]") "]}";
    text_check(&wolfi_feed, text,
               "wolfi:rolling akhq: CVE-2024-47535 not_affected Unknown; GHSA-xw35-rrcp-g7xm fixed Unknown "
               "0.25-r1\n");
    text_check(&chainguard_feed, text,
               "chainguard:rolling akhq: CVE-2024-47535 not_affected Unknown; GHSA-xw35-rrcp-g7xm fixed "
               "Unknown 0.25-r1\n");
    text_check(&minimos_feed, text,
               "minimos:rolling akhq: CVE-2024-47535 not_affected Unknown; GHSA-xw35-rrcp-g7xm fixed Unknown "
               "0.25-r1\n");
}

TEST(secdb_odd_shapes)
{
    text_check(
        &alpine_feed,
        HEAD "{\"pkg\":{\"secfixes\":{\"1-r0\":[\"CVE-1\",7,null]},\"more\":[1],\"name\":\"a\"},\"x\":{}},7,"
             "{\"pkg\":{\"name\":\"b\",\"secfixes\":{\"1-r0\":null,\"2-r0\":[]}}},{\"pkg\":{\"name\":\"c\","
             "\"secfixes\":[]}},"
             "{\"pkg\":{\"name\":\"d\"}}]}",
        "alpine:v3.18 a: CVE-1 fixed Unknown 1-r0\n");
    text_check(&alpine_feed, "{\"distroversion\":\"edge\",\"packages\":[]}", "");
}

TEST(secdb_problems_are_told)
{
    text_check(&alpine_feed, HEAD PKG("a", "\"one\":[\"CVE-1\"],\"1-r0\":[\"\\u0001\"]") "]}",
               "! alpine:v3.18 a one: fixed in what is no version: taken as undetermined\n"
               "! alpine:v3.18 a 1-r0: an id that is none\n"
               "alpine:v3.18 a: CVE-1 undetermined Unknown\n");
    text_check(
        &alpine_feed, HEAD PKG("", "\"1-r0\":[\"CVE-1\"]") ",{\"pkg\":[]}]}",
        "! alpine:v3.18: a package without a proper name\n! alpine:v3.18: a package that is not an object\n");
    text_check(&alpine_feed, HEAD PKG("a", "\"\":[\"CVE-1\"]") "]}",
               "! alpine:v3.18 a: a fix without a proper version\n");
}

TEST(secdb_refusals)
{
    text_refuse(&alpine_feed, "[]", "secdb: the document is not an object");
    text_refuse(&alpine_feed, "{}", "secdb: the document has no packages");
    text_refuse(&alpine_feed, "{\"distroversion\":\"v3.18\",\"packages\":{}}",
                "secdb: its packages are not a list");
    text_refuse(&alpine_feed, "{\"packages\":[],\"distroversion\":\"v3.18\"}",
                "secdb: the document does not begin with its distroversion");
    text_refuse(&wolfi_feed, "{\"packages\":[]} x", "json: offset 16: expected the end, found 'x'");
}

TEST(secdb_truncations)
{
    text_truncate(&alpine_feed,
                  STR(HEAD PKG("a", "\"1-r0\":[\"CVE-1\"]") "," PKG("b", "\"0\":[\"CVE-1\"]") "]}"), 2);
}

TEST(secdb_failures_of_others)
{
    text_failures(&alpine_feed, STR(HEAD PKG("a", "\"x\":[\"CVE-1\"]") "]}"));
}

TEST(secdb_too_large_row)
{
    struct buf text = buf_make(MIB(16));
    struct text_sink s = {0};
    struct error err;
    buf_add(&text, STR(HEAD "{\"pkg\":{\"name\":\"a\",\"secfixes\":{\"1-r0\":["));
    for (size_t i = 0; i < ADVISORY_ROW_MAX / 16; i++)
        buf_printf(&text, "%s\"CVE-2024-%zu\"", i ? "," : "", 100000 + i);
    buf_add(&text, STR("]}}}]}"));
    assert_int_equal(text_parse(&alpine_feed, buf_str(&text), 0, &s, &err), -E_LIMIT);
    assert_non_null(strstr(err.text, "secdb: a: "));
    buf_done(&text);
    buf_done(&s.out);
}
