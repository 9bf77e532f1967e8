/* What reading a layer costs in one thread, stage upon stage: file, digest of the blob, unpacking, digest of
   the content, tar. layer_read STAGES FILE        STAGES: some of b (blob digest), u (unpack), c (content
   digest), t (tar) */
#include <fcntl.h>
#include <unistd.h>

#include "base/limits.h"
#include "stream/decompress.h"
#include "stream/digest.h"
#include "stream/tar.h"

struct file {
    struct reader r;
    int fd;
    uint8_t buffer[256 << 10];
};

static int file_fill(struct reader *r)
{
    struct file *f = (struct file *)r;
    ssize_t n = read(f->fd, f->buffer, sizeof f->buffer);
    if (n < 0)
        return error_sys(r->err, "read");
    r->ptr = f->buffer;
    r->end = f->buffer + n;
    return n > 0;
}

static const struct reader_ops file_ops = {.name = "file", .fill = file_fill};
static struct error err;
static struct file file = {.r = {.ops = &file_ops, .limit = UINT64_MAX, .err = &err}};
static struct digest_stage blob, content;
static struct tar tar;

static void print_digest(const char *name, struct digest_stage *d)
{
    uint8_t raw[DIGEST_BYTES_MAX];
    size_t len = 0;
    if (digest_stage_final(d, raw, &len, &err) < 0)
        return;
    printf("%s ", name);
    for (size_t i = 0; i < len; i++)
        printf("%02x", raw[i]);
    printf("\n");
    reader_close(&d->r);
}

static int read_tar(struct reader *r)
{
    struct tar_entry entry;
    size_t entries = 0;
    int rc = tar_init(&tar, r, &err);
    while (rc >= 0 && (rc = tar_next(&tar, &entry)) > 0)
        entries++;
    tar_done(&tar);
    printf("%zu entries\n", entries);
    return rc;
}

int main(int argc, char **argv)
{
    file.fd = argc == 3 ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1;
    if (file.fd < 0) {
        fprintf(stderr, "usage: layer_read STAGES FILE\n");
        return 2;
    }
    const char *stages = argv[1];
    struct reader *r = &file.r, *unpacked = NULL;
    int rc = 0;
    if (strchr(stages, 'b') && (rc = digest_stage_init(&blob, r, false, &err)) >= 0)
        r = &blob.r;
    if (rc >= 0 && strchr(stages, 'u') && (rc = decompress_open(&unpacked, r, UINT64_MAX, &err)) >= 0)
        r = unpacked;
    if (rc >= 0 && strchr(stages, 'c') && (rc = digest_stage_init(&content, r, false, &err)) >= 0)
        r = &content.r;
    if (rc >= 0 && strchr(stages, 't'))
        rc = read_tar(r);
    if (rc >= 0)
        rc = reader_drain(r);
    if (rc < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    printf("%ju bytes\n", (uintmax_t)r->offset);
    if (content.ctx)
        print_digest("content", &content);
    if (blob.ctx)
        print_digest("blob", &blob);
    reader_close(unpacked);
    return 0;
}
