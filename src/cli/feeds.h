/* Feeds on the command line: which, from where, with what progress. */
#pragma once
#include "cli/options.h"
#include "feed/feed.h"
#include "store/store.h"

/* Whether --feeds and --feed-url name feeds; E_USAGE. */
int feeds_check(const struct options *o, struct error *err);
/* Whether --feeds wants it. */
bool feeds_kept(const struct options *o, const struct feed *feed);
/* Updates one feed and tells how it went. < 0 only when cancelled, or *ret_failed is NULL. */
int feeds_update(const struct options *o, const struct feed *feed, struct store *store, bool *ret_failed,
                 struct error *err);
struct feeds_refreshing {
    const struct options *options;
    struct store *store;
    uint64_t tried; /* a bit a feed: once a run */
    bool online;    /* a publisher was asked */
};
/* Before images of a namespace are judged: updates what is missing or older than its cadence, unless --offline. Small feeds
   that tell of ids come along where a publisher is asked anyway, where --feed-url names them, or where they came before. A feed
   that cannot be reached is a note when there are old data; the report tells their age. */
int feeds_refresh(struct feeds_refreshing *r, struct str namespace, struct error *err);
/* Where the options say that the feed is; "": at its publisher. */
struct str feeds_url(const struct options *o, const struct feed *feed);
