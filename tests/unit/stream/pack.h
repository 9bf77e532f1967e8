/* Packs bytes with the libraries themselves, and readers that misbehave. */
#pragma once
#include "base/buf.h"
#include "stream/codec.h"

#define PACKERS 4
struct packer {
    const char *name;
    void (*pack)(struct str bytes, struct buf *out);
    int (*open)(struct reader **ret, struct reader *in, uint64_t limit, struct error *err);
};
extern const struct packer packers[PACKERS];

/* n bytes that pack somewhat; free() them. */
struct str sample_text(size_t n);
/* n bytes that do not pack. */
struct str sample_noise(size_t n);

/* Yields bytes in windows of `step`, and then fails with E_SYSTEM "source broke". */
struct broken_reader {
    struct reader r;
    struct str left;
    size_t step;
};
struct reader *broken_reader_init(struct broken_reader *b, struct str bytes, size_t step, struct error *err);

/* All that comes out of r: what reader_more() said at last, and the bytes in *out. */
int read_everything(struct reader *r, struct buf *out);
