/* A descriptor as a reader (stream/reader.h). */
#pragma once
#include "stream/reader.h"

struct fd_reader {
    struct reader r;
    int fd;        /* borrowed */
    bool seekable; /* read by position, so that others may share the descriptor */
    uint64_t at, left;
    uint8_t *buffer;
    /* Called after each refill with the bytes read so far; NULL: nobody asks. */
    int (*progress)(void *ctx, uint64_t bytes, struct error *err);
    void *ctx;
};

/* Reads `length` bytes from `offset`; a pipe or socket has offset 0. A shorter file just ends. UINT64_MAX: to
   its end. reader_close() frees the buffer, not the descriptor. */
struct reader *fd_reader_init(struct fd_reader *f, int fd, uint64_t offset, uint64_t length,
                              struct error *err);

/* Passes over n bytes behind the present window without reading them; false: it cannot (a pipe, or fewer are
   left). */
bool fd_reader_leap(struct fd_reader *f, uint64_t n);

/* Writes all of it, or fails with errno. */
int fd_write_all(int fd, struct str bytes, struct error *err) __attribute__((warn_unused_result));
void fd_close(int *fd); /* a guard: closes what is >= 0 and sets it to -1 */
#define AUTO_CLOSE CLEANUP(fd_close)
/* Hands the descriptor over: its guard finds nothing to close. */
#define STEAL_FD(fd)       \
    ({                     \
        int steal_ = (fd); \
        (fd) = -1;         \
        steal_;            \
    })
