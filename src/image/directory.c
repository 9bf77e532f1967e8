/* dir:PATH, a root file system: the wanted files become a tar stream in a pipe, so that the worker reads them
   like any layer. Links are followed within the root, never out of it (openat2(2), RESOLVE_IN_ROOT). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"
#include "image/sources.h"
#include "os/fd.h"
#include "stream/tar_write.h"

/* A file that was fed, and the name that it was wanted by. */
struct fed_file {
    dev_t device;
    ino_t inode;
    struct str path;
};

struct directory {
    struct image image;
    int root;
    const struct want *const *wants;
    struct fed_file *files;
    size_t files_count;
    pthread_t feeder;
    int read_end, write_end;
    uint64_t fed;
    int result; /* of the feeder, with its error */
    struct error error;
};

static int open_below(const struct directory *d, const char *path, int flags)
{
    struct open_how how = {.flags = (__u64)(unsigned)(flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY),
                           .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, d->root, path, &how, sizeof how);
}

static int feed(struct directory *d, struct str bytes, struct error *err)
{
    int rc = fd_write_all(d->write_end, bytes, err);
    __atomic_add_fetch(&d->fed, bytes.len, __ATOMIC_RELAXED);
    return rc;
}

/* Header, content, padding. A file that shrinks meanwhile is filled up with zeros, as tar does. */
static int feed_file(struct directory *d, const char *path, int fd, uint64_t size, struct error *err)
{
    CLEANUP(buf_done) struct buf header = buf_make(KIB(64));
    static const char zeros[65536];
    uint64_t left = size;
    const struct tar_entry e = {.path = str_of(path), .type = TAR_REGULAR, .size = size};
    tar_write_header(&header, &e, 0644);
    int rc = buf_finish(&header, path, err);
    if (rc == 0)
        rc = feed(d, buf_str(&header), err);
    while (rc == 0 && left) {
        char piece[65536];
        size_t want = left < sizeof piece ? (size_t)left : sizeof piece;
        ssize_t n = read(fd, piece, want);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_sys(err, "%s", path);
        rc = n ? feed(d, (struct str){piece, (size_t)n}, err) : feed(d, (struct str){zeros, want}, err);
        left -= n ? (size_t)n : want;
    }
    return rc < 0 ? rc : feed(d, (struct str){zeros, tar_write_padding(size)}, err);
}

/* A link in the root, /lib to usr/lib, leads two wanted names to one file: the second is fed as a hard link to the first, so
   that nothing is read twice. */
static int feed_known(struct directory *d, struct str path, const struct stat *st, struct error *err)
{
    for (size_t i = 0; i < d->files_count; i++) {
        const struct fed_file *f = &d->files[i];
        if (f->device != st->st_dev || f->inode != st->st_ino)
            continue;
        CLEANUP(buf_done) struct buf header = buf_make(KIB(64));
        const struct tar_entry e = {.path = path, .link = f->path, .type = TAR_HARDLINK};
        tar_write_header(&header, &e, 0644);
        int rc = buf_finish(&header, "a link", err);
        return rc < 0 || (rc = feed(d, buf_str(&header), err)) < 0 ? rc : 1;
    }
    return 0;
}

/* What is missing or no regular file is not there; what cannot be read is an error. Of what is larger than wanted, which
   the worker refuses by its size, one byte more than that is fed: a sparse file may have any size. `single`: the want that
   names this very file. */
static int feed_path(struct directory *d, const char *path, uint64_t max, const struct want *single,
                     struct error *err)
{
    AUTO_CLOSE int fd = open_below(d, path, O_RDONLY);
    struct stat st;
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENXIO))
        return 0;
    if (fd < 0 || fstat(fd, &st) < 0)
        return error_sys(err, "%s", path);
    if (!S_ISREG(st.st_mode))
        return 0;
    uint64_t size = (uint64_t)st.st_size;
    int known = single ? feed_known(d, single->what, &st, err) : 0;
    if (known)
        return known < 0 ? known : 0;
    if (single) {
        d->files = memory_resize(d->files, (d->files_count + 1) * sizeof *d->files);
        d->files[d->files_count++] = (struct fed_file){st.st_dev, st.st_ino, single->what};
    }
    return feed_file(d, path, fd, size > max ? max + 1 : size, err);
}

/* The files that are wanted in a folder, or in the folders in it. */
static int feed_folder(struct directory *d, const char *folder, const struct want *w, struct error *err)
{
    int fd = open_below(d, folder, O_RDONLY | O_DIRECTORY), rc = 0;
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : error_sys(err, "%s", folder);
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return error_sys(err, "%s", folder);
    }
    for (const struct dirent *e; rc == 0 && (e = readdir(dir));) {
        char path[4096];
        int n = snprintf(path, sizeof path, "%s%s%s%.*s", folder, e->d_name, w->how == WANT_EACH ? "/" : "",
                         STR_ARG(w->leaf));
        if (e->d_name[0] != '.' && n > 0 && (size_t)n < sizeof path)
            rc = feed_path(d, path, w->max_bytes, NULL, err);
    }
    closedir(dir);
    return rc;
}

static int feed_all(struct directory *d, struct error *err)
{
    CLEANUP(buf_done) struct buf end = buf_make(KIB(4));
    for (size_t i = 0; d->wants[i]; i++) {
        for (const struct want *w = d->wants[i]; w->how != WANT_NONE; w++) {
            char path[4096];
            int rc = str_copy(w->what, path, sizeof path) < 0 ? 0
                     : w->how == WANT_PATH                    ? feed_path(d, path, w->max_bytes, w, err)
                                                              : feed_folder(d, path, w, err);
            if (rc < 0)
                return rc;
        }
    }
    tar_write_end(&end);
    return feed(d, buf_str(&end), err);
}

static void *run(void *arg)
{
    struct directory *d = arg;
    d->files_count = 0;
    d->result = feed_all(d, &d->error);
    fd_close(&d->write_end);
    return NULL;
}

static int directory_open(struct image **ret, const char *name, const struct image_options *options,
                          struct worker *worker, struct error *err)
{
    char text[4400];
    (void)worker;
    int root = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        error_fill_errno(err, "%s", name);
        err->code = err->sys_errno == ENOENT || err->sys_errno == ENOTDIR ? E_NOT_FOUND : E_DENIED;
        return -(int)err->code;
    }
    struct directory *d = image_new(&directory_source, sizeof *d);
    d->root = root;
    d->wants = options->wants;
    d->read_end = d->write_end = -1;
    int probe = open_below(d, ".", O_RDONLY | O_DIRECTORY);
    if (probe < 0) {
        int rc = error_sys(err, "%s: openat2 (Linux 5.6 or later is needed for dir:)", name);
        image_free(&d->image);
        return rc;
    }
    close(probe);
    snprintf(text, sizeof text, "dir:%s", name);
    d->image.info.reference = memory_text(text);
    d->image.info.platform = memory_text("");
    d->image.info.layers = memory_new(sizeof *d->image.info.layers);
    d->image.info.layers[0].created_by = memory_text("");
    d->image.info.layers_count = 1;
    *ret = &d->image;
    return 0;
}

static int directory_layer_open(struct image *image, size_t i, int *ret_fd, uint64_t *ret_offset,
                                uint64_t *ret_length, struct error *err)
{
    struct directory *d = (struct directory *)image;
    int ends[2];
    (void)i;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_sys(err, "pipe");
    d->read_end = ends[0];
    d->write_end = ends[1];
    d->fed = 0;
    int rc = pthread_create(&d->feeder, NULL, run, d);
    if (rc != 0) {
        fd_close(&d->read_end);
        fd_close(&d->write_end);
        errno = rc;
        return error_sys(err, "thread");
    }
    *ret_fd = d->read_end;
    *ret_offset = 0;
    *ret_length = UINT64_MAX;
    return 0;
}

static uint64_t directory_layer_progress(struct image *image, size_t i)
{
    (void)i;
    return __atomic_load_n(&((struct directory *)image)->fed, __ATOMIC_RELAXED);
}

static int directory_layer_close(struct image *image, size_t i, struct error *err)
{
    struct directory *d = (struct directory *)image;
    (void)i;
    fd_close(&d->read_end); /* a feeder that still writes ends by EPIPE */
    pthread_join(d->feeder, NULL);
    if (d->result == 0 || d->error.sys_errno == EPIPE)
        return 0;
    *err = d->error;
    return d->result;
}

static void directory_free(struct image *image)
{
    struct directory *d = (struct directory *)image;
    free(d->files);
    fd_close(&d->root);
}

const struct image_source directory_source = {
    .scheme = "dir",
    .open = directory_open,
    .layer_open = directory_layer_open,
    .layer_progress = directory_layer_progress,
    .layer_close = directory_layer_close,
    .free = directory_free,
};
