/* The next so many bytes of another reader as a reader of their own: it lends the other's windows, nothing is
   copied. */
#pragma once
#include "stream/reader.h"

struct part {
    struct reader r;
    struct reader *in;
    uint64_t left;
};

/* Yields the next `length` bytes of `in`; E_BAD_INPUT when `in` ends before. What it yielded is consumed from
   `in`. Needs no close. Gives &p->r. */
struct reader *part_init(struct part *p, struct reader *in, uint64_t length, struct error *err);
