/* Flow 1: an image source becomes layers, inventories, packages, findings. */
#pragma once
#include "image/image.h"
#include "model/scan_result.h"

struct store;
struct arena;

/* How far a scan is; read by another thread, or by a callback between waits. */
struct scan_progress {
    /* Called about ten times a second from one thread at a time; < 0 with *err set cancels. NULL: nobody
       watches. */
    int (*tick)(void *ctx, const struct scan_progress *now, struct error *err);
    void *ctx;
    const char *reference;
    unsigned layers_total, layers_known, layers_done;
    uint64_t bytes_total, bytes_done; /* of the blobs that must be read */
};

struct scan_options {
    struct image_options image;
    unsigned workers;               /* how many sandboxed readers at once; 0: one a core */
    uint64_t layer_tar_max;         /* bytes that a layer may unpack to; 0: LAYER_TAR_MAX */
    bool fresh;                     /* read every layer, even a known one */
    bool packages_only;             /* no findings: no feed is needed */
    struct scan_progress *progress; /* NULL: nobody watches */
    /* Called when the namespace is known, before it is judged: to bring its feeds up to date. NULL: nobody does. */
    int (*before_judging)(void *ctx, struct str namespace, struct error *err);
    void *before_judging_ctx;
};

/* Scans one image. All of *ret is in the arena. What concerns a part of the image is a problem in *ret; < 0
   only when there is nothing to report about: no such image, no manifest, cancelled. */
int scan_image(const char *source, const struct scan_options *options, struct store *store,
               struct arena *arena, struct scan_result *ret, struct error *err);
