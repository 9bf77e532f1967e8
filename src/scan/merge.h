/* Layers become an image: whiteouts, replaced files, links across layers, and which layer brought each
   package. Pure: no store, no worker. https://github.com/opencontainers/image-spec/blob/main/layer.md */
#pragma once
#include "detect/distribution.h"
#include "detect/layer.h"
#include "model/inventory.h"

struct merged {
    VEC(struct package)
    packages; /* by name, then architecture; introduced, changed, repositories and origin are set */
    const struct release *releases[RELEASE_FILES]; /* detect/distribution.h */
    VEC(struct layer_alias)
    aliases; /* files that must be looked for under other names: read the layers again */
    VEC(struct problem) problems;
    size_t databases; /* package databases that were found */
};

/* layers[0] is the lowest. Everything in *ret points into the inventories or the arena. E_LIMIT only. */
int merge_layers(const struct inventory *layers, size_t count, struct arena *arena, struct merged *ret,
                 struct error *err);
