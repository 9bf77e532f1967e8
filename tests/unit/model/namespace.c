#include "model/namespace.h"

#include "test.h"

static void is(const struct namespace_release *(*lookup)(struct str), const char *release, const char *want)
{
    const struct namespace_release *found = lookup(str_of(release));
    assert_string_equal(found ? found->name : "", want);
    assert_true(!found || namespace_find(str_of(found->name)) == found);
}

TEST(namespace_of_debian)
{
    static const char *const cases[][2] = {
        {"bookworm", "debian:12"},
        {"Bookworm", "debian:12"},
        {"12", "debian:12"},
        {"12.5", "debian:12"},
        {"buster", "debian:10"},
        {"10", "debian:10"},
        {"1.1", "debian:1.1"},
        {"3.1", "debian:3.1"},
        {"4.0", "debian:4"},
        {"6.0.10", "debian:6"},
        {"sid", "debian:sid"},
        {"unstable", "debian:sid"},
        {"testing", "debian:testing"},
        {"forky", "debian:testing"},
        {"14", "debian:testing"},
        {"", ""},
        {"1", ""},
        {"99", ""},
        {"120", ""},
        {"bookworm/sid", ""},
        {"12bookworm", ""},
        {"experimental", ""},
        {"stable", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        is(namespace_debian, cases[i][0], cases[i][1]);
}

TEST(namespace_of_ubuntu)
{
    static const char *const cases[][2] = {
        {"jammy", "ubuntu:22.04"},
        {"22.04", "ubuntu:22.04"},
        {"22.04.4", "ubuntu:22.04"},
        {"6.06", "ubuntu:6.06"},
        {"22.1", ""},
        {"bookworm", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        is(namespace_ubuntu, cases[i][0], cases[i][1]);
}

TEST(namespace_ends)
{
    const struct namespace_release *bookworm = namespace_find(STR("debian:12"));
    assert_string_equal(bookworm->codename, "bookworm");
    assert_string_equal(bookworm->eol, "2026-07-11");
    assert_string_equal(bookworm->lts_eol, "2028-06-30");
    assert_string_equal(namespace_find(STR("debian:sid"))->eol, "");
    assert_string_equal(namespace_find(STR("ubuntu:22.04"))->codename, "jammy");
    assert_null(namespace_find(STR("debian:bookworm")));
    assert_null(namespace_find(STR("alpine:edge")));
    assert_null(namespace_find(STR("alpine:v3")));
    assert_null(namespace_find(STR("")));
}

TEST(namespace_ends_of_others)
{
    static const char *const cases[][2] = {
        {"alpine:v3.19", "2025-11-01"},
        {"centos:7", "2024-06-30"},
        {"oracle:8", "2029-07-31"},
        {"rocky:9", "2032-05-31"},
        {"almalinux:8", "2029-03-01"},
        {"amzn:2018.03", "2023-12-31"},
        {"fedora:38", "2024-05-21"},
        {"opensuse-leap:15.5", "2024-12-31"},
        {"sles:15.3", "2022-12-31"},
        {"photon:3.0", "2024-03-01"},
        {"opensuse:13.2", "2017-01-17"},
        {"sles:15.6", "2025-12-31"},
        {"openeuler:22.03-LTS-SP3", "2025-12-31"},
        {"openeuler:24.03-LTS-SP3", "2027-12-31"},
        {"amzn:2", "2026-06-30"},
        {"amzn:2023", "2029-06-30"},
        {"mariner:2.0", "2025-07-31"},
        {"azurelinux:3.0", "2027-08-31"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct namespace_release *r = namespace_find(str_of(cases[i][0]));
        assert_non_null(r);
        assert_string_equal(r->eol, cases[i][1]);
        assert_string_equal(r->lts_eol, "");
        assert_string_equal(r->codename, "");
    }
}
