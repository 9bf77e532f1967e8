#include "scheme.h"

TEST(apk_table)
{
    scheme_table(&version_apk, 90);
}

TEST(apk_total_order)
{
    scheme_total_order(&version_apk, NULL, 150);
}

TEST(apk_others_comparisons)
{
    scheme_others(&version_apk, "apk.tsv", NULL, 7000);
}

/* What apk 3 refuses and apk 2 had: numbers behind the letter. */
TEST(apk_others_older)
{
    scheme_others(&version_apk, "apk-lenient.tsv", version_apk.valid, 28);
}

TEST(apk_others_validity)
{
    scheme_others_validity(&version_apk, STR("apk"), STR("0.1a1"), 14);
}
