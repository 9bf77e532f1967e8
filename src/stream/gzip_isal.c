#ifdef HAVE_ISAL
#include <isa-l/igzip_lib.h>

#include "base/memory.h"
#include "stream/codec.h"
#include "stream/unpack.h"

struct gzip {
    struct unpack u;
    bool body; /* the member's header is behind us */
    struct isal_gzip_header header;
    struct inflate_state state;
};

static int gzip_begin(struct unpack *u)
{
    struct gzip *g = (struct gzip *)u;
    isal_inflate_reset(&g->state);
    g->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
    isal_gzip_header_init(&g->header);
    g->body = false;
    return 0;
}

static const char *reason(int code)
{
    switch (code) {
    case ISAL_INVALID_BLOCK:
        return "invalid block";
    case ISAL_INVALID_SYMBOL:
        return "invalid symbol";
    case ISAL_INVALID_LOOKBACK:
        return "reference to before the beginning";
    case ISAL_INVALID_WRAPPER:
        return "invalid header";
    case ISAL_UNSUPPORTED_METHOD:
        return "unknown compression method";
    case ISAL_INCORRECT_CHECKSUM:
        return "wrong checksum";
    default:
        return "damaged";
    }
}

static int gzip_step(struct unpack *u, struct unpack_io *io)
{
    struct gzip *g = (struct gzip *)u;
    struct inflate_state *s = &g->state;
    union {
        const uint8_t *in;
        uint8_t *isal; /* which does not write there */
    } from = {io->in};
    s->next_in = from.isal;
    s->avail_in = (uint32_t)(io->in_end - io->in);
    s->next_out = io->out;
    s->avail_out = (uint32_t)(io->out_end - io->out);
    int rc = ISAL_DECOMP_OK;
    if (!g->body) { /* apart, since isal_inflate() forgets a header that arrives in pieces */
        rc = isal_read_gzip_header(s, &g->header);
        g->body = rc == ISAL_DECOMP_OK;
    }
    if (g->body && g->header.flags & 0xe0)
        rc = ISAL_INVALID_WRAPPER; /* reserved flags, which ISA-L passes over: RFC 1952 2.3.1.2 */
    else if (g->body)
        rc = isal_inflate(s);
    io->in = s->next_in;
    io->out = s->next_out;
    if (rc < 0)
        return unpack_refuse(u, io, E_BAD_INPUT, reason(rc));
    return g->body && s->block_state == ISAL_BLOCK_FINISH;
}

static void gzip_done(struct unpack *u)
{
    (void)u;
}

static const struct unpack_ops gzip_ops = {
    .first = STR_INIT("\x1f"), .begin = gzip_begin, .step = gzip_step, .done = gzip_done};
static const struct reader_ops gzip_reader = {.name = "gzip", .fill = unpack_fill, .close = unpack_close};

int gzip_isal_open(struct reader **ret, struct reader *in, uint64_t limit, struct error *err)
{
    struct gzip *g = memory_new(sizeof *g);
    unpack_init(&g->u, &gzip_reader, &gzip_ops, in, limit, err);
    isal_inflate_init(&g->state);
    *ret = &g->u.r;
    return 0;
}
#else
extern int gzip_isal_is_absent; /* a translation unit must not be empty */
#endif
