/* Flow 2: publishers' documents become advisories in the store. A feed that fails leaves its old data in
   place. */
#pragma once
#include <stdatomic.h>

#include "feed/feed.h"
#include "model/problem.h"
#include "store/store.h"

struct update_progress {
    /* Called about ten times a second; < 0 with *err set cancels. NULL: nobody watches. */
    int (*tick)(void *ctx, const struct update_progress *now, struct error *err);
    /* What could not be read of a document. NULL: nobody listens. */
    void (*problem)(void *ctx, const struct problem *p);
    void *ctx;
    const char *feed;
    bool loading;                     /* false: fetching */
    uint64_t bytes_done, bytes_total; /* 0 unknown */
    int64_t rows;
};

struct update_options {
    const char *url;       /* instead of the publisher's; also file:///PATH; NULL: the publisher's */
    const char *cache_dir; /* where a download is spooled, into a nameless file */
    const char *ca_file;
    const atomic_bool *interrupted; /* true ends a download with E_CANCELLED; NULL: never */
    unsigned stall_seconds;         /* 0: the default */
    bool accept_shrink;             /* take a document that has less than half of what is stored */
    bool force;                     /* load it even when it has not changed */
    struct update_progress *progress;
};

enum update_result { UPDATE_LOADED = 1, UPDATE_UNCHANGED = 2 };

/* Brings one feed up to date: enum update_result, or < 0 with the old data still served and the failure noted
   with the feed. */
int update_feed(const struct feed *feed, const struct update_options *options, struct store *store,
                struct error *err);
