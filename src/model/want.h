/* Which files of an image somebody wants to see: data, so that the tar loop, a directory source and the
   documentation read the same table. Paths have no leading slash. */
#pragma once
#include "base/str.h"

struct want {
    enum {
        WANT_NONE, /* ends a table */
        WANT_PATH, /* this very file */
        WANT_DIR,  /* every file directly in this directory (ends with '/') */
    } how;
    struct str what;
    size_t max_bytes; /* a larger file is a problem, not read */
};
