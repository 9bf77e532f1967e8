/* The OSV format and the feeds in it, by name of the trap. */
#include "text_sink.h"

#define RANGE(events)            "\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[" events "]}]"
#define PACKAGE(ecosystem, name) "\"package\":{\"ecosystem\":\"" ecosystem "\",\"name\":\"" name "\"}"
#define FIXED(version)           "{\"introduced\":\"0\"},{\"fixed\":\"" version "\"}"

static void check_debian(const char *affected, const char *want)
{
    struct buf text = buf_make(MIB(1));
    buf_printf(&text, "{\"id\":\"DEBIAN-CVE-1\",\"affected\":[{" PACKAGE("Debian:12", "p") ",%s}]}%c",
               affected, 0);
    text_check(&debian_osv_feed, text.ptr, want);
    buf_done(&text);
}

TEST(osv_introduced_0_is_from_the_first_version) /* 58 */
{
    check_debian(RANGE(FIXED("2-1")), "debian:12 p: CVE-1 fixed Unknown 2-1\n");
    check_debian(RANGE("{\"introduced\":\"0\"}"), "debian:12 p: CVE-1 affected Unknown\n");
    check_debian(RANGE("{\"introduced\":\"1-1\"},{\"fixed\":\"2-1\"}"),
                 "debian:12 p: CVE-1 fixed Unknown 2-1 from 1-1\n");
}

TEST(osv_last_affected_is_inclusive) /* 58 */
{
    check_debian(RANGE("{\"introduced\":\"0\"},{\"last_affected\":\"2-1\"}"),
                 "debian:12 p: CVE-1 affected Unknown to 2-1\n");
}

TEST(osv_events_in_any_order)
{
    check_debian(
        RANGE("{\"fixed\":\"10-1\"},{\"introduced\":\"9-1\"},{\"fixed\":\"2-1\"},{\"introduced\":\"0\"}"),
        "debian:12 p: CVE-1 fixed Unknown 2-1; CVE-1 fixed Unknown 10-1 from 9-1\n");
    check_debian(RANGE("{\"introduced\":\"0\",\"fixed\":\"2-1\"}"), "debian:12 p: CVE-1 fixed Unknown 2-1\n");
    check_debian(RANGE("{\"fixed\":\"2-1\"}"), ""); /* never introduced */
    check_debian(RANGE("{\"introduced\":\"0\"},{\"fixed\":\"0\"}"), "debian:12 p: CVE-1 affected Unknown\n");
    check_debian(RANGE("{\"introduced\":\"0\"},{\"limit\":\"3\"}"), "debian:12 p: CVE-1 affected Unknown\n");
}

TEST(osv_several_ranges)
{
    check_debian(
        "\"ranges\":[{\"type\":\"GIT\",\"events\":[{\"introduced\":\"abc\"}]},{\"type\":\"ECOSYSTEM\","
        "\"events\":[" FIXED(
            "2-1") "]},{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"3-1\"},{\"fixed\":\"4-1\"}]}]",
        "debian:12 p: CVE-1 fixed Unknown 2-1; CVE-1 fixed Unknown 4-1 from 3-1\n");
}

TEST(osv_enumerated_versions)
{
    check_debian(
        "\"versions\":[\"1-1\",\"1-2\"]",
        "debian:12 p: CVE-1 affected Unknown from 1-1 to 1-1; CVE-1 affected Unknown from 1-2 to 1-2\n");
    check_debian("\"versions\":[\"1-1\",\"7-1\"]," RANGE(FIXED("2-1")),
                 "debian:12 p: CVE-1 fixed Unknown 2-1; CVE-1 affected Unknown from 7-1 to 7-1\n");
    check_debian(RANGE("{\"introduced\":\"0\"}") ",\"versions\":[\"1-1\"]",
                 "debian:12 p: CVE-1 affected Unknown\n");
}

TEST(osv_withdrawn_is_nothing) /* 58 */
{
    text_check(&debian_osv_feed,
               "{\"id\":\"DEBIAN-CVE-1\",\"withdrawn\":\"2024-01-01T00:00:00Z\",\"affected\":[{" PACKAGE(
                   "Debian:12", "p") "," RANGE(FIXED("2-1")) "}]}",
               "");
    text_check(&debian_osv_feed,
               "{\"id\":\"DEBIAN-CVE-1\",\"withdrawn\":null,\"affected\":[{" PACKAGE(
                   "Debian:12", "p") "," RANGE(FIXED("2-1")) "}]}",
               "debian:12 p: CVE-1 fixed Unknown 2-1\n");
}

TEST(osv_ids_are_those_of_cve) /* 59 */
{
    static const struct {
        const char *head, *want;
    } cases[] = {
        {"\"id\":\"ALSA-1\",\"related\":[\"CVE-1\",\"CVE-2\",\"CVE-1\"]",
         "CVE-1 fixed Unknown 2-1; CVE-2 fixed Unknown 2-1"},
        {"\"id\":\"ALSA-1\",\"upstream\":[\"CVE-3\"],\"aliases\":[\"CVE-4\",\"GHSA-x\"],\"related\":[\"CVE-"
         "5\"]",
         "CVE-4 fixed Unknown 2-1; CVE-3 fixed Unknown 2-1"},
        {"\"id\":\"ALSA-1\",\"upstream\":[\"UBUNTU-CVE-3\"]", "CVE-3 fixed Unknown 2-1"},
        {"\"id\":\"ALSA-1\"", "ALSA-1 fixed Unknown 2-1"},
        {"\"id\":\"CVE-7\",\"related\":[\"CVE-8\"]", "CVE-7 fixed Unknown 2-1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512], want[256];
        snprintf(text, sizeof text,
                 "{\"affected\":[{" PACKAGE("AlmaLinux:9", "p") "," RANGE(FIXED("2-1")) "}],%s}",
                 cases[i].head);
        snprintf(want, sizeof want, "almalinux:9 p: %s\n", cases[i].want);
        text_check(&almalinux_feed, text, want);
    }
    text_check(&almalinux_feed,
               "{\"id\":\"ALBA-1\",\"affected\":[{" PACKAGE("AlmaLinux:9", "p") "," RANGE(FIXED("2-1")) "}]}",
               ""); /* mends no vulnerability */
}

#define ALMA(summary, ...) \
    "{\"id\":\"ALSA-1\",\"related\":[\"CVE-1\"],\"summary\":\"" summary "\",\"affected\":[" __VA_ARGS__ "]}"
#define ALMA_8(name, version) "{" PACKAGE("AlmaLinux:8", name) "," RANGE(FIXED(version)) "}"

TEST(almalinux_severity_of_the_summary)
{
    text_check(&almalinux_feed, ALMA("Important: p security update", ALMA_8("p", "2-1")),
               "almalinux:8 p: CVE-1 fixed High 2-1\n");
    text_check(&almalinux_feed, ALMA("Moderate: p", ALMA_8("p", "2-1")),
               "almalinux:8 p: CVE-1 fixed Medium 2-1\n");
    text_check(&almalinux_feed, ALMA("p: an update", ALMA_8("p", "2-1")),
               "almalinux:8 p: CVE-1 fixed Unknown 2-1\n");
}

TEST(trap_r26_debuginfo) /* 36 */
{
    text_check(
        &almalinux_feed,
        "[{\"id\": \"ALSA-1\", \"related\": [\"CVE-1\"], \"affected\": ["
        "{\"package\": {\"ecosystem\": \"AlmaLinux:9\", \"name\": \"curl-debuginfo\"}, \"ranges\": "
        "[{\"events\": "
        "[{\"introduced\": \"0\"}, {\"fixed\": \"2-1\"}]}]}, "
        "{\"package\": {\"ecosystem\": \"AlmaLinux:9\", \"name\": \"curl-debugsource\"}, \"ranges\": "
        "[{\"events\": "
        "[{\"introduced\": \"0\"}, {\"fixed\": \"2-1\"}]}]}, "
        "{\"package\": {\"ecosystem\": \"AlmaLinux:9\", \"name\": \"curl\"}, \"ranges\": [{\"events\": "
        "[{\"introduced\": \"0\"}, {\"fixed\": \"2-1\"}]}]}]}]",
        "almalinux:9 curl: CVE-1 fixed Unknown 2-1\n");
}

TEST(almalinux_modules) /* 35 */
{
    text_check(&almalinux_feed,
               ALMA("Low: python39:3.9 and python39-devel:3.9 security update",
                    ALMA_8("python39", "3.9.13-1.module_el8.7.0+3344+df07b58a") "," ALMA_8("x", "1-1.el8")),
               "almalinux:8 python39: CVE-1 fixed Low 3.9.13-1.module_el8.7.0+3344+df07b58a module "
               "python39:3.9 python39-devel:3.9\n"
               "almalinux:8 x: CVE-1 fixed Low 1-1.el8\n");
}

TEST(almalinux_built_twice) /* 35: who has the one or the other has the fix */
{
    text_check(
        &almalinux_feed,
        ALMA("p", ALMA_8("koan", "2-6.module_el8.5.0+94") "," ALMA_8(
                      "koan", "2-6.module_el8.3.0+2041") "," ALMA_8("koan", "2-6.module_el8.3.0+2041")),
        "almalinux:8 koan: CVE-1 fixed Unknown 2-6.module_el8.3.0+2041\n");
}

TEST(rocky_names_sources) /* 38 */
{
    text_check(&rocky_feed,
               "{\"id\":\"RLSA-2021:3891\",\"related\":[\"CVE-1\"],\"summary\":\"Important: "
               "x\",\"affected\":[{" PACKAGE("Rocky Linux:8", "java-11-openjdk") "," RANGE(
                   FIXED("1:11.0.13.0.8-1.el8_4")) "}]}",
               "rocky:8 java-11-openjdk: CVE-1 fixed High 1:11.0.13.0.8-1.el8_4\n");
    assert_false(rocky_feed.binary);
}

#define UBUNTU(ecosystem, events) "{" PACKAGE(ecosystem, "unzip") "," RANGE(events) "}"

TEST(ubuntu_pro_is_told) /* 21, 22, 23, 26 */
{
    text_check(
        &ubuntu_feed,
        "{\"id\":\"UBUNTU-CVE-2014-9913\",\"details\":\"A "
        "flaw.\",\"upstream\":[\"CVE-2014-9913\"],\"affected\":[" UBUNTU(
            "Ubuntu:Pro:14.04:LTS",
            FIXED(
                "6.0-"
                "9ubun"
                "tu1."
                "6")) "," UBUNTU("Ubuntu:16.04:LTS",
                                 FIXED(
                                     "6.0-20ubuntu1.1")) "," UBUNTU("Ubuntu:Pro:18.04:LTS",
                                                                    "{\"introduced\":\"0\"}") "," UBUNTU("Ubu"
                                                                                                         "ntu"
                                                                                                         ":25"
                                                                                                         ".1"
                                                                                                         "0",
                                                                                                         "{\""
                                                                                                         "int"
                                                                                                         "rod"
                                                                                                         "uce"
                                                                                                         "d\""
                                                                                                         ":"
                                                                                                         "\"0"
                                                                                                         "\""
                                                                                                         "}") "],"
                                                                                                              "\"severity\""
                                                                                                              ":[{\"type\":"
                                                                                                              "\"CVSS_V3\","
                                                                                                              "\"score\":"
                                                                                                              "\"CVSS:3.0/"
                                                                                                              "AV:L/AC:L/"
                                                                                                              "PR:N/UI:N/"
                                                                                                              "S:U/C:N/I:N/"
                                                                                                              "A:L\"},{"
                                                                                                              "\"type\":"
                                                                                                              "\"Ubuntu\","
                                                                                                              "\"score\":"
                                                                                                              "\"negligible"
                                                                                                              "\"}]}",
        "ubuntu:14.04 unzip: CVE-2014-9913 fixed Negligible 6.0-9ubuntu1.6 subscription\n"
        "ubuntu:16.04 unzip: CVE-2014-9913 fixed Negligible 6.0-20ubuntu1.1\n"
        "ubuntu:18.04 unzip: CVE-2014-9913 affected Negligible\n"
        "ubuntu:25.10 unzip: CVE-2014-9913 affected Negligible\n"
        "? CVE-2014-9913: A flaw. [CVSS:3.0/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L 40]\n");
}

TEST(ubuntu_other_products_are_left_out) /* 24 */
{
    text_check(
        &ubuntu_feed,
        "{\"id\":\"UBUNTU-CVE-1\",\"affected\":[" UBUNTU("Ubuntu:Pro:FIPS:20.04:LTS", FIXED("1")) "," UBUNTU(
            "Ubuntu:Pro:FIPS-updates:20.04:LTS", FIXED("1")) "," UBUNTU("Ubuntu:Pro:Realtime:22.04:LTS",
                                                                        FIXED("1")) "]}",
        "");
    text_check(&ubuntu_feed,
               "{\"id\":\"USN-1-1\",\"upstream\":[\"UBUNTU-CVE-1\"],\"affected\":[" UBUNTU("Ubuntu:20.04:LTS",
                                                                                           FIXED("1")) "]}",
               "");
}

TEST(osv_urgency_of_a_package)
{
    check_debian(RANGE("{\"introduced\":\"0\"}") ",\"ecosystem_specific\":{\"urgency\":\"unimportant\"}",
                 "debian:12 p: CVE-1 affected Negligible\n");
    check_debian(RANGE("{\"introduced\":\"0\"}") ",\"ecosystem_specific\":{\"urgency\":\"not yet assigned\"}",
                 "debian:12 p: CVE-1 affected Unknown\n");
}

TEST(osv_arrays_and_odd_shapes)
{
    text_check(&debian_osv_feed,
               "[{\"id\":\"DEBIAN-CVE-1\",\"affected\":[{" PACKAGE("Debian:12", "p") "," RANGE(FIXED(
                   "2")) "}]},7,{\"id\":\"DEBIAN-CVE-2\"},"
                         "{\"id\":\"DEBIAN-CVE-3\",\"affected\":[7,{},{\"package\":[]},"
                         "{" PACKAGE("npm", "p") "," RANGE(FIXED("2")) "},{" PACKAGE(
                             "Debian:12", "q") ",\"ranges\":7},{" PACKAGE("Debian:12",
                                                                          "r") ",\"ranges\":[7,{\"events\":["
                                                                               "7,{},{\"introduced\":7}]}],"
                                                                               "\"versions\":[7,\"\"]}],"
                                                                               "\"severity\":[7,{\"score\":"
                                                                               "7}],\"aliases\":7}]",
               "debian:12 p: CVE-1 fixed Unknown 2\n");
}

/* Of a record without a word, the score's rating; of several versions that of 3. */
TEST(osv_severity_of_a_vector)
{
    text_check(&debian_osv_feed,
               "{\"id\":\"DEBIAN-CVE-1\",\"affected\":[{" PACKAGE("Debian:12", "p") "," RANGE(
                   FIXED("2")) "}],\"severity\":["
                               "{\"type\":\"CVSS_V4\",\"score\":\"CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:A/VC:N/"
                               "VI:N/VA:N/SC:L/SI:N/SA:N\"},"
                               "{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/"
                               "A:H\"},{\"type\":\"CVSS_V2\",\"score\":\"?\"}]}",
               "debian:12 p: CVE-1 fixed Critical 2\n"
               "? CVE-1:  [CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H 98] "
               "[CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:N/SA:N 21]\n");
}

TEST(osv_problems_are_told)
{
    check_debian(RANGE(FIXED("a b")), "! DEBIAN-CVE-1: a version that is none: its range is left out\n");
    text_check(&almalinux_feed, "{\"id\":\"a b\"}", "! a b: a record without a proper id\n");
    text_check(&debian_osv_feed, "{\"id\":\"DEBIAN-CVE-1\",\"affected\":[{" PACKAGE("Debian:12", "") "}]}",
               "! DEBIAN-CVE-1: a package without a proper name\n");
}

static const unsigned char archive[] = {
    'P',  'K', 3, 4, 20, 0, 0,  0,  0,   0,   0,   0,   0,   0,   0x43, 0xbf, 0xa6, 0xa3, 2,
    0,    0,   0, 2, 0,  0, 0,  6,  0,   0,   0,   'a', '.', 'j', 's',  'o',  'n',  '{',  '}',
    'P',  'K', 1, 2, 20, 0, 20, 0,  0,   0,   0,   0,   0,   0,   0,    0,    0x43, 0xbf, 0xa6,
    0xa3, 2,   0, 0, 0,  2, 0,  0,  0,   6,   0,   0,   0,   0,   0,    0,    0,    0,    0,
    0,    0,   0, 0, 0,  0, 0,  0,  'a', '.', 'j', 's', 'o', 'n', 'P',  'K',  5,    6,    0,
    0,    0,   0, 1, 0,  1, 0,  52, 0,   0,   0,   38,  0,   0,   0,    0,    0};

TEST(osv_in_a_zip)
{
    struct text_sink s = {0};
    struct error err;
    char damaged[sizeof archive];
    for (size_t step = 0; step < 9; step++) {
        assert_int_equal(
            text_parse(&debian_osv_feed, (struct str){(const char *)archive, sizeof archive}, step, &s, &err),
            0);
        assert_string_equal(s.out.ptr, "");
    }
    memcpy(damaged, archive, sizeof archive);
    damaged[36] = '[';
    assert_int_equal(text_parse(&debian_osv_feed, (struct str){damaged, sizeof damaged}, 0, &s, &err),
                     -E_BAD_INPUT);
    assert_string_equal(err.text, "a.json: json: offset 1: expected a value, found '}'");
    text_truncate(&debian_osv_feed, (struct str){(const char *)archive, sizeof archive}, 0);
    buf_done(&s.out);
}

TEST(osv_refusals)
{
    text_refuse(&ubuntu_feed, "[]", "osv: the document has no records");
    text_refuse(&ubuntu_feed, "7", "osv: the document has no records");
    text_refuse(&ubuntu_feed, "{} {}", "json: offset 3: expected the end, found '{'");
}

TEST(osv_truncations)
{
    text_truncate(&debian_osv_feed,
                  STR("[{\"id\":\"DEBIAN-CVE-1\",\"affected\":[{" PACKAGE("Debian:12",
                                                                          "p") "," RANGE(FIXED("2")) "}]}]"),
                  1);
}

TEST(osv_failures_of_others)
{
    text_failures(&debian_osv_feed, STR("{\"id\":\"DEBIAN-CVE-1\",\"affected\":[{" PACKAGE(
                                        "Debian:12", "p") "," RANGE(FIXED("2")) "}]}"));
}

TEST(osv_huge_record)
{
    struct buf text = buf_make(MIB(64));
    struct text_sink s = {0};
    struct error err;
    buf_add(&text, STR("{\"id\":\"DEBIAN-CVE-1\",\"affected\":[{\"versions\":["));
    for (size_t i = 0; i < OSV_RECORD_MAX / 20; i++)
        buf_printf(&text, "%s\"1.%zu\"", i ? "," : "", i);
    buf_add(&text, STR("]}]}"));
    assert_int_equal(text_parse(&debian_osv_feed, buf_str(&text), 0, &s, &err), -E_LIMIT);
    assert_string_equal(err.text, "osv: DEBIAN-CVE-1: more than one record may hold");
    buf_done(&text);
    buf_done(&s.out);
}
