#include "stream/zip.h"

#include <zlib.h>

#include "base/limits.h"
#include "base/memory.h"
#include "stream/memory.h"
#include "test.h"

/* An archive being made. */
struct making {
    struct buf out, directory;
    unsigned count;
    bool follow, wide; /* sizes behind the data; ZIP64 */
};

static struct making making_new(void)
{
    return (struct making){.out = buf_make(MIB(256)), .directory = buf_make(MIB(256))};
}

static void put(struct buf *b, uint64_t n, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        buf_add_char(b, i < 8 ? (char)(n >> (8 * i)) : 0);
}

static struct str deflated(struct str text, char *room, size_t size)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)text.ptr;
    z.avail_in = (uInt)text.len;
    z.next_out = (Bytef *)room;
    z.avail_out = (uInt)size;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t n = z.total_out;
    deflateEnd(&z);
    return (struct str){room, n};
}

static void add(struct making *m, const char *name, struct str text, bool pack)
{
    char *room = memory_new(text.len + 1024);
    struct str data = pack ? deflated(text, room, text.len + 1024) : text;
    uint64_t crc = crc32(0, (const Bytef *)text.ptr, (uInt)text.len), offset = m->out.len;
    bool follow = m->follow && pack;
    struct buf *const heads[] = {&m->out, &m->directory};
    for (int i = 0; i < 2; i++) {
        bool hide = i == 0 && follow, wide = m->wide;
        put(heads[i], i ? 0x02014b50 : 0x04034b50, 4);
        put(heads[i], 20, i ? 4 : 2);
        put(heads[i], follow ? 8 : 0, 2);
        put(heads[i], pack ? 8 : 0, 2);
        put(heads[i], 0, 4);
        put(heads[i], hide ? 0 : crc, 4);
        put(heads[i], wide ? 0xffffffff : hide ? 0 : data.len, 4);
        put(heads[i], wide ? 0xffffffff : hide ? 0 : text.len, 4);
        put(heads[i], strlen(name), 2);
        put(heads[i], wide ? 25 : 5, 2);
        if (i) {
            put(heads[i], 3, 2);
            put(heads[i], 0, 8);
            put(heads[i], offset, 4);
        }
        buf_add(heads[i], str_of(name));
        put(heads[i], 0x7777, 2); /* somebody's extra field */
        put(heads[i], 1, 2);
        put(heads[i], 'x', 1);
        if (wide) {
            put(heads[i], 1, 2);
            put(heads[i], 16, 2);
            put(heads[i], hide ? 0 : text.len, 8);
            put(heads[i], hide ? 0 : data.len, 8);
        }
        if (i)
            buf_add(heads[i], STR("abc"));
    }
    buf_add(&m->out, data);
    if (follow) {
        put(&m->out, 0x08074b50, 4);
        put(&m->out, crc, 4);
        put(&m->out, data.len, m->wide ? 8 : 4);
        put(&m->out, text.len, m->wide ? 8 : 4);
    }
    m->count++;
    free(room);
}

static struct str end(struct making *m)
{
    uint64_t at = m->out.len;
    buf_add(&m->out, buf_str(&m->directory));
    if (m->wide) {
        put(&m->out, 0x06064b50, 4);
        put(&m->out, 44, 8);
        put(&m->out, 0, 44);
        put(&m->out, 0x07064b50, 4);
        put(&m->out, 0, 16);
    }
    put(&m->out, 0x06054b50, 4);
    put(&m->out, 0, 4);
    put(&m->out, m->count, 2);
    put(&m->out, m->count, 2);
    put(&m->out, m->directory.len, 4);
    put(&m->out, at, 4);
    put(&m->out, 2, 2);
    buf_add(&m->out, STR("hi"));
    assert_false(m->out.failed || m->directory.failed);
    return buf_str(&m->out);
}

static void making_done(struct making *m)
{
    buf_done(&m->out);
    buf_done(&m->directory);
}

/* "name=text;" of each entry; bodies whose names begin with '-' are left unread. */
static int read_all(struct str bytes, size_t step, uint64_t limit, struct buf *ret, struct error *err)
{
    struct memory_reader m;
    struct zip z;
    struct str name;
    int rc;
    buf_clear(ret);
    *err = (struct error){0};
    zip_init(&z, memory_reader_init(&m, bytes, step, err), limit, err);
    while ((rc = zip_next(&z, &name)) > 0) {
        struct reader *body = zip_body(&z);
        buf_printf(ret, "%.*s=", STR_ARG(name));
        while (name.ptr[0] != '-' && (rc = reader_more(body)) > 0) {
            buf_add(ret, reader_window(body));
            body->ptr = body->end;
        }
        buf_add_char(ret, ';');
    }
    if (rc == 0)
        assert_int_equal(zip_next(&z, &name), 0);
    else
        assert_int_equal(zip_next(&z, &name), rc);
    assert_int_equal(reader_more(zip_body(&z)), rc);
    zip_done(&z);
    return rc;
}

static void check(struct str bytes, const char *want)
{
    struct buf got = buf_make(MIB(1));
    struct error err;
    for (size_t step = 0; step < 40; step++) {
        if (read_all(bytes, step, GIB(1), &got, &err) < 0)
            fail_msg("%s", err.text);
        assert_true(str_eq(buf_str(&got), str_of(want)));
    }
    buf_done(&got);
}

static struct making two(bool follow, bool wide)
{
    struct making m = making_new();
    m.follow = follow;
    m.wide = wide;
    add(&m, "a.json", STR("{\"a\": 1, \"a\": 1, \"a\": 1}"), true);
    add(&m, "-skipped", STR("skipped"), true);
    add(&m, "dir/", STR(""), false);
    add(&m, "b", STR("stored"), false);
    add(&m, "empty", STR(""), true);
    end(&m);
    return m;
}

TEST(zip_entries)
{
    for (int i = 0; i < 4; i++) {
        struct making m = two(i & 1, i & 2);
        check(buf_str(&m.out), "a.json={\"a\": 1, \"a\": 1, \"a\": 1};-skipped=;dir/=;b=stored;empty=;");
        making_done(&m);
    }
    struct making none = making_new();
    check(end(&none), "");
    making_done(&none);
}

TEST(zip_truncations)
{
    struct buf got = buf_make(MIB(1));
    struct error err;
    for (int i = 0; i < 4; i++) {
        struct making m = two(i & 1, i & 2);
        for (size_t n = 0; n < m.out.len; n++) {
            assert_int_equal(read_all((struct str){m.out.ptr, n}, 7, GIB(1), &got, &err), -E_BAD_INPUT);
            assert_true(err.text[0]);
        }
        making_done(&m);
    }
    buf_done(&got);
}

/* Changes one byte and says what is wrong then. */
static void refuse(size_t at, char byte, int code, const char *want)
{
    struct buf got = buf_make(MIB(1));
    struct error err;
    struct making m = making_new();
    add(&m, "ab", STR("stored text"), false);
    end(&m);
    m.out.ptr[at] = byte;
    assert_int_equal(read_all(buf_str(&m.out), 0, GIB(1), &got, &err), -code);
    assert_string_equal(err.text, want);
    making_done(&m);
    buf_done(&got);
}

TEST(zip_refusals)
{
    refuse(0, 'Q', E_BAD_INPUT, "zip: entry at offset 0: no zip record");
    refuse(6, 1, E_UNSUPPORTED, "zip: entry at offset 0: encrypted");
    refuse(8, 12, E_UNSUPPORTED, "zip: entry at offset 0: packed by a method other than deflate");
    refuse(6, 8, E_UNSUPPORTED, "zip: entry at offset 0: stored, with its size behind it");
    refuse(14, 0, E_BAD_INPUT, "zip: entry at offset 0: its checksum is wrong");
    refuse(22, 3, E_BAD_INPUT, "zip: entry at offset 0: its sizes are not those that it states");
    refuse(34, 9, E_BAD_INPUT, "zip: entry at offset 0: an extra field beyond its header");
    refuse(48 + 46, 'x', E_BAD_INPUT,
           "zip: entry at offset 104: the directory lists other entries than were read");
}

TEST(zip_bytes_behind)
{
    struct buf got = buf_make(MIB(1));
    struct error err;
    struct making m = two(false, false);
    buf_add_char(&m.out, 0);
    assert_int_equal(read_all(buf_str(&m.out), 0, GIB(1), &got, &err), -E_BAD_INPUT);
    assert_non_null(strstr(err.text, "bytes behind the archive"));
    making_done(&m);
    buf_done(&got);
}

TEST(zip_damaged_deflate)
{
    struct buf got = buf_make(MIB(1));
    struct error err;
    struct making m = two(false, false);
    m.out.ptr[30 + 6 + 5] = (char)0xff;
    assert_int_equal(read_all(buf_str(&m.out), 0, GIB(1), &got, &err), -E_BAD_INPUT);
    assert_string_equal(err.text, "zip: entry at offset 0: invalid block type");
    making_done(&m);
    buf_done(&got);
}

TEST(zip_unpacked_limit)
{
    struct buf got = buf_make(MIB(1));
    struct error err;
    struct making m = two(false, false);
    assert_int_equal(read_all(buf_str(&m.out), 0, 37, &got, &err), 0);
    assert_int_equal(read_all(buf_str(&m.out), 0, 36, &got, &err), -E_LIMIT);
    assert_string_equal(err.text, "zip: unpacks to more than 36 bytes");
    making_done(&m);
    buf_done(&got);
}

TEST(zip_long_name)
{
    struct buf got = buf_make(MIB(1));
    struct error err;
    char name[ZIP_NAME_MAX + 2] = "";
    for (size_t n = ZIP_NAME_MAX; n <= ZIP_NAME_MAX + 1; n++) {
        struct making m = making_new();
        memset(name, 'x', n);
        name[n] = 0;
        add(&m, name, STR(""), false);
        int rc = read_all(end(&m), 0, GIB(1), &got, &err);
        assert_int_equal(rc, n > ZIP_NAME_MAX ? -E_LIMIT : 0);
        making_done(&m);
    }
    assert_string_equal(err.text, "zip: entry at offset 0: a name of more than 4096 bytes");
    buf_done(&got);
}

TEST(zip_many_entries)
{
    struct buf got = buf_make(MIB(8));
    struct error err;
    struct making m = making_new();
    for (size_t i = 0; i <= ZIP_ENTRIES_MAX; i++)
        add(&m, "-", STR(""), false);
    assert_int_equal(read_all(end(&m), 0, GIB(1), &got, &err), -E_LIMIT);
    assert_non_null(strstr(err.text, "more than 1048576 entries"));
    making_done(&m);
    buf_done(&got);
}

static int failing_fill(struct reader *r)
{
    return error_set(r->err, E_SYSTEM, "reads fail");
}

TEST(zip_failing_reads)
{
    static const struct reader_ops ops = {.name = "failing", .fill = failing_fill};
    struct error err = {0};
    struct reader r = {.ops = &ops, .limit = UINT64_MAX, .err = &err};
    struct zip z;
    struct str name;
    zip_init(&z, &r, 10, &err);
    assert_int_equal(zip_next(&z, &name), -E_SYSTEM);
    assert_string_equal(err.text, "reads fail");
    zip_done(&z);
}
