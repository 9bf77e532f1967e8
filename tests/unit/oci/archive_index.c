#include "oci/archive_index.h"

#include "base/limits.h"
#include "stream/memory.h"
#include "stream/tar_write.h"
#include "test.h"

static struct arena arena;
static struct archive_index list;
static struct error err;
static uint64_t leapt;

static int leap(void *ctx, uint64_t n, struct error *e)
{
    struct memory_reader *m = ctx;
    if (n > m->left.len)
        return error_set(e, E_BAD_INPUT, "archive: ends inside a file");
    leapt += n;
    m->left = str_skip(m->left, (size_t)n);
    return 0;
}

static int no_leap(void *ctx, uint64_t n, struct error *e)
{
    (void)ctx;
    (void)n;
    (void)e;
    return 1;
}

static int read_list(struct str bytes, size_t step, int (*how)(void *, uint64_t, struct error *))
{
    struct memory_reader in;
    struct archive_leap l = {how, &in};
    arena_done(&arena);
    arena = arena_make(ARCHIVE_INDEX_MAX);
    err = (struct error){0};
    leapt = 0;
    list = (struct archive_index){0};
    return archive_index_read(memory_reader_init(&in, bytes, step, &err), how ? &l : NULL, &arena, &list,
                              &err);
}

static void add(struct buf *tar, const char *path, enum tar_type type, const char *link, size_t size)
{
    struct tar_entry e = {.path = str_of(path), .link = str_of(link), .type = type, .size = size};
    tar_write_header(tar, &e, 0644);
    size_t stored = size + tar_write_padding(size);
    char *room = stored ? buf_room(tar, stored) : NULL;
    if (room) {
        memset(room, 'x', stored);
        tar->len += stored;
    }
}

static struct str found(const char *path)
{
    const struct archive_file *f = archive_find(&list, str_of(path));
    return f ? f->path : STR("none");
}

#define assert_found(path, expected) assert_true(str_eq(found(path), STR(expected)))

TEST(archive_files)
{
    struct buf tar = buf_make(MIB(8));
    add(&tar, "manifest.json", TAR_REGULAR, "", 100);
    add(&tar, "folder/", TAR_DIRECTORY, "", 0);
    add(&tar, "folder/layer.tar", TAR_REGULAR, "", 300000);
    add(&tar, "b/layer.tar", TAR_SYMLINK, "../folder/layer.tar", 0);
    add(&tar, "c.tar", TAR_SYMLINK, "b/layer.tar", 0);
    add(&tar, "d/layer.tar", TAR_SYMLINK, "../../../folder/layer.tar", 0);
    add(&tar, "e/layer.tar", TAR_SYMLINK, "/folder/layer.tar", 0);
    add(&tar, "f/layer.tar", TAR_SYMLINK, "../../etc/passwd", 0);
    add(&tar, "manifest.json", TAR_REGULAR, "", 50);
    tar_write_end(&tar);
    assert_int_equal(read_list(buf_str(&tar), 0, NULL), 0);
    assert_false(list.compressed || list.more);
    assert_int_equal(list.files.len, 8);
    const struct archive_file *f = archive_find(&list, STR("./folder/layer.tar"));
    assert_non_null(f);
    assert_int_equal(f->offset, 512 + 512 + 512 + 512);
    assert_int_equal(f->size, 300000);
    f = archive_find(&list, STR("manifest.json"));
    assert_int_equal(f->size, 50); /* the last counts */
    assert_found("b/layer.tar", "folder/layer.tar");
    assert_found("c.tar", "folder/layer.tar");
    assert_found("d/layer.tar", "folder/layer.tar"); /* the archive's root is the root */
    assert_found("e/layer.tar", "folder/layer.tar");
    assert_found("f/layer.tar", "none");
    assert_found("g", "none");
    assert_found("folder", "none");
    buf_done(&tar);
    arena_done(&arena);
}

TEST(archive_link_loop)
{
    struct buf tar = buf_make(MIB(1));
    add(&tar, "a", TAR_SYMLINK, "b", 0);
    add(&tar, "b", TAR_SYMLINK, "a", 0);
    add(&tar, "l0", TAR_REGULAR, "", 1);
    for (int i = 1; i <= ARCHIVE_LINKS_MAX + 1; i++) {
        char path[8], link[8];
        snprintf(path, sizeof path, "l%d", i);
        snprintf(link, sizeof link, "l%d", i - 1);
        add(&tar, path, TAR_SYMLINK, link, 0);
    }
    tar_write_end(&tar);
    assert_int_equal(read_list(buf_str(&tar), 0, NULL), 0);
    assert_found("a", "none");
    assert_found("l8", "l0");
    assert_found("l9", "none");
    buf_done(&tar);
    arena_done(&arena);
}

TEST(archive_leaps)
{
    struct buf tar = buf_make(MIB(16)), first = buf_make(MIB(1)), again = buf_make(MIB(1));
    add(&tar, "small", TAR_REGULAR, "", 1000);
    add(&tar, "large", TAR_REGULAR, "", MIB(3) + 1);
    add(&tar, "larger", TAR_REGULAR, "", MIB(5));
    add(&tar, "last", TAR_REGULAR, "", 1);
    tar_write_end(&tar);
    assert_int_equal(read_list(buf_str(&tar), 0, NULL), 0);
    archive_index_encode(&list, &first);
    static const size_t steps[] = {1, 511, 512, 4096, 65536, MIB(1)};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        assert_int_equal(read_list(buf_str(&tar), steps[i], leap), 0);
        buf_clear(&again);
        archive_index_encode(&list, &again);
        assert_true(str_eq(buf_str(&first), buf_str(&again)));
        assert_true(leapt > MIB(5)); /* most was not read */
    }
    assert_int_equal(read_list(buf_str(&tar), 4096, no_leap), 0);
    assert_int_equal(list.files.len, 4);
    assert_int_equal(read_list((struct str){tar.ptr, MIB(2)}, 4096, leap), -E_BAD_INPUT);
    assert_string_equal(err.text, "archive: ends inside a file");
    buf_done(&tar);
    buf_done(&first);
    buf_done(&again);
    arena_done(&arena);
}

TEST(archive_truncated)
{
    struct buf tar = buf_make(MIB(1));
    add(&tar, "a", TAR_REGULAR, "", 700);
    add(&tar, "b", TAR_SYMLINK, "a", 0);
    tar_write_end(&tar);
    for (size_t cut = 1; cut < 2048; cut++) {
        int rc = read_list((struct str){tar.ptr, cut}, 7, NULL);
        assert_true(rc == -E_BAD_INPUT ||
                    (rc == 0 && list.files.len < 2)); /* between two headers it just ends */
        assert_true(rc == 0 || err.text[0]);
    }
    buf_done(&tar);
    arena_done(&arena);
}

TEST(archive_many_entries)
{
    struct buf tar = buf_make(MIB(16));
    for (int i = 0; i < ARCHIVE_ENTRIES_MAX; i++) {
        char path[16];
        snprintf(path, sizeof path, "f%d", i);
        add(&tar, path, TAR_REGULAR, "", 0);
    }
    size_t before = tar.len;
    tar_write_end(&tar);
    assert_int_equal(read_list(buf_str(&tar), 0, NULL), 0);
    assert_false(list.more);
    assert_int_equal(list.files.len, ARCHIVE_ENTRIES_MAX);
    tar.len = before;
    add(&tar, "one more", TAR_REGULAR, "", 0);
    tar_write_end(&tar);
    assert_int_equal(read_list(buf_str(&tar), 0, NULL), 0);
    assert_true(list.more);
    assert_int_equal(list.files.len, ARCHIVE_ENTRIES_MAX);
    buf_done(&tar);
    arena_done(&arena);
}

TEST(archive_long_paths)
{
    static char path[4000];
    struct buf tar = buf_make(MIB(64));
    memset(path, 'a', sizeof path - 1);
    for (size_t i = 0; i < ARCHIVE_INDEX_MAX / sizeof path + 10; i++)
        add(&tar, path, TAR_REGULAR, "", 0);
    tar_write_end(&tar);
    assert_int_equal(read_list(buf_str(&tar), 0, NULL), -E_LIMIT);
    assert_string_equal(err.text, "archive: its list of files is too large");
    buf_done(&tar);
    arena_done(&arena);
}

TEST(archive_wire)
{
    struct buf tar = buf_make(MIB(1)), wire = buf_make(MIB(1));
    struct archive_index back;
    add(&tar, "a", TAR_REGULAR, "", 700);
    add(&tar, "b", TAR_SYMLINK, "a", 0);
    tar_write_end(&tar);
    assert_int_equal(read_list(buf_str(&tar), 0, NULL), 0);
    archive_index_encode(&list, &wire);
    assert_int_equal(archive_index_decode(buf_str(&wire), &arena, &back, &err), 0);
    assert_int_equal(back.files.len, 2);
    assert_int_equal(back.files.ptr[0].size, 700);
    assert_true(back.files.ptr[1].symbolic);
    for (size_t cut = 0; cut < wire.len; cut++)
        assert_int_equal(archive_index_decode((struct str){wire.ptr, cut}, &arena, &back, &err), -E_WORKER);
    buf_add_char(&wire, 'x');
    assert_int_equal(archive_index_decode(buf_str(&wire), &arena, &back, &err), -E_WORKER);
    assert_string_equal(err.text, "worker: answer is not the list of an archive");
    /* offset + size beyond what an offset can be */
    static const char hostile[] = "\0\0\1\1a\0\xff\xff\xff\xff\xff\xff\xff\xff\x7f\1\0";
    assert_int_equal(archive_index_decode((struct str){hostile, sizeof hostile - 1}, &arena, &back, &err),
                     -E_WORKER);
    buf_done(&tar);
    buf_done(&wire);
    arena_done(&arena);
}
