#include "stream/tar.h"

#include "pack.h"
#include "stream/memory.h"
#include "tar_make.h"
#include "test.h"

static void assert_list(struct str archive, const char *text)
{
    struct buf out = buf_make(MIB(1));
    for (size_t step = 0; step < 1300; step += step < 20 ? 1 : 97) {
        raw_list(archive, step, true, &out);
        buf_add_char(&out, 0);
        assert_string_equal(out.ptr, text);
    }
    buf_done(&out);
}

static void end(struct buf *b)
{
    raw_content(b, STR("\0"));
    raw_content(b, STR("\0"));
}

TEST(tar_ustar)
{
    struct buf b = buf_make(MIB(1));
    raw_add(&b, (struct raw_header){.name = "./", .type = '5'});
    raw_add(&b, (struct raw_header){.name = "etc/", .type = '5'});
    raw_add(&b, (struct raw_header){.name = "./etc/os-release", .type = '0', .bytes = STR("ID=debian")});
    raw_add(&b, (struct raw_header){.name = "etc/link", .link = "../usr//lib/x", .type = '2'});
    raw_add(&b, (struct raw_header){.name = "etc/hard", .link = "./etc/os-release", .type = '1'});
    raw_add(&b, (struct raw_header){.name = "leaf", .prefix = "very/long", .type = '0', .bytes = STR("x")});
    raw_add(&b, (struct raw_header){.name = "dev/null", .type = '3'});
    raw_add(&b, (struct raw_header){.name = "contiguous", .type = '7', .bytes = STR("y")});
    raw_add(&b, (struct raw_header){.name = "volume", .type = 'V', .bytes = STR("z")});
    end(&b);
    assert_list(buf_str(&b), "0 d 0 : \n512 d 0 etc: \n1024 - 9 etc/os-release: ID=debian\n"
                             "2048 l 0 etc/link -> ../usr//lib/x: \n2560 h 0 etc/hard -> etc/os-release: \n"
                             "3072 - 1 very/long/leaf: x\n4096 ? 0 dev/null: \n4608 - 1 contiguous: y\n"
                             "5632 ? 1 volume: z\nend\n");
    buf_done(&b);
}

TEST(tar_full_fields)
{
    struct buf b = buf_make(MIB(1));
    char name[101], prefix[156], text[700];
    memset(name, 'n', 100);
    memset(prefix, 'p', 155);
    name[100] = prefix[155] = 0;
    raw_add(&b, (struct raw_header){.name = name, .prefix = prefix, .link = name, .type = '2'});
    snprintf(text, sizeof text, "0 l 0 %s/%s -> %s: \nend\n", prefix, name, name);
    assert_list(buf_str(&b), text);
    memcpy(b.ptr + 508, "tar", 4); /* star's times lie behind a prefix of 131 bytes */
    raw_seal(&b, 0);
    prefix[131] = 0;
    snprintf(text, sizeof text, "0 l 0 %s/%s -> %s: \nend\n", prefix, name, name);
    assert_list(buf_str(&b), text);
    buf_done(&b);
}

TEST(tar_v7)
{
    struct buf b = buf_make(MIB(1));
    raw_add(&b, (struct raw_header){.name = "a/", .magic = ""});
    raw_add(&b, (struct raw_header){.name = "a/b",
                                    .magic = "",
                                    .prefix = "no prefix",
                                    .size = "     12 ",
                                    .bytes = STR("0123456789")});
    raw_add(&b, (struct raw_header){.name = "a/c", .magic = "gnu", .prefix = "no prefix"});
    raw_add(&b, (struct raw_header){.name = "a/d/", .type = '0', .bytes = STR("a file for Go")});
    end(&b);
    assert_list(buf_str(&b),
                "0 d 0 a: \n512 - 10 a/b: 0123456789\n1536 - 0 a/c: \n2048 - 13 a/d: a file for Go\nend\n");
    buf_done(&b);
}

/* What Go's archive/tar takes for a header alone is one for us, whatever its size says. */
TEST(tar_sizes_of_headers_alone)
{
    struct buf b = buf_make(MIB(1));
    for (const char *type = "123456"; *type; type++)
        raw_add(&b, (struct raw_header){.name = "x", .link = "y", .type = *type, .size = "00000777"});
    assert_list(
        buf_str(&b),
        "0 h 0 x -> y: \n512 l 0 x -> y: \n1024 ? 0 x: \n1536 ? 0 x: \n2048 d 0 x: \n2560 ? 0 x: \nend\n");
    buf_done(&b);
}

TEST(tar_signed_checksum)
{
    struct buf b = buf_make(MIB(1));
    raw_add(&b, (struct raw_header){.name = "caf\xc3\xa9", .type = '0'});
    int sum = 0;
    memset(b.ptr + 148, ' ', 8);
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += (signed char)b.ptr[i];
    snprintf(b.ptr + 148, 8, "%06o", (unsigned)sum);
    assert_list(buf_str(&b), "0 - 0 caf\xc3\xa9: \nend\n");
    buf_done(&b);
}

TEST(tar_ends)
{
    struct buf b = buf_make(MIB(1));
    assert_list(STR(""), "end\n");
    raw_add(&b, (struct raw_header){.name = "a", .type = '0', .bytes = STR("x")});
    assert_list(buf_str(&b), "0 - 1 a: x\nend\n");
    assert_list((struct str){b.ptr, 513}, "0 - 1 a: x\nend\n"); /* the last padding is missing */
    raw_content(&b, STR("\0"));
    assert_list(buf_str(&b), "0 - 1 a: x\nend\n");
    raw_content(&b, STR("\0"));
    assert_list(buf_str(&b), "0 - 1 a: x\nend\n");
    buf_add(&b, STR("whatever"));
    assert_list(buf_str(&b), "0 - 1 a: x\nend\n");
    buf_done(&b);
}

TEST(tar_pax)
{
    struct buf b = buf_make(MIB(1));
    raw_pax(&b, 'x', "mtime=1.5", "path=./real//name", "size=3", "SCHILY.xattr.user.x=a=b\n", NULL);
    raw_add(&b, (struct raw_header){.name = "short", .type = '0', .size = "0", .bytes = STR("abc")});
    raw_add(&b, (struct raw_header){.name = "plain", .type = '0', .bytes = STR("d")});
    raw_pax(&b, 'X', "linkpath=/far/away", NULL);
    raw_add(&b, (struct raw_header){.name = "symbolic", .link = "near", .type = '2'});
    raw_pax(&b, 'x', "linkpath=/far/away", "path=hard", "path=", NULL);
    raw_add(&b, (struct raw_header){.name = "taken back", .link = "near", .type = '1'});
    raw_pax(&b, 'x', NULL);
    raw_add(&b, (struct raw_header){.name = "empty", .type = '0'});
    assert_list(buf_str(&b), "1024 - 3 real/name: abc\n2048 - 1 plain: d\n4096 l 0 symbolic -> /far/away: \n"
                             "5632 h 0 taken back -> far/away: \n6656 - 0 empty: \nend\n");
    buf_done(&b);
}

TEST(tar_pax_global)
{
    struct buf b = buf_make(MIB(1));
    raw_pax(&b, 'g', "comment=of git archive", "linkpath=everywhere", "size=2", NULL);
    raw_add(&b, (struct raw_header){.name = "one", .type = '0', .size = "0", .bytes = STR("1.")});
    raw_pax(&b, 'x', "size=1", "linkpath=here", NULL);
    raw_add(&b, (struct raw_header){.name = "two", .type = '0', .size = "0", .bytes = STR("2")});
    raw_add(&b, (struct raw_header){.name = "three", .type = '2'});
    raw_pax(&b, 'g', "size=", "path=p", NULL);
    raw_add(&b, (struct raw_header){.name = "four", .type = '0', .bytes = STR("4")});
    raw_pax(&b, 'g', "path=", NULL);
    assert_list(buf_str(&b),
                "1024 - 2 one: 1.\n3072 - 1 two: 2\n4096 l 0 three -> everywhere: \n5632 - 1 p: 4\nend\n");
    buf_done(&b);
}

TEST(tar_gnu_long_names)
{
    struct buf b = buf_make(MIB(1));
    char name[1001], link[2001], text[4000];
    memset(name, 'n', 1000);
    memset(link, 'l', 2000);
    name[1000] = link[2000] = 0;
    raw_add(&b,
            (struct raw_header){.name = "././@LongLink", .magic = "gnu", .type = 'L', .bytes = {name, 1001}});
    raw_add(&b,
            (struct raw_header){.name = "././@LongLink", .magic = "gnu", .type = 'K', .bytes = {link, 2001}});
    raw_add(&b, (struct raw_header){.name = "nnnn", .link = "llll", .magic = "gnu", .type = '2'});
    raw_add(&b, (struct raw_header){.name = "next", .link = "link", .magic = "gnu", .type = '2'});
    snprintf(text, sizeof text, "4096 l 0 %s -> %s: \n4608 l 0 next -> link: \nend\n", name, link);
    assert_list(buf_str(&b), text);
    buf_done(&b);
}

TEST(tar_base256)
{
    struct buf b = buf_make(MIB(1));
    raw_add(&b, (struct raw_header){.name = "a", .magic = "gnu", .type = '0', .bytes = STR("hello")});
    memcpy(b.ptr + 124, "\x80\0\0\0\0\0\0\0\0\0\0\5", 12);
    raw_seal(&b, 0);
    assert_list(buf_str(&b), "0 - 5 a: hello\nend\n");
    buf_done(&b);
}

TEST(tar_huge_size_is_skipped_by_counting)
{
    struct buf b = buf_make(MIB(1)), out = buf_make(MIB(1));
    raw_add(&b, (struct raw_header){.name = "a", .magic = "gnu", .type = '0', .bytes = STR("hello")});
    memcpy(b.ptr + 124, "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", 12);
    raw_seal(&b, 0);
    assert_true(str_eq(raw_list(buf_str(&b), 0, false, &out),
                       STR("0 - 9223372036854775807 a\n"
                           "tar: header at offset 0: its content ends 9223372036854775295 bytes early\n")));
    buf_done(&b);
    buf_done(&out);
}

TEST(tar_sparse_pax_0)
{
    struct buf b = buf_make(MIB(1));
    raw_pax(&b, 'x', "GNU.sparse.size=12", "GNU.sparse.numblocks=2", "GNU.sparse.offset=2",
            "GNU.sparse.numbytes=3", "GNU.sparse.offset=8", "GNU.sparse.numbytes=1", NULL);
    raw_add(&b, (struct raw_header){.name = "s00", .type = '0', .bytes = STR("abcd")});
    raw_pax(&b, 'x', "GNU.sparse.size=5", "GNU.sparse.map=0,2,5,0", "GNU.sparse.name=s01", "path=not this",
            NULL);
    raw_add(&b, (struct raw_header){.name = "GNUSparseFile.1/s01", .type = '0', .bytes = STR("ab")});
    raw_pax(&b, 'x', "GNU.sparse.size=3", "GNU.sparse.numblocks=0", "GNU.sparse.map=", NULL);
    raw_add(&b, (struct raw_header){.name = "hole", .type = '0'});
    raw_add(&b, (struct raw_header){.name = "next", .type = '0', .bytes = STR("n")});
    assert_list(
        buf_str(&b),
        "1024 - 12 s00: ..abc...d...\n3072 - 5 s01: ab...\n5120 - 3 hole: ...\n5632 - 1 next: n\nend\n");
    buf_done(&b);
}

static void sparse_1(struct buf *b, struct str map, struct str bytes)
{
    struct buf content = buf_make(MIB(1));
    raw_content(&content, map);
    buf_add(&content, bytes);
    raw_pax(b, 'x', "GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=s10",
            "GNU.sparse.realsize=10", NULL);
    raw_add(b, (struct raw_header){.name = "GNUSparseFile.1/s10", .type = '0', .bytes = buf_str(&content)});
    buf_done(&content);
}

TEST(tar_sparse_pax_1)
{
    struct buf b = buf_make(MIB(1)), map = buf_make(MIB(1));
    sparse_1(&b, STR("2\n1\n2\n6\n4\n"), STR("abcdef"));
    buf_printf(&map, "200\n");
    for (int i = 0; i < 199; i++)
        buf_printf(&map, "0\n0\n");
    buf_printf(&map, "9\n1\n");
    sparse_1(&b, buf_str(&map), STR("z"));
    raw_add(&b, (struct raw_header){.name = "next", .type = '0', .bytes = STR("n")});
    assert_list(buf_str(&b), "1024 - 10 s10: .ab...cdef\n3584 - 10 s10: .........z\n5632 - 1 next: n\nend\n");
    buf_done(&b);
    buf_done(&map);
}

static void put_octal(char *at, unsigned long n)
{
    snprintf(at, 12, "%011lo", n);
}

/* n pieces of one byte each, four bytes apart. */
static void sparse_old(struct buf *b, size_t n)
{
    size_t at = b->len, i = 0;
    raw_add(b, (struct raw_header){.name = "old", .magic = "gnu", .type = 'S'});
    put_octal(b->ptr + at + 124, n);
    put_octal(b->ptr + at + 483, n * 4);
    for (; i < n && i < 4; i++) {
        put_octal(b->ptr + at + 386 + i * 24, i * 4 + 3);
        put_octal(b->ptr + at + 398 + i * 24, 1);
    }
    b->ptr[at + 482] = i < n;
    raw_seal(b, at);
    while (i < n) {
        char block[TAR_BLOCK] = {0};
        for (size_t k = 0; k < 21 && i < n; k++, i++) {
            put_octal(block + k * 24, i * 4 + 3);
            put_octal(block + 12 + k * 24, 1);
        }
        block[504] = i < n;
        buf_add(b, (struct str){block, sizeof block});
    }
    struct str bytes = sample_text(n);
    memset((char *)(uintptr_t)bytes.ptr, 'd', n);
    raw_content(b, bytes);
    free((char *)(uintptr_t)bytes.ptr);
}

TEST(tar_sparse_old_gnu)
{
    struct buf b = buf_make(MIB(1));
    sparse_old(&b, 2);
    sparse_old(&b, 30);
    raw_add(&b, (struct raw_header){.name = "next", .type = '0', .bytes = STR("n")});
    assert_list(buf_str(&b),
                "0 - 8 old: ...d...d\n1024 - 120 old: ...d...d...d...d...d...d...d...d...d...d...d...d...d"
                "...d...d...d...d...d...d...d...d...d...d...d...d...d...d...d...d...d\n"
                "3072 - 1 next: n\nend\n");
    buf_done(&b);
}

/* Sparse records on what has no content mean nothing. */
TEST(tar_sparse_directory)
{
    struct buf b = buf_make(MIB(1));
    raw_pax(&b, 'x', "GNU.sparse.size=12", "GNU.sparse.map=2,3", NULL);
    raw_add(&b, (struct raw_header){.name = "d", .type = '5'});
    raw_add(&b, (struct raw_header){.name = "next", .type = '0', .bytes = STR("n")});
    assert_list(buf_str(&b), "1024 d 0 d: \n1536 - 1 next: n\nend\n");
    buf_done(&b);
}

TEST(tar_large_hole)
{
    struct buf b = buf_make(MIB(1));
    struct error err;
    struct memory_reader m;
    struct tar t;
    struct tar_entry e;
    raw_pax(&b, 'x', "GNU.sparse.size=10000000", "GNU.sparse.map=9999999,1", NULL);
    raw_add(&b, (struct raw_header){.name = "hole", .type = '0', .bytes = STR("!")});
    assert_int_equal(tar_init(&t, memory_reader_init(&m, buf_str(&b), 0, &err), &err), 0);
    assert_int_equal(tar_next(&t, &e), 1);
    assert_int_equal(reader_skip(tar_body(&t), 9999999), 0);
    assert_int_equal(reader_more(tar_body(&t)), 1);
    assert_true(str_eq(reader_window(tar_body(&t)), STR("!")));
    assert_int_equal(tar_next(&t, &e), 0);
    assert_int_equal(reader_more(tar_body(&t)), 0);
    tar_done(&t);
    buf_done(&b);
}

static void some_of_each(struct buf *b)
{
    raw_add(b, (struct raw_header){.name = "one", .type = '0', .bytes = STR("1")});
    raw_pax(b, 'x', "path=two", NULL);
    raw_add(b, (struct raw_header){.name = "-", .type = '0', .bytes = STR("22")});
    sparse_1(b, STR("2\n1\n2\n6\n4\n"), STR("abcdef"));
    sparse_old(b, 30);
    raw_add(b, (struct raw_header){.name = "././@LongLink", .type = 'L', .bytes = STR("three\0")});
    raw_add(b, (struct raw_header){.name = "-", .link = "two", .type = '1'});
    end(b);
}

/* The archive may stand anywhere in its source, and be left at any point of any body. */
TEST(tar_bodies_left_unread)
{
    struct buf b = buf_make(MIB(1));
    struct error err;
    struct memory_reader m;
    struct tar t;
    struct tar_entry e;
    static const char *const names[] = {"one", "two", "s10", "old", "three"};
    buf_add(&b, STR("prefix"));
    some_of_each(&b);
    for (size_t step = 0; step < 1100; step += step < 5 ? 1 : 217)
        for (size_t n = 0; n < 130; n++) {
            size_t got, i = 0;
            char bytes[130];
            struct reader *in = memory_reader_init(&m, buf_str(&b), step, &err);
            assert_int_equal(reader_skip(in, 6), 0);
            assert_int_equal(tar_init(&t, in, &err), 0);
            while (tar_next(&t, &e) > 0) {
                assert_true(str_eq(e.path, str_of(names[i++])));
                assert_int_equal(e.offset % 512, 0);
                assert_int_equal(reader_read_some(tar_body(&t), bytes, n, &got), 0);
                assert_int_equal(got, n < e.size ? n : e.size);
            }
            assert_int_equal(t.state, 1);
            assert_int_equal(i, 5);
            tar_done(&t);
        }
    buf_done(&b);
}

/* A truncated archive lists a part of what the whole one does, and then ends or says why not. */
TEST(tar_every_truncation)
{
    struct buf b = buf_make(MIB(1)), whole = buf_make(MIB(1)), out = buf_make(MIB(1));
    size_t ends = 0;
    some_of_each(&b);
    raw_list(buf_str(&b), 0, false, &whole);
    for (size_t cut = 0; cut < b.len; cut++) {
        struct str list = raw_list((struct str){b.ptr, cut}, cut % 700, false, &out);
        size_t last = str_find_last((struct str){list.ptr, list.len - 1}, '\n');
        last = last < list.len - 1 ? last + 1 : 0;
        assert_true(str_starts(buf_str(&whole), (struct str){list.ptr, last}));
        bool end = str_eq(str_skip(list, last), STR("end\n"));
        assert_true(end || str_starts(str_skip(list, last), STR("tar: header at offset ")));
        ends += end;
        struct str with_bodies = raw_list((struct str){b.ptr, cut}, 0, true, &out);
        assert_true(str_ends(with_bodies, STR("end\n")) == end);
    }
    assert_in_range(ends, 5, 5 * 512);
    buf_done(&b);
    buf_done(&whole);
    buf_done(&out);
}

TEST(tar_broken_source)
{
    struct buf b = buf_make(MIB(1));
    struct error err;
    struct broken_reader r;
    struct tar t;
    struct tar_entry e;
    some_of_each(&b);
    for (size_t cut = 0; cut < b.len - 1024; cut += 31)
        for (int read = 0; read < 2; read++) {
            int rc = tar_init(&t, broken_reader_init(&r, (struct str){b.ptr, cut}, 100, &err), &err);
            err.text[0] = 0;
            while (rc >= 0 && (rc = tar_next(&t, &e)) > 0)
                if (read)
                    (void)reader_drain(tar_body(&t));
            assert_int_equal(rc, -E_SYSTEM);
            assert_string_equal(err.text, "source broke");
            tar_done(&t);
        }
    buf_done(&b);
}

/* tests/tables/tar_path.txt: raw, tab, normalised; "-" is nothing. */
TEST(tar_path_table)
{
    char name[1000], line[1000];
    snprintf(name, sizeof name, "%s/tests/tables/tar_path.txt",
             getenv("LIMPID_SOURCE") ? getenv("LIMPID_SOURCE") : ".");
    FILE *f = fopen(name, "r");
    size_t lines = 0;
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        struct str expected = str_trim(str_of(line)), raw = str_cut(&expected, '\t');
        if (!raw.len || raw.ptr[0] == '#')
            continue;
        char got[100];
        size_t n = tar_path(str_eq(raw, STR("-")) ? STR("") : raw, got, sizeof got);
        if (!str_eq((struct str){got, n}, str_eq(expected, STR("-")) ? STR("") : expected))
            fail_msg("%.*s gives %.*s, not %.*s", STR_ARG(raw), (int)n, got, STR_ARG(expected));
        lines++;
    }
    fclose(f);
    assert_true(lines > 10);
}
