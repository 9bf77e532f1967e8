/* The Exploit Prediction Scoring System. */
#include "text_sink.h"

#define NAMES "#model_version:v2025.03.14,score_date:2026-11-24T00:00:00Z\ncve,epss,percentile\n"

TEST(epss_scores)
{
    text_check(&epss_feed, NAMES "CVE-2024-1,0.00043,0.08123\nCVE-2024-2,0.943795,1.0\r\nCVE-2024-3,1,1\n\n",
               "? CVE-2024-1:  epss 0.00043\n? CVE-2024-2:  epss 0.94380\n? CVE-2024-3:  epss 1.00000\n");
    text_check(&epss_feed, "cve,epss\nCVE-1,0", "? CVE-1:  epss 0.00000\n");
}

TEST(epss_problems_are_told)
{
    text_check(
        &epss_feed, NAMES "CVE-1,1.5,1\nGHSA-1,0.5,1\nCVE-1\nCVE-1,x,1\nCVE-2,0.5,\n",
        "! CVE-1,1.5,1: neither an id nor a probability\n! GHSA-1,0.5,1: neither an id nor a probability\n"
        "! CVE-1: neither an id nor a probability\n! CVE-1,x,1: neither an id nor a probability\n"
        "? CVE-2:  epss 0.50000\n");
}

TEST(epss_refusals)
{
    text_refuse(&epss_feed, "", "epss: the document has no scores");
    text_refuse(&epss_feed, NAMES, "epss: the document has no scores");
    text_refuse(&epss_feed, "<html>\n", "epss: the document does not name its columns cve and epss");
    text_refuse(&epss_feed, "epss,cve\n", "epss: the document does not name its columns cve and epss");
}
