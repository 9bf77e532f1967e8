/* Files of our own: opening, reading whole, writing so that a crash leaves the old or the new one. */
#pragma once
#include "base/buf.h"
#include "base/error.h"

/* An O_CLOEXEC descriptor; E_NOT_FOUND, E_DENIED or E_SYSTEM, each naming the path. */
int file_open(const char *path, int flags, struct error *err);
/* A descriptor at position 0 over a copy of the bytes, which nobody can change any more (memfd, sealed). */
int file_memory(struct str bytes, struct error *err);
/* An empty file without a name in dir: gone with its last descriptor, whatever happens. */
int file_nameless(const char *dir, struct error *err);
/* The whole file, at most ret->max bytes. */
int file_read(const char *path, struct buf *ret, struct error *err) __attribute__((warn_unused_result));
/* Writes beside, then renames; through symbolic links. What is there and no regular file (a device, a pipe) is written to
   as it is. */
int file_write(const char *path, struct str bytes, struct error *err) __attribute__((warn_unused_result));
/* Makes the folder and those above it, mode 0700 as XDG asks. */
int file_make_folders(const char *path, struct error *err) __attribute__((warn_unused_result));
/* "$XDG_x_HOME/limpid" or "$HOME/fallback/limpid" in ret; E_USAGE when neither is set. */
int file_home(const char *xdg, const char *fallback, char *ret, size_t size, struct error *err);
