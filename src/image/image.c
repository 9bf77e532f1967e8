#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "image/sources.h"
#include "os/file.h"

static const struct image_source *const sources[] = {
    &layout_source,
    &oci_archive_source,
    &docker_archive_source,
    &directory_source,
    &docker_daemon_source,
    &podman_source,
    NULL,
};

void *image_new(const struct image_source *source, size_t size)
{
    struct image *image = memory_new(size);
    image->source = source;
    return image;
}

void image_free(struct image *image)
{
    if (!image)
        return;
    if (image->source->free)
        image->source->free(image);
    for (size_t i = 0; i < image->info.layers_count && image->info.layers; i++) {
        free(image->info.layers[i].created_by);
        free(image->info.layers[i].unreadable);
    }
    free(image->info.layers);
    free(image->info.reference);
    free(image->info.platform);
    free(image);
}

const struct image_info *image_info(const struct image *image)
{
    return &image->info;
}

/* A path that exists needs no scheme: what it is, it says itself. */
static const struct image_source *source_of_path(const char *path)
{
    struct stat st;
    char inside[4096];
    if (stat(path, &st) < 0)
        return NULL;
    if (S_ISREG(st.st_mode))
        return &docker_archive_source; /* which recognises the other archives */
    if (!S_ISDIR(st.st_mode))
        return NULL;
    int n = snprintf(inside, sizeof inside, "%s/index.json", path);
    bool layout = n > 0 && (size_t)n < sizeof inside && access(inside, F_OK) == 0;
    return layout ? &layout_source : &directory_source;
}

/* "oci" of "oci:DIR"; also "docker://NAME". Not "registry:NAME": registry:2 is an image. */
static const struct image_source *source_of_scheme(const char *text, const char **ret_rest)
{
    for (size_t i = 0; sources[i]; i++) {
        size_t n = strlen(sources[i]->scheme);
        if (strncmp(text, sources[i]->scheme, n) == 0 && text[n] == ':') {
            *ret_rest = text + n + 1;
            return sources[i];
        }
    }
    if (strncmp(text, "docker://", 9) == 0) {
        *ret_rest = text + 9;
        return NULL;
    }
    return NULL;
}

bool image_is_local(const char *source)
{
    const char *rest;
    return source_of_scheme(source, &rest) != NULL || *source == '/' || *source == '.';
}

int image_open(struct image **ret, const char *source, const struct image_options *options,
               struct worker *worker, struct error *err)
{
    const char *rest = source;
    const struct image_source *s = source_of_scheme(source, &rest);
    if (!s && (*source == '/' || *source == '.' || access(source, F_OK) == 0)) {
        s = source_of_path(source);
        if (!s)
            return error_set(err, E_NOT_FOUND, "no such file or directory, and no name of an image");
    }
    if (!*rest)
        return error_set(err, E_USAGE, "the name of an image is missing");
    if (!s)
        s = &registry_source;
    return s->open(ret, rest, options, worker, err);
}

int image_layer_open(struct image *image, size_t i, int *ret_fd, uint64_t *ret_offset, uint64_t *ret_length,
                     struct error *err)
{
    const char *unreadable = image->info.layers[i].unreadable;
    if (unreadable)
        return error_set(err, E_UNSUPPORTED, "%s", unreadable);
    return image->source->layer_open(image, i, ret_fd, ret_offset, ret_length, err);
}

uint64_t image_layer_progress(struct image *image, size_t i)
{
    return image->source->layer_progress ? image->source->layer_progress(image, i) : 0;
}

int image_layer_close(struct image *image, size_t i, struct error *err)
{
    return image->source->layer_close(image, i, err);
}
