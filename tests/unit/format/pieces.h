/* Bytes that come in pieces of `step`, and fail at `fail_at`: what a parser must not notice, and what it must
   tell. */
#pragma once
#include "base/error.h"
#include "stream/reader.h"

struct pieces {
    struct reader r;
    struct str left;
    size_t step, given, fail_at;
    uint8_t piece[4096]; /* a copy, overwritten each time, so that a slice kept too long is seen */
};

static int pieces_fill(struct reader *r)
{
    struct pieces *p = (struct pieces *)r;
    size_t n = p->left.len < p->step ? p->left.len : p->step;
    if (p->fail_at && p->given >= p->fail_at)
        return error_set(r->err, E_SYSTEM, "pieces: broken at %zu", p->given);
    if (!n)
        return 0;
    if (n > sizeof p->piece)
        n = sizeof p->piece;
    memset(p->piece, 0xff, sizeof p->piece);
    memcpy(p->piece, p->left.ptr, n);
    p->left = str_skip(p->left, n);
    p->given += n;
    r->ptr = p->piece;
    r->end = p->piece + n;
    return 1;
}

static const struct reader_ops pieces_ops = {.name = "pieces", .fill = pieces_fill};

static struct reader *pieces_init(struct pieces *p, struct str text, size_t step, struct error *err)
{
    *p = (struct pieces){.left = text, .step = step};
    p->r = (struct reader){.ops = &pieces_ops, .limit = UINT64_MAX, .err = err};
    return &p->r;
}
