#include "model/cvss.h"

#include "base/buf.h"
#include "base/limits.h"
#include "test.h"

/* Each metric of a full vector is found, and each value of a metric is told from the others. */
TEST(cvss_words)
{
    static const struct {
        struct str vector;
        const struct cvss_metric *metrics;
        const char *words;
    } cases[] = {
        {STR_INIT("AV:N/AC:M/Au:S/C:P/I:C/A:N"), cvss2_metrics,
         "Network Medium Single Partial Complete None "},
        {STR_INIT("CVSS:3.1/AV:A/AC:H/PR:L/UI:R/S:C/C:L/I:H/A:N"), cvss3_metrics,
         "Adjacent High Low Required Changed Low High None "},
        {STR_INIT("CVSS:4.0/AV:P/AC:L/AT:P/PR:H/UI:A/VC:H/VI:L/VA:N/SC:L/SI:N/SA:H/E:P"), cvss4_metrics,
         "Physical Low Present High Active High Low None Low None High "},
        {STR_INIT("CVSS:3.1/AV:X/AC:/PR/UI:RR//S:C:U/c:L/I:H"), cvss3_metrics, "- - - - - - High - "},
        {STR_INIT(""), cvss2_metrics, "- - - - - - "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CLEANUP(buf_done) struct buf out = buf_make(KIB(1));
        for (const struct cvss_metric *m = cases[i].metrics; m->key; m++) {
            int at = cvss_value_of(cases[i].vector, m);
            buf_printf(&out, "%s ", at < 0 ? "-" : m->values[at].word);
        }
        assert_true(str_eq(buf_str(&out), str_of(cases[i].words)));
    }
}

/* Figures of the calculators that FIRST and NVD publish. */
TEST(cvss_scores)
{
    static const struct {
        const char *vector;
        int version, score;
    } cases[] = {
        {"AV:N/AC:L/Au:N/C:C/I:C/A:C", 2, 100},
        {"AV:N/AC:L/Au:N/C:N/I:N/A:N", 2, 0},
        {"AV:N/AC:L/Au:N/C:P/I:P/A:P", 2, 75},
        {"AV:L/AC:H/Au:M/C:N/I:N/A:P", 2, 8},
        {"AV:L/AC:M/Au:S/C:P/I:C/A:C", 2, 62},
        {"AV:N/AC:M/Au:N/C:N/I:P/A:N/E:POC/RL:OF/RC:C", 2, 43},
        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 3, 98},
        {"CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 3, 61},
        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H", 3, 96},
        {"CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:C/C:L/I:H/A:L", 3, 82},
        {"CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O", 3, 78},
        {"CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", 3, 16},
        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 3, 100},
        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:N", 3, 0},
        {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 4, 100},
        {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:H/VA:L/SC:N/SI:H/SA:L", 4, 92},
        {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:L/VA:N/SC:N/SI:L/SA:N", 4, 69},
        {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:H/SI:L/SA:H", 4, 79},
        {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:H/VI:N/VA:L/SC:N/SI:H/SA:N", 4, 83},
        {"CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:A/VC:H/VI:H/VA:H/SC:H/SI:N/SA:H", 4, 93},
        {"CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:N/SA:N", 4, 21},
        {"CVSS:4.0/AV:N/AC:L/AT:P/PR:H/UI:A/VC:N/VI:L/VA:N/SC:N/SI:L/SA:N", 4, 18},
        {"CVSS:4.0/AV:N/AC:H/AT:N/PR:H/UI:A/VC:N/VI:N/VA:N/SC:N/SI:H/SA:N", 4, 40},
        {"CVSS:4.0/AV:N/AC:H/AT:P/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:L/SA:N/E:U", 4, 95},
        {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 4, 0},
        {"CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 4, 73},
        /* not all of the base metrics, other versions, what is none */
        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H", 3, -1},
        {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:X", 3, -1},
        {"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H", 4, -1},
        {"AV:N/AC:L/C:P/I:P/A:P", 2, -1},
        {"CVSS:5.0/AV:N", 0, -1},
        {"", 0, -1},
        {"medium", 0, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (cvss_score(str_of(cases[i].vector)) != cases[i].score)
            print_message("%s: %d\n", cases[i].vector, cvss_score(str_of(cases[i].vector)));
        assert_int_equal(cvss_version(str_of(cases[i].vector)), cases[i].version);
        assert_int_equal(cvss_score(str_of(cases[i].vector)), cases[i].score);
    }
}

TEST(cvss_ratings)
{
    static const int scores[] = {-1, 0, 1, 39, 40, 69, 70, 89, 90, 100};
    static const char *const ratings[] = {"",       "None", "Low",  "Low",      "Medium",
                                          "Medium", "High", "High", "Critical", "Critical"};
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++) {
        const char *severity = i == 0 ? "Unknown" : i == 1 ? "Negligible" : ratings[i];
        assert_string_equal(cvss_rating(scores[i]), ratings[i]);
        assert_string_equal(severity_name(cvss_severity(3, scores[i])), severity);
        assert_string_equal(severity_name(cvss_severity(2, scores[i])), scores[i] >= 90 ? "High" : severity);
    }
}
