/* Archives byte by byte, for tests, and what the reader says of them as text. */
#pragma once
#include "base/buf.h"

/* A header's fields; what is missing is zeros. */
struct raw_header {
    const char *name, *link, *prefix;
    const char *magic; /* NULL: ustar; "" none; "gnu" */
    char type;
    const char *size; /* octal, as it stands there; NULL: that of `bytes` */
    struct str bytes; /* content, which is padded */
};
void raw_add(struct buf *b, struct raw_header h);
/* Header of an entry whose bytes are added by itself, and its content with padding. */
void raw_content(struct buf *b, struct str bytes);
/* Computes the checksum of the header at this offset again. */
void raw_seal(struct buf *b, size_t at);

/* A pax header (type 'x' or 'g') with "key=value" records, ended by NULL. */
void raw_pax(struct buf *b, int type, ...);

/* "OFFSET TYPE SIZE PATH[ -> LINK]: CONTENT" a line for each entry, bodies read when `read`, and then "end"
   or the error. */
struct str raw_list(struct str archive, size_t step, bool read, struct buf *out);
