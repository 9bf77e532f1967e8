#include "base/limits.h"
#include "rpm_make.h"

static const char all[] = NOTE_OPENSSL NOTE_NODEJS NOTE_BASH;
enum { PAGE = 512 };

TEST(rpm_bdb_of_both_byte_orders)
{
    static const char *const files[] = {"rpm_bdb/little", "rpm_bdb/big"};
    for (size_t i = 0; i < 2; i++) {
        struct buf bytes = corpus_read(files[i]);
        rpm_expect(rpm_bdb_packages, buf_str(&bytes), all);
        rpm_expect_truncations(rpm_bdb_packages, buf_str(&bytes), 3);
        buf_done(&bytes);
    }
}

/* The little one with one byte changed. */
static void expect_changed(size_t at, unsigned char byte, const char *wanted)
{
    struct buf bytes = corpus_read("rpm_bdb/little");
    assert_true(at < bytes.len);
    bytes.ptr[at] = (char)byte;
    rpm_expect(rpm_bdb_packages, buf_str(&bytes), wanted);
    buf_done(&bytes);
}

TEST(rpm_bdb_refusals)
{
    expect_changed(12, 0, "error: rpm: no hash table of Berkeley DB\n");
    expect_changed(16, 6, "error: rpm: Berkeley DB's hash table version 6, known are 7 to 10\n");
    expect_changed(16, 11, "error: rpm: Berkeley DB's hash table version 11, known are 7 to 10\n");
    expect_changed(24, 1,
                   "error: rpm: a Berkeley DB with encryption or checksums, which rpm does not write\n");
    expect_changed(26, 1,
                   "error: rpm: a Berkeley DB with encryption or checksums, which rpm does not write\n");
    expect_changed(21, 3, "error: rpm: a Berkeley DB with pages of 768 bytes\n");
    expect_changed(21, 1, "error: rpm: a Berkeley DB with pages of 256 bytes\n");
    expect_changed(22, 2, "error: rpm: a Berkeley DB with pages of 131584 bytes\n");
    rpm_expect(rpm_bdb_packages, STR(""), "error: rpm: no hash table of Berkeley DB\n");
}

/* Pages of the corpus: 0 facts, 1 the bucket, 2 openssl's header, 3 to 5 nodejs', 6 bash's. */
TEST(rpm_bdb_damaged_pages)
{
    static const char chain[] =
        "problem the/database: offset 512: the pages of a package's header are damaged\n";
    CLEANUP(buf_done) struct buf wanted = buf_make(KIB(4));
    buf_printf(&wanted, "%s%s%s", NOTE_OPENSSL, chain, NOTE_BASH);
    buf_add_char(&wanted, 0);
    expect_changed(3 * PAGE + 25, 13 + 128, wanted.ptr); /* a kind of page that is none */
    expect_changed(4 * PAGE + 16, 4, wanted.ptr);        /* follows itself */
    expect_changed(4 * PAGE + 16, 2, wanted.ptr);        /* follows another's */
    expect_changed(4 * PAGE + 16, 99, wanted.ptr);       /* follows what is not there */
    expect_changed(4 * PAGE + 16, 0, wanted.ptr);        /* ends early */
    expect_changed(4 * PAGE + 22, 0, wanted.ptr);        /* of another length */
    expect_changed(4 * PAGE + 23, 4, wanted.ptr);        /* longer than the page */
}

/* The bucket has pairs of a key and a value: the counter, openssl, nodejs, the key, bash. */
TEST(rpm_bdb_damaged_bucket)
{
    static const char lost[] =
        "problem the/database: offset 512: a page is damaged, and its packages are lost\n";
    CLEANUP(buf_done) struct buf wanted = buf_make(KIB(4));
    expect_changed(PAGE + 26 + 1, 0xff, lost); /* the counter's key begins behind the page */
    expect_changed(PAGE + 26 + 2, 0xff, lost); /* its value behind it */
    buf_printf(&wanted, "%s%s", NOTE_OPENSSL, lost);
    buf_add_char(&wanted, 0);
    expect_changed(PAGE + 26 + 2 * 5, 0xff, wanted.ptr); /* nodejs' value behind its key */
    expect_changed(PAGE + 20, 0, "");                    /* no items */
    expect_changed(PAGE + 25, 2, all);                   /* an older kind of page */
    expect_changed(PAGE + 25, 9, "");                    /* of another kind */
}

TEST(rpm_bdb_unknown_records)
{
    struct buf bytes = corpus_read("rpm_bdb/little");
    size_t value = (unsigned char)bytes.ptr[PAGE + 26 + 6] | (size_t)(unsigned char)bytes.ptr[PAGE + 26 + 7]
                                                                 << 8;
    CLEANUP(buf_done) struct buf wanted = buf_make(KIB(4));
    buf_printf(&wanted, "problem the/database: offset 512: a record is of no kind that rpm writes\n%s%s",
               NOTE_NODEJS, NOTE_BASH);
    buf_add_char(&wanted, 0);
    expect_changed(PAGE + value, 4, wanted.ptr);
    buf_done(&bytes);
}

TEST(rpm_bdb_huge_header)
{
    struct buf bytes = corpus_read("rpm_bdb/little");
    size_t value = (unsigned char)bytes.ptr[PAGE + 26 + 6] | (size_t)(unsigned char)bytes.ptr[PAGE + 26 + 7]
                                                                 << 8;
    CLEANUP(buf_done) struct buf wanted = buf_make(KIB(4));
    buf_printf(&wanted, "problem the/database: offset 512: %s\n%s%s",
               "a package's header is larger than limpid reads", NOTE_NODEJS, NOTE_BASH);
    buf_add_char(&wanted, 0);
    expect_changed(PAGE + value + 8 + 3, 2, wanted.ptr); /* its length: 32 MiB and more */
    buf_done(&bytes);
}
