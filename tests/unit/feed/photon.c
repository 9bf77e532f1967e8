/* Photon's data, by name of the status. */
#include "text_sink.h"

#define ENTRY(id, package, score, affected, fixed, status)                                           \
    "{\"cve_id\":\"" id "\",\"pkg\":\"" package "\",\"cve_score\":" score ",\"aff_ver\":\"" affected \
    "\",\"res_ver\":\"" fixed "\",\"status\":\"" status "\"}"

TEST(photon_statuses)
{
    text_check(
        &photon_feed,
        "[" ENTRY(
            "CVE-1", "curl", "9.8", "all versions before 7.88.1-4.ph4 are vulnerable", "7.88.1-4.ph4",
            "Fixed") "," ENTRY("CVE-2", "bind", "7.5", "all versions before 9.19-1.ph5 are vulnerable", "NA",
                               "Won't Fix") "," ENTRY("CVE-3", "bind", "7.5", "NA", "NA",
                                                      "Not Affected") "," ENTRY("CVE-4", "bind", "7.5", "NA",
                                                                                "2.ph3", "Not Affected") "]",
        "photon:4.0 curl: CVE-1 fixed Critical 7.88.1-4.ph4\nphoton:5.0 bind: CVE-2 affected High\n");
}

TEST(photon_scores)
{
    static const char *const scores[][2] = {{"10", "Critical"}, {"9.0", "Critical"}, {"8.9", "High"},
                                            {"6.9", "Medium"},  {"3.9", "Low"},      {"0.0", "Unknown"},
                                            {"0", "Unknown"},   {"null", "Unknown"}, {"\"9\"", "Unknown"},
                                            {"-1", "Unknown"},  {"11", "Unknown"}};
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++) {
        char text[256], want[128];
        snprintf(text, sizeof text,
                 "[{\"cve_id\":\"CVE-1\",\"pkg\":\"p\",\"res_ver\":\"1-1.ph3\",\"cve_score\":%s}]",
                 scores[i][0]);
        snprintf(want, sizeof want, "photon:3.0 p: CVE-1 fixed %s 1-1.ph3\n", scores[i][1]);
        text_check(&photon_feed, text, want);
    }
}

TEST(photon_odd_shapes)
{
    text_check(
        &photon_feed,
        "[7,{},{\"res_ver\":\"1.ph3\",\"pkg\":7},{\"res_ver\":\"1.ph3\",\"pkg\":\"a b\",\"cve_id\":\"C\"}]",
        "! : an entry without a proper name\n! C: an entry without a proper name\n");
}

TEST(photon_refusals)
{
    text_refuse(&photon_feed, "{}", "photon: the document is not a list");
    text_refuse(&photon_feed, "[]", "photon: the document has no entries");
}

#define SMALL "[" ENTRY("CVE-1", "curl", "9.8", "x", "7.88.1-4.ph4", "Fixed") "]"

TEST(photon_truncations)
{
    text_truncate(&photon_feed, STR(SMALL), 1);
}

TEST(photon_failures_of_others)
{
    text_failures(&photon_feed, STR(SMALL));
}
