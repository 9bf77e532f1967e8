/* docker-archive:FILE, oci-archive:FILE[:REFERENCE]: documents and layers are ranges of one file.
   https://github.com/moby/docker-image-spec, "Combined Image JSON + Filesystem Changeset Format" */
#include "image/archive.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"
#include "image/document.h"
#include "image/named.h"
#include "image/resolve.h"
#include "image/sources.h"
#include "os/fd.h"
#include "os/file.h"

struct range {
    uint64_t offset, length;
    bool missing; /* the layer's file is not in the archive: the other layers can be read all the same */
};

struct archive {
    struct image image;
    int fd;
    struct range *layers;
    /* while it is being opened */
    struct archive_index index;
    struct arena *arena;
    const struct image_options *options;
    struct worker *worker;
};

static int read_range(const struct archive *a, const struct archive_file *f, struct str *ret,
                      struct error *err)
{
    struct fd_reader file;
    if (f->size > OCI_DOCUMENT_MAX)
        return error_set(err, E_LIMIT, "%.*s: %ju bytes, more than %zu", STR_ARG(f->path), (uintmax_t)f->size,
                         (size_t)OCI_DOCUMENT_MAX);
    struct reader *r = fd_reader_init(&file, a->fd, f->offset, f->size, err);
    int rc = reader_all(r, OCI_DOCUMENT_MAX, a->arena, ret);
    reader_close(r);
    if (rc == 0 && ret->len != f->size)
        rc = error_set(err, E_BAD_INPUT, "the archive ends within it");
    return rc < 0 ? error_in(err, "%.*s", STR_ARG(f->path)) : 0;
}

static int find(const struct archive *a, struct str path, const struct archive_file **ret, struct error *err)
{
    *ret = archive_find(&a->index, path);
    return *ret ? 0 : error_set(err, E_NOT_FOUND, "%.*s: not in the archive", STR_ARG(path));
}

static int read_document(const struct archive *a, struct str path, enum oci_kind kind,
                         struct oci_document *ret, struct str *ret_bytes, struct error *err)
{
    const struct archive_file *f;
    int rc = find(a, path, &f, err);
    if (rc == 0)
        rc = read_range(a, f, ret_bytes, err);
    if (rc == 0 && (rc = document_read(a->worker, *ret_bytes, kind, a->arena, ret, err)) < 0)
        rc = error_in(err, "%.*s", STR_ARG(path));
    return rc;
}

static struct str blob_path(const struct digest *d, char *dst, size_t size)
{
    snprintf(dst, size, "blobs/%s/%s", digest_is_sha512(d) ? "sha512" : "sha256", d->text + 7);
    return str_of(dst);
}

static struct range range_of(const struct archive_file *f)
{
    return f ? (struct range){f->offset, f->size, false} : (struct range){.missing = true};
}

/* ---- docker save ---- */

static bool has_tag(const struct oci_saved *s, const char *reference)
{
    vec_each (&s->tags, t)
        if (str_eq(*t, str_of(reference)))
            return true;
    return false;
}

static int choose_saved(const struct oci_document *doc, const char *reference, const struct oci_saved **ret,
                        struct error *err)
{
    CLEANUP(buf_done) struct buf names = buf_make(300);
    *ret = NULL;
    vec_each (&doc->saved, s) {
        if (*reference ? has_tag(s, reference) : doc->saved.len == 1)
            *ret = s;
        char safe[80];
        if (s->tags.len && names.len < 200)
            buf_printf(&names, "%s%s", names.len ? ", " : "",
                       str_printable(s->tags.ptr[0], safe, sizeof safe));
    }
    if (*ret)
        return 0;
    if (!doc->saved.len)
        return error_set(err, E_NOT_FOUND, "the archive has no image");
    return error_set(err, *reference ? E_NOT_FOUND : E_USAGE, "%s; there are: %.*s",
                     *reference ? "no image of that tag" : "several images: add :TAG",
                     STR_ARG(buf_str(&names)));
}

/* manifest.json names the layers by path; the config knows their diff_ids. A path that is a blob's tells its
   digest. */
static int open_saved(struct archive *a, const char *reference, struct error *err)
{
    struct oci_document list, config = {0}, manifest = {0};
    const struct oci_saved *saved = NULL;
    struct str bytes;
    int rc = read_document(a, STR("manifest.json"), OCI_SAVED, &list, &bytes, err);
    if (rc == 0)
        rc = choose_saved(&list, reference, &saved, err);
    if (rc == 0)
        rc = read_document(a, saved->config, OCI_CONFIG, &config, &bytes, err);
    if (rc != 0)
        return rc;
    a->layers = memory_new((saved->layers.len + 1) * sizeof *a->layers);
    for (size_t i = 0; i < saved->layers.len; i++) {
        struct oci_descriptor *d = vec_push(&manifest.layers, a->arena);
        if (!d)
            return error_set(err, E_LIMIT, "layer %zu: no more memory for this archive", i + 1);
        a->layers[i] = range_of(archive_find(&a->index, saved->layers.ptr[i]));
        d->size = a->layers[i].length;
        char text[DIGEST_TEXT_SIZE];
        struct str hex = str_skip(saved->layers.ptr[i], strlen("blobs/sha256/"));
        if (str_starts(saved->layers.ptr[i], STR("blobs/sha256/")) && hex.len == 64) {
            snprintf(text, sizeof text, "sha256:%.64s", hex.ptr);
            if (digest_parse(str_of(text), &d->digest) < 0)
                d->digest = (struct digest){0};
        }
    }
    a->image.info.digest = document_digest(bytes, &(struct digest){0}); /* Docker's image id */
    return resolve_layers(&manifest, &config, &a->image.info, err);
}

/* ---- a layout in an archive ---- */

struct archive_resolver {
    struct resolver resolver;
    struct archive *archive;
};

static int fetch(struct resolver *resolver, const struct oci_descriptor *what, bool manifest,
                 struct arena *arena, struct str *ret, struct error *err)
{
    struct archive *a = ((struct archive_resolver *)resolver)->archive;
    const struct archive_file *f;
    char path[DIGEST_TEXT_SIZE + 16];
    (void)manifest;
    (void)arena; /* the archive's own lives longer */
    int rc = find(a, blob_path(&what->digest, path, sizeof path), &f, err);
    if (rc == 0)
        rc = read_range(a, f, ret, err);
    return rc < 0 ? rc : document_verify(*ret, what, err);
}

static void find_layers(struct archive *a)
{
    const struct image_info *info = &a->image.info;
    a->layers = memory_new((info->layers_count + 1) * sizeof *a->layers);
    for (size_t i = 0; i < info->layers_count; i++) {
        char path[DIGEST_TEXT_SIZE + 16];
        struct str blob = blob_path(&info->layers[i].digest, path, sizeof path);
        a->layers[i] = range_of(archive_find(&a->index, blob));
    }
}

static int open_layout(struct archive *a, const char *reference, struct error *err)
{
    struct oci_document index;
    struct oci_descriptor chosen = {0};
    struct str bytes = {0};
    struct archive_resolver resolver = {{fetch, a->worker, a->options->platform}, a};
    int rc = read_document(a, STR("index.json"), OCI_INDEX, &index, &bytes, err);
    if (rc == 0)
        rc = named_find(&index, reference, &chosen, err);
    if (rc > 0)
        chosen.digest = document_digest(bytes, &(struct digest){0});
    else if (rc == 0)
        rc = fetch(&resolver.resolver, &chosen, true, a->arena, &bytes, err);
    if (rc >= 0)
        rc = resolve_image(&resolver.resolver, bytes, &chosen.digest, &a->image.info, err);
    if (rc == 0)
        find_layers(a);
    return rc;
}

/* ---- a root file system: one layer without a name ---- */

static int open_plain(struct archive *a, struct error *err)
{
    struct stat st;
    if (fstat(a->fd, &st) < 0)
        return error_sys(err, "fstat");
    a->layers = memory_new(sizeof *a->layers);
    a->layers[0].length = (uint64_t)st.st_size;
    a->image.info.layers = memory_new(sizeof *a->image.info.layers);
    a->image.info.layers[0] =
        (struct image_layer){.size = (uint64_t)st.st_size, .created_by = memory_text("")};
    a->image.info.layers_count = 1;
    return 0;
}

/* ---- all of them ---- */

static int read_index(struct archive *a, struct error *err)
{
    CLEANUP(buf_done) struct buf reply = buf_make(ARCHIVE_INDEX_MAX);
    const struct worker_job job = {.reader = "archive-index", .fd = a->fd, .reply_max = ARCHIVE_INDEX_MAX};
    int rc = worker_run(a->worker, &job, &reply, err);
    return rc < 0 ? rc : archive_index_decode(buf_str(&reply), a->arena, &a->index, err);
}

/* Workers get this descriptor: one that could write would let a worker that an image took over change what the next one
   reads. Without /proc it stays as it is. */
static void make_readonly(int *fd)
{
    char path[40];
    if ((fcntl(*fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
        return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", *fd);
    int again = open(path, O_RDONLY | O_CLOEXEC);
    if (again < 0)
        return;
    close(*fd);
    *fd = again;
}

struct spooling {
    int fd;
    const atomic_bool *interrupted;
};

static int write_piece(void *ctx, struct str piece, struct error *err)
{
    const struct spooling *s = ctx;
    if (s->interrupted && atomic_load(s->interrupted))
        return error_set(err, E_CANCELLED, "cancelled");
    return fd_write_all(s->fd, piece, err);
}

/* A compressed archive has no ranges: it is unpacked once, by the worker, into a file without a name. */
static int unpack(struct archive *a, struct error *err)
{
    struct spooling spool = {file_nameless(a->options->cache_dir, err), a->options->interrupted};
    if (spool.fd < 0)
        return spool.fd;
    const struct worker_job job = {.reader = "unpack",
                                   .fd = a->fd,
                                   .reply_max = ARCHIVE_UNPACKED_MAX,
                                   .data = write_piece,
                                   .ctx = &spool};
    int rc = worker_run(a->worker, &job, NULL, err);
    fd_close(&a->fd);
    a->fd = spool.fd;
    make_readonly(&a->fd);
    return rc < 0 ? rc : read_index(a, err);
}

static int open_any(struct archive *a, const char *reference, struct error *err)
{
    int rc = read_index(a, err);
    if (rc < 0)
        return rc;
    bool image = archive_find(&a->index, STR("manifest.json")) || archive_find(&a->index, STR("index.json"));
    if (image && a->index.compressed)
        rc = unpack(a, err);
    if (rc < 0)
        return rc;
    bool layout = archive_find(&a->index, STR("oci-layout")) && archive_find(&a->index, STR("index.json"));
    bool saved = archive_find(&a->index, STR("manifest.json"));
    /* docker save of today writes both: manifest.json has the tags as docker knows them */
    if (saved && (a->image.source != &oci_archive_source || !layout))
        return open_saved(a, reference, err);
    if (layout)
        return open_layout(a, reference, err);
    if (archive_find(&a->index, STR("repositories")))
        return error_set(err, E_UNSUPPORTED,
                         "an archive of docker before 1.10, without manifest.json; docker load it "
                         "and save it again");
    return open_plain(a, err);
}

int archive_open(struct image **ret, const struct image_source *source, int fd,
                 const struct archive_name *name, const struct image_options *options, struct worker *worker,
                 struct error *err)
{
    struct arena arena = arena_make(4 * OCI_ARENA_MAX);
    char text[4400];
    struct archive *a = image_new(source, sizeof *a);
    a->fd = fd;
    make_readonly(&a->fd);
    a->arena = &arena;
    a->options = options;
    a->worker = worker;
    snprintf(text, sizeof text, "%s:%s", source->scheme, name->text);
    a->image.info.reference = memory_text(text);
    a->image.info.platform = memory_text("");
    int rc = open_any(a, name->reference, err);
    arena_done(&arena);
    if (rc < 0) {
        image_free(&a->image);
        return rc;
    }
    *ret = &a->image;
    return 0;
}

/* "FILE" or "FILE:REFERENCE": the first colon after which the left names a file divides. */
static int open_file(struct image **ret, const struct image_source *source, const char *name,
                     const struct image_options *options, struct worker *worker, struct error *err)
{
    char path[4096];
    const char *reference = "";
    if (access(name, F_OK) < 0) {
        for (const char *colon = strchr(name, ':'); colon && !*reference; colon = strchr(colon + 1, ':'))
            if (str_copy((struct str){name, (size_t)(colon - name)}, path, sizeof path) == 0 &&
                access(path, F_OK) == 0)
                reference = colon + 1;
    }
    size_t n = strlen(name) - (*reference ? strlen(reference) + 1 : 0);
    if (str_copy((struct str){name, n}, path, sizeof path) < 0)
        return error_set(err, E_USAGE, "path too long");
    struct stat st;
    int fd = file_open(path, O_RDONLY | O_NONBLOCK, err);
    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return error_set(err, E_BAD_INPUT, "%s: not a regular file", path);
    }
    return archive_open(ret, source, fd, &(struct archive_name){name, reference}, options, worker, err);
}

static int docker_archive_open(struct image **ret, const char *name, const struct image_options *options,
                               struct worker *worker, struct error *err)
{
    return open_file(ret, &docker_archive_source, name, options, worker, err);
}

static int oci_archive_open(struct image **ret, const char *name, const struct image_options *options,
                            struct worker *worker, struct error *err)
{
    return open_file(ret, &oci_archive_source, name, options, worker, err);
}

/* Workers read by position: all layers share the one descriptor. */
int archive_layer_open(struct image *image, size_t i, int *ret_fd, uint64_t *ret_offset, uint64_t *ret_length,
                       struct error *err)
{
    struct archive *a = (struct archive *)image;
    const struct range *r = &a->layers[i];
    const struct image_layer *layer = &image->info.layers[i];
    if (r->missing)
        return error_set(err, E_NOT_FOUND, "its file is not in the archive");
    if (layer->size_known && layer->size != r->length)
        return error_set(err, E_BAD_INPUT, "its blob has %ju bytes, the manifest says %ju",
                         (uintmax_t)r->length, (uintmax_t)layer->size);
    if (!r->length)
        return error_set(err, E_BAD_INPUT, "it is empty");
    *ret_fd = a->fd;
    *ret_offset = r->offset;
    *ret_length = r->length;
    return 0;
}

int archive_layer_close(struct image *image, size_t i, struct error *err)
{
    (void)image;
    (void)i;
    (void)err;
    return 0;
}

void archive_free(struct image *image)
{
    struct archive *a = (struct archive *)image;
    fd_close(&a->fd);
    free(a->layers);
}

const struct image_source docker_archive_source = {
    .scheme = "docker-archive",
    .open = docker_archive_open,
    .layer_open = archive_layer_open,
    .layer_close = archive_layer_close,
    .free = archive_free,
};

const struct image_source oci_archive_source = {
    .scheme = "oci-archive",
    .open = oci_archive_open,
    .layer_open = archive_layer_open,
    .layer_close = archive_layer_close,
    .free = archive_free,
};
