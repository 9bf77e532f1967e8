#include "model/cvss.h"

/* clang-format off */
#define NONE_LOW_HIGH {{'N', "None"}, {'L', "Low"}, {'H', "High"}}
#define HIGH_LOW      {{'H', "High"}, {'L', "Low"}}
#define HIGH_LOW_NONE {{'H', "High"}, {'L', "Low"}, {'N', "None"}}
#define PHYSICAL_TO_NETWORK {{'P', "Physical"}, {'L', "Local"}, {'A', "Adjacent"}, {'N', "Network"}}
#define NONE_PARTIAL_COMPLETE {{'N', "None"}, {'P', "Partial"}, {'C', "Complete"}}

const struct cvss_metric cvss2_metrics[] = {
    {"AV", "Access vector", {{'L', "Local"}, {'A', "Adjacent network"}, {'N', "Network"}}},
    {"AC", "Access complexity", {{'H', "High"}, {'M', "Medium"}, {'L', "Low"}}},
    {"Au", "Authentication", {{'M', "Multiple"}, {'S', "Single"}, {'N', "None"}}},
    {"C", "Confidentiality impact", NONE_PARTIAL_COMPLETE},
    {"I", "Integrity impact", NONE_PARTIAL_COMPLETE},
    {"A", "Availability impact", NONE_PARTIAL_COMPLETE},
    {0},
};

const struct cvss_metric cvss3_metrics[] = {
    {"AV", "Attack vector", PHYSICAL_TO_NETWORK},
    {"AC", "Attack complexity", HIGH_LOW},
    {"PR", "Privileges required", HIGH_LOW_NONE},
    {"UI", "User interaction", {{'R', "Required"}, {'N', "None"}}},
    {"S", "Scope", {{'U', "Unchanged"}, {'C', "Changed"}}},
    {"C", "Confidentiality", NONE_LOW_HIGH},
    {"I", "Integrity", NONE_LOW_HIGH},
    {"A", "Availability", NONE_LOW_HIGH},
    {0},
};

const struct cvss_metric cvss4_metrics[] = {
    {"AV", "Attack vector", PHYSICAL_TO_NETWORK},
    {"AC", "Attack complexity", HIGH_LOW},
    {"AT", "Attack requirements", {{'P', "Present"}, {'N', "None"}}},
    {"PR", "Privileges required", HIGH_LOW_NONE},
    {"UI", "User interaction", {{'A', "Active"}, {'P', "Passive"}, {'N', "None"}}},
    {"VC", "Confidentiality", NONE_LOW_HIGH},
    {"VI", "Integrity", NONE_LOW_HIGH},
    {"VA", "Availability", NONE_LOW_HIGH},
    {"SC", "Confidentiality elsewhere", NONE_LOW_HIGH},
    {"SI", "Integrity elsewhere", NONE_LOW_HIGH},
    {"SA", "Availability elsewhere", NONE_LOW_HIGH},
    {0},
};
/* clang-format on */

int cvss_value_of(struct str vector, const struct cvss_metric *metric)
{
    while (vector.len) {
        struct str value = str_cut(&vector, '/'), key = str_cut(&value, ':');
        if (value.len != 1 || !str_eq(key, str_of(metric->key)))
            continue;
        for (int i = 0; metric->values[i].letter; i++)
            if (metric->values[i].letter == value.ptr[0])
                return i;
    }
    return -1;
}
