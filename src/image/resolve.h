/* From the document that a reference leads to, through index and manifest to the config: the part that a
   registry, a layout and an archive with a layout inside have in common. Each gives its way to fetch a
   document. */
#pragma once
#include "image/image.h"
#include "oci/document.h"

struct resolver {
    /* Gets the document that `what` describes, at most OCI_DOCUMENT_MAX bytes, into the arena: a manifest or
       index, or (manifest = false) a config, which is a blob. E_NOT_FOUND when there is none. The resolver
       verifies what it gets. */
    int (*fetch)(struct resolver *resolver, const struct oci_descriptor *what, bool manifest,
                 struct arena *arena, struct str *ret, struct error *err);
    struct worker *worker;
    const char *platform; /* image_options.platform */
    bool every_step;      /* of schema 1: a layer for each step, also for those without files */
    bool layers_only;     /* the config is not fetched: no diff_ids, commands and platform */
};

/* `document` holds the bytes of an index or a manifest; `digest` is what they must have, or NULL when unknown
   (a tag). Follows indexes to the platform's manifest, at most OCI_DEPTH_MAX deep, reads the config, and
   fills everything of *info but its reference. Errors name the document by its digest. */
int resolve_image(struct resolver *resolver, struct str document, const struct digest *digest,
                  struct image_info *info, struct error *err);
/* Fills layers, platform and created_by from manifest and config (the same document for schema 1). For
   archives, which know layers by path: digest and size of a layer may be empty. */
int resolve_layers(const struct oci_document *manifest, const struct oci_document *config,
                   struct image_info *info, struct error *err);
/* The platform the options ask for, or this machine's when they do not. Texts point into `text` or are
   static. */
int resolve_platform(const char *text, struct oci_platform *ret, struct error *err);
