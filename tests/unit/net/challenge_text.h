/* Challenges as text again: what the table compares, and what must parse to the same. */
#pragma once
#include "base/buf.h"
#include "net/challenge.h"

static inline void challenge_print(const struct challenge *c, struct buf *b)
{
    buf_printf(b, "%.*s", STR_ARG(c->scheme));
    if (c->token68.len)
        buf_printf(b, " %.*s", STR_ARG(c->token68));
    for (size_t i = 0; i < c->params.len; i++) {
        const struct challenge_param *p = &c->params.ptr[i];
        buf_printf(b, "%s%.*s=\"", i ? ", " : " ", STR_ARG(p->name));
        for (size_t j = 0; j < p->value.len; j++) {
            if (p->value.ptr[j] == '"' || p->value.ptr[j] == '\\')
                buf_add_char(b, '\\');
            buf_add_char(b, p->value.ptr[j]);
        }
        buf_add_char(b, '"');
    }
}

/* All challenges of the header, with " | " (as a separator for readers) or ", " (to be parsed again) between
   them. */
static inline int challenge_print_all(struct str header, const char *between, struct arena *a, struct buf *b,
                                      struct error *err)
{
    struct challenge c;
    int r, n = 0;
    while ((r = challenge_next(&header, a, &c, err)) > 0) {
        if (n++)
            buf_add(b, str_of(between));
        challenge_print(&c, b);
    }
    return r;
}
