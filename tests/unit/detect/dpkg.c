#include "archive.h"
#include "base/limits.h"

static const char path[] = "var/lib/dpkg/status";

TEST(dpkg_only_installed)
{
    expect_file(path,
                STR("Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n\n"
                    "Package: b\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: amd64\n\n"
                    "Package: c\nStatus: purge ok not-installed\nArchitecture: amd64\n\n"
                    "Package: d\nStatus: install ok half-configured\nVersion: 2\nArchitecture: all\n\n"
                    "Package: e\nVersion: 3\nArchitecture: arm64\n"),
                "package a 1 amd64 from a 1\nresidual b 1 amd64 from b 1\npackage d 2 all from d 2\npackage "
                "e 3 arm64 from e 3\n");
}

TEST(dpkg_sources)
{
    expect_file(path,
                STR("Package: libssl3\nSource: openssl\nVersion: 3.0-1\n\n"
                    "Package: libgcc-s1\nSource: gcc-12 (12.2.0-14)\nVersion: 12.2.0-14+b1\n\n"
                    "Package: x\nSource: y ( 1 )\nVersion: 2\n"),
                "package libssl3 3.0-1  from openssl 3.0-1\n"
                "package libgcc-s1 12.2.0-14+b1  from gcc-12 12.2.0-14\n"
                "package x 2  from y 1\n");
}

/* What Clair lists besides when a version stands before the source that it differs from. */
TEST(dpkg_version_first)
{
    expect_file(
        path,
        STR("Package: bash\nVersion: 5.2-2+b2\nSource: bash (5.2-2)\n\nPackage: a\nVersion: 1\nSource: b\n"),
        "package bash 5.2-2+b2  from bash 5.2-2\n"
        "residual bash 5.2-2+b2  from bash 5.2-2+b2\n"
        "package a 1  from b 1\n");
}

TEST(dpkg_multi_arch)
{
    expect_file(path,
                STR("Package: libc6\nArchitecture: amd64\nVersion: 1\n\nPackage: libc6\nArchitecture: "
                    "i386\nVersion: 1\n"),
                "package libc6 1 amd64 from libc6 1\npackage libc6 1 i386 from libc6 1\n");
}

TEST(dpkg_refusals)
{
    expect_file(path, STR("Package: a\nStatus: install ok installed\n\nPackage: b\nVersion: 1\n"),
                "problem var/lib/dpkg/status: offset 0: package a has no version\npackage b 1  from b 1\n");
    expect_file(path, STR("Status: install ok installed\nVersion: 1\n\nPackage: b\nVersion: 1\n"),
                "problem var/lib/dpkg/status: offset 0: a package without a name\npackage b 1  from b 1\n");
    expect_file(path, STR("Package: a\nVersion: 1\nnonsense\n"),
                "package a 1  from a 1\nproblem var/lib/dpkg/status: offset 22: 1 lines are no fields\n");
    expect_file(path, STR(""), "");
}

TEST(dpkg_long_fields)
{
    CLEANUP(buf_done) struct buf text = buf_make(MIB(4));
    for (size_t n = PACKAGE_FIELD_MAX; n <= PACKAGE_FIELD_MAX + 1; n++) {
        buf_clear(&text);
        buf_add(&text, STR("Package: "));
        for (size_t i = 0; i < n; i++)
            buf_add_char(&text, 'a');
        buf_add(&text, STR("\nVersion: 1\n"));
        struct error err = {0};
        struct archive a = {.tar = buf_make(MIB(4))};
        archive_add(&a, TAR_REGULAR, path, buf_str(&text));
        struct notes notes = notes_make(&err);
        assert_int_equal(archive_read(&a, 0, NULL, &notes, &err), 0);
        assert_int_equal(notes.packages, n <= PACKAGE_FIELD_MAX);
        assert_int_equal(notes.problems, n > PACKAGE_FIELD_MAX);
        buf_done(&notes.text);
        buf_done(&a.tar);
    }
}

TEST(dpkg_too_big)
{
    static const struct {
        const char *path;
        size_t max;
    } cases[] = {{"var/lib/dpkg/status", DPKG_STATUS_MAX}, {"var/lib/dpkg/status.d/x", DPKG_STATUS_D_MAX}};
    for (size_t i = 0; i < 2; i++) {
        struct error err = {0};
        struct archive a = {.tar = buf_make(DPKG_STATUS_MAX + MIB(1))};
        char *big = calloc(1, cases[i].max + 1);
        memset(big, '\n', cases[i].max + 1);
        archive_add(&a, TAR_REGULAR, cases[i].path, (struct str){big, cases[i].max + 1});
        archive_add(&a, TAR_REGULAR, "etc/os-release", STR("ID=debian\n"));
        tar_write_end(&a.tar);
        struct notes n = notes_make(&err);
        assert_int_equal(archive_read(&a, 0, NULL, &n, &err), 0);
        char wanted[256];
        snprintf(wanted, sizeof wanted,
                 "damaged %s\nproblem %s: dpkg: %zu bytes, more than the %zu that are read\n"
                 "found etc/os-release\nrelease debian|||\n",
                 cases[i].path, cases[i].path, cases[i].max + 1, cases[i].max);
        assert_string_equal(n.text.ptr, wanted);
        buf_done(&n.text);
        buf_done(&a.tar);
        free(big);
    }
}

TEST(dpkg_status_d)
{
    expect_file("var/lib/dpkg/status.d/base", STR("Package: base-files\nVersion: 12\nArchitecture: amd64\n"),
                "package base-files 12 amd64 from base-files 12\n");
    expect_file("var/lib/dpkg/status.d/base.md5sums", STR("0123  etc/x\n"), "");
}

/* D20: the same form, but no sources; "install user installed" is what somebody asked for. */
TEST(trap_d20_opkg)
{
    static const struct str status =
        STR_INIT("Package: busybox\nVersion: 1.36.1-1\nDepends: libc\nStatus: install user installed\n"
                 "Architecture: x86_64\nSource: package/utils/busybox\n\n"
                 "Package: gone\nVersion: 1\nStatus: deinstall hold not-installed\nArchitecture: all\n\n"
                 "Package: libc\nVersion: 1.2.5-r4\nStatus: install ok installed\nArchitecture: x86_64\n\n");
    static const char notes[] =
        "package busybox 1.36.1-1 x86_64 from busybox 1.36.1-1\n"
        "residual gone 1 all from gone 1\npackage libc 1.2.5-r4 x86_64 from libc 1.2.5-r4\n";
    expect_file("usr/lib/opkg/status", status, notes);
    expect_file("var/lib/opkg/status", status, notes);
}
