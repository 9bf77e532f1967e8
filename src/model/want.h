/* Which files of an image somebody wants to see: data, so that the tar loop, a directory source and the
   documentation read the same table. Paths have no leading slash. */
#pragma once
#include "base/str.h"

struct want {
    enum {
        WANT_NONE, /* ends a table */
        WANT_PATH, /* this very file */
        WANT_DIR,  /* every file directly in this directory (ends with '/') */
        WANT_EACH, /* the file `leaf` in every directory directly in this one (ends with '/') */
    } how;
    struct str what;
    size_t max_bytes; /* a larger file is a problem, not read */
    struct str leaf;
};

/* Whether a file at this path below the directory `what` is wanted. */
static inline bool want_has(const struct want *w, struct str below)
{
    struct str leaf = below, first = str_cut(&leaf, '/');
    return first.len && (w->how == WANT_EACH ? str_eq(leaf, w->leaf) : first.len == below.len);
}
