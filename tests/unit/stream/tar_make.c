#include "tar_make.h"

#include "stream/memory.h"
#include "stream/tar.h"
#include "test.h"

void raw_content(struct buf *b, struct str bytes)
{
    static const char zeros[TAR_BLOCK];
    buf_add(b, bytes);
    buf_add(b, (struct str){zeros, -bytes.len % TAR_BLOCK});
}

void raw_seal(struct buf *b, size_t at)
{
    unsigned sum = 0;
    memset(b->ptr + at + 148, ' ', 8);
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += (uint8_t)b->ptr[at + i];
    snprintf(b->ptr + at + 148, 8, "%06o", sum);
}

static void put(char *at, const char *text, size_t max)
{
    size_t n = text ? strlen(text) : 0;
    if (n)
        memcpy(at, text, n < max ? n : max);
}

void raw_add(struct buf *b, struct raw_header h)
{
    char *at = buf_room(b, TAR_BLOCK), size[24];
    assert_non_null(at);
    memset(at, 0, TAR_BLOCK);
    snprintf(size, sizeof size, "%011zo", h.bytes.len);
    put(at, h.name, 100);
    put(at + 100, "0000644", 8);
    put(at + 124, h.size ? h.size : size, 12);
    at[156] = h.type;
    put(at + 157, h.link, 100);
    if (!h.magic)
        memcpy(at + 257, "ustar\00000", 8);
    else if (strcmp(h.magic, "gnu") == 0)
        memcpy(at + 257, "ustar  ", 8);
    put(at + 345, h.prefix, 155);
    b->len += TAR_BLOCK;
    raw_seal(b, b->len - TAR_BLOCK);
    raw_content(b, h.bytes);
}

void raw_pax(struct buf *b, int type, ...)
{
    struct buf text = buf_make(1 << 22);
    va_list args;
    const char *record;
    va_start(args, type);
    while ((record = va_arg(args, const char *))) {
        size_t rest = strlen(record) + 2, len = rest + 1;
        for (size_t i = 0; i < 3; i++) {
            char digits[24];
            len = rest + (size_t)snprintf(digits, sizeof digits, "%zu", len);
        }
        buf_printf(&text, "%zu %s\n", len, record);
    }
    va_end(args);
    raw_add(b, (struct raw_header){.name = "PaxHeaders/x", .type = (char)type, .bytes = buf_str(&text)});
    buf_done(&text);
}

struct str raw_list(struct str archive, size_t step, bool read, struct buf *out)
{
    static const char types[] = {[TAR_REGULAR] = '-',
                                 [TAR_DIRECTORY] = 'd',
                                 [TAR_SYMLINK] = 'l',
                                 [TAR_HARDLINK] = 'h',
                                 [TAR_OTHER] = '?'};
    struct error err;
    struct memory_reader m;
    struct tar t;
    struct tar_entry e;
    buf_clear(out);
    int rc = tar_init(&t, memory_reader_init(&m, archive, step, &err), &err);
    while (rc >= 0 && (rc = tar_next(&t, &e)) > 0) {
        buf_printf(out, "%ju %c %ju ", (uintmax_t)e.offset, types[e.type], (uintmax_t)e.size);
        buf_add(out, e.path);
        if (e.link.len)
            buf_add(out, STR(" -> "));
        buf_add(out, e.link);
        struct reader *body = tar_body(&t);
        uint64_t total = 0;
        int more = 0;
        if (read) {
            buf_add(out, STR(": "));
            while ((more = reader_more(body)) > 0) {
                struct str w = reader_window(body);
                for (size_t i = 0; i < w.len && total + i < 200; i++)
                    buf_add_char(out, w.ptr[i] ? w.ptr[i] : '.');
                total += w.len;
                body->ptr = body->end;
            }
            assert_true(more < 0 || total == e.size);
        }
        buf_add_char(out, '\n');
    }
    buf_printf(out, "%s\n", rc < 0 ? err.text : "end");
    if (rc < 0) {
        assert_int_equal(rc, -(int)err.code);
        assert_int_equal(tar_next(&t, &e), rc); /* for good */
    }
    tar_done(&t);
    assert_false(out->failed);
    return buf_str(out);
}
