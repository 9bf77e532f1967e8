#include <zlib.h>

#include "base/memory.h"
#include "stream/codec.h"
#include "stream/unpack.h"

struct gzip {
    struct unpack u;
    z_stream z;
};

static int gzip_begin(struct unpack *u)
{
    inflateReset(&((struct gzip *)u)->z);
    return 0;
}

static int gzip_step(struct unpack *u, struct unpack_io *io)
{
    z_stream *z = &((struct gzip *)u)->z;
    union {
        const uint8_t *in;
        Bytef *zlib; /* which does not write there */
    } from = {io->in};
    z->next_in = from.zlib;
    z->avail_in = (uInt)(io->in_end - io->in);
    z->next_out = io->out;
    z->avail_out = (uInt)(io->out_end - io->out);
    int rc = inflate(z, Z_NO_FLUSH);
    io->in = z->next_in;
    io->out = z->next_out;
    if (rc == Z_STREAM_END)
        return 1;
    if (rc != Z_OK && rc != Z_BUF_ERROR)
        return unpack_refuse(u, io, rc == Z_MEM_ERROR ? E_LIMIT : E_BAD_INPUT, z->msg ? z->msg : "damaged");
    return 0;
}

static void gzip_done(struct unpack *u)
{
    inflateEnd(&((struct gzip *)u)->z);
}

static const struct unpack_ops gzip_ops = {
    .first = STR_INIT("\x1f"), .begin = gzip_begin, .step = gzip_step, .done = gzip_done};
static const struct reader_ops gzip_reader = {.name = "gzip", .fill = unpack_fill, .close = unpack_close};

int gzip_zlib_open(struct reader **ret, struct reader *in, uint64_t limit, struct error *err)
{
    struct gzip *g = memory_new(sizeof *g);
    unpack_init(&g->u, &gzip_reader, &gzip_ops, in, limit, err);
    if (inflateInit2(&g->z, 16 + MAX_WBITS) != Z_OK) { /* 16: gzip only */
        unpack_close(&g->u.r);
        return error_set(err, E_LIMIT, "gzip: no memory");
    }
    *ret = &g->u.r;
    return 0;
}
