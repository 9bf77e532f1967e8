#include "archive.h"
#include "base/limits.h"

static const char path[] = "var/lib/pacman/local/libvpx-1:1.13.0-1/desc";

static const struct str sample = STR_INIT("%NAME%\nlibvpx\n\n%VERSION%\n1:1.13.0-1\n\n%BASE%\nvpx\n\n%DESC%"
                                          "\nVP8 and VP9 codec\n\n%ARCH%\nx86_64\n\n"
                                          "%LICENSE%\nBSD\n%NAME%\n\n%DEPENDS%\nglibc\ngcc-libs\n\n");
static const char sample_notes[] = "package libvpx 1:1.13.0-1 x86_64 from vpx 1:1.13.0-1\n";

TEST(pacman_packages)
{
    expect_file(path, sample, sample_notes);
    expect_file(path, STR("%NAME%\na\n\n%VERSION%\n1-1\n"), "package a 1-1  from a 1-1\n");
}

/* Other files of a package, and what lies elsewhere, are not read. */
TEST(pacman_only_desc)
{
    struct error err = {0};
    struct archive a = {.tar = buf_make(MIB(1))};
    archive_add(&a, TAR_REGULAR, "var/lib/pacman/local/ALPM_DB_VERSION", STR("9\n"));
    archive_add(&a, TAR_DIRECTORY, "var/lib/pacman/local/a-1-1", STR(""));
    archive_add(&a, TAR_REGULAR, "var/lib/pacman/local/a-1-1/files", STR("%FILES%\n"));
    archive_add(&a, TAR_REGULAR, "var/lib/pacman/local/a-1-1/b/desc", sample);
    archive_add(&a, TAR_REGULAR, "var/lib/pacman/local/desc", sample);
    archive_add(&a, TAR_REGULAR, "var/lib/pacman/sync/a-1-1/desc", sample);
    archive_add(&a, TAR_REGULAR, "var/lib/pacman/local/.wh.b-1-1", STR(""));
    tar_write_end(&a.tar);
    struct notes n = notes_make(&err);
    assert_int_equal(archive_read(&a, 0, NULL, &n, &err), 0);
    assert_string_equal(n.text.ptr,
                        "other var/lib/pacman/local/ALPM_DB_VERSION\nfolder var/lib/pacman/local/a-1-1\n"
                        "other var/lib/pacman/local/desc\n"
                        "whiteout var/lib/pacman/local/b-1-1\n");
    buf_done(&n.text);
    buf_done(&a.tar);
}

/* The folder behind a link, which the second reading looks for. */
TEST(pacman_alias)
{
    struct error err = {0};
    struct archive a = {.tar = buf_make(MIB(1))};
    archive_add(&a, TAR_REGULAR, "opt/local/a-1-1/desc", STR("%NAME%\na\n\n%VERSION%\n1-1\n\n"));
    archive_add(&a, TAR_REGULAR, "opt/local/a-1-1/files", STR("x"));
    archive_add(&a, TAR_REGULAR, "opt/local/desc", STR("x"));
    tar_write_end(&a.tar);
    const struct layer_alias alias = {STR("opt/local"), STR("var/lib/pacman/local"), STR("")};
    const struct layer_request request = {&alias, 1};
    struct notes n = notes_make(&err);
    assert_int_equal(archive_read(&a, 0, &request, &n, &err), 0);
    assert_string_equal(n.text.ptr, "found opt/local/a-1-1/desc\npackage a 1-1  from a 1-1\n");
    buf_done(&n.text);
    buf_done(&a.tar);
}

TEST(pacman_refusals)
{
    static const char where[] = "problem var/lib/pacman/local/libvpx-1:1.13.0-1/desc: ";
    static const struct {
        struct str text;
        const char *wanted;
    } cases[] = {
        {STR_INIT(""), "offset 0: a package without a name\n"},
        {STR_INIT("%NME%\ntree\n\n%VERSION%\n1-1\n"), "offset 0: a package without a name\n"},
        {STR_INIT("%NAME%\n\n%VERSION%\n1-1\n"), "offset 0: a package without a name\n"},
        {STR_INIT("%NAME%\ntree\n\n%VER.6-1\n"), "offset 0: package tree has no version\n"},
    };
    CLEANUP(buf_done) struct buf wanted = buf_make(KIB(4));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_clear(&wanted);
        buf_printf(&wanted, "%s%s", where, cases[i].wanted);
        buf_add_char(&wanted, 0);
        expect_file(path, cases[i].text, wanted.ptr);
    }
    buf_clear(&wanted);
    buf_printf(&wanted,
               "package a 1-1  from a 1-1\n%soffset 19: the last line has no end: the file may have been cut "
               "there\n",
               where);
    buf_add_char(&wanted, 0);
    expect_file(path, STR("%NAME%\na\n%VERSION%\n1-1"), wanted.ptr);
}

static struct archive archive_of(struct str content)
{
    struct archive a = {.tar = buf_make(4 * PACMAN_DESC_MAX)};
    archive_add(&a, TAR_REGULAR, path, content);
    tar_write_end(&a.tar);
    return a;
}

TEST(pacman_every_window_and_truncation)
{
    for (size_t len = 0; len <= sample.len; len++) {
        struct archive a = archive_of((struct str){sample.ptr, len});
        struct error err = {0};
        struct notes n = notes_make(&err);
        assert_int_equal(archive_read(&a, len % 7 + 1, NULL, &n, &err), 0);
        assert_true(n.packages <= 1);
        assert_true(n.problems > 0 || (len && sample.ptr[len - 1] == '\n'));
        if (len == sample.len)
            assert_string_equal(strstr(n.text.ptr, "package"), sample_notes);
        buf_done(&n.text);
        buf_done(&a.tar);
    }
}

TEST(pacman_long_fields)
{
    CLEANUP(buf_done) struct buf text = buf_make(MIB(1));
    for (size_t n = PACKAGE_FIELD_MAX; n <= PACKAGE_FIELD_MAX + 1; n++) {
        buf_clear(&text);
        buf_add(&text, STR("%NAME%\na\n\n%VERSION%\n"));
        for (size_t i = 0; i < n; i++)
            buf_add_char(&text, '1');
        buf_add_char(&text, '\n');
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

TEST(pacman_too_big)
{
    char *big = calloc(1, PACMAN_DESC_MAX + 1);
    struct archive a = archive_of((struct str){big, PACMAN_DESC_MAX + 1});
    struct error err = {0};
    struct notes n = notes_make(&err);
    assert_int_equal(archive_read(&a, 0, NULL, &n, &err), 0);
    assert_non_null(strstr(n.text.ptr, "desc: pacman: 1048577 bytes, more than the 1048576 that are read\n"));
    buf_done(&n.text);
    buf_done(&a.tar);
    free(big);
}
