#include "os/fd.h"

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/limits.h"
#include "base/memory.h"

#define BUFFER_SIZE KIB(256)

static int fd_fill(struct reader *r)
{
    struct fd_reader *f = (struct fd_reader *)r;
    size_t want = f->left < BUFFER_SIZE ? (size_t)f->left : BUFFER_SIZE;
    ssize_t n;
    if (!want)
        return 0;
    do
        n = f->seekable ? pread(f->fd, f->buffer, want, (off_t)f->at) : read(f->fd, f->buffer, want);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return error_sys(r->err, "read at offset %ju", (uintmax_t)f->at);
    f->at += (uint64_t)n;
    f->left -= (uint64_t)n;
    r->ptr = f->buffer;
    r->end = f->buffer + n;
    int rc = f->progress ? f->progress(f->ctx, r->offset + (uint64_t)n, r->err) : 0;
    return rc < 0 ? rc : n > 0;
}

static void fd_done(struct reader *r)
{
    struct fd_reader *f = (struct fd_reader *)r;
    free(f->buffer);
    f->buffer = NULL;
}

static const struct reader_ops fd_ops = {.name = "file", .fill = fd_fill, .close = fd_done};

struct reader *fd_reader_init(struct fd_reader *f, int fd, uint64_t offset, uint64_t length,
                              struct error *err)
{
    *f = (struct fd_reader){
        .r = {.ops = &fd_ops, .limit = UINT64_MAX, .err = err},
        .fd = fd,
        .seekable = lseek(fd, 0, SEEK_CUR) >= 0,
        .at = offset,
        .left = length,
        .buffer = memory_new(BUFFER_SIZE),
    };
    return &f->r;
}

bool fd_reader_leap(struct fd_reader *f, uint64_t n)
{
    if (!f->seekable || n > f->left)
        return false;
    f->at += n;
    f->left -= n;
    return true;
}

int fd_write_all(int fd, struct str bytes, struct error *err)
{
    while (bytes.len) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_sys(err, "write");
        bytes = str_skip(bytes, (size_t)n);
    }
    return 0;
}

void fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
