#include "pack.h"
#include "stream/memory.h"
#include "stream/tar.h"
#include "tar_make.h"
#include "test.h"

static void assert_list(struct str archive, const char *text)
{
    struct buf out = buf_make(MIB(1));
    raw_list(archive, 0, false, &out);
    buf_add_char(&out, 0);
    assert_string_equal(out.ptr, text);
    buf_done(&out);
}

TEST(tar_too_many_headers)
{
    struct buf b = buf_make(MIB(1));
    struct error err;
    struct memory_reader m;
    struct tar t;
    struct tar_entry e;
    raw_add(&b, (struct raw_header){.name = "a", .type = '0'});
    raw_pax(&b, 'g', NULL);
    raw_add(&b, (struct raw_header){.name = "b", .type = '0'});
    assert_int_equal(tar_init(&t, memory_reader_init(&m, buf_str(&b), 0, &err), &err), 0);
    t.headers = TAR_HEADERS_MAX - 2; /* as if so many were behind us */
    assert_int_equal(tar_next(&t, &e), 1);
    assert_int_equal(tar_next(&t, &e), -E_LIMIT);
    assert_string_equal(err.text, "tar: header at offset 1024: more than 4194304 headers");
    tar_done(&t);
    buf_done(&b);
}

TEST(tar_long_pax)
{
    struct buf b = buf_make(MIB(4));
    char *record = malloc(TAR_PAX_MAX + 100);
    assert_non_null(record);
    memset(record, 'x', TAR_PAX_MAX);
    memcpy(record, "comment=", 8);
    record[TAR_PAX_MAX - strlen("1048576 \n")] = 0;
    raw_pax(&b, 'x', record, NULL);
    raw_add(&b, (struct raw_header){.name = "a", .type = '0'});
    assert_list(buf_str(&b), "1049088 - 0 a\nend\n");
    buf_clear(&b);
    raw_pax(&b, 'x', record, "a=b", NULL);
    assert_list(buf_str(&b), "tar: header at offset 0: extended by 1048582 bytes, more than 1048576\n");
    buf_clear(&b);
    raw_add(&b, (struct raw_header){.type = 'g', .size = "10000000000"}); /* claims 1 GiB */
    assert_list(buf_str(&b), "tar: header at offset 0: extended by 1073741824 bytes, more than 1048576\n");
    free(record);
    buf_done(&b);
}

TEST(tar_long_name)
{
    struct buf b = buf_make(MIB(4));
    char *name = calloc(1, TAR_LONG_NAME_MAX + 1);
    assert_non_null(name);
    name[0] = 'n';
    raw_add(&b, (struct raw_header){.type = 'L', .bytes = {name, TAR_LONG_NAME_MAX}});
    raw_add(&b, (struct raw_header){.name = "a", .type = '0'});
    assert_list(buf_str(&b), "66048 - 0 n\nend\n");
    buf_clear(&b);
    raw_add(&b, (struct raw_header){.type = 'K', .bytes = {name, TAR_LONG_NAME_MAX + 1}});
    assert_list(buf_str(&b), "tar: header at offset 0: extended by 65537 bytes, more than 65536\n");
    free(name);
    buf_done(&b);
}

TEST(tar_long_path)
{
    struct buf b = buf_make(MIB(4)), out = buf_make(MIB(1));
    char path[9 + TAR_PATH_MAX + 2], text[200];
    for (const char *type = "012"; *type; type++)
        for (size_t more = 0; more < 2; more++) {
            size_t len = TAR_PATH_MAX + more;
            memset(path, 'n', sizeof path);
            memcpy(path, *type == '0' ? "path=" : "linkpath=", *type == '0' ? 5 : 9);
            path[(*type == '0' ? 5 : 9) + len] = 0;
            buf_clear(&b);
            raw_pax(&b, 'x', path, NULL);
            raw_add(&b, (struct raw_header){.name = "a", .type = *type});
            struct str list = raw_list(buf_str(&b), 0, false, &out);
            snprintf(text, sizeof text, "tar: header at offset 5120: a %s of 4097 bytes, more than 4096\n",
                     *type == '0' ? "path" : "link target");
            assert_true(more ? str_eq(list, str_of(text)) : str_ends(list, STR("n\nend\n")));
        }
    buf_done(&b);
    buf_done(&out);
}

/* A map of n pieces of one byte. */
static void add_pieces(struct buf *b, size_t n)
{
    struct buf map = buf_make(MIB(2));
    char *bytes = calloc(1, n);
    assert_non_null(bytes);
    buf_printf(&map, "%zu\n", n);
    for (size_t i = 0; i < n; i++)
        buf_printf(&map, "%zu\n1\n", i);
    buf_add(&map, (struct str){bytes, -map.len % TAR_BLOCK});
    buf_add(&map, (struct str){bytes, n});
    raw_pax(b, 'x', "GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=s",
            "GNU.sparse.realsize=70000", NULL);
    raw_add(b, (struct raw_header){.name = "s", .type = '0', .bytes = buf_str(&map)});
    free(bytes);
    buf_done(&map);
}

TEST(tar_many_pieces)
{
    struct buf b = buf_make(MIB(4));
    add_pieces(&b, TAR_SPARSE_MAX);
    assert_list(buf_str(&b), "1024 - 70000 s\nend\n");
    buf_clear(&b);
    add_pieces(&b, TAR_SPARSE_MAX + 1);
    assert_list(buf_str(&b), "tar: header at offset 1024: a sparse file of more than 65536 pieces\n");
    buf_done(&b);
}
