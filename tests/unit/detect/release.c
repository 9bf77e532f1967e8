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

TEST(release_too_big)
{
    static const char *const files[] = {"etc/os-release", "usr/lib/os-release", "etc/lsb-release",
                                        "etc/debian_version", "etc/apt/sources.list"};
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
