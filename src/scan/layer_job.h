/* The worker's job "layer": a blob becomes an inventory in one pass over its bytes. Both halves of its
   conversation. */
#pragma once
#include "detect/layer.h"
#include "os/worker.h"

/* The worker's table entry. */
int layer_job(struct worker_call *call, struct error *err);

struct layer_job {
    unsigned index;   /* of the layer, for messages and faults */
    bool spread;      /* use more than one core: hash, inflate and read in threads of their own */
    uint64_t tar_max; /* bytes that it may unpack to; 0: LAYER_TAR_MAX */
    bool blob_sha512, diff_sha512; /* which algorithms the manifest and the config use */
    bool blob_only;                /* no diff_id is made: hashing the tar costs as much as inflating it */
    const struct layer_alias *aliases;
    size_t aliases_count;
};
void layer_job_put(struct buf *args, const struct layer_job *job);
