#include <zstd.h>

#include "archive.h"
#include "base/limits.h"

static const char path[] = "var/lib/chisel/manifest.wall";

#define HEADER "{\"jsonwall\":\"1.0\",\"schema\":\"1.0\",\"count\":7}\n"
#define PACKAGE(name, version)                                           \
    "{\"kind\":\"package\",\"name\":\"" name "\",\"version\":\"" version \
    "\",\"sha256\":\"ab\",\"arch\":\"amd64\"}\n"
#define OTHERS                                                                                    \
    "{\"kind\":\"content\",\"slice\":\"libc6_libs\",\"path\":\"/usr/lib/package\"}\n"             \
    "{\"kind\":\"path\",\"path\":\"/etc/\",\"mode\":\"0755\",\"slices\":[\"base-files_base\"]}\n" \
    "{\"kind\":\"slice\",\"name\":\"libc6_libs\"}\n"
static const char manifest[] =
    HEADER OTHERS PACKAGE("base-files", "13ubuntu10") PACKAGE("libc6", "2.39-0ubuntu8");
static const char notes[] = "package base-files 13ubuntu10 amd64 from base-files 13ubuntu10\n"
                            "package libc6 2.39-0ubuntu8 amd64 from libc6 2.39-0ubuntu8\n";

static struct buf packed(struct str text)
{
    struct buf b = buf_make(2 * CHISEL_UNPACKED_MAX);
    size_t room = ZSTD_compressBound(text.len);
    char *at = buf_room(&b, room);
    assert_non_null(at);
    b.len = ZSTD_compress(at, room, text.ptr, text.len, 1);
    assert_false(ZSTD_isError(b.len));
    return b;
}

static void expect(struct str text, const char *wanted)
{
    struct buf b = packed(text);
    expect_file(path, buf_str(&b), wanted);
    buf_done(&b);
}

TEST(trap_d21_chisel)
{
    expect(STR(HEADER), "");
    expect((struct str){manifest, sizeof manifest - 1}, notes);
    expect_file(path, (struct str){manifest, sizeof manifest - 1}, notes); /* not packed */
}

TEST(chisel_refusals)
{
    static const char place[] = "problem var/lib/chisel/manifest.wall: ";
    char wanted[600];
    snprintf(wanted, sizeof wanted, "%schisel: no manifest, its first line is no header\n", place);
    expect(STR(""), wanted);
    expect(STR("{\"kind\":\"package\"}\n"), wanted);
    expect_file(path, STR(""), wanted);
    snprintf(wanted, sizeof wanted,
             "%soffset 44: a package without a name\n%soffset 64: json: offset 18: a string does not end\n"
             "%soffset 84: json: offset 0: expected a value, found 'p'\npackage a 1  from a 1\n",
             place, place, place);
    expect(STR(HEADER "{\"kind\":\"package\"}\n\n{\"kind\":\"package\",\"\np\"package\"\n{\"version\":\"1\","
                      "\"name\":\"a\",\"kind\":\"package\",\"x\":{}}\n"),
           wanted);
}

/* What was read before the damage stands. */
TEST(chisel_every_window_and_truncation)
{
    struct buf b = packed((struct str){manifest, sizeof manifest - 1});
    for (size_t len = 0; len <= b.len; len++)
        for (size_t step = 0; step < 30; step = step * 4 + 1) {
            struct error err = {0};
            struct archive a = {.tar = buf_make(MIB(1))};
            archive_add(&a, TAR_REGULAR, path, (struct str){b.ptr, len});
            tar_write_end(&a.tar);
            struct notes n = notes_make(&err);
            assert_int_equal(archive_read(&a, step, NULL, &n, &err), 0);
            buf_add_char(&n.text, 0);
            assert_int_equal(n.problems, len < b.len);
            assert_true(n.packages <= 2);
            if (len == b.len)
                assert_non_null(strstr(n.text.ptr, notes));
            buf_done(&n.text);
            buf_done(&a.tar);
        }
    buf_done(&b);
}

static void expect_problem(struct str content, const char *problem)
{
    struct error err = {0};
    struct archive a = {.tar = buf_make(content.len + MIB(1))};
    archive_add(&a, TAR_REGULAR, path, content);
    tar_write_end(&a.tar);
    struct notes n = notes_make(&err);
    assert_int_equal(archive_read(&a, 0, NULL, &n, &err), 0);
    buf_add_char(&n.text, 0);
    assert_non_null(strstr(n.text.ptr, problem));
    buf_done(&n.text);
    buf_done(&a.tar);
}

TEST(chisel_too_big)
{
    char *big = calloc(1, CHISEL_MANIFEST_MAX + 1);
    expect_problem((struct str){big, CHISEL_MANIFEST_MAX + 1},
                   "chisel: 16777217 bytes, more than the 16777216 that are read");
    free(big);
}

TEST(chisel_bomb)
{
    struct buf text = buf_make(2 * (size_t)CHISEL_UNPACKED_MAX);
    buf_add(&text, STR(HEADER));
    char *room = buf_room(&text, CHISEL_UNPACKED_MAX);
    memset(room, '\n', CHISEL_UNPACKED_MAX);
    text.len += CHISEL_UNPACKED_MAX;
    struct buf b = packed(buf_str(&text));
    expect_problem(buf_str(&b), "more than 67108864 bytes");
    buf_done(&b);
    buf_done(&text);
}
