#include "archive.h"
#include "base/limits.h"
#include "detect/distribution.h"

TEST(os_release_quotings)
{
    expect_file("etc/os-release",
                STR("# comment\n\nID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME='bookworm'\n"
                    "PRETTY_NAME=\"Debian \\\"GNU\\\" \\$x\"\nnonsense\n  ID_LIKE=x\n"),
                "release debian|12|bookworm|Debian \"GNU\" $x\n");
    expect_file("usr/lib/os-release", STR("ID=a\r\nID='b'\nVERSION_ID=\n"), "release b|||\n");
    expect_file("etc/os-release", STR(""), "release |||\n");
    expect_file("etc/os-release", STR("ID=\"unclosed"), "release unclosed|||\n");
}

TEST(lsb_release_names)
{
    expect_file("etc/lsb-release", STR("DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\n"),
                "release Ubuntu|22.04|jammy|\n");
}

TEST(debian_version_forms)
{
    expect_file("etc/debian_version", STR("12.11\n"), "release debian|12.11||\n");
    expect_file("etc/debian_version", STR("forky/sid\n"), "release debian||forky/sid|\n");
    expect_file("etc/debian_version", STR("\n"),
                "problem etc/debian_version: debian_version: no version in its first line\n");
}

TEST(apt_sources_forms)
{
    expect_file("etc/apt/sources.list",
                STR("# deb http://x bullseye main\ndeb-src http://x buster main\n"
                    "deb [ arch=amd64 signed-by=/k ] http://x bookworm contrib main\n"),
                "release ||bookworm|\n");
    expect_file("etc/apt/sources.list.d/docker.list", STR("deb http://x trixie stable\n"), "");
    expect_file("etc/apt/sources.list.d/debian.sources",
                STR("Types: deb\nURIs: http://x\nSuites: sid\nComponents: main\n"), "release ||sid|\n");
    expect_file("etc/apt/sources.list.d/debian.sources",
                STR("Types: deb\nComponents: main\nSuites: bookworm-security bookworm\n"),
                "release ||bookworm|\n");
    expect_file("etc/apt/sources.list", STR(""), "");
}

TEST(alpine_release_forms)
{
    expect_file("etc/alpine-release", STR("3.18.4\n"), "release alpine|3.18.4||\n");
    expect_file("etc/alpine-release", STR("3.20_alpha20240329\n"), "release alpine|3.20_alpha20240329||\n");
    expect_file("etc/alpine-release", STR(" \n"),
                "problem etc/alpine-release: alpine-release: no version in its first line\n");
}

TEST(redhat_release_forms)
{
    static const char *const cases[][3] = {
        {"CentOS release 6.10 (Final)", "centos", "6.10"},
        {"CentOS Linux release 7.9.2009 (Core)", "centos", "7.9.2009"},
        {"CentOS Stream release 9", "centos", "9"},
        {"Red Hat Enterprise Linux Server release 7.7 (Maipo)", "rhel", "7.7"},
        {"Red Hat Enterprise Linux release 8.7 (Ootpa)", "rhel", "8.7"},
        {"Red Hat Enterprise Linux AS release 4 (Nahant Update 7)", "rhel", "4"},
        {"Oracle Linux Server release 8.0", "ol", "8.0"},
        {"Amazon Linux release 2 (Karoo)", "amzn", "2"},
        {"Amazon Linux AMI release 2018.03", "amzn", "2018.03"},
        {"Fedora release 38 (Thirty Eight)", "fedora", "38"},
        {"Rocky Linux release 9.1 (Blue Onyx)", "rocky", "9.1"},
        {"AlmaLinux release 8.9 (Midnight Oncilla)", "almalinux", "8.9"},
        {"Scientific Linux release 7.9 (Nitrogen)", "scientific", "7.9"},
        {"openEuler release 22.03 (LTS)", "openEuler", "22.03"},
        {"Red Hat Linux release 9 (Shrike)", "", "9"},
        {"Something else", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CLEANUP(buf_done) struct buf file = buf_make(KIB(1)), wanted = buf_make(KIB(1));
        buf_printf(&file, "%s\n", cases[i][0]);
        buf_printf(&wanted, "release %s|%s||%s\n", cases[i][1], cases[i][2], cases[i][0]);
        buf_add_char(&wanted, 0);
        expect_file("etc/redhat-release", buf_str(&file), wanted.ptr);
    }
    expect_file("etc/system-release", STR(""), "");
}

TEST(release_too_big)
{
    static const char *const files[] = {"etc/os-release",     "usr/lib/os-release",   "etc/lsb-release",
                                        "etc/debian_version", "etc/apt/sources.list", "etc/alpine-release",
                                        "etc/oracle-release", "etc/centos-release",   "etc/redhat-release",
                                        "etc/system-release", "etc/apk/repositories"};
    char *big = calloc(1, RELEASE_FILE_MAX + 1);
    memset(big, '#', RELEASE_FILE_MAX + 1);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct error err = {0};
        struct archive a = {.tar = buf_make(MIB(1))};
        archive_add(&a, TAR_REGULAR, files[i], (struct str){big, RELEASE_FILE_MAX + 1});
        struct notes n = notes_make(&err);
        assert_int_equal(archive_read(&a, 0, NULL, &n, &err), 0);
        assert_non_null(strstr(n.text.ptr, "65537 bytes, more than the 65536 that are read"));
        buf_done(&n.text);
        buf_done(&a.tar);
    }
    free(big);
}

TEST(apk_repositories_forms)
{
    static const char path[] = "etc/apk/repositories";
    expect_file(path,
                STR("# x\n@edge https://dl-cdn.alpinelinux.org/alpine/edge/main\n"
                    "https://dl-cdn.alpinelinux.org/alpine/edge/testing\n"
                    "https://dl-cdn.alpinelinux.org/alpine/v3.20/main\n/srv/v3.21/main\n"),
                "release alpine|3.20||\n");
    expect_file(path, STR("http://mirror/alpine/edge/main/\n"), "release alpine|edge||\n");
    expect_file(path, STR("http://mirror/alpine/latest-stable/main\nv\n/main\n"), "");
    expect_file(path, STR(""), "");
}

static void expect(const struct release *const files[RELEASE_FILES], const char *wanted)
{
    struct arena arena = arena_make(KIB(64));
    char got[128];
    assert_int_equal(str_copy(distribution_of(files, &arena).namespace, got, sizeof got), 0);
    assert_string_equal(got, wanted);
    arena_done(&arena);
}

TEST(distribution_order)
{
    const struct release bookworm = {.id = STR("debian"), .version = STR("12"), .codename = STR("bookworm")};
    const struct release point = {.id = STR("debian"), .version = STR("11.4")};
    const struct release jammy = {.id = STR("Ubuntu"), .version = STR("22.04")};
    const struct release empty = {0}, suite = {.codename = STR("trixie")},
                         unknown = {.codename = STR("stable2")};
    const struct release alpine = {.id = STR("alpine"), .version = STR("3.19.1")};
    const struct release kali = {.id = STR("kali"), .version = STR("2024.1")};
    expect((const struct release *[RELEASE_FILES]){&bookworm, &jammy, NULL, &point, &suite}, "debian:12");
    expect((const struct release *[RELEASE_FILES]){&empty, &jammy, NULL, &point, &suite}, "ubuntu:22.04");
    expect((const struct release *[RELEASE_FILES]){NULL, NULL, &jammy, &point, NULL}, "ubuntu:22.04");
    expect((const struct release *[RELEASE_FILES]){NULL, NULL, NULL, &point, &suite}, "debian:11");
    expect((const struct release *[RELEASE_FILES]){NULL, NULL, NULL, NULL, &suite}, "debian:13");
    expect((const struct release *[RELEASE_FILES]){NULL, NULL, NULL, NULL, &unknown}, "");
    expect((const struct release *[RELEASE_FILES]){NULL, NULL, NULL, NULL, NULL}, "");
    expect((const struct release *[RELEASE_FILES]){&alpine, NULL, NULL, NULL, NULL}, "alpine:v3.19");
    expect((const struct release *[RELEASE_FILES]){&kali, NULL, NULL, NULL, NULL}, "kali:2024.1");
}

TEST(distribution_unreleased)
{
    const struct release os = {.id = STR("debian"), .codename = STR("forky")};
    const struct release version = {.id = STR("debian"), .codename = STR("forky/sid")};
    const struct release sid = {.codename = STR("sid")}, testing = {.codename = STR("testing")};
    expect((const struct release *[RELEASE_FILES]){&os, NULL, NULL, &version, &sid}, "debian:sid");
    expect((const struct release *[RELEASE_FILES]){&os, NULL, NULL, &version, &testing}, "debian:testing");
    expect((const struct release *[RELEASE_FILES]){&os, NULL, NULL, &version, NULL}, "debian:sid");
    expect((const struct release *[RELEASE_FILES]){&os, NULL, NULL, NULL, NULL}, "debian:testing");
}

/* ID and VERSION_ID of os-release, and the namespace. */
TEST(distribution_namespaces)
{
    static const char *const cases[][3] = {
        {"debian", "12", "debian:12"},
        {"raspbian", "12", "debian:12"},
        {"ubuntu", "22.04", "ubuntu:22.04"},
        {"alpine", "3.18.4", "alpine:v3.18"},
        {"alpine", "3.2", "alpine:v3.2"},
        {"alpine", "3.17.0_rc1", "alpine:v3.17"},
        {"alpine", "3.20_alpha20240329", "alpine:edge"},
        {"alpine", "3.19.0_alpha20230901", "alpine:edge"},
        {"alpine", "edge", "alpine:edge"},
        {"centos", "7", "centos:7"},
        {"rhel", "7.7", "centos:7"},
        {"rhel", "8.10", "centos:8"},
        {"rhel", "10.0", "centos:10"},
        {"ol", "8.5", "oracle:8"},
        {"oracle", "9", "oracle:9"},
        {"amzn", "2", "amzn:2"},
        {"amzn", "2018.03", "amzn:2018.03"},
        {"amzn", "2023", "amzn:2023"},
        {"amzn", "2023.3.20231218", "amzn:2023"},
        {"fedora", "38", "fedora:38"},
        {"rocky", "9.1", "rocky:9"},
        {"almalinux", "8.9", "almalinux:8"},
        {"sles", "15.5", "sles:15.5"},
        {"sled", "15.6", "sles:15.6"},
        {"sles_sap", "15.3", "sles:15.3"},
        {"sles", "16.0", "sles:16.0"},
        {"sle-micro", "5.5", "sle-micro:5.5"},
        {"sle-micro-rancher", "5.3", "sle-micro:5.3"},
        {"sl-micro", "6.0", "sl-micro:6.0"},
        {"opensuse-leap", "15.5", "opensuse-leap:15.5"},
        {"opensuse", "42.3", "opensuse-leap:42.3"},
        {"opensuse", "13.2", "opensuse:13.2"},
        {"opensuse-microos", "20240607", "opensuse-tumbleweed:rolling"},
        {"opensuse-tumbleweed", "20240607", "opensuse-tumbleweed:rolling"},
        {"photon", "3.0", "photon:3.0"},
        {"azurelinux", "3.0", "azurelinux:3.0"},
        {"mariner", "2.0", "mariner:2.0"},
        {"openEuler", "22.03", "openeuler:22.03"},
        {"wolfi", "20230201", "wolfi:rolling"},
        {"chainguard", "20230214", "chainguard:rolling"},
        {"minimos", "20241031", "minimos:rolling"},
        {"arch", "", "arch:rolling"},
        {"kali", "", "kali"},
        {"", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct release r = {.id = str_of(cases[i][0]), .version = str_of(cases[i][1])};
        expect((const struct release *[RELEASE_FILES]){&r}, cases[i][2]);
    }
}

TEST(distribution_newer_repositories) /* 11, A5 */
{
    const struct release os = {.id = STR("alpine"), .version = STR("3.19.1")};
    const struct release older = {.id = STR("alpine"), .version = STR("3.9")};
    const struct release newer = {.id = STR("alpine"), .version = STR("3.20")};
    const struct release edge = {.id = STR("alpine"), .version = STR("edge")};
    const struct release wolfi = {.id = STR("wolfi"), .version = STR("1")};
    expect((const struct release *[RELEASE_FILES]){&os, [RELEASE_APK] = &older}, "alpine:v3.19");
    expect((const struct release *[RELEASE_FILES]){&os, [RELEASE_APK] = &newer}, "alpine:v3.20");
    expect((const struct release *[RELEASE_FILES]){&os, [RELEASE_APK] = &edge}, "alpine:edge");
    expect((const struct release *[RELEASE_FILES]){&wolfi, [RELEASE_APK] = &edge}, "wolfi:rolling");
    expect((const struct release *[RELEASE_FILES]){[RELEASE_APK] = &newer}, "alpine:v3.20");
}

/* The service pack stands in names for people only. */
TEST(distribution_openeuler)
{
    static const char *const cases[][3] = {
        {"22.03", "openEuler 22.03 (LTS-SP3)", "openeuler:22.03-LTS-SP3"},
        {"24.03", "openEuler 24.03 (LTS)", "openeuler:24.03-LTS"},
        {"22.03", "openEuler release 22.03 (LTS-SP4)", "openeuler:22.03-LTS-SP4"},
        {"21.09", "openEuler 21.09", "openeuler:21.09"},
        {"22.03", "openEuler 22.03 (", "openeuler:22.03"},
        {"22.03", "", "openeuler:22.03"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct release r = {
            .id = STR("openEuler"), .version = str_of(cases[i][0]), .name = str_of(cases[i][1])};
        expect((const struct release *[RELEASE_FILES]){&r}, cases[i][2]);
    }
}

/* An id without a version leaves it to a file that has both, if that means the same distribution. */
TEST(distribution_without_version)
{
    const struct release bare = {.id = STR("centos")}, file = {.id = STR("rhel"), .version = STR("7.9.2009")};
    const struct release alpine = {.id = STR("alpine"), .version = STR("3.4.6")};
    expect((const struct release *[RELEASE_FILES]){[RELEASE_ETC] = &bare, [RELEASE_REDHAT] = &file},
           "centos:7");
    expect((const struct release *[RELEASE_FILES]){[RELEASE_ETC] = &bare, [RELEASE_ALPINE] = &alpine},
           "centos");
    expect((const struct release *[RELEASE_FILES]){[RELEASE_ALPINE] = &alpine}, "alpine:v3.4");
    expect((const struct release *[RELEASE_FILES]){[RELEASE_SYSTEM] = &file, [RELEASE_ORACLE] = NULL},
           "centos:7");
}
