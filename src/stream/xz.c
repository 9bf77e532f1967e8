#include <lzma.h>

#include "base/memory.h"
#include "stream/codec.h"
#include "stream/unpack.h"

struct xz {
    struct unpack u;
    lzma_stream z;
};

static int xz_begin(struct unpack *u)
{
    struct xz *x = (struct xz *)u; /* a second initialisation reuses the memory of the first */
    if (lzma_stream_decoder(&x->z, XZ_MEMORY_MAX, LZMA_TELL_UNSUPPORTED_CHECK) != LZMA_OK)
        return error_set(u->r.err, E_LIMIT, "xz: no memory");
    return 0;
}

static int xz_refuse(struct unpack *u, const struct unpack_io *io, lzma_ret rc)
{
    char text[80];
    switch (rc) {
    case LZMA_MEMLIMIT_ERROR:
        snprintf(text, sizeof text, "needs %ju MiB to unpack, more than %zu,",
                 (uintmax_t)((lzma_memusage(&((struct xz *)u)->z) + MIB(1) - 1) >> 20), XZ_MEMORY_MAX >> 20);
        return unpack_refuse(u, io, E_LIMIT, text);
    case LZMA_MEM_ERROR:
        return unpack_refuse(u, io, E_LIMIT, "no memory");
    case LZMA_FORMAT_ERROR:
        return unpack_refuse(u, io, E_BAD_INPUT, "invalid header");
    case LZMA_OPTIONS_ERROR:
        return unpack_refuse(u, io, E_UNSUPPORTED, "unknown filter or option");
    case LZMA_UNSUPPORTED_CHECK:
        return unpack_refuse(u, io, E_UNSUPPORTED, "unknown kind of checksum");
    default:
        return unpack_refuse(u, io, E_BAD_INPUT, "damaged");
    }
}

static int xz_step(struct unpack *u, struct unpack_io *io)
{
    lzma_stream *z = &((struct xz *)u)->z;
    z->next_in = io->in;
    z->avail_in = (size_t)(io->in_end - io->in);
    z->next_out = io->out;
    z->avail_out = (size_t)(io->out_end - io->out);
    lzma_ret rc = lzma_code(z, LZMA_RUN);
    io->in = z->next_in;
    io->out = z->next_out;
    if (rc == LZMA_STREAM_END)
        return 1;
    return rc == LZMA_OK || rc == LZMA_BUF_ERROR ? 0 : xz_refuse(u, io, rc);
}

static void xz_done(struct unpack *u)
{
    lzma_end(&((struct xz *)u)->z);
}

static const struct unpack_ops xz_ops = {
    .first = STR_INIT("\xfd"), .begin = xz_begin, .step = xz_step, .done = xz_done};
static const struct reader_ops xz_reader = {.name = "xz", .fill = unpack_fill, .close = unpack_close};

int xz_open(struct reader **ret, struct reader *in, uint64_t limit, struct error *err)
{
    struct xz *x = memory_new(sizeof *x);
    unpack_init(&x->u, &xz_reader, &xz_ops, in, limit, err);
    x->z = (lzma_stream)LZMA_STREAM_INIT;
    *ret = &x->u.r;
    return 0;
}
