#include "stream/zip.h"

#include <zlib.h>

#include "base/limits.h"
#include "base/memory.h"

enum {
    LOCAL = 0x04034b50,
    CENTRAL = 0x02014b50,
    END = 0x06054b50,
    WIDE_END = 0x06064b50,
    WIDE_LOCATOR = 0x07064b50,
    DESCRIPTOR = 0x08074b50,
};
enum { ENCRYPTED = 1, SIZES_FOLLOW = 8, STORED = 0, DEFLATED = 8, WIDE_EXTRA = 1 };

#define WIDE_MARK 0xffffffffu

static uint32_t le16(const uint8_t *p)
{
    return (uint32_t)(p[0] | p[1] << 8);
}

static uint32_t le32(const uint8_t *p)
{
    return le16(p) | le16(p + 2) << 16;
}

static uint64_t le64(const uint8_t *p)
{
    return le32(p) | (uint64_t)le32(p + 4) << 32;
}

/* "zip: entry at offset N: TEXT" */
static int refuse(struct zip *z, enum error_code code, const char *text)
{
    error_fill(z->err, code, "zip: entry at offset %ju: %s", (uintmax_t)z->header, text);
    return -(int)code;
}

/* ---- bodies ---- */

/* Sizes and checksum behind the data, with or without a signature before them. */
static int read_descriptor(struct zip *z)
{
    uint8_t b[24] = {0};
    size_t rest = z->wide ? 20 : 12;
    int rc = reader_read(z->in, b, 4);
    if (rc < 0)
        return rc;
    bool marked = le32(b) == DESCRIPTOR;
    if (!marked)
        rest -= 4;
    rc = reader_read(z->in, b + 4, rest);
    if (rc < 0)
        return rc;
    const uint8_t *at = marked ? b + 4 : b;
    z->crc_stated = le32(at);
    z->packed_size = z->wide ? le64(at + 4) : le32(at + 4);
    z->size = z->wide ? le64(at + 12) : le32(at + 8);
    return 0;
}

/* Depends on the entry's name and sizes; sums over all entries do not depend on their order. */
static uint64_t entry_sum(struct str name, uint32_t crc, uint64_t size)
{
    uint64_t h = 14695981039346656037u ^ crc ^ size << 20;
    for (size_t i = 0; i < name.len; i++)
        h = (h ^ (unsigned char)name.ptr[i]) * 1099511628211u;
    return h;
}

static int end_body(struct zip *z)
{
    int rc = z->sizes_follow ? read_descriptor(z) : 0;
    if (rc < 0)
        return rc;
    if (z->taken != z->packed_size || z->given != z->size)
        return refuse(z, E_BAD_INPUT, "its sizes are not those that it states");
    if (z->crc != z->crc_stated)
        return refuse(z, E_BAD_INPUT, "its checksum is wrong");
    z->phase = ZIP_DONE;
    z->seen += entry_sum(buf_str(&z->name), z->crc, z->size);
    return 0;
}

static int fill_stored(struct zip *z)
{
    uint64_t left = z->packed_size - z->taken;
    int more = reader_more(z->in);
    if (more <= 0)
        return more < 0 ? more : refuse(z, E_BAD_INPUT, "the archive ends within it");
    size_t have = (size_t)(z->in->end - z->in->ptr), take = have < left ? have : (size_t)left;
    z->body.ptr = z->in->ptr;
    z->body.end = z->in->ptr + take;
    z->in->ptr += take;
    z->taken += take;
    return 1;
}

static int fill_deflated(struct zip *z)
{
    z->inflate->next_out = z->out;
    z->inflate->avail_out = UNPACK_BUFFER;
    for (;;) {
        int more = reader_more(z->in);
        if (more <= 0)
            return more < 0 ? more : refuse(z, E_BAD_INPUT, "the archive ends within it");
        union {
            const uint8_t *in;
            Bytef *zlib; /* which does not write there */
        } from = {z->in->ptr};
        uInt have = (uInt)(z->in->end - z->in->ptr);
        z->inflate->next_in = from.zlib;
        z->inflate->avail_in = have;
        int rc = inflate(z->inflate, Z_NO_FLUSH);
        z->in->ptr += have - z->inflate->avail_in;
        z->taken += have - z->inflate->avail_in;
        z->body.ptr = z->out;
        z->body.end = z->inflate->next_out;
        if (rc == Z_STREAM_END)
            z->phase = ZIP_OVER;
        else if (rc != Z_OK && rc != Z_BUF_ERROR)
            return refuse(z, rc == Z_MEM_ERROR ? E_LIMIT : E_BAD_INPUT,
                          z->inflate->msg ? z->inflate->msg : "damaged");
        if (z->body.end != z->body.ptr || rc == Z_STREAM_END)
            return 1;
    }
}

/* A window of the body, which may be empty where it is over. */
static int fill_phase(struct zip *z)
{
    z->body.ptr = z->body.end = NULL;
    if (z->phase == ZIP_STORED && z->taken == z->packed_size)
        z->phase = ZIP_OVER;
    return z->phase == ZIP_STORED ? fill_stored(z) : z->phase == ZIP_DEFLATED ? fill_deflated(z) : 0;
}

static int body_fill(struct reader *r)
{
    struct zip *z = (struct zip *)r;
    int rc = fill_phase(z);
    if (rc < 0 || z->body.ptr == z->body.end)
        return rc < 0 || z->phase == ZIP_DONE ? rc : end_body(z);
    size_t n = (size_t)(z->body.end - z->body.ptr);
    z->given += n;
    z->unpacked += n;
    z->crc = (uint32_t)crc32(z->crc, z->body.ptr, (uInt)n);
    if (z->unpacked > z->limit)
        return error_set(z->err, E_LIMIT, "zip: unpacks to more than %ju bytes", (uintmax_t)z->limit);
    return 1;
}

static const struct reader_ops body_ops = {.name = "zip", .fill = body_fill};

struct reader *zip_body(struct zip *z)
{
    return &z->body;
}

/* ---- headers ---- */

static int read_name(struct zip *z, size_t length)
{
    buf_clear(&z->name);
    char *room = length <= ZIP_NAME_MAX ? buf_room(&z->name, length) : NULL;
    if (length && !room)
        return refuse(z, E_LIMIT, "a name of more than 4096 bytes");
    z->name.len = length;
    return length ? reader_read(z->in, room, length) : 0;
}

/* The extra fields, of which ZIP64's has the sizes that do not fit the header: those that are marked, in their order. */
static int read_extra(struct zip *z, size_t length, uint64_t *size, uint64_t *packed)
{
    uint8_t extra[UINT16_MAX];
    int rc = reader_read(z->in, extra, length);
    z->wide = false;
    for (size_t at = 0; rc == 0 && at + 4 <= length;) {
        size_t id = le16(extra + at), n = le16(extra + at + 2), end = at + 4 + n;
        if (end > length)
            return refuse(z, E_BAD_INPUT, "an extra field beyond its header");
        at += 4;
        if (id == WIDE_EXTRA) {
            uint64_t *const sizes[] = {size, packed};
            z->wide = true;
            for (size_t i = 0; i < 2; i++) {
                if (*sizes[i] != WIDE_MARK || at + 8 > end)
                    continue;
                *sizes[i] = le64(extra + at);
                at += 8;
            }
        }
        at = end;
    }
    return rc;
}

static int begin_inflate(struct zip *z)
{
    if (z->inflate)
        return inflateReset(z->inflate) == Z_OK ? 0 : refuse(z, E_LIMIT, "no memory");
    z->inflate = memory_new(sizeof *z->inflate);
    z->out = memory_new(UNPACK_BUFFER);
    return inflateInit2(z->inflate, -MAX_WBITS) == Z_OK ? 0 : refuse(z, E_LIMIT, "no memory"); /* -: raw */
}

static int begin_entry(struct zip *z)
{
    uint8_t h[26];
    int rc = reader_read(z->in, h, sizeof h);
    if (rc < 0)
        return rc;
    unsigned flags = le16(h + 2), method = le16(h + 4);
    z->sizes_follow = flags & SIZES_FOLLOW;
    z->crc_stated = le32(h + 10);
    z->packed_size = le32(h + 14);
    z->size = le32(h + 18);
    z->taken = z->given = 0;
    z->crc = 0;
    if (z->entries++ == ZIP_ENTRIES_MAX)
        return refuse(z, E_LIMIT, "more than 1048576 entries");
    rc = read_name(z, le16(h + 22));
    if (rc == 0)
        rc = read_extra(z, le16(h + 24), &z->size, &z->packed_size);
    if (rc < 0)
        return rc;
    if (flags & ENCRYPTED)
        return refuse(z, E_UNSUPPORTED, "encrypted");
    if (method != STORED && method != DEFLATED)
        return refuse(z, E_UNSUPPORTED, "packed by a method other than deflate");
    if (method == STORED && z->sizes_follow)
        return refuse(z, E_UNSUPPORTED, "stored, with its size behind it");
    z->phase = method == STORED ? ZIP_STORED : ZIP_DEFLATED;
    z->body = (struct reader){.ops = &body_ops, .limit = UINT64_MAX, .err = z->err};
    return method == DEFLATED ? begin_inflate(z) : 0;
}

/* ---- the directory ---- */

static int read_listed(struct zip *z)
{
    uint8_t h[42];
    int rc = reader_read(z->in, h, sizeof h);
    if (rc < 0)
        return rc;
    uint64_t size = le32(h + 20), packed = le32(h + 16);
    uint32_t crc = le32(h + 12);
    rc = read_name(z, le16(h + 24));
    if (rc == 0)
        rc = read_extra(z, le16(h + 26), &size, &packed);
    if (rc == 0)
        rc = reader_skip(z->in, le16(h + 28));
    z->listed += entry_sum(buf_str(&z->name), crc, size);
    return rc;
}

static int read_end(struct zip *z)
{
    uint8_t h[18];
    int rc = reader_read(z->in, h, sizeof h);
    if (rc == 0)
        rc = reader_skip(z->in, le16(h + 16));
    if (rc < 0)
        return rc;
    if (z->seen != z->listed)
        return refuse(z, E_BAD_INPUT, "the directory lists other entries than were read");
    rc = reader_more(z->in);
    return rc > 0 ? refuse(z, E_BAD_INPUT, "bytes behind the archive") : rc;
}

static int read_wide_end(struct zip *z)
{
    uint8_t h[8];
    int rc = reader_read(z->in, h, sizeof h);
    return rc < 0 ? rc : reader_skip(z->in, le64(h));
}

/* From the first record that is no entry to the archive's end. */
static int read_directory(struct zip *z, uint32_t signature)
{
    uint8_t h[4] = {0};
    size_t listed = 0;
    for (;;) {
        int rc;
        if (signature == CENTRAL && listed++ < ZIP_ENTRIES_MAX)
            rc = read_listed(z);
        else if (signature == WIDE_END)
            rc = read_wide_end(z);
        else if (signature == WIDE_LOCATOR)
            rc = reader_skip(z->in, 16);
        else if (signature == END)
            return read_end(z);
        else
            return refuse(z, E_BAD_INPUT, "no zip record");
        z->header = reader_position(z->in);
        if (rc == 0)
            rc = reader_read(z->in, h, sizeof h);
        if (rc < 0)
            return rc;
        signature = le32(h);
    }
}

static int next(struct zip *z)
{
    uint8_t h[4] = {0};
    int rc = z->entries ? reader_drain(&z->body) : 0;
    z->header = reader_position(z->in);
    if (rc == 0)
        rc = reader_read(z->in, h, sizeof h);
    if (rc < 0)
        return rc;
    if (le32(h) != LOCAL)
        return read_directory(z, le32(h));
    rc = begin_entry(z);
    return rc < 0 ? rc : 1;
}

void zip_init(struct zip *z, struct reader *in, uint64_t limit, struct error *err)
{
    *z = (struct zip){.in = in, .err = err, .name = buf_make(ZIP_NAME_MAX), .limit = limit};
    z->body = (struct reader){.ops = &body_ops, .limit = UINT64_MAX, .err = err, .state = 1};
}

int zip_next(struct zip *z, struct str *ret_name)
{
    if (z->state)
        return z->state > 0 ? 0 : z->state;
    int rc = next(z);
    z->state = rc > 0 ? 0 : rc ? rc : 1;
    if (rc > 0)
        *ret_name = buf_str(&z->name);
    else
        z->body.state = z->state;
    return rc;
}

void zip_done(struct zip *z)
{
    if (z->inflate)
        inflateEnd(z->inflate);
    free(z->inflate);
    free(z->out);
    buf_done(&z->name);
}
