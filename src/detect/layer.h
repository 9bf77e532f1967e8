/* One layer, read once: its tar, the detectors' files, links and whiteouts on the way to them. */
#pragma once
#include "detect/detector.h"

/* A file to be read although it stands elsewhere: behind a link that crosses layers or that came later in the
   tar. */
struct layer_alias {
    struct str path;   /* where it lies; a folder when `wanted` is one */
    struct str wanted; /* whose detector reads it: "etc/os-release" */
    struct str as;     /* under which path it is told; empty: its own */
};

struct layer_request {
    const struct layer_alias *aliases;
    size_t aliases_count;
};

/* Reads the tar to its end. A detector's failure is a problem and the rest goes on; < 0 when the tar itself
   is broken (what the sink got until then stands), or the sink refused. *ret_entries counts the tar's
   entries. */
int layer_read(struct reader *tar, const struct layer_request *request, struct sink *sink,
               uint64_t *ret_entries, struct error *err);
