/* Bytes that grow up to a maximum fixed at birth. A failure sticks: append many times, test once in
   buf_finish(). */
#pragma once
#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"

struct buf {
    char *ptr;
    size_t len, cap, max;
    bool failed;
};

static inline struct buf buf_make(size_t max)
{
    return (struct buf){.max = max};
}
void buf_done(struct buf *b);
void buf_clear(struct buf *b); /* empties it, keeps the memory and the maximum */
void buf_add(struct buf *b, struct str s);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Room for n more bytes at ptr + len, or NULL when that exceeds the maximum (then the buffer has failed). The
   caller adds what it wrote to len. */
char *buf_room(struct buf *b, size_t n);
static inline struct str buf_str(const struct buf *b)
{
    return (struct str){b->ptr, b->len};
}
/* E_LIMIT when anything ever did not fit; `what` names the thing in the text. */
int buf_finish(const struct buf *b, const char *what, struct error *err) __attribute__((warn_unused_result));
