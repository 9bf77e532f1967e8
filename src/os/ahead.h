/* A stage whose upstream runs in a thread of its own, a few windows ahead: inflating and hashing go on two
   cores. */
#pragma once
#include "stream/reader.h"

/* Takes over reading from `in` (which must not be touched until reader_close()). The stage's errors are those
   of `in`, which must write them to an error of its own (`in->err`), not to err. */
int ahead_open(struct reader **ret, struct reader *in, struct error *err);
