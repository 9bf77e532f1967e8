/* Bytes that are pulled: a window into a buffer of the stage that yields them, lent until the next call.
   Consumers take slices of the window without copying; the virtual call happens once a window. Stages stack
   (fd, gzip, digest, tar); the first error stays, is written to *err once, and every later call repeats its
   code. */
#pragma once
#include "base/error.h"
#include "base/str.h"

struct reader;

struct reader_ops {
    const char *name;                /* "gzip": begins the stage's messages */
    int (*fill)(struct reader *r);   /* replaces an empty window by a non-empty one: 1, end: 0, error: < 0 */
    void (*close)(struct reader *r); /* releases the stage, not what it reads from; NULL: nothing to do */
};

struct reader {
    const uint8_t *ptr, *end; /* the window */
    const struct reader_ops *ops;
    uint64_t offset, limit; /* position of `end` in this stream; the most it may yield */
    struct error *err;
    int state; /* 0 open, 1 at its end, < 0 failed for good */
};

int reader_fill(struct reader *r); /* the slow half of reader_more() */

/* 1: the window has bytes, 0: the end, < 0: error. */
static inline int reader_more(struct reader *r)
{
    return r->ptr != r->end ? 1 : reader_fill(r);
}
static inline struct str reader_window(const struct reader *r)
{
    return (struct str){(const char *)r->ptr, (size_t)(r->end - r->ptr)};
}
/* Position of the next byte. */
static inline uint64_t reader_position(const struct reader *r)
{
    return r->offset - (uint64_t)(r->end - r->ptr);
}
int reader_skip(struct reader *r, uint64_t n);          /* E_BAD_INPUT when it ends before */
int reader_read(struct reader *r, void *dst, size_t n); /* the same */
/* Up to n bytes; ret gets how many: fewer only at the end. */
int reader_read_some(struct reader *r, void *dst, size_t n, size_t *ret);
/* Reads to the end and throws the bytes away: digests and limits on the way see them. */
int reader_drain(struct reader *r);
struct arena;
/* All that follows, at most max bytes, as one slice in the arena; E_LIMIT beyond. */
int reader_all(struct reader *r, size_t max, struct arena *arena, struct str *ret);
/* Marks the reader failed and gives code < 0 back, which must already be in *r->err. */
int reader_fail(struct reader *r, int code);
void reader_close(struct reader *r); /* NULL is fine */
