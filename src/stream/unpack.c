#include "stream/unpack.h"

#include <stdlib.h>

/* The next member: 1 it begins, 0 there is none. */
static int next_member(struct unpack *u)
{
    struct reader *in = u->in;
    int more;
    while ((more = reader_more(in)) > 0 && u->members && *in->ptr == 0)
        in->ptr++;
    if (more <= 0)
        return more;
    if (u->members && str_find(u->ops->first, (char)*in->ptr) == u->ops->first.len)
        return error_set(u->r.err, E_BAD_INPUT, "%s: byte 0x%02x at offset %ju belongs to no member",
                         u->r.ops->name, *in->ptr, (uintmax_t)reader_position(in));
    int rc = u->ops->begin(u);
    if (rc < 0)
        return rc;
    u->members++;
    u->inside = true;
    return 1;
}

static int stands_still(struct unpack *u, bool more)
{
    return error_set(u->r.err, E_BAD_INPUT, "%s: %s at offset %ju", u->r.ops->name,
                     more ? "damaged" : "cut off", (uintmax_t)reader_position(u->in));
}

/* Fills the whole buffer, so that how the packed bytes arrive never shows in what comes out. An error
   therefore withholds what precedes it in the same buffer. */
int unpack_fill(struct reader *r)
{
    struct unpack *u = (struct unpack *)r;
    struct unpack_io io = {.out = u->out, .out_end = u->out + sizeof u->out};
    while (io.out < io.out_end) {
        int more = u->inside ? reader_more(u->in) : next_member(u);
        if (more < 0)
            return more;
        if (!more && !u->inside)
            break;
        struct str window = reader_window(u->in);
        size_t n = window.len < UNPACK_STEP_MAX ? window.len : UNPACK_STEP_MAX;
        const uint8_t *out = io.out;
        io.in = u->in->ptr;
        io.in_end = n ? io.in + n : io.in;
        int rc = u->ops->step(u, &io);
        if (rc < 0)
            return rc;
        bool moved = io.in != u->in->ptr || io.out != out;
        u->in->ptr = io.in;
        if (rc)
            u->inside = false;
        else if (!moved)
            return stands_still(u, more);
    }
    r->ptr = u->out;
    r->end = io.out;
    return io.out > u->out;
}

void unpack_close(struct reader *r)
{
    struct unpack *u = (struct unpack *)r;
    u->ops->done(u);
    free(u);
}

void unpack_init(struct unpack *u, const struct reader_ops *reader, const struct unpack_ops *ops,
                 struct reader *in, uint64_t limit, struct error *err)
{
    u->r = (struct reader){.ops = reader, .limit = limit, .err = err};
    u->in = in;
    u->ops = ops;
}

int unpack_refuse(struct unpack *u, const struct unpack_io *io, enum error_code code, const char *reason)
{
    u->in->ptr = io->in;
    return error_set(u->r.err, code, "%s: %s at offset %ju", u->r.ops->name, reason,
                     (uintmax_t)reader_position(u->in));
}
