/* Feeds on the command line: which, from where, with what progress. */
#pragma once
#include "cli/options.h"
#include "feed/feed.h"
#include "store/store.h"

/* Updates one feed and tells how it went. < 0 only when cancelled, or *ret_failed is NULL. */
int feeds_update(const struct options *o, const struct feed *feed, struct store *store, bool *ret_failed,
                 struct error *err);
/* Before a scan: updates what is missing or older than its cadence, unless --offline. A feed that cannot be
   reached is a note when there are old data; the report tells their age. */
int feeds_refresh(const struct options *o, struct store *store, struct error *err);
