/* Unpacks gzip, zstd, xz and bzip2, or passes plain bytes on: the first bytes decide, never a media type. */
#pragma once
#include "stream/reader.h"

/* A reader over what `in` (borrowed) holds, unpacked; it reads the first few bytes at once. It yields at most
   `limit` bytes, then E_LIMIT. Several members after one another are one stream; zero bytes between and after
   them are padding, any other byte is E_BAD_INPUT. Checksums are verified; a stream that is cut off or
   damaged is E_BAD_INPUT naming codec and offset in `in`. Needs no file and no system call except for memory.
   Release with reader_close(). */
int decompress_open(struct reader **ret, struct reader *in, uint64_t limit, struct error *err);
/* "gzip", "zstd", "xz", "bzip2" or "plain", for a reader from decompress_open(). */
const char *decompress_name(const struct reader *r);
