/* NIST's National Vulnerability Database. */
#include "text_sink.h"

#define RECORD(id, rest)  "{\"cve\":{\"id\":\"" id "\",\"sourceIdentifier\":\"x\"" rest "}}"
#define DOCUMENT(records) "{\"format\":\"NVD_CVE\",\"vulnerabilities\":[" records "]}"
#define METRIC(type, vector, score)                                                    \
    "{\"source\":\"s\",\"type\":\"" type "\",\"cvssData\":{\"vectorString\":\"" vector \
    "\",\"baseScore\":" score "}}"
#define V31 "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
#define V30 "CVSS:3.0/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
#define V2  "AV:N/AC:L/Au:N/C:P/I:P/A:P"

TEST(nvd_record)
{
    text_check(&nvd_feed,
               DOCUMENT(RECORD(
                   "CVE-2024-1",
                   ",\"vulnStatus\":\"Analyzed\",\"descriptions\":[{\"lang\":\"es\",\"value\":\"Una "
                   "falla.\"},{\"lang\":\"en\","
                   "\"value\":\" A flaw. \"}],\"metrics\":{\"cvssMetricV31\":[" METRIC(
                       "Primary", V31,
                       "9.8") "],"
                              "\"cvssMetricV2\":[" METRIC(
                                  "Primary", V2,
                                  "7.5") "]},\"weaknesses\":[{\"source\":\"s\",\"type\":\"Primary\","
                                         "\"description\":[{\"lang\":\"en\",\"value\":\"NVD-CWE-noinfo\"},{"
                                         "\"lang\":\"en\",\"value\":\"CWE-79\"}]}],"
                                         "\"configurations\":[{\"nodes\":[]}]") "," RECORD("CVE-2024-2", "")),
               "? CVE-2024-1: A flaw. [" V2 " 75] [" V31 " 98] CWE-79\n? CVE-2024-2: \n");
}

/* Who is primary comes first, then the newer version; of equals the first. */
TEST(nvd_who_counts)
{
    text_check(
        &nvd_feed,
        DOCUMENT(RECORD(
            "CVE-1",
            ",\"metrics\":{\"cvssMetricV31\":[" METRIC(
                "Secondary", V31,
                "9.8") "],"
                       "\"cvssMetricV30\":[" METRIC(
                           "Primary", V30,
                           "8.4") "]}") "," RECORD("CVE-2",
                                                   ",\"metrics\":{\"cvssMetricV30\":[" METRIC(
                                                       "Primary", V30,
                                                       "8.4") "],"
                                                              "\"cvssMetricV31\":[" METRIC("Primary", V31, "9.8") "," METRIC(
                                                                  "Primary", V31,
                                                                  "1.0") "]}") "," RECORD("CVE-3",
                                                                                          ",\"weaknesses\":[{"
                                                                                          "\"type\":"
                                                                                          "\"Secondary\","
                                                                                          "\"description\":[{"
                                                                                          "\"value\":\"CWE-"
                                                                                          "1\"}]},"
                                                                                          "{\"type\":"
                                                                                          "\"Primary\","
                                                                                          "\"description\":[{"
                                                                                          "\"value\":\"CWE-"
                                                                                          "2\"}]}]")),
        "? CVE-1:  [" V30 " 84]\n? CVE-2:  [" V31 " 98]\n? CVE-3:  CWE-2\n");
}

TEST(nvd_score_of_a_vector)
{
    text_check(
        &nvd_feed,
        DOCUMENT(RECORD("CVE-1", ",\"metrics\":{\"cvssMetricV31\":[" METRIC("Primary", V31, "null") "]}")),
        "? CVE-1:  [" V31 " 98]\n");
}

TEST(nvd_rejected)
{
    text_check(&nvd_feed,
               DOCUMENT(RECORD("CVE-1", ",\"descriptions\":[{\"lang\":\"en\",\"value\":\"Rejected reason: "
                                        "x\"}],\"vulnStatus\":\"Rejected\"")),
               "? CVE-1:  rejected\n");
}

TEST(nvd_odd_shapes)
{
    text_check(
        &nvd_feed,
        DOCUMENT("7,{},{\"cve\":[]}," RECORD("XVE-1", "") "," RECORD(
            "CVE-1", ",\"metrics\":[],\"weaknesses\":{},\"descriptions\":null,\"vulnStatus\":7,\"id\":"
                     "7") "," RECORD("CVE-2", ",\"metrics\":{\"cvssMetricV31\":[7,{\"cvssData\":7},{"
                                              "\"cvssData\":{\"baseScore\":\"9\"}}," METRIC(
                                                  "Primary", "nonsense",
                                                  "99.0") "]},\"weaknesses\":[7,{\"description\":7}]")),
        "! : a record without an id of CVE\n! : a record without an id of CVE\n! : a record without "
        "an id of CVE\n"
        "! XVE-1: a record without an id of CVE\n? CVE-1: \n? CVE-2: \n");
}

TEST(nvd_refusals)
{
    text_refuse(&nvd_feed, "[]", "nvd: the document has no vulnerabilities");
    text_refuse(&nvd_feed, "{\"vulnerabilities\":7}", "nvd: the document has no vulnerabilities");
    text_truncate(&nvd_feed, STR(DOCUMENT(RECORD("CVE-1", ""))), 0);
}

TEST(nvd_huge_record)
{
    struct text_sink s = {0};
    struct error err;
    CLEANUP(buf_done) struct buf text = buf_make(MIB(64));
    buf_add(&text, STR("{\"vulnerabilities\":[{\"cve\":{\"id\":\"CVE-1\",\"descriptions\":["));
    for (int i = 0; i < 6000; i++)
        buf_printf(&text, "%s{\"lang\":\"en\",\"value\":\"%01000d\"}", i ? "," : "", i);
    buf_add(&text, STR("]}}]}"));
    assert_int_equal(text_parse(&nvd_feed, buf_str(&text), 0, &s, &err), -E_LIMIT);
    assert_string_equal(err.text, "nvd: more than one record may hold");
    buf_done(&s.out);
}

/* Newer years are not there yet: nobody is told. */
TEST(nvd_documents)
{
    size_t n = 0, optional = 0;
    for (; nvd_feed.documents[n]; n++)
        optional += nvd_feed.documents[n][0] == '?';
    assert_true(optional > 3 && n > 30 && optional < n);
    assert_string_equal(nvd_feed.documents[3], "nvdcve-2.0-2002.json.gz");
}
