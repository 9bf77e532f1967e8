/* One image of a batch, in the thread of its lane. */
#pragma once
#include <stdatomic.h>

#include "client/batch.h"

struct batch_counters {
    atomic_size_t done, total; /* layers */
};

/* < 0: item->err and item->trouble say why. */
int batch_item_run(struct batch_item *item, const struct batch_options *o, struct clair *clair,
                   struct worker *worker, struct batch_counters *counters);
