/* Packages that are not the distribution's, by name of the trap. */
#include "model/vendor.h"

#include "test.h"

struct row {
    const char *namespace, *version, *vendor;
    bool foreign;
};

static void check(enum package_type type, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct package p = {.type = type,
                                  .name = STR("p"),
                                  .version = str_of(rows[i].version),
                                  .vendor = str_of(rows[i].vendor)};
        if (vendor_is_foreign(str_of(rows[i].namespace), &p) != rows[i].foreign)
            fail_msg("%s %s by %s", rows[i].namespace, rows[i].version, rows[i].vendor);
    }
}

TEST(vendor_of_rpms) /* 39 */
{
    static const struct row rows[] = {
        {"centos:9", "1-1.el9", "Red Hat, Inc.", false},
        {"centos:7", "1-1.el7", "CentOS", false},
        {"centos:9", "1-1.el9", "Fedora Project", true},
        {"centos:9", "8.2-1.el9.remi", "Remi's RPM repository <https://rpms.remirepo.net/>", true},
        {"centos:9", "3:24.0-1.el9", "Docker", true},
        {"fedora:42", "1-1.fc42", "Fedora Project", false},
        {"rocky:9", "1-1.el9", "Rocky Enterprise Software Foundation", false},
        {"amzn:2", "1-1.amzn2", "Amazon Linux", false},
        {"sles:15.6", "1-1", "SUSE LLC <https://www.suse.com/>", false},
        {"opensuse-leap:15.6", "1-1", "openSUSE", false},
        {"opensuse-leap:15.6", "1-1", "obs://build.opensuse.org/home:x", true},
        {"openeuler:22.03-LTS", "1-1", "http://openeuler.org", false},
        {"centos:9", "1-1.el9", "", false},
        {"tencentos:4", "1-1", "Somebody", false},
        {"debian:12", "1-1", "Docker", false},
        {"", "1-1", "Docker", false},
    };
    check(PACKAGE_RPM, rows, sizeof rows / sizeof *rows);
}

TEST(vendor_of_debs) /* 39, D22 */
{
    static const struct row rows[] = {
        {"debian:12", "3.0.11-1~deb12u2", "Debian OpenSSL Team <pkg-openssl-devel@alioth-lists.debian.net>",
         false},
        {"debian:12", "1.2-1~bpo12+1", "A Person <person@gmail.com>", false},
        {"ubuntu:16.04", "1.12.0-1~ubuntu16.04.3+esm1", "Ubuntu Developers <x@lists.ubuntu.com>", false},
        {"debian:12", "5:24.0.7-1~debian.12~bookworm", "Docker <support@docker.com>", true},
        {"debian:12", "1.7.2-1", "Containerd team <containerd@docker.com>", true},
        {"debian:12", "1.25.3-1~bookworm", "", true},
        {"debian:12", "1.25.3-1~nothing", "", false},
        {"debian:12", "16.1-1.pgdg120+1",
         "Debian PostgreSQL Maintainers <team+postgresql@tracker.debian.org>", true},
        {"debian:12", "8.3.1-1+0~20231221.4+debian12~1.gbp1+deb.sury.org", "", true},
        {"debian:12", "18.19.0-1nodesource1", "", true},
        {"ubuntu:22.04", "3.12.1-1+ppa1~u22.04", "", true},
        {"kali:rolling", "1-1~bookworm", "Docker <support@docker.com>", false},
    };
    check(PACKAGE_DEB, rows, sizeof rows / sizeof *rows);
    const struct package apk = {.type = PACKAGE_APK, .name = STR("p"), .version = STR("1~bookworm")};
    assert_false(vendor_is_foreign(STR("debian:12"), &apk));
}

TEST(vendor_names)
{
    static const char *const cases[][2] = {{"Docker <support@docker.com>", "Docker"},
                                           {"Fedora Project", "Fedora Project"},
                                           {"<x@y>", "p"},
                                           {"", "p"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct package p = {.name = STR("p"), .vendor = str_of(cases[i][0])};
        assert_true(str_eq(vendor_name(&p), str_of(cases[i][1])));
    }
}
