#include <bzlib.h>

#include "base/memory.h"
#include "stream/codec.h"
#include "stream/unpack.h"

struct bzip2 {
    struct unpack u;
    bz_stream z;
};

static int bzip2_begin(struct unpack *u)
{
    bz_stream *z = &((struct bzip2 *)u)->z;
    BZ2_bzDecompressEnd(z);
    *z = (bz_stream){0};
    if (BZ2_bzDecompressInit(z, 0, 0) != BZ_OK)
        return error_set(u->r.err, E_LIMIT, "bzip2: no memory");
    return 0;
}

static int bzip2_step(struct unpack *u, struct unpack_io *io)
{
    bz_stream *z = &((struct bzip2 *)u)->z;
    union {
        const uint8_t *in;
        char *bzip2; /* which does not write there */
    } from = {io->in};
    z->next_in = from.bzip2;
    z->avail_in = (unsigned)(io->in_end - io->in);
    z->next_out = (char *)io->out;
    z->avail_out = (unsigned)(io->out_end - io->out);
    int rc = BZ2_bzDecompress(z);
    io->in = (const uint8_t *)z->next_in;
    io->out = (uint8_t *)z->next_out;
    if (rc == BZ_STREAM_END)
        return 1;
    if (rc == BZ_OK)
        return 0;
    if (rc == BZ_MEM_ERROR)
        return unpack_refuse(u, io, E_LIMIT, "no memory");
    return unpack_refuse(u, io, E_BAD_INPUT, rc == BZ_DATA_ERROR_MAGIC ? "invalid header" : "damaged");
}

static void bzip2_done(struct unpack *u)
{
    BZ2_bzDecompressEnd(&((struct bzip2 *)u)->z);
}

static const struct unpack_ops bzip2_ops = {
    .first = STR_INIT("B"), .begin = bzip2_begin, .step = bzip2_step, .done = bzip2_done};
static const struct reader_ops bzip2_reader = {.name = "bzip2", .fill = unpack_fill, .close = unpack_close};

int bzip2_open(struct reader **ret, struct reader *in, uint64_t limit, struct error *err)
{
    struct bzip2 *b = memory_new(sizeof *b);
    unpack_init(&b->u, &bzip2_reader, &bzip2_ops, in, limit, err);
    *ret = &b->u.r;
    return 0;
}
