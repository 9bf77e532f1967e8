/* Layers as they are posted to Clair's API: a name, a parent, and the features (packages) that the chain down to
   it has. */
#pragma once
#include "store/store.h"

struct store_layer {
    int64_t id;
    struct str name, parent; /* parent "": the lowest */
    struct str namespace;    /* "": unknown */
    int64_t engine_version;
    /* Under what its inventory is kept; see store_inventory_get(). */
    struct digest digest, diff_id;
    struct str fingerprint;
    int64_t feature_set;
    struct str features;      /* packed by whoever put them; the store only keeps them */
    struct str features_hash; /* a digest of these bytes, when put: equal ones are kept once */
};

/* A feature that the layer itself brings. */
struct store_feature {
    struct str namespace, name, version;
};

/* 1, or 0: unknown. Texts are of the arena. */
int store_layer_get(struct store *s, struct str name, struct arena *arena, struct store_layer *ret,
                    struct error *err);
/* The layer and those below it, lowest first, without features. 0: unknown; or how many. */
int store_layer_chain(struct store *s, struct str name, struct arena *arena, struct store_layer **ret,
                      size_t *ret_count, struct error *err);
/* Keeps a new layer (its parent's id in `parent_id`, 0: none). 1, or 0 when there is one of that name, which stays. */
int store_layer_put(struct store *s, const struct store_layer *layer, int64_t parent_id,
                    const struct store_feature *introduced, size_t count, struct error *err);
/* With all that are above it. 1, or 0: unknown. */
int store_layer_delete(struct store *s, struct str name, struct error *err);

/* The versions of a package that any layer introduced: their ids. */
int store_feature_versions(struct store *s, struct str namespace, struct str name,
                           int (*take)(void *ctx, int64_t id, struct str version), void *ctx,
                           struct error *err);
/* Layers from a page's first on that introduce one of these features (ids as decimal texts), by id. */
struct store_page {
    int64_t from, limit; /* the id to begin with, and how many at most */
};
int store_feature_layers(struct store *s, const struct str *ids, size_t count, struct store_page page,
                         int (*take)(void *ctx, int64_t id, struct str name), void *ctx, struct error *err);
