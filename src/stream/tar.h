/* Reads tar archives: v7, ustar, pax (POSIX.1-2017, `pax` utility) and GNU (long names, base-256 numbers,
   sparse files). Pulled: the caller keeps its loop, and what it leaves unread of an entry is skipped by the
   next call.

       while ((rc = tar_next(&tar, &entry)) > 0)
           if (entry.type == TAR_REGULAR)
               … read tar_body(&tar) … */
#pragma once
#include "base/buf.h"
#include "base/limits.h"
#include "stream/reader.h"

#define TAR_BLOCK 512

enum tar_type {
    TAR_REGULAR,
    TAR_DIRECTORY,
    TAR_SYMLINK,
    TAR_HARDLINK,
    TAR_OTHER, /* device, fifo, or what only other programs know */
};

struct tar_entry {
    struct str path; /* normalised, see tar_path(); "" is the root */
    struct str link; /* target: of a symlink as it stands, of a hard link normalised; else "" */
    enum tar_type type;
    uint64_t size;   /* bytes of the body as it is read (holes included); 0 for all but regular and other */
    uint64_t offset; /* of its header from the archive's start */
};

struct tar_segment {
    uint64_t offset, size;
};

/* Where the data of a sparse file lies. */
struct tar_sparse {
    struct tar_segment *segments; /* ascending */
    size_t len, cap;
    size_t at;         /* the segment that the body's position is in or before */
    uint64_t position; /* of the body */
    uint64_t size;     /* of the body */
};

/* What pax and GNU headers say about the entries that follow: a field is valid when its bit is set. */
struct tar_pax {
    bool has_path, has_link, has_size;
    struct buf path, link;
    uint64_t size;
    /* GNU.sparse.* */
    bool sparse, sparse_has_name, sparse_has_size, sparse_has_offset;
    uint64_t sparse_major, sparse_minor, sparse_offset;
};

struct tar {
    struct reader body;
    struct reader *in;
    struct error *err;
    int state;       /* 0 open, 1 at its end, < 0 failed */
    uint64_t start;  /* position in `in` of the archive's start */
    uint64_t header; /* offset of the header at hand */
    size_t headers;  /* so many were read */
    uint64_t left;   /* stored bytes of the body not lent yet, and then … */
    size_t padding;  /* … of what fills its last block */
    struct tar_pax global, local;
    struct tar_sparse sparse;
    struct buf text; /* an extended header or long name */
    uint8_t block[TAR_BLOCK];
    char path[TAR_PATH_MAX], link[TAR_PATH_MAX];
};

/* Begins at the position of `in`, which stays borrowed. */
int tar_init(struct tar *t, struct reader *in, struct error *err);
/* 1: *ret is the next entry, its slices valid until the next call; 0: the end (bytes after the end blocks
   stay unread); < 0: the archive is broken (E_BAD_INPUT), beyond base/limits.h (E_LIMIT), or its source
   failed. */
int tar_next(struct tar *t, struct tar_entry *ret);
/* The content of the entry that tar_next() gave, with zeros for holes. Not to be closed. */
struct reader *tar_body(struct tar *t);
void tar_done(struct tar *t); /* releases what the reader took; `in` stays open */

/* A path as limpid compares them: without "." and ".." (which stop at the root), doubled, leading and
   trailing slashes. Writes at most `size` bytes, no NUL; gives the length, or SIZE_MAX when the result is
   longer. */
size_t tar_path(struct str raw, char *dst, size_t size);
