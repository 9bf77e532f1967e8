#include "pack.h"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "test.h"

static void pack_gzip(struct str bytes, struct buf *out)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, bytes.len);
    z.next_in = (Bytef *)(uintptr_t)bytes.ptr;
    z.avail_in = (uInt)bytes.len;
    z.next_out = (Bytef *)buf_room(out, room);
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->len += room - z.avail_out;
    deflateEnd(&z);
}

static void pack_zstd(struct str bytes, struct buf *out)
{
    size_t room = ZSTD_compressBound(bytes.len);
    ZSTD_CCtx *z = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
    size_t n = ZSTD_compress2(z, buf_room(out, room), room, bytes.ptr, bytes.len);
    assert_false(ZSTD_isError(n));
    out->len += n;
    ZSTD_freeCCtx(z);
}

static void pack_xz(struct str bytes, struct buf *out)
{
    size_t room = lzma_stream_buffer_bound(bytes.len), at = 0;
    uint8_t *to = (uint8_t *)buf_room(out, room);
    assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, NULL, (const uint8_t *)bytes.ptr, bytes.len,
                                             to, &at, room),
                     LZMA_OK);
    out->len += at;
}

static void pack_bzip2(struct str bytes, struct buf *out)
{
    unsigned room = (unsigned)(bytes.len + bytes.len / 100 + 600);
    char *to = buf_room(out, room);
    assert_int_equal(
        BZ2_bzBuffToBuffCompress(to, &room, (char *)(uintptr_t)bytes.ptr, (unsigned)bytes.len, 1, 0, 0),
        BZ_OK);
    out->len += room;
}

#ifdef HAVE_ISAL
#define gzip_open gzip_isal_open
#else
#define gzip_open gzip_zlib_open
#endif
const struct packer packers[PACKERS] = {{"gzip", pack_gzip, gzip_open},
                                        {"zstd", pack_zstd, zstd_open},
                                        {"xz", pack_xz, xz_open},
                                        {"bzip2", pack_bzip2, bzip2_open}};

static struct str sample(size_t n, unsigned mask)
{
    char *p = malloc(n + 1);
    uint32_t x = 12345;
    assert_non_null(p);
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525 + 1013904223;
        p[i] = (char)((x >> 24) & mask);
    }
    return (struct str){p, n};
}

struct str sample_text(size_t n)
{
    return sample(n, 0x33);
}

struct str sample_noise(size_t n)
{
    return sample(n, 0xff);
}

static int broken_fill(struct reader *r)
{
    struct broken_reader *b = (struct broken_reader *)r;
    size_t n = b->step && b->step < b->left.len ? b->step : b->left.len;
    if (!n)
        return error_set(r->err, E_SYSTEM, "source broke");
    r->ptr = (const uint8_t *)b->left.ptr;
    r->end = r->ptr + n;
    b->left = str_skip(b->left, n);
    return 1;
}

static const struct reader_ops broken_ops = {.name = "broken", .fill = broken_fill};

struct reader *broken_reader_init(struct broken_reader *b, struct str bytes, size_t step, struct error *err)
{
    *b = (struct broken_reader){
        .r = {.ops = &broken_ops, .limit = UINT64_MAX, .err = err}, .left = bytes, .step = step};
    return &b->r;
}

int read_everything(struct reader *r, struct buf *out)
{
    int more;
    while ((more = reader_more(r)) > 0) {
        buf_add(out, reader_window(r));
        r->ptr = r->end;
    }
    return more;
}
