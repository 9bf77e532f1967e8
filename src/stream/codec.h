/* A compression format: what decompress.c knows of it. To add one is to add a file and a line there. Each
   `open` gives a reader over the unpacked bytes of `in` (borrowed) which yields at most `limit` bytes;
   checksums are verified. */
#pragma once
#include "stream/reader.h"

struct codec {
    const char *name;
    struct str magic, mask; /* the first bytes, and which of their bits count; an empty mask: all */
    int (*open)(struct reader **ret, struct reader *in, uint64_t limit, struct error *err);
};

/* gzip, RFC 1952, with several members (also eStargz). */
int gzip_isal_open(struct reader **ret, struct reader *in, uint64_t limit, struct error *err);
int gzip_zlib_open(struct reader **ret, struct reader *in, uint64_t limit, struct error *err);
/* zstd, RFC 8878, with several and with skippable frames (also zstd:chunked). */
int zstd_open(struct reader **ret, struct reader *in, uint64_t limit, struct error *err);
/* .xz, https://tukaani.org/xz/xz-file-format.txt */
int xz_open(struct reader **ret, struct reader *in, uint64_t limit, struct error *err);
int bzip2_open(struct reader **ret, struct reader *in, uint64_t limit, struct error *err);
