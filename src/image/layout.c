/* oci:DIR[:REFERENCE], an OCI image layout on disk.
   https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
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

struct layout {
    struct image image;
    char *folder;
    int *layers; /* open descriptors, -1 otherwise */
};

/* "FOLDER/blobs/sha256/…": a digest is hexadecimal, so the path cannot lead elsewhere. */
static int blob_open(const char *folder, const struct digest *digest, struct error *err)
{
    char path[4096];
    bool wide = digest_is_sha512(digest);
    int n =
        snprintf(path, sizeof path, "%s/blobs/%s/%s", folder, wide ? "sha512" : "sha256", digest->text + 7);
    if (n < 0 || (size_t)n >= sizeof path)
        return error_set(err, E_USAGE, "%s: path too long", folder);
    int fd = file_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, err);
    struct stat st;
    if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
        close(fd);
        return error_set(err, E_BAD_INPUT, "%s: not a regular file", path);
    }
    return fd;
}

static int read_all(int fd, const char *what, struct arena *arena, struct str *ret, struct error *err)
{
    struct fd_reader file;
    struct reader *r = fd_reader_init(&file, fd, 0, UINT64_MAX, err);
    int rc = reader_all(r, OCI_DOCUMENT_MAX, arena, ret);
    reader_close(r);
    return rc < 0 ? error_in(err, "%s", what) : 0;
}

struct layout_resolver {
    struct resolver resolver;
    const char *folder;
};

static int fetch(struct resolver *resolver, const struct oci_descriptor *what, bool manifest,
                 struct arena *arena, struct str *ret, struct error *err)
{
    const struct layout_resolver *l = (const struct layout_resolver *)resolver;
    (void)manifest;
    AUTO_CLOSE int fd = blob_open(l->folder, &what->digest, err);
    if (fd < 0)
        return error_in(err, "%s", what->digest.text);
    int rc = read_all(fd, what->digest.text, arena, ret, err);
    return rc < 0 ? rc : document_verify(*ret, what, err);
}

static int open_named(struct layout *l, const char *reference, const struct image_options *options,
                      struct worker *worker, struct arena *arena, struct error *err)
{
    char path[4096];
    struct oci_document index;
    struct oci_descriptor chosen = {0};
    struct str bytes = {0};
    int n = snprintf(path, sizeof path, "%s/index.json", l->folder);
    if (n < 0 || (size_t)n >= sizeof path)
        return error_set(err, E_USAGE, "%s: path too long", l->folder);
    AUTO_CLOSE int fd = file_open(path, O_RDONLY, err);
    if (fd < 0)
        return error_in(err, "not an OCI layout");
    int rc = read_all(fd, path, arena, &bytes, err);
    if (rc == 0 && (rc = document_read(worker, bytes, OCI_INDEX, arena, &index, err)) < 0)
        return error_in(err, "index.json");
    if (rc == 0)
        rc = named_find(&index, reference, &chosen, err);
    struct layout_resolver resolver = {{fetch, worker, options->platform}, l->folder};
    chosen.digest = rc > 0 ? document_digest(bytes, &(struct digest){0}) : chosen.digest;
    if (rc == 0)
        rc = fetch(&resolver.resolver, &chosen, true, arena, &bytes, err);
    return rc < 0 ? rc : resolve_image(&resolver.resolver, bytes, &chosen.digest, &l->image.info, err);
}

/* The reference may hold colons: the first colon after which the left names a directory divides. */
static const char *split(const char *name, char *folder, size_t size)
{
    for (const char *colon = strchr(name, ':'); colon; colon = strchr(colon + 1, ':')) {
        struct stat st;
        if (str_copy((struct str){name, (size_t)(colon - name)}, folder, size) == 0 &&
            stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
            return colon + 1;
    }
    return str_copy(str_of(name), folder, size) < 0 ? NULL : "";
}

static int layout_open(struct image **ret, const char *name, const struct image_options *options,
                       struct worker *worker, struct error *err)
{
    char folder[4096], text[4400];
    const char *reference = split(name, folder, sizeof folder);
    if (!reference)
        return error_set(err, E_USAGE, "%s: path too long", name);
    struct arena arena = arena_make(2 * OCI_ARENA_MAX);
    struct layout *l = image_new(&layout_source, sizeof *l);
    l->folder = memory_text(folder);
    snprintf(text, sizeof text, "oci:%s", name);
    l->image.info.reference = memory_text(text);
    l->image.info.platform = memory_text("");
    int rc = open_named(l, reference, options, worker, &arena, err);
    arena_done(&arena);
    if (rc < 0) {
        image_free(&l->image);
        return rc;
    }
    l->layers = memory_new((l->image.info.layers_count + 1) * sizeof *l->layers);
    for (size_t i = 0; i < l->image.info.layers_count; i++)
        l->layers[i] = -1;
    *ret = &l->image;
    return 0;
}

static int layout_layer_open(struct image *image, size_t i, int *ret_fd, uint64_t *ret_offset,
                             uint64_t *ret_length, struct error *err)
{
    struct layout *l = (struct layout *)image;
    const struct image_layer *layer = &image->info.layers[i];
    struct stat st;
    if (!layer->digest.text[0])
        return error_set(err, E_UNSUPPORTED, "the manifest gives it no digest that limpid knows");
    int fd = blob_open(l->folder, &layer->digest, err);
    if (fd < 0)
        return fd;
    if (fstat(fd, &st) == 0 && layer->size_known && (uint64_t)st.st_size != layer->size) {
        close(fd);
        return error_set(err, E_BAD_INPUT, "its blob has %jd bytes, the manifest says %ju",
                         (intmax_t)st.st_size, (uintmax_t)layer->size);
    }
    l->layers[i] = fd;
    *ret_fd = fd;
    *ret_offset = 0;
    *ret_length = UINT64_MAX;
    return 0;
}

static int layout_layer_close(struct image *image, size_t i, struct error *err)
{
    (void)err;
    fd_close(&((struct layout *)image)->layers[i]);
    return 0;
}

static void layout_free(struct image *image)
{
    struct layout *l = (struct layout *)image;
    free(l->folder);
    free(l->layers);
}

const struct image_source layout_source = {
    .scheme = "oci",
    .open = layout_open,
    .layer_open = layout_layer_open,
    .layer_close = layout_layer_close,
    .free = layout_free,
};
