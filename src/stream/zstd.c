#include <zstd.h>
#include <zstd_errors.h>

#include "base/memory.h"
#include "stream/codec.h"
#include "stream/unpack.h"

#define HEADER_MAX 18 /* of a frame: RFC 8878 3.1.1.1 */

struct zstd {
    struct unpack u;
    size_t fed; /* bytes of this frame's header */
    ZSTD_DCtx *z;
};

static int zstd_begin(struct unpack *u)
{
    struct zstd *z = (struct zstd *)u;
    ZSTD_DCtx_reset(z->z, ZSTD_reset_session_only);
    z->fed = 0;
    return 0;
}

/* A frame that arrives at once would take another path through the library, which judges damage otherwise:
   its header is fed byte by byte, so that all take the same. */
static int zstd_step(struct unpack *u, struct unpack_io *io)
{
    struct zstd *z = (struct zstd *)u;
    ZSTD_inBuffer in = {io->in, (size_t)(io->in_end - io->in), 0};
    if (z->fed < HEADER_MAX && in.size)
        in.size = 1;
    ZSTD_outBuffer out = {io->out, (size_t)(io->out_end - io->out), 0};
    size_t rc = ZSTD_decompressStream(z->z, &out, &in);
    if (in.pos)
        io->in += in.pos;
    z->fed += in.pos < HEADER_MAX ? in.pos : HEADER_MAX;
    io->out += out.pos;
    if (!ZSTD_isError(rc))
        return rc == 0;
    ZSTD_ErrorCode code = ZSTD_getErrorCode(rc);
    if (code == ZSTD_error_frameParameter_windowTooLarge)
        return unpack_refuse(u, io, E_LIMIT, "a window larger than 128 MiB");
    return unpack_refuse(u, io, code == ZSTD_error_memory_allocation ? E_LIMIT : E_BAD_INPUT,
                         ZSTD_getErrorString(code));
}

static void zstd_done(struct unpack *u)
{
    ZSTD_freeDCtx(((struct zstd *)u)->z);
}

static const struct unpack_ops zstd_ops = {
    .first = STR_INIT("\x28\x50\x51\x52\x53\x54\x55\x56\x57\x58\x59\x5a\x5b\x5c\x5d\x5e\x5f"),
    .begin = zstd_begin,
    .step = zstd_step,
    .done = zstd_done};
static const struct reader_ops zstd_reader = {.name = "zstd", .fill = unpack_fill, .close = unpack_close};

int zstd_open(struct reader **ret, struct reader *in, uint64_t limit, struct error *err)
{
    struct zstd *z = memory_new(sizeof *z);
    unpack_init(&z->u, &zstd_reader, &zstd_ops, in, limit, err);
    z->z = ZSTD_createDCtx();
    if (!z->z || ZSTD_isError(ZSTD_DCtx_setParameter(z->z, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX))) {
        unpack_close(&z->u.r);
        return error_set(err, E_LIMIT, "zstd: no memory");
    }
    *ret = &z->u.r;
    return 0;
}
