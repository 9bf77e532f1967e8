/* Writes tar headers: ustar, with a pax header before it for what does not fit there. The caller writes the
   content and its padding. */
#pragma once
#include "stream/tar.h"

/* Adds the header of a regular file, directory, symlink or hard link with the entry's path, link, type and size (of a
   regular file). Any other type becomes an empty regular file. */
void tar_write_header(struct buf *out, const struct tar_entry *e, unsigned mode);
/* Zero bytes that follow a content of `size` bytes. */
static inline size_t tar_write_padding(uint64_t size)
{
    return (size_t)(-size & (TAR_BLOCK - 1));
}
/* Adds the two blocks that end an archive. */
void tar_write_end(struct buf *out);
