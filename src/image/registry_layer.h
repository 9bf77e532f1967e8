/* A layer's blob as a stream: a thread gets it and feeds a pipe. */
#pragma once
#include "image/registry_client.h"

struct registry_layer;

/* Begins to read the layer from the first endpoint that has it, from number `first` on. */
int registry_layer_open(struct registry_layer **ret, struct registry_access *access, size_t first,
                        const struct image_layer *layer, struct error *err);
/* The pipe's end to read from; registry_layer_close() closes it. */
int registry_layer_fd(const struct registry_layer *l);
/* Bytes given to the pipe so far; from any thread. */
uint64_t registry_layer_progress(const struct registry_layer *l);
/* Ends the thread and frees everything: < 0: why the blob did not come whole, unless its reader had stopped first. */
int registry_layer_close(struct registry_layer *l, struct error *err);
