/* Reads zip archives as they come, without seeking: PKWARE's APPNOTE 6.3.10, stored and deflated entries, ZIP64, sizes
   behind the data. The directory at the end must list what was read: an archive that shows one thing to those who stream and
   another to those who seek is refused. Pulled: what the caller leaves unread of an entry is skipped by the next call.

       while ((rc = zip_next(&zip, &name)) > 0)
           … read zip_body(&zip) … */
#pragma once
#include "base/buf.h"
#include "stream/reader.h"

struct zip {
    struct reader body;
    struct reader *in;
    struct error *err;
    struct z_stream_s *inflate; /* NULL until the first deflated entry */
    struct buf name;
    int state; /* 0 open, 1 at its end, < 0 failed */
    size_t entries;
    uint64_t limit, unpacked; /* of all bodies together */
    uint64_t seen, listed;    /* sums over entries, in any order: read, and in the directory */
    /* of the entry at hand */
    uint64_t header; /* its offset */
    bool sizes_follow, wide;
    enum { ZIP_STORED, ZIP_DEFLATED, ZIP_OVER, ZIP_DONE } phase; /* of its body */
    uint64_t packed_size, size;                                  /* as its header says */
    uint64_t taken, given;                                       /* bytes read of it, packed and unpacked */
    uint32_t crc, crc_stated;
    uint8_t *out;
};

/* Begins at the position of `in`, which stays borrowed. All bodies together may have `limit` bytes. */
void zip_init(struct zip *z, struct reader *in, uint64_t limit, struct error *err);
/* 1: the name of the next entry, valid until the next call (it ends in a slash for a folder); 0: the end; < 0: the archive
   is broken (E_BAD_INPUT), uses what is not read here (E_UNSUPPORTED), exceeds base/limits.h, or its source failed. */
int zip_next(struct zip *z, struct str *ret_name);
/* The content of the entry. At its end sizes and checksum have been compared. Not to be closed. */
struct reader *zip_body(struct zip *z);
void zip_done(struct zip *z);
