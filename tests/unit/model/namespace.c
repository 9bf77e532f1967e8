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
    assert_null(namespace_find(STR("alpine:v3.19")));
}
