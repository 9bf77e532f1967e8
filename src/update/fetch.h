/* A feed's document on its way here: a descriptor over a local file, or over a download without a name. */
#pragma once
#include "update/update.h"

struct document {
    int fd;
    bool unchanged;  /* the publisher says so; fd is -1 */
    bool local;      /* a file:// URL */
    int64_t changed; /* seconds since 1970 by Last-Modified or the file's date; 0 unknown */
    char etag[256], last_modified[64];
};

/* `known` is what the store has from the last time (conditional request), or NULL. */
int fetch(const char *url, const struct update_options *options, const struct store_feed *known,
          struct document *ret, struct error *err);
