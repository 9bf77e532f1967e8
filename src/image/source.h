/* How a kind of image source plugs in: one file with a `const struct image_source`, one line in the table of
   image.c. A source embeds `struct image` as its first member:

       struct layout { struct image image; int root; … };
       const struct image_source layout_source = {.scheme = "oci", .open = layout_open, …};

   image_open() finds the source by what stands before the first colon, and hands it the rest. */
#pragma once
#include "image/image.h"

struct image {
    const struct image_source *source;
    struct image_info info; /* its texts and layers are malloc'ed (base/memory.h); image_free() frees them */
};

struct image_source {
    const char *scheme; /* "oci" for `oci:DIR` */
    /* Opens what `name` says: it makes its image by image_new(), fills image->info, and gives it to *ret. The
       options and all they point to outlive the image; the worker is for this call only. On failure it frees
       what it made (by image_free(), which copes with half of an image) and leaves *ret alone. Not-found and
       denied have their codes. */
    int (*open)(struct image **ret, const char *name, const struct image_options *options,
                struct worker *worker, struct error *err);
    /* See image_layer_open(). i < info.layers_count. */
    int (*layer_open)(struct image *image, size_t i, int *ret_fd, uint64_t *ret_offset, uint64_t *ret_length,
                      struct error *err);
    /* Bytes handed out so far; callable from any thread while the layer is open. NULL: not known (a plain
       file). */
    uint64_t (*layer_progress)(struct image *image, size_t i);
    /* Ends a thread or transfer that feeds the descriptor, closes it, and says why it broke, if it did.
       Called once after each layer_open() that succeeded. The reader may have stopped in the middle: that is
       no error. */
    int (*layer_close)(struct image *image, size_t i, struct error *err);
    /* Releases what the source added to the image, not the image itself; all layers are closed. Half-built is
       fine. */
    void (*free)(struct image *image);
};

/* A zeroed image of `size` bytes, of which the first are a struct image. */
void *image_new(const struct image_source *source, size_t size);
