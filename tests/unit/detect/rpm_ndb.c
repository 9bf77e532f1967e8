#include "base/limits.h"
#include "rpm_make.h"

static const char all[] = NOTE_OPENSSL NOTE_NODEJS NOTE_BASH;
enum { SLOT = 16, BLOBS = 4096 };

TEST(rpm_ndb_all)
{
    struct buf bytes = corpus_read("rpm_ndb/packages");
    rpm_expect(rpm_ndb_packages, buf_str(&bytes), all);
    rpm_expect_truncations(rpm_ndb_packages, buf_str(&bytes), 3);
    buf_done(&bytes);
}

static void expect_changed(size_t at, unsigned char byte, const char *wanted)
{
    struct buf bytes = corpus_read("rpm_ndb/packages");
    assert_true(at < bytes.len);
    bytes.ptr[at] = (char)byte;
    rpm_expect(rpm_ndb_packages, buf_str(&bytes), wanted);
    buf_done(&bytes);
}

TEST(rpm_ndb_refusals)
{
    expect_changed(0, 'r', "error: rpm: no database of the ndb kind\n");
    expect_changed(4, 1, "error: rpm: a database of the ndb kind, version 1; known is 0\n");
    rpm_expect(rpm_ndb_packages, STR(""), "error: rpm: no database of the ndb kind\n");
}

/* Slots begin behind the first 32 bytes: openssl, nodejs, the key, bash, and free ones. */
TEST(rpm_ndb_damaged_slots)
{
    CLEANUP(buf_done) struct buf wanted = buf_make(KIB(4));
    buf_printf(&wanted, "problem the/database: offset 32: a slot is damaged, and its package is lost\n%s%s",
               NOTE_NODEJS, NOTE_BASH);
    buf_add_char(&wanted, 0);
    expect_changed((size_t)2 * SLOT, 's', wanted.ptr);
    buf_clear(&wanted);
    buf_printf(
        &wanted,
        "problem the/database: offset 32: a slot leads out of the database, and its package is lost\n%s%s",
        NOTE_NODEJS, NOTE_BASH);
    buf_add_char(&wanted, 0);
    expect_changed(2 * SLOT + 8 + 3, 1, wanted.ptr);  /* it begins behind the end */
    expect_changed(2 * SLOT + 8 + 1, 0, wanted.ptr);  /* it begins among the slots */
    expect_changed(2 * SLOT + 12 + 1, 9, wanted.ptr); /* it ends behind the end */
    expect_changed(2 * SLOT + 12, 1, wanted.ptr);     /* it is too small */
    buf_clear(&wanted);
    buf_printf(&wanted, "%s%s", NOTE_NODEJS, NOTE_BASH);
    buf_add_char(&wanted, 0);
    expect_changed(2 * SLOT + 4, 0, wanted.ptr); /* it is free */
}

TEST(rpm_ndb_damaged_blobs)
{
    static const char damaged[] = "problem the/database: offset 4096: a package's blob is damaged\n";
    CLEANUP(buf_done) struct buf wanted = buf_make(KIB(4));
    buf_printf(&wanted, "%s%s%s", damaged, NOTE_NODEJS, NOTE_BASH);
    buf_add_char(&wanted, 0);
    expect_changed(BLOBS, 'b', wanted.ptr);
    expect_changed(BLOBS + 4, 9, wanted.ptr);      /* another's number */
    expect_changed(BLOBS + 12 + 2, 9, wanted.ptr); /* longer than its blocks */
    expect_changed(BLOBS + 100, 0xff, wanted.ptr); /* only the checksum tells */
    expect_changed(2 * SLOT + 4, 9, wanted.ptr);   /* the slot's number */
}

/* A database whose slots all lead to the same blob would take as long as somebody wants. */
TEST(rpm_ndb_blobs_over_each_other)
{
    struct buf bytes = corpus_read("rpm_ndb/packages");
    for (size_t at = (size_t)3 * SLOT; at < BLOBS; at += SLOT)
        memcpy(bytes.ptr + at, bytes.ptr + (size_t)2 * SLOT, SLOT);
    struct notes n;
    struct error err = {0};
    assert_int_equal(rpm_notes(rpm_ndb_packages, buf_str(&bytes), &n, &err), -E_BAD_INPUT);
    assert_string_equal(err.text, "rpm: packages lie over each other at offset 4096");
    assert_true(n.packages < bytes.len / 200);
    buf_done(&n.text);
    buf_done(&bytes);
}
