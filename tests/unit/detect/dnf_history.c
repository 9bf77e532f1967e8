#include "archive.h"
#include "base/limits.h"
#include "rpm_make.h"

static const char path[] = "var/lib/dnf/history.sqlite";
static const char notes[] = "origin bash 5.1.8-9.el9 x86_64: rhel-9-baseos\n"
                            "origin openssl-libs 1:3.0.7-27.el9 x86_64: rhocp-4.16\n"
                            "origin curl 7.76.1-26.el9 x86_64: rhocp-4.16\n";

/* The last repository that a package was installed from; none of what was installed from a file, or only removed. */
TEST(trap_r23_dnf_history)
{
    struct buf bytes = corpus_read("dnf_history/small");
    expect_file(path, buf_str(&bytes), notes);
    buf_done(&bytes);
    expect_file(path, STR(""), "");
}

TEST(dnf_history_refusals)
{
    struct buf bytes = corpus_read("rpm_sqlite/plain");
    expect_file(path, STR("SQLite"),
                "problem var/lib/dnf/history.sqlite: sqlite: no database of version 3\n");
    expect_file(path, str_skip(buf_str(&bytes), 4),
                "problem var/lib/dnf/history.sqlite: dnf's history has no table repo\n");
    buf_done(&bytes);
}

/* A page that is damaged loses what hangs by it, which is told. */
TEST(dnf_history_damaged)
{
    struct buf bytes = corpus_read("dnf_history/levels");
    size_t told = 0;
    for (size_t page = 0; page < bytes.len / 512; page++) {
        struct error err = {0};
        struct archive a = {.tar = buf_make(MIB(1))};
        size_t at = page ? page * 512 : 100;
        char was = bytes.ptr[at];
        bytes.ptr[at] = 1;
        archive_add(&a, TAR_REGULAR, path, buf_str(&bytes));
        tar_write_end(&a.tar);
        struct notes n = notes_make(&err);
        assert_int_equal(archive_read(&a, 0, NULL, &n, &err), 0);
        size_t origins = 0;
        buf_add_char(&n.text, 0);
        for (const char *s = n.text.ptr; (s = strstr(s, "origin ")); s++)
            origins++;
        assert_true(origins == 60 || n.problems == 1);
        told += n.problems;
        bytes.ptr[at] = was;
        buf_done(&n.text);
        buf_done(&a.tar);
    }
    assert_true(told > 5);
    buf_done(&bytes);
}

TEST(dnf_history_every_truncation)
{
    struct buf bytes = corpus_read("dnf_history/small");
    for (size_t len = 0; len < bytes.len; len += 61) {
        struct error err = {0};
        struct archive a = {.tar = buf_make(MIB(1))};
        archive_add(&a, TAR_REGULAR, path, (struct str){bytes.ptr, len});
        tar_write_end(&a.tar);
        struct notes n = notes_make(&err);
        assert_int_equal(archive_read(&a, len % 7, NULL, &n, &err), 0);
        assert_int_equal(n.problems, len > 0);
        buf_done(&n.text);
        buf_done(&a.tar);
    }
    buf_done(&bytes);
}

TEST(dnf_history_too_big)
{
    char *big = calloc(1, DNF_HISTORY_MAX + 1);
    struct error err = {0};
    struct archive a = {.tar = buf_make(2 * DNF_HISTORY_MAX)};
    archive_add(&a, TAR_REGULAR, path, (struct str){big, DNF_HISTORY_MAX + 1});
    tar_write_end(&a.tar);
    struct notes n = notes_make(&err);
    assert_int_equal(archive_read(&a, 0, NULL, &n, &err), 0);
    buf_add_char(&n.text, 0);
    assert_non_null(strstr(n.text.ptr, "dnf-history: 8388609 bytes, more than the 8388608 that are read"));
    buf_done(&n.text);
    buf_done(&a.tar);
    free(big);
}
