#include "scheme.h"

TEST(rpm_table)
{
    scheme_table(&version_rpm, 100);
}

TEST(rpm_total_order)
{
    scheme_total_order(&version_rpm, NULL, 150);
}

TEST(rpm_others_comparisons)
{
    scheme_others(&version_rpm, "rpm.tsv", NULL, 80);
}

/* What a publisher writes without an epoch is compared without that of the package. */
TEST(rpm_bare_epochs_do_not_count)
{
    scheme_table(&version_rpm_bare, 9);
    scheme_total_order(&version_rpm_bare, NULL, 12);
}

static bool has_no_hyphen_and_colon(struct str version)
{
    return str_find(version, '-') == version.len && str_find(version, ':') == version.len;
}

/* Comparisons of single parts, where a hyphen is one more separator. */
TEST(rpm_others_parts)
{
    scheme_others(&version_rpm, "rpmvercmp.tsv", has_no_hyphen_and_colon, 1000);
}
