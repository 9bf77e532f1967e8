/* What the decompressors share: a buffer that is filled whole, streams that consist of several members with
   zero bytes between and after them, and the refusal of everything else. A codec puts `struct unpack` first
   in its own struct. */
#pragma once
#include "base/limits.h"
#include "stream/reader.h"

struct unpack;

/* What a step may read and write; it moves `in` and `out`. */
struct unpack_io {
    const uint8_t *in, *in_end;
    uint8_t *out, *out_end;
};

struct unpack_ops {
    struct str first; /* the bytes a member may begin with */
    /* Makes ready for the next member. */
    int (*begin)(struct unpack *u);
    /* Unpacks what it can: 0 more to come, 1 the member is complete, < 0 error. */
    int (*step)(struct unpack *u, struct unpack_io *io);
    void (*done)(struct unpack *u); /* releases what `begin` and `step` took */
};

struct unpack {
    struct reader r;
    struct reader *in;
    const struct unpack_ops *ops;
    uint64_t members;
    bool inside; /* a member */
    uint8_t out[UNPACK_BUFFER];
};

int unpack_fill(struct reader *r);   /* for the codec's reader_ops */
void unpack_close(struct reader *r); /* the same; frees the codec */
void unpack_init(struct unpack *u, const struct reader_ops *reader, const struct unpack_ops *ops,
                 struct reader *in, uint64_t limit, struct error *err);
/* "gzip: REASON at offset N" of the packed bytes. */
int unpack_refuse(struct unpack *u, const struct unpack_io *io, enum error_code code, const char *reason);
