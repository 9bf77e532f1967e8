/* Rows whose columns line up: cells are collected, then written padded to the widest of each column. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"

enum { COLUMNS_MAX = 12, CELL_MAX = 160 };

struct cell {
    char *text;        /* printable, NUL-terminated */
    size_t width;      /* in terminal columns, about */
    const char *color; /* SGR parameters such as "31", or NULL */
};

struct columns {
    struct arena arena;
    VEC(struct cell) cells; /* row by row */
    size_t count;           /* columns of a row */
    unsigned right;         /* bits of those whose cells end at their right edge: numbers */
    size_t widths[COLUMNS_MAX];
};

struct columns columns_make(size_t count);
void columns_done(struct columns *c);
/* The next cell of the present row. What the arena cannot hold is left out. */
void columns_add(struct columns *c, struct str text, const char *color);
void columns_write(const struct columns *c, struct buf *out, const char *indent, bool color);
