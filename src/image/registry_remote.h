/* An image of a registry whose layers somebody else is to fetch, such as a server that scans them: their digests,
   their addresses, and what has to be shown there. */
#pragma once
#include "image/registry_client.h"

struct registry_remote;

/* Borrowed until registry_remote_free(). */
struct registry_remote_request {
    struct reference reference;
    const struct registry_manner *manner; /* NULL: nothing is said of the registry */
    const struct image_options *options;  /* mirrors are not asked: whoever fetches may not know them */
    bool commands; /* the commands that made the layers are wanted, too: one request more */
    struct registry_refused *refused; /* tells how it failed, if it did by a refusal; NULL: nobody asks */
};

/* Its manifest is read by the worker, which is lent until registry_remote_free(), too. Layers are those of which older
   clients speak (registry_lookup.as_of_old), for the platform linux/amd64 that these know. */
int registry_remote_open(struct registry_remote **ret, const struct registry_remote_request *request,
                         struct worker *worker, struct error *err);
const struct image_info *registry_remote_info(const struct registry_remote *r);
/* The address of a layer's blob. */
int registry_remote_url(struct registry_remote *r, const struct digest *digest, struct buf *ret,
                        struct error *err);
/* What is to be shown there now, to be freed, or NULL: nothing. `fresh`: not what was shown before. */
int registry_remote_authorization(struct registry_remote *r, bool fresh, char **ret, struct error *err);
void registry_remote_free(struct registry_remote *r);
DEFINE_CLEANUP(struct registry_remote, registry_remote_free)
