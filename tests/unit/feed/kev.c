/* The catalogue of known exploited vulnerabilities. */
#include "text_sink.h"

TEST(kev_entries)
{
    text_check(
        &kev_feed,
        "{\"title\":\"x\",\"count\":2,\"vulnerabilities\":[{\"cveID\":\"CVE-2024-1\",\"vendorProject\":\"v\","
        "\"dateAdded\":\"2024-05-06\",\"cwes\":[\"CWE-1\"]},{\"dateAdded\":\"2023-01-31\",\"cveID\":\"CVE-"
        "2023-7\"}]}",
        "? CVE-2024-1:  exploited 2024-05-06\n? CVE-2023-7:  exploited 2023-01-31\n");
}

TEST(kev_problems_are_told)
{
    text_check(&kev_feed,
               "{\"vulnerabilities\":[{\"cveID\":\"XVE-1\",\"dateAdded\":\"2024-05-06\"},{\"cveID\":\"CVE-"
               "1\",\"dateAdded\":"
               "\"6.5.24\"},7,{\"cveID\":[],\"dateAdded\":null}]}",
               "! XVE-1: an entry without a CVE and the date on which it was added\n"
               "! CVE-1: an entry without a CVE and the date on which it was added\n"
               "! : an entry without a CVE and the date on which it was added\n"
               "! : an entry without a CVE and the date on which it was added\n");
}

TEST(kev_refusals)
{
    text_refuse(&kev_feed, "[]", "kev: the document has no vulnerabilities");
    text_refuse(&kev_feed, "{\"vulnerabilities\":[]}", "kev: the document has no vulnerabilities");
    text_refuse(&kev_feed, "<html>", "json: offset 0: expected a value, found '<'");
    text_truncate(&kev_feed,
                  STR("{\"vulnerabilities\":[{\"cveID\":\"CVE-1\",\"dateAdded\":\"2024-05-06\"}]}"), 0);
}
