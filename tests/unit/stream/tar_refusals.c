/* The exact words of every refusal. */
#include "stream/tar.h"
#include "tar_make.h"
#include "test.h"

static void assert_refused(struct buf *b, const char *text)
{
    struct buf out = buf_make(MIB(1));
    for (size_t step = 0; step < 3; step++) {
        raw_list(buf_str(b), step, true, &out);
        buf_add_char(&out, 0);
        const char *last = strstr(out.ptr, "tar:");
        assert_non_null(last);
        assert_int_equal(strlen(last), strlen(text) + 1);
        assert_memory_equal(last, text, strlen(text));
    }
    buf_clear(b);
    buf_done(&out);
}

TEST(tar_refuses_headers)
{
    struct buf b = buf_make(MIB(1));
    raw_add(&b, (struct raw_header){.name = "a", .type = '0', .bytes = STR("x")});
    raw_add(&b, (struct raw_header){.name = "b", .type = '0'});
    memcpy(b.ptr + 1024 + 148, "0123", 5);
    assert_refused(&b, "tar: header at offset 1024: checksum is 0123, should be 3617");

    raw_add(&b, (struct raw_header){.name = "a", .type = '0', .bytes = STR("x")});
    buf_add(&b, STR("no header"));
    assert_refused(&b, "tar: header at offset 1024: the archive ends 503 bytes early");

    raw_add(&b, (struct raw_header){.name = "a", .type = '0'});
    memcpy(b.ptr + 148, "\033[2J", 4);
    assert_refused(&b, "tar: header at offset 0: checksum is '?[2J16', not an octal number");

    raw_add(&b, (struct raw_header){.name = "a", .type = '0', .size = "12x"});
    assert_refused(&b, "tar: header at offset 0: size is '12x', not an octal number");

    raw_add(&b, (struct raw_header){
                    .name = "a", .type = '0', .size = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"});
    assert_refused(&b, "tar: header at offset 0: size is negative or beyond 2^63");

    raw_add(&b, (struct raw_header){
                    .name = "a", .type = '0', .size = "\x80\1\1\1\xff\xff\xff\xff\xff\xff\xff\xff"});
    assert_refused(&b, "tar: header at offset 0: size is negative or beyond 2^63");

    raw_content(&b, STR("\0"));
    raw_content(&b, STR("more"));
    assert_refused(&b, "tar: header at offset 0: a single block of zeros, and then data");

    raw_add(&b, (struct raw_header){.name = "a", .type = '0', .bytes = STR("x")});
    b.len = 512;
    assert_refused(&b, "tar: header at offset 0: its content ends 1 bytes early");
    buf_done(&b);
}

TEST(tar_refuses_extensions)
{
    struct buf b = buf_make(MIB(1));
    raw_add(&b, (struct raw_header){.name = "a", .type = '0'});
    raw_pax(&b, 'x', "path=x", NULL);
    assert_refused(&b,
                   "tar: header at offset 1536: the archive ends, but the header before announces an entry");

    raw_pax(&b, 'x', "path=x", NULL);
    b.len = 512 + 5;
    assert_refused(&b, "tar: header at offset 0: its content ends 4 bytes early");

    raw_add(&b, (struct raw_header){.type = 'x', .size = "9"});
    assert_refused(&b, "tar: header at offset 0: size is '9', not an octal number");

    raw_pax(&b, 'x', "size=-1", NULL);
    assert_refused(&b, "tar: header at offset 0: pax: size is '-1', not a number");
    raw_pax(&b, 'x', "size=9223372036854775808", NULL);
    assert_refused(&b, "tar: header at offset 0: pax: size is '9223372036854775808', not a number");

    static const struct str damaged[] = {STR_INIT("x"),          STR_INIT("7 a=bc\n"), STR_INIT("6 a=bc\n"),
                                         STR_INIT("9 a=bc\n\n"), STR_INIT(" a=b\n"),   STR_INIT("5 abc\n"),
                                         STR_INIT("5 =b\n"),     STR_INIT("3 \n"),     STR_INIT("2 \n"),
                                         STR_INIT("0 a=b\n"),    STR_INIT("-6 a=b\n")};
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        if (i == 1)
            continue; /* well-formed, to compare with */
        raw_add(&b, (struct raw_header){.type = 'x', .bytes = STR("6 a=b\n")});
        raw_add(&b, (struct raw_header){.name = "a", .type = '0'});
        raw_add(&b, (struct raw_header){.type = 'x', .bytes = damaged[i]});
        assert_refused(&b, "tar: header at offset 1536: pax: no record at byte 0");
    }
    raw_add(&b, (struct raw_header){.type = 'g', .bytes = STR("6 a=b\n6 a\n")});
    assert_refused(&b, "tar: header at offset 0: pax: no record at byte 6");
    raw_add(&b, (struct raw_header){.type = 'x', .bytes = STR("10 path=\0\n")});
    assert_refused(&b, "tar: header at offset 0: pax: path has a zero byte");
    raw_add(&b, (struct raw_header){.type = 'x', .bytes = STR("14 linkpath=\0\n")});
    assert_refused(&b, "tar: header at offset 0: pax: linkpath has a zero byte");
    buf_done(&b);
}

static void add_sparse(struct buf *b, struct str bytes, const char *map, const char *size)
{
    raw_pax(b, 'x', map, size, NULL);
    raw_add(b, (struct raw_header){.name = "s", .type = '0', .bytes = bytes});
}

TEST(tar_refuses_sparse_maps)
{
    struct buf b = buf_make(MIB(1));
    add_sparse(&b, STR("abc"), "GNU.sparse.map=0,3,2,1", "GNU.sparse.size=10");
    assert_refused(&b,
                   "tar: header at offset 1024: piece 2 of its sparse map overlaps or lies beyond its size");
    add_sparse(&b, STR("abc"), "GNU.sparse.map=8,3", "GNU.sparse.size=10");
    assert_refused(&b,
                   "tar: header at offset 1024: piece 1 of its sparse map overlaps or lies beyond its size");
    add_sparse(&b, STR("abc"), "GNU.sparse.map=9223372036854775807,9223372036854775807",
               "GNU.sparse.size=10");
    assert_refused(&b,
                   "tar: header at offset 1024: piece 1 of its sparse map overlaps or lies beyond its size");
    add_sparse(&b, STR("abc"), "GNU.sparse.map=0,2", "GNU.sparse.size=10");
    assert_refused(&b, "tar: header at offset 1024: its sparse map has 2 bytes, but 3 are stored");
    add_sparse(&b, STR("abc"), "GNU.sparse.map=0,3,4", "GNU.sparse.size=10");
    assert_refused(&b, "tar: header at offset 0: pax: GNU.sparse.map is '', not a number");
    add_sparse(&b, STR("abc"), "GNU.sparse.map=0,3", "a=b");
    assert_refused(&b, "tar: header at offset 1024: pax: a sparse file without its size");
    add_sparse(&b, STR("abc"), "GNU.sparse.major=2", "GNU.sparse.realsize=3");
    assert_refused(&b, "tar: header at offset 1024: pax: sparse format 2.0");
    add_sparse(&b, STR("abc"), "GNU.sparse.numbytes=2", "GNU.sparse.size=3");
    assert_refused(&b, "tar: header at offset 0: pax: GNU.sparse.numbytes without an offset before it");
    add_sparse(&b, STR("1\n0\n3\n"), "GNU.sparse.major=1", "GNU.sparse.realsize=3");
    assert_refused(&b, "tar: header at offset 1024: its sparse map ends early");
    buf_done(&b);
}

static void add_lines(struct buf *b, struct str map)
{
    struct buf content = buf_make(MIB(1));
    raw_content(&content, map);
    add_sparse(b, buf_str(&content), "GNU.sparse.major=1", "GNU.sparse.realsize=3");
    buf_done(&content);
}

TEST(tar_refuses_sparse_lines)
{
    struct buf b = buf_make(MIB(1));
    add_lines(&b, STR("1\n0\n123456789012345678901\n"));
    assert_refused(&b, "tar: header at offset 1024: a line of its sparse map is longer than a number");
    add_lines(&b, STR("1\nx\n3\n"));
    assert_refused(&b, "tar: header at offset 1024: pax: a line of the sparse map is 'x', not a number");
    add_lines(&b, STR("1\n0\n1\n"));
    assert_refused(&b, "tar: header at offset 1024: its sparse map has 1 bytes, but 0 are stored");
    buf_done(&b);
}

TEST(tar_refuses_old_sparse_maps)
{
    struct buf b = buf_make(MIB(1));
    raw_add(&b, (struct raw_header){.name = "s", .magic = "gnu", .type = 'S'});
    b.ptr[482] = 1;
    raw_seal(&b, 0);
    size_t header = b.len;
    assert_refused(&b, "tar: header at offset 0: its sparse map ends early");
    b.len = header;
    raw_content(&b, STR("\0"));
    assert_refused(&b, "tar: header at offset 0: an empty block in its sparse map");
    b.len = header;
    b.ptr[482] = 0;
    b.ptr[386] = 'x';
    raw_seal(&b, 0);
    assert_refused(&b, "tar: header at offset 0: sparse offset is 'x', not an octal number");
    b.len = header;
    memcpy(b.ptr + 386,
           "0\0\0\0\0\0\0\0\0\0\0\0"
           "1",
           13);
    raw_seal(&b, 0);
    assert_refused(&b, "tar: header at offset 0: piece 1 of its sparse map overlaps or lies beyond its size");
    buf_done(&b);
}
