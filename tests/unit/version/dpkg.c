#include "scheme.h"

TEST(dpkg_table)
{
    scheme_table(&version_dpkg, 100);
}

TEST(dpkg_total_order)
{
    scheme_total_order(&version_dpkg, NULL, 200);
}

TEST(dpkg_others_comparisons)
{
    scheme_others(&version_dpkg, "deb.tsv", NULL, 7000);
}

TEST(dpkg_others_validity)
{
    scheme_others_validity(&version_dpkg, STR("deb"), STR("\n"), 15);
}

TEST(version_schemes_by_name)
{
    assert_ptr_equal(version_scheme_find(STR("dpkg")), &version_dpkg);
    assert_ptr_equal(version_scheme_find(STR("deb")), &version_dpkg);
    assert_ptr_equal(version_scheme_find(STR("rpm")), &version_rpm);
    assert_ptr_equal(version_scheme_find(STR("apk")), &version_apk);
    assert_ptr_equal(version_scheme_find(STR("pacman")), &version_pacman);
    assert_ptr_equal(version_scheme_find(STR("alpm")), &version_pacman);
    assert_null(version_scheme_find(STR("")));
    assert_null(version_scheme_find(STR("rpm2")));
}
