/* Bytes in memory as a reader: for tests, and for what has been read whole already. */
#pragma once
#include "stream/reader.h"

struct memory_reader {
    struct reader r;
    struct str left;
    size_t step;
};

/* Yields `bytes`, borrowed, in windows of `step` bytes; 0: one window over all. Needs no close. Gives &m->r. */
struct reader *memory_reader_init(struct memory_reader *m, struct str bytes, size_t step, struct error *err);
