/* Where the files of a tar archive lie, so that an image archive (docker save, oci-archive) is read in place:
   documents and layers are ranges of it. Contents are leapt over where the stream can, not read. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct reader;

struct archive_file {
    struct str path; /* without "./" and "/" in front */
    struct str link; /* what a symbolic link says, or the path that a hard link shares; empty for a file */
    uint64_t offset, size; /* of the content; 0 for a link */
    bool symbolic;         /* the link is relative to the folder it stands in */
};

struct archive_index {
    bool compressed; /* offsets are those of the unpacked archive */
    bool more;       /* there are more entries than ARCHIVE_ENTRIES_MAX: the rest is not listed */
    VEC(struct archive_file) files; /* and links, in the order of the archive; nothing else */
};

/* Moves the stream n bytes ahead without reading them; 0 done, 1 cannot (then they are read), < 0 error. */
struct archive_leap {
    int (*leap)(void *ctx, uint64_t n, struct error *err);
    void *ctx;
};

/* Lists the tar archive that `in` yields, compressed or not; leap may be NULL, and is used for a plain
   archive only. */
int archive_index_read(struct reader *in, const struct archive_leap *leap, struct arena *arena,
                       struct archive_index *ret, struct error *err);
/* The file at the path, links followed (ARCHIVE_LINKS_MAX of them, none out of the archive). The last of that
   name counts, as when unpacking. NULL: not there, or a link that leads nowhere. */
const struct archive_file *archive_find(const struct archive_index *index, struct str path);

/* The wire form; decoding trusts nothing, texts of the result are copied into the arena. */
void archive_index_encode(const struct archive_index *index, struct buf *b);
int archive_index_decode(struct str bytes, struct arena *arena, struct archive_index *ret, struct error *err);
