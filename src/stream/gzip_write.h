/* gzip of bytes in memory, RFC 1952: quickly rather than tightly, for answers of a server. */
#pragma once
#include "base/buf.h"

/* Appends one member without name and time to ret; a maximum that is too small makes ret fail. */
void gzip_write(struct str bytes, struct buf *ret);
/* The same by zlib, whatever the build has: its fallback, for tests and for machines without ISA-L. */
void gzip_write_zlib(struct str bytes, struct buf *ret);
