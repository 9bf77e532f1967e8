/* An image of a registry: from its name to its manifest, and what that says. */
#pragma once
#include "image/registry_client.h"
#include "image/resolve.h"

struct registry_lookup {
    struct registry_access *access;
    bool layers_only; /* the config is not needed: neither platform nor commands nor diff_ids */
    /* Ask for a tag as old clients do, without saying what is understood, and only then as usual: where a registry can
       bring an image into schema 1 it does, with other layers than the manifest has (one for each step without
       files), and those are the layers that such clients speak of. */
    bool as_of_old;
    size_t endpoint; /* gets the one that gave the manifest */

    /* of registry_lookup.c */
    struct registry_client *client;
};

/* Fills everything of *info but its reference; the documents are read by the worker. */
int registry_lookup_run(struct registry_lookup *l, const struct reference *reference, struct worker *worker,
                        struct image_info *info, struct error *err);
