/* NAME[:TAG][@DIGEST]: an image in a registry. The documents are read by the worker, the layers come by
   registry_layer.h. */
#include "base/memory.h"
#include "image/registry_layer.h"
#include "image/registry_lookup.h"
#include "image/sources.h"

struct registry_stream {
    struct registry_layer *layer; /* NULL: not open */
};

struct registry {
    struct image image;
    struct registry_access access;
    size_t endpoint;                /* that gave the manifest */
    struct registry_stream *layers; /* one for each of the image's */
};

static int registry_open(struct image **ret, const char *name, const struct image_options *options,
                         struct worker *worker, struct error *err)
{
    struct reference reference;
    char text[REFERENCE_TEXT_SIZE];
    int r = reference_parse(str_of(name), &reference, err);
    if (r < 0)
        return r;
    struct registry *g = image_new(&registry_source, sizeof *g);
    g->image.info.reference = memory_text(reference_text(&reference, text, sizeof text));
    struct registry_lookup lookup = {.access = &g->access};
    r = registry_access_init(&g->access, &reference, options, err);
    if (r == 0)
        r = registry_lookup_run(&lookup, &reference, worker, &g->image.info, err);
    g->endpoint = lookup.endpoint;
    if (r < 0) {
        image_free(&g->image);
        return r;
    }
    size_t count = g->image.info.layers_count;
    g->layers = memory_new((count ? count : 1) * sizeof *g->layers);
    *ret = &g->image;
    return 0;
}

static int layer_open(struct image *image, size_t i, int *ret_fd, uint64_t *ret_offset, uint64_t *ret_length,
                      struct error *err)
{
    struct registry *g = (struct registry *)image;
    int r = registry_layer_open(&g->layers[i].layer, &g->access, g->endpoint, &image->info.layers[i], err);
    if (r < 0)
        return r;
    *ret_fd = registry_layer_fd(g->layers[i].layer);
    *ret_offset = 0;
    *ret_length = UINT64_MAX;
    return 0;
}

static uint64_t layer_progress(struct image *image, size_t i)
{
    return registry_layer_progress(((struct registry *)image)->layers[i].layer);
}

static int layer_close(struct image *image, size_t i, struct error *err)
{
    struct registry *g = (struct registry *)image;
    return registry_layer_close(STEAL(g->layers[i].layer), err);
}

static void registry_free(struct image *image)
{
    struct registry *g = (struct registry *)image;
    registry_access_done(&g->access);
    free(g->layers);
}

const struct image_source registry_source = {
    .scheme = "docker",
    .open = registry_open,
    .layer_open = layer_open,
    .layer_progress = layer_progress,
    .layer_close = layer_close,
    .free = registry_free,
};
