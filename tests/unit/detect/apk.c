#include "archive.h"
#include "base/limits.h"

static const char path[] = "lib/apk/db/installed";

static const struct str sample = STR_INIT(
    "C:Q1v4QhLje3kWlC8DJj+ZfJTjlJRSU=\nP:libssl3\nV:3.1.4-r1\nA:x86_64\nS:1\nT:SSL shared libraries\n"
    "o:openssl\nD:so:libc.musl-x86_64.so.1\np:so:libssl.so.3=3\nF:lib\nR:libssl.so.3\na:0:0:755\n"
    "Z:Q1pcfTfDNEbNKQc2s1tia7da05M8Q=\n\n"
    "P:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\n"
    "P:.build-deps\nV:20240101.120000\nA:noarch\nD:gcc make\n\n"
    "P:own\nV:1.0\nA:aarch64\n\n");
static const char sample_notes[] = "package libssl3 3.1.4-r1 x86_64 from openssl 3.1.4-r1\n"
                                   "package musl 1.2.4-r2 x86_64 from musl 1.2.4-r2\n"
                                   "package own 1.0 aarch64 from own 1.0\n";

TEST(apk_packages_and_origins)
{
    expect_file(path, sample, sample_notes);
    expect_file("usr/lib/apk/db/installed", sample, sample_notes);
    expect_file(path, STR(""), "");
}

/* A list of other packages is none itself; what only looks so has an origin. */
TEST(apk_virtual_packages)
{
    expect_file(path, STR("P:.build-deps\nV:0\nA:noarch\n\n"), "");
    expect_file(path, STR("P:.x\nV:1-r0\no:x\n\n"), "package .x 1-r0  from x 1-r0\n");
}

/* No empty line between two packages: none is lost. */
TEST(apk_missing_separator)
{
    expect_file(path, STR("P:a\nV:1\nP:b\nV:2\nV:3\n"), "package a 1  from a 1\npackage b 2  from b 2\n");
}

TEST(apk_refusals)
{
    expect_file(path, STR("P:a\nA:x\n\nP:b\nV:1\n"),
                "problem lib/apk/db/installed: offset 0: package a has no version\npackage b 1  from b 1\n");
    expect_file(path, STR("P:b\nV:1\n\nV:1\no:x\n"),
                "package b 1  from b 1\nproblem lib/apk/db/installed: offset 9: a package without a name\n");
    expect_file(path, STR("P:a\nnonsense\nV:1\n \n\n"),
                "package a 1  from a 1\nproblem lib/apk/db/installed: offset 4: 2 lines are no fields\n");
    expect_file(path, STR("P:a\nV:1\n\nP:b\nV:1.2"),
                "package a 1  from a 1\npackage b 1.2  from b 1.2\nproblem lib/apk/db/installed: offset 13: "
                "the last line has no end: the file may have been cut there\n");
}

static struct archive archive_of(struct str content)
{
    struct archive a = {.tar = buf_make(2 * APK_INSTALLED_MAX)};
    archive_add(&a, TAR_REGULAR, path, content);
    tar_write_end(&a.tar);
    return a;
}

TEST(apk_every_window)
{
    struct archive a = archive_of(sample);
    for (size_t step = 1; step < 1100; step += step < 20 ? 1 : 67) {
        struct error err = {0};
        struct notes n = notes_make(&err);
        assert_int_equal(archive_read(&a, step, NULL, &n, &err), 0);
        assert_string_equal(n.text.ptr + strlen("found lib/apk/db/installed\n"), sample_notes);
        buf_done(&n.text);
    }
    buf_done(&a.tar);
}

TEST(apk_every_truncation)
{
    for (size_t len = 0; len < sample.len; len++) {
        struct archive a = archive_of((struct str){sample.ptr, len});
        struct error err = {0};
        struct notes n = notes_make(&err);
        assert_int_equal(archive_read(&a, 0, NULL, &n, &err), 0);
        assert_true(n.packages <= 3);
        assert_true(n.problems > 0 || len == 0 || sample.ptr[len - 1] == '\n');
        buf_done(&n.text);
        buf_done(&a.tar);
    }
}

TEST(apk_long_fields)
{
    CLEANUP(buf_done) struct buf text = buf_make(MIB(4));
    for (size_t n = PACKAGE_FIELD_MAX; n <= PACKAGE_FIELD_MAX + 1; n++) {
        buf_clear(&text);
        buf_add(&text, STR("P:a\nV:1\nD:"));
        for (size_t i = 0; i < KIB(100); i++)
            buf_add_char(&text, 'd'); /* of any length: not wanted */
        buf_add(&text, STR("\no:"));
        for (size_t i = 0; i < n; i++)
            buf_add_char(&text, 'a');
        buf_add(&text, STR("\n\n"));
        struct error err = {0};
        struct archive a = archive_of(buf_str(&text));
        struct notes notes = notes_make(&err);
        assert_int_equal(archive_read(&a, 0, NULL, &notes, &err), 0);
        assert_int_equal(notes.packages, n <= PACKAGE_FIELD_MAX);
        assert_int_equal(notes.problems, n > PACKAGE_FIELD_MAX);
        buf_done(&notes.text);
        buf_done(&a.tar);
    }
}

TEST(apk_many_problems)
{
    CLEANUP(buf_done) struct buf text = buf_make(MIB(1));
    for (size_t i = 0; i <= DETECTION_PROBLEMS_MAX; i++)
        buf_add(&text, STR("P:a\n\n"));
    buf_add(&text, STR("P:b\nV:1\n\n"));
    struct error err = {0};
    struct archive a = archive_of(buf_str(&text));
    struct notes n = notes_make(&err);
    assert_int_equal(archive_read(&a, 0, NULL, &n, &err), 0);
    assert_int_equal(n.problems, DETECTION_PROBLEMS_MAX + 1);
    assert_int_equal(n.packages, 0);
    assert_string_equal(err.text, "more than 1000 problems: the rest of the file is not read");
    buf_done(&n.text);
    buf_done(&a.tar);
}

TEST(apk_too_big)
{
    char *big = calloc(1, APK_INSTALLED_MAX + 1);
    struct archive a = archive_of((struct str){big, APK_INSTALLED_MAX + 1});
    struct error err = {0};
    struct notes n = notes_make(&err);
    assert_int_equal(archive_read(&a, 0, NULL, &n, &err), 0);
    assert_string_equal(n.text.ptr,
                        "damaged lib/apk/db/installed\nproblem lib/apk/db/installed: apk: 209715201 bytes, "
                        "more than the 209715200 that are read\n");
    buf_done(&n.text);
    buf_done(&a.tar);
    free(big);
}
