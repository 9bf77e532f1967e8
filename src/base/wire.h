/* The binary form in which nouns cross a pipe or lie in the store: LEB128 numbers and length-prefixed text. A
   reader trusts nothing: whatever does not fit makes it fail for good, and yields zeros and empty slices from
   then on. */
#pragma once
#include "base/buf.h"

void wire_put_num(struct buf *b, uint64_t n);
void wire_put_str(struct buf *b, struct str s);

struct wire {
    struct str left;
    bool failed;
};

static inline struct wire wire_make(struct str bytes)
{
    return (struct wire){.left = bytes};
}
/* A number of at most max. */
uint64_t wire_num(struct wire *w, uint64_t max);
/* Text of at most max bytes; the slice points into what is read. */
struct str wire_str(struct wire *w, size_t max);
/* Whether there is more, and nothing has failed. */
static inline bool wire_more(const struct wire *w)
{
    return !w->failed && w->left.len;
}
