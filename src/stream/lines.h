/* Lines that are pulled, of any length: of each its beginning is kept, LINE_HEAD_MAX bytes at most. */
#pragma once
#include "base/limits.h"
#include "stream/reader.h"

struct lines {
    struct reader *in; /* borrowed */
    uint64_t offset;   /* of the line */
    bool unterminated; /* the last line has no LF: the file may have been cut there */

    /* what follows is private */
    uint64_t next; /* where the next line begins */
    char head[LINE_HEAD_MAX];
};

static inline struct lines lines_make(struct reader *in)
{
    return (struct lines){.in = in};
}
/* The beginning of the next line, without its LF; lent until the next call. 1, 0 at the end, < 0: the reader's error. */
int lines_next(struct lines *l, struct str *ret);
