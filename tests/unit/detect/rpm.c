#include "base/limits.h"
#include "rpm_make.h"
#include "stream/memory.h"

static const char log_only[] =
    "rpm: this layer changes the database by a write-ahead log alone: its changes are not seen";

/* A file of the corpus as it is, or one part of a database with a log. */
static void add(struct archive *a, const char *path, const char *file, int part)
{
    CLEANUP(buf_done) struct buf bytes = corpus_read(file);
    struct str content = buf_str(&bytes);
    if (part >= 0) {
        size_t length = (size_t)(unsigned char)bytes.ptr[2] << 8 | (unsigned char)bytes.ptr[3];
        content = part ? str_skip(content, 4 + length) : (struct str){content.ptr + 4, length};
    }
    archive_add(a, TAR_REGULAR, path, content);
}

/* The notes of the archive, which is done with; read in windows of `step` bytes. */
static void expect(struct archive *a, size_t step, const char *wanted)
{
    struct error err = {0};
    tar_write_end(&a->tar);
    struct notes n = notes_make(&err);
    assert_int_equal(archive_read(a, step, NULL, &n, &err), 0);
    assert_string_equal(n.text.ptr, wanted);
    buf_done(&n.text);
    buf_done(&a->tar);
}

TEST(rpm_kinds)
{
    for (size_t step = 0; step < 5000; step += 997) {
        struct archive a = {.tar = buf_make(MIB(1))};
        add(&a, "var/lib/rpm/Packages", "rpm_bdb/little", -1);
        add(&a, "usr/lib/sysimage/rpm/Packages.db", "rpm_ndb/packages", -1);
        add(&a, "usr/share/rpm/rpmdb.sqlite", "rpm_sqlite/plain", 0);
        add(&a, "usr/lib/sysimage/rpm/Packages", "rpm_sqlite/plain", 0); /* the content decides */
        expect(&a, step,
               "found var/lib/rpm/Packages\n" NOTE_OPENSSL NOTE_NODEJS NOTE_BASH
               "found usr/lib/sysimage/rpm/Packages.db\n" NOTE_OPENSSL NOTE_NODEJS NOTE_BASH
               "found usr/share/rpm/rpmdb.sqlite\n" NOTE_OPENSSL NOTE_BASH
               "found usr/lib/sysimage/rpm/Packages\n" NOTE_OPENSSL NOTE_BASH);
    }
}

/* A log behind its database: that is told again, and the later of the same path counts. */
TEST(rpm_log_behind)
{
    struct archive a = {.tar = buf_make(MIB(1))};
    add(&a, "var/lib/rpm/rpmdb.sqlite", "rpm_sqlite/log", 0);
    archive_add(&a, TAR_REGULAR, "etc/os-release", STR("ID=fedora\n"));
    add(&a, "var/lib/rpm/rpmdb.sqlite-wal", "rpm_sqlite/log", 1);
    expect(&a, 0,
           "found var/lib/rpm/rpmdb.sqlite\n" NOTE_OPENSSL NOTE_BASH
           "found etc/os-release\nrelease fedora|||\n"
           "found var/lib/rpm/rpmdb.sqlite-wal\n"
           "found var/lib/rpm/rpmdb.sqlite\n" NOTE_BASH NOTE_NODEJS);
}

TEST(rpm_log_before)
{
    struct archive a = {.tar = buf_make(MIB(1))};
    add(&a, "var/lib/rpm/rpmdb.sqlite-wal", "rpm_sqlite/log", 1);
    add(&a, "var/lib/rpm/rpmdb.sqlite", "rpm_sqlite/log", 0);
    expect(&a, 0,
           "found var/lib/rpm/rpmdb.sqlite-wal\nfound var/lib/rpm/rpmdb.sqlite\n" NOTE_BASH NOTE_NODEJS);
}

TEST(rpm_log_of_another)
{
    struct archive a = {.tar = buf_make(MIB(1))};
    add(&a, "usr/share/rpm/rpmdb.sqlite", "rpm_sqlite/log", 0);
    add(&a, "var/lib/rpm/rpmdb.sqlite-wal", "rpm_sqlite/log", 1);
    CLEANUP(buf_done) struct buf wanted = buf_make(KIB(4));
    buf_printf(&wanted, "found usr/share/rpm/rpmdb.sqlite\n%s%s", NOTE_OPENSSL, NOTE_BASH);
    buf_printf(&wanted, "found var/lib/rpm/rpmdb.sqlite-wal\nproblem var/lib/rpm/rpmdb.sqlite: %s\n",
               log_only);
    buf_add_char(&wanted, 0);
    expect(&a, 0, wanted.ptr);
}

/* A log without commits says nothing. */
TEST(rpm_log_is_empty)
{
    struct archive a = {.tar = buf_make(MIB(1))};
    archive_add(&a, TAR_REGULAR, "var/lib/rpm/rpmdb.sqlite-wal", STR(""));
    add(&a, "usr/share/rpm/rpmdb.sqlite", "rpm_sqlite/plain", 0);
    archive_add(&a, TAR_REGULAR, "usr/share/rpm/rpmdb.sqlite-wal", STR(""));
    expect(&a, 0,
           "found var/lib/rpm/rpmdb.sqlite-wal\nfound usr/share/rpm/rpmdb.sqlite\n" NOTE_OPENSSL NOTE_BASH
           "found usr/share/rpm/rpmdb.sqlite-wal\n");
}

TEST(rpm_refusals)
{
    expect_file("var/lib/rpm/Packages", STR(""),
                "problem var/lib/rpm/Packages: rpm: the database is empty, not even without packages\n");
    expect_file("var/lib/rpm/rpmdb.sqlite", STR("nonsense"),
                "problem var/lib/rpm/rpmdb.sqlite: rpm: no hash table of Berkeley DB\n");
}

/* Only the header of such a file is made. */
TEST(rpm_too_big)
{
    struct error err = {0};
    struct archive a = {.tar = buf_make(MIB(1))};
    const struct tar_entry e = {
        .path = STR("var/lib/rpm/Packages"), .type = TAR_REGULAR, .size = RPM_DATABASE_MAX + 1};
    tar_write_header(&a.tar, &e, 0644);
    struct notes n = notes_make(&err);
    assert_int_equal(archive_read(&a, 0, NULL, &n, &err), -E_BAD_INPUT);
    assert_string_equal(n.text.ptr,
                        "damaged var/lib/rpm/Packages\nproblem var/lib/rpm/Packages: rpm: 268435457 bytes, "
                        "more than the 268435456 that are read\n");
    buf_done(&n.text);
    buf_done(&a.tar);
}

TEST(rpm_log_too_big)
{
    struct error err = {0};
    struct keep keep = {.arena = arena_make(DETECTION_KEEP_MAX)};
    struct detection d = {
        .keep = &keep, .path = STR("var/lib/rpm/rpmdb.sqlite-wal"), .size = DETECTION_KEEP_MAX, .err = &err};
    struct memory_reader m;
    const struct want *want;
    const struct detector *rpm = detector_for(d.path, &want);
    assert_int_equal(rpm->file(&d, memory_reader_init(&m, STR("x"), 0, &err)), -E_LIMIT);
    assert_string_equal(err.text, "rpm: a database of 301989888 bytes is more than one layer may keep");
    keep_drop(&keep);
}

/* The stream ends within a file: the layer is cut, and nothing is said of the database itself. */
TEST(rpm_every_truncation)
{
    struct archive a = {.tar = buf_make(MIB(1))};
    add(&a, "var/lib/rpm/rpmdb.sqlite", "rpm_sqlite/log", 0);
    add(&a, "var/lib/rpm/rpmdb.sqlite-wal", "rpm_sqlite/log", 1);
    size_t whole = a.tar.len;
    for (a.tar.len = 0; a.tar.len < whole; a.tar.len += 61) {
        struct error err = {0};
        struct notes n = notes_make(&err);
        int rc = archive_read(&a, 0, NULL, &n, &err);
        assert_true(rc == 0 || rc == -E_BAD_INPUT);
        assert_true(n.packages <= 4 && n.problems == (rc < 0 && strstr(err.text, "its content ends")));
        buf_done(&n.text);
    }
    buf_done(&a.tar);
}
