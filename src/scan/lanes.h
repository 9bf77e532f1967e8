/* Unknown layers are read side by side: a lane is a thread with a sandboxed worker of its own. */
#pragma once
#include "base/buf.h"
#include "scan/layer_job.h"
#include "scan/scan.h"

/* One layer to be read, and what came of it. */
struct layer_read {
    unsigned index;
    struct buf inventory; /* what the worker answered, also when it failed half-way */
    int result;           /* 0 or < 0 and *error */
    bool source_failed;   /* the error is the source's: what was read is not what is stored */
    struct error error;
};

struct lanes_work {
    struct image *image;
    struct layer_read *reads;
    size_t count;
    const struct layer_alias *aliases;
    size_t aliases_count;
    unsigned workers;
    uint64_t layer_tar_max; /* 0: LAYER_TAR_MAX */
    struct scan_progress *progress;
    const char *weakness; /* what the workers' sandbox lacks, or NULL */
};

/* Reads all of them; each has its result then. The worker (borrowed) is the first lane's. < 0: cancelled. */
int lanes_run(struct lanes_work *work, struct worker *worker, struct error *err);
