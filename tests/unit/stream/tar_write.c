#include "stream/tar_write.h"

#include "tar_make.h"
#include "test.h"

static struct str name_of(size_t n)
{
    static char name[TAR_PATH_MAX];
    memset(name, 'n', sizeof name);
    return (struct str){name, n};
}

/* What is written is read again as it was: names around the field's length, and every kind. */
TEST(tar_write_read)
{
    static const size_t lengths[] = {1,   82,  83,  84,  99,  100, 101,  500, 979,
                                     980, 981, 990, 991, 992, 993, 1000, 4096};
    struct buf b = buf_make(MIB(1)), expected = buf_make(MIB(1)), out = buf_make(MIB(1));
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct str name = name_of(lengths[i]);
        buf_clear(&b);
        buf_clear(&expected);
        bool pax = lengths[i] > 100;
        size_t at = 0,
               more = pax ? 512 + (lengths[i] + 7 + (lengths[i] + 10 > 999 ? 4 : 3) + 511) / 512 * 512 : 0;
        tar_write_header(&b, &(struct tar_entry){.path = name, .type = TAR_REGULAR, .size = 2}, 0644);
        raw_content(&b, STR("hi"));
        buf_printf(&expected, "%zu - 2 %.*s: hi\n", at + more, STR_ARG(name));
        at = b.len;
        tar_write_header(&b, &(struct tar_entry){.path = name, .type = TAR_DIRECTORY, .size = 7}, 0755);
        buf_printf(&expected, "%zu d 0 %.*s: \n", at + more, STR_ARG(name));
        at = b.len;
        tar_write_header(&b, &(struct tar_entry){.path = STR("l"), .type = TAR_SYMLINK, .link = name}, 0777);
        buf_printf(&expected, "%zu l 0 l -> %.*s: \n", b.len - 512, STR_ARG(name));
        tar_write_header(&b, &(struct tar_entry){.path = STR("h"), .type = TAR_HARDLINK, .link = name}, 0644);
        buf_printf(&expected, "%zu h 0 h -> %.*s: \n", b.len - 512, STR_ARG(name));
        tar_write_end(&b);
        buf_printf(&expected, "end\n");
        assert_int_equal(b.len % 512, 0);
        assert_false(b.failed);
        assert_true(str_eq(raw_list(buf_str(&b), 0, true, &out), buf_str(&expected)));
    }
    buf_done(&b);
    buf_done(&expected);
    buf_done(&out);
}

TEST(tar_write_large)
{
    struct buf b = buf_make(MIB(1)), out = buf_make(MIB(1));
    tar_write_header(&b, &(struct tar_entry){.path = STR("a"), .type = TAR_REGULAR, .size = 077777777777},
                     0644);
    assert_int_equal(b.len, 512);
    assert_true(str_starts(raw_list(buf_str(&b), 0, false, &out), STR("0 - 8589934591 a\n")));
    buf_clear(&b);
    tar_write_header(&b, &(struct tar_entry){.path = STR("a"), .type = TAR_REGULAR, .size = 0100000000000},
                     0644);
    assert_int_equal(b.len, 1536);
    assert_true(str_starts(raw_list(buf_str(&b), 0, false, &out), STR("1024 - 8589934592 a\n")));
    buf_done(&b);
    buf_done(&out);
}

TEST(tar_write_padding_sizes)
{
    assert_int_equal(tar_write_padding(0), 0);
    assert_int_equal(tar_write_padding(1), 511);
    assert_int_equal(tar_write_padding(512), 0);
    assert_int_equal(tar_write_padding(513), 511);
}

/* What does not fit makes the buffer fail, as everything else added to it. */
TEST(tar_write_full_buffer)
{
    struct error err;
    struct buf b = buf_make(700);
    tar_write_header(&b, &(struct tar_entry){.path = name_of(500), .type = TAR_REGULAR}, 0644);
    assert_int_equal(buf_finish(&b, "archive", &err), -E_LIMIT);
    buf_done(&b);
}

/* The root has a name, too: "." */
TEST(tar_write_root)
{
    struct buf b = buf_make(MIB(1)), out = buf_make(MIB(1));
    tar_write_header(&b, &(struct tar_entry){.path = STR(""), .type = TAR_DIRECTORY}, 0755);
    assert_string_equal(b.ptr, ".");
    assert_true(str_eq(raw_list(buf_str(&b), 0, true, &out), STR("0 d 0 : \nend\n")));
    buf_done(&b);
    buf_done(&out);
}
