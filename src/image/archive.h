/* Archives of images as one file: docker save of all ages, oci-archive, or a root file system. */
#pragma once
#include "image/source.h"

/* How the user called it, and which of several images is meant: "" the only one. */
struct archive_name {
    const char *text, *reference;
};

/* Opens what the descriptor (taken over) holds. */
int archive_open(struct image **ret, const struct image_source *source, int fd,
                 const struct archive_name *name, const struct image_options *options, struct worker *worker,
                 struct error *err);

/* The parts of a source whose images archive_open() makes. */
int archive_layer_open(struct image *image, size_t i, int *ret_fd, uint64_t *ret_offset, uint64_t *ret_length,
                       struct error *err);
int archive_layer_close(struct image *image, size_t i, struct error *err);
void archive_free(struct image *image);
