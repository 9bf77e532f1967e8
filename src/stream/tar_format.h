/* What the files of the tar reader share; nobody else includes it. */
#pragma once
#include "stream/tar.h"

/* Fills *t->err with "tar: header at offset N: TEXT" and gives -code. */
#define tar_refuse(t, code, ...)                \
    (error_fill((t)->err, (code), __VA_ARGS__), \
     error_in((t)->err, "tar: header at offset %ju", (uintmax_t)(t)->header), -(int)(code))

/* An octal or base-256 field of a header; at most 2^63 - 1. */
int tar_number(struct tar *t, const char *what, const uint8_t *at, size_t n, uint64_t *ret);
/* The next block, valid until the next read: 1, the source's end 0, < 0. */
int tar_block(struct tar *t, const uint8_t **ret);

/* The records of a pax header into *p. */
int tar_pax_read(struct tar *t, struct tar_pax *p, struct str text);
/* A decimal value of a pax record. */
int tar_pax_number(struct tar *t, struct str key, struct str value, uint64_t *ret);
void tar_pax_path(struct tar_pax *p, struct str value);
void tar_pax_link(struct tar_pax *p, struct str value);

/* A record whose key begins with "GNU.sparse.", without that. */
int tar_sparse_record(struct tar *t, struct tar_pax *p, struct str key, struct str value);
/* The map of an old GNU sparse header and of the blocks that extend it. */
int tar_sparse_old(struct tar *t, const uint8_t *header);
/* The map of an entry that pax records call sparse; `stored` bytes follow, of which *stored becomes what
   follows the map. */
int tar_sparse_pax(struct tar *t, uint64_t *stored);
/* Whether the map fits the file's size and its stored bytes. */
int tar_sparse_check(struct tar *t, uint64_t stored);
/* How many bytes of the body come next, all stored or all of a hole: 1; 0 at its end. */
int tar_sparse_next(struct tar_sparse *s, uint64_t *max, bool *ret_hole);
