#include "detect/sqlite.h"

#include "rpm_make.h"

/* The parts of a file of tests/corpus/rpm_sqlite: a database behind its length, and a log. */
struct pair {
    struct buf bytes;
    struct str database, log;
};

static struct pair pair_read(const char *path)
{
    struct pair p = {.bytes = corpus_read(path)};
    size_t length = 0;
    for (size_t i = 0; i < 4; i++)
        length = length << 8 | (unsigned char)p.bytes.ptr[i];
    p.database = (struct str){p.bytes.ptr + 4, length};
    p.log = str_skip(buf_str(&p.bytes), 4 + length);
    return p;
}

static struct str the_log; /* of the next reading */

static int read_pair(struct detection *d, struct str bytes)
{
    return rpm_sqlite_packages(d, bytes, the_log);
}

static void expect_pair(struct str database, struct str log, const char *wanted)
{
    the_log = log;
    rpm_expect(read_pair, database, wanted);
}

static void put_number(char *at, uint32_t n, size_t width)
{
    for (size_t i = 0; i < width; i++)
        at[i] = (char)(n >> 8 * (width - 1 - i));
}

TEST(sqlite_packages)
{
    struct pair p = pair_read("rpm_sqlite/plain");
    expect_pair(p.database, STR(""), NOTE_OPENSSL NOTE_BASH);
    the_log = STR("");
    rpm_expect_truncations(read_pair, p.database, 2);
    buf_done(&p.bytes);
}

/* Sixty packages in leaves below inner pages. */
TEST(sqlite_levels)
{
    struct pair p = pair_read("rpm_sqlite/levels");
    struct notes n;
    struct error err = {0};
    the_log = STR("");
    assert_int_equal(rpm_notes(read_pair, p.database, &n, &err), 0);
    assert_int_equal(n.packages, 60);
    assert_int_equal(n.problems, 0);
    assert_non_null(strstr(n.text.ptr, "package package-59 1-59 noarch from package 1-59\n"));
    buf_done(&n.text);
    rpm_expect_truncations(read_pair, p.database, 60);
    buf_done(&p.bytes);
}

/* Any one page that is not what it was loses its own packages, and says so. */
TEST(sqlite_damaged_pages)
{
    struct pair p = pair_read("rpm_sqlite/levels");
    size_t lost = 0;
    the_log = STR("");
    for (size_t page = 1; page < p.database.len / 512; page++) {
        struct notes n;
        struct error err = {0};
        char *type = p.bytes.ptr + 4 + page * 512, was = *type;
        *type = 1;
        int rc = rpm_notes(read_pair, p.database, &n, &err);
        assert_true(rc == 0 && (n.packages == 60 || n.problems == 1));
        lost += n.packages < 60;
        *type = was;
        buf_done(&n.text);
    }
    assert_true(lost > 10);
    buf_done(&p.bytes);
}

TEST(sqlite_log)
{
    struct pair p = pair_read("rpm_sqlite/log");
    assert_true(sqlite_wal_has_commit(p.log));
    expect_pair(p.database, p.log, NOTE_BASH NOTE_NODEJS);
    expect_pair(p.database, STR(""), NOTE_OPENSSL NOTE_BASH);
    buf_done(&p.bytes);
}

/* However the log ends, or whichever byte of it is another, transactions are there or not: never half. */
TEST(sqlite_log_is_cut)
{
    struct pair p = pair_read("rpm_sqlite/log");
    for (size_t len = 0; len < p.log.len; len += 37) {
        struct str cut = {p.log.ptr, len};
        assert_false(sqlite_wal_has_commit(cut));
        expect_pair(p.database, cut, NOTE_OPENSSL NOTE_BASH);
    }
    for (size_t at = 0; at < p.log.len; at += 41) {
        char *byte = p.bytes.ptr + 4 + p.database.len + at;
        *byte ^= 1;
        expect_pair(p.database, p.log, NOTE_OPENSSL NOTE_BASH);
        *byte ^= 1;
    }
    buf_done(&p.bytes);
}

static void expect_changed(size_t at, unsigned char byte, const char *wanted)
{
    struct pair p = pair_read("rpm_sqlite/plain");
    p.bytes.ptr[4 + at] = (char)byte;
    expect_pair(p.database, STR(""), wanted);
    buf_done(&p.bytes);
}

TEST(sqlite_refusals)
{
    expect_changed(14, '4', "error: sqlite: no database of version 3\n");
    expect_changed(16, 3, "error: sqlite: pages of 768 bytes\n");
    expect_changed(16, 1, "error: sqlite: pages of 256 bytes\n");
    expect_changed(20, 64, "error: sqlite: 448 usable bytes in a page\n");
    expect_changed(
        512, 2,
        "problem the/database: offset 512: a page of the table is damaged, and what is below it is lost\n");
    expect_pair(STR("SQLite format 3"), STR(""), "error: sqlite: no database of version 3\n");
}

/* A database of empty pages, each an inner one that leads to the next. */
TEST(sqlite_deep)
{
    struct pair p = pair_read("rpm_sqlite/plain");
    for (uint32_t levels = SQLITE_DEPTH_MAX; levels <= SQLITE_DEPTH_MAX + 1; levels++) {
        CLEANUP(buf_done) struct buf deep = buf_make(KIB(64));
        buf_add(&deep, (struct str){p.database.ptr, 512});
        for (uint32_t page = 2; page <= levels + 1; page++) {
            char content[512] = {page == levels + 1 ? 13 : 5};
            if (*content == 5) {
                put_number(content + 3, 1, 2);
                put_number(content + 12, 500, 2);
                put_number(content + 500, page + 1, 4);
                put_number(content + 8, levels + 2, 4);
            }
            buf_add(&deep, (struct str){content, sizeof content});
        }
        struct notes n;
        struct error err = {0};
        the_log = STR("");
        assert_int_equal(rpm_notes(read_pair, buf_str(&deep), &n, &err), 0);
        assert_int_equal(strstr(n.text.ptr, "a table is deeper than any that SQLite makes") != NULL,
                         levels > SQLITE_DEPTH_MAX);
        buf_done(&n.text);
    }
    buf_done(&p.bytes);
}

/* A leaf with the cells that are given, as page 2. */
static void expect_leaf(const char *cell, size_t size, unsigned count, const char *wanted)
{
    struct pair p = pair_read("rpm_sqlite/plain");
    char *page = p.bytes.ptr + 4 + 512;
    memset(page, 0, 512);
    page[0] = 13;
    put_number(page + 3, count, 2);
    for (size_t i = 0; i < count; i++)
        put_number(page + 8 + 2 * i, (uint32_t)(512 - size), 2);
    memcpy(page + 512 - size, cell, size);
    expect_pair(p.database, STR(""), wanted);
    buf_done(&p.bytes);
}

TEST(sqlite_huge_row)
{
    static const char row[] = "problem the/database: offset 1018: a row is damaged\n";
    /* lengths of 32 MiB, whose pages are not there, and of one more; the row's number; where it goes on */
    expect_leaf("\x90\x80\x80\x00\x01x", 6, 1, row);
    expect_leaf("\x90\x80\x80\x01\x01x", 6, 1,
                "problem the/database: offset 1018: a row is larger than limpid reads\n");
    expect_leaf("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, 1,
                "problem the/database: offset 1014: a row is larger than limpid reads\n");
    expect_leaf("\xff\xff", 2, 1, "problem the/database: offset 1022: a row is damaged\n");
    expect_leaf("\x00\x01", 2, 1, "problem the/database: offset 1022: a row is damaged\n");
    expect_leaf("\x02\x01\x02\x00", 4, 1, "problem the/database: offset 1020: a row is damaged\n");
}

/* Cells that all begin at the same row would take as long as somebody wants. */
TEST(sqlite_rows_over_each_other)
{
    char cell[202] = "\x81\x48\x01\x04\x00\x83\x12"; /* 200 bytes: a header of 4, a null, a blob of 193 */
    struct pair p = pair_read("rpm_sqlite/plain");
    char *page = p.bytes.ptr + 4 + 512;
    memset(page, 0, 512);
    page[0] = 13;
    put_number(page + 3, 100, 2);
    for (size_t i = 0; i < 100; i++)
        put_number(page + 8 + 2 * i, 300, 2);
    memcpy(page + 300, cell, sizeof cell);
    struct notes n;
    struct error err = {0};
    the_log = STR("");
    assert_int_equal(rpm_notes(read_pair, p.database, &n, &err), 0);
    assert_non_null(strstr(n.text.ptr, "offset 812: rows lie over each other, and the rest is not read\n"));
    assert_true(n.problems < 10);
    buf_done(&n.text);
    buf_done(&p.bytes);
}

TEST(sqlite_columns)
{
    /* header of 8 bytes: null, 1 byte, 0, 1, 2 bytes, text of 3, blob of 2; then the values */
    static const char record[] = "\x08\x00\x01\x08\x09\x02\x13\x10\xff\x01\x00"
                                 "abc"
                                 "\x01\x02";
    const struct str whole = {record, sizeof record - 1};
    static const int64_t numbers[] = {0, -1, 0, 1, 256, 0, 0};
    static const size_t sizes[] = {0, 1, 0, 0, 2, 3, 2};
    struct str value;
    int64_t number;
    for (unsigned i = 0; i < 7; i++) {
        assert_true(sqlite_column(whole, i, &value, &number));
        assert_int_equal(number, numbers[i]);
        assert_int_equal(value.len, sizes[i]);
    }
    assert_false(sqlite_column(whole, 7, &value, &number));
    for (size_t len = 0; len < whole.len; len++)
        assert_false(sqlite_column((struct str){record, len}, 6, &value, &number));
    assert_false(sqlite_column(STR("\x00\x01"), 0, &value, &number));
    assert_false(sqlite_column(STR("\x02\xff\xff"), 0, &value, &number));
    assert_false(sqlite_column(STR("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff"), 0, &value, &number));
}
