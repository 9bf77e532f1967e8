#include "archive.h"
#include "base/limits.h"

static const char path[] = "var/lib/rpmmanifest/container-manifest-2";

#define LINE(name, version, epoch, source) \
    name "\t" version "\t1\t2\tMicrosoft Corporation\t(none)\t9\tx86_64\t" epoch "\t" source "\n"

static const struct str sample =
    STR_INIT(LINE("openssl-libs", "1.1.1k-28.cm2", "0", "openssl-1.1.1k-28.cm2.src.rpm")
                 LINE("shadow", "4-1.cm2", "2", "(none)") LINE("gpg-pubkey", "1-1", "0", "(none)"));
static const char notes[] =
    "package openssl-libs 1.1.1k-28.cm2 x86_64 from openssl 1.1.1k-28.cm2 by Microsoft Corporation\n"
    "package shadow 2:4-1.cm2 x86_64 from shadow 2:4-1.cm2 by Microsoft Corporation\n";

TEST(rpm_manifest_packages) /* R33 */
{
    expect_file(path, sample, notes);
    expect_file(path, STR("a\t1-1\t1\t2\t(none)\t(none)\t9\t(none)\t(none)\t\n\n"),
                "package a 1-1  from a 1-1\n");
    expect_file(path, STR(""), "");
}

TEST(rpm_manifest_refusals)
{
    expect_file(
        path, STR("a\t1-1\n" LINE("b", "1-1", "0", "") LINE("c", "", "0", "")),
        "problem var/lib/rpmmanifest/container-manifest-2: offset 0: a line with less than ten fields\n"
        "package b 1-1 x86_64 from b 1-1 by Microsoft Corporation\n"
        "problem var/lib/rpmmanifest/container-manifest-2: offset 57: package c has no version\n");
    expect_file(
        path, STR("a\t1-1\t1\t2\t(none)\t(none)\t9\tx\t0\ta"),
        "package a 1-1 x from a 1-1\nproblem var/lib/rpmmanifest/container-manifest-2: offset 0: the last "
        "line has no end: the file may have been cut there\n");
}

TEST(rpm_manifest_every_window_and_truncation)
{
    for (size_t len = 0; len <= sample.len; len++)
        for (size_t step = 0; step < 30; step += 1 + len / 40) {
            struct error err = {0};
            struct archive a = {.tar = buf_make(MIB(1))};
            archive_add(&a, TAR_REGULAR, path, (struct str){sample.ptr, len});
            tar_write_end(&a.tar);
            struct notes n = notes_make(&err);
            assert_int_equal(archive_read(&a, step, NULL, &n, &err), 0);
            assert_true(n.packages <= 2);
            if (len == sample.len)
                assert_non_null(strstr(n.text.ptr, notes));
            buf_done(&n.text);
            buf_done(&a.tar);
        }
}

TEST(rpm_manifest_too_big)
{
    char *big = calloc(1, RPM_MANIFEST_MAX + 1);
    struct error err = {0};
    struct archive a = {.tar = buf_make(2 * RPM_MANIFEST_MAX)};
    archive_add(&a, TAR_REGULAR, path, (struct str){big, RPM_MANIFEST_MAX + 1});
    struct notes n = notes_make(&err);
    assert_int_equal(archive_read(&a, 0, NULL, &n, &err), 0);
    assert_non_null(strstr(n.text.ptr, "4194305 bytes, more than the 4194304 that are read"));
    buf_done(&n.text);
    buf_done(&a.tar);
    free(big);
}
