/* What a server is told of: the layers of an image in a registry, or one archive that a web server has. Layers have
   PAClair's names, so that what one has pushed the other finds. */
#pragma once
#include "client/config.h"
#include "image/registry_remote.h"

/* Why it failed, for who must say it in PAClair's words; the sentence is in struct error. */
struct trouble {
    enum trouble_kind {
        TROUBLE_OTHER,     /* nobody refused: nothing was reached, or what came made no sense */
        TROUBLE_NAME,      /* the image's name is none */
        TROUBLE_MANIFEST,  /* the registry refused */
        TROUBLE_TOKEN,     /* its token server */
        TROUBLE_TOKEN_URL, /* it does not say what it wants */
        TROUBLE_BASE,      /* what is at `url` is no registry */
        TROUBLE_FILE,      /* the web server has no such archive */
        TROUBLE_CLAIR,     /* the server refused */
        TROUBLE_VERSION,   /* its API cannot do that */
    } what;
    int status;
    char reason[64]; /* the words for the status */
    char url[200];
};

struct target_options {
    const struct image_options *image;
    const struct config_plugin
        *plugin;   /* NULL: registries as they are, and names that are URLs of archives */
    bool commands; /* the commands that made the layers are wanted */
};

struct target_layer {
    struct str
        name; /* DIGEST_SHORT, where SHORT is of all digests together; of an archive: its name without end */
    struct digest digest; /* "" of an archive */
    struct str created_by;
};

struct target {
    struct arena arena;
    struct str host; /* what the user called it */
    const char *format;
    struct digest digest;            /* of the image's manifest; "" of an archive */
    VEC(struct target_layer) layers; /* lowest first, each digest once */

    /* of target.c */
    struct image_options options;
    char insecure[REFERENCE_HOST_MAX + 8];
    struct config_place place;
    struct registry_remote *remote; /* NULL: an archive */
    struct http *http;              /* for archives */
    struct str url;
};

/* Reads the manifest, or asks whether the archive is there. `worker` is lent until target_free(). */
int target_open(struct target **ret, const char *host, const struct target_options *options,
                struct worker *worker, struct trouble *trouble, struct error *err);
/* Where the server is to fetch the layer. */
int target_path(struct target *t, const struct target_layer *layer, struct buf *ret, struct error *err);
/* What it is to show there, to be freed, or NULL; `fresh`: not what it showed before. */
int target_authorization(struct target *t, bool fresh, char **ret, struct error *err);
/* Ends its connections; its texts stay. */
void target_hang_up(struct target *t);
void target_free(struct target *t);
DEFINE_CLEANUP(struct target, target_free)

/* PAClair's name of each layer from the digests; E_LIMIT over the target's memory. For tests. */
int target_name_layers(struct target *t, struct error *err);
