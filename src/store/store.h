/* What limpid remembers: advisories by namespace and package, feeds and their age, inventories of layers. All
   of it can be made again. One thread at a time; several processes may share the file. */
#pragma once
#include "base/buf.h"
#include "model/advisory.h"
#include "model/digest.h"

struct store;
struct arena;

/* Opens or makes the file (and its folder), brings its schema up to date. A file of ours that is damaged is
   set aside as PATH.damaged and made anew (*ret_rebuilt); a file of somebody else, or of a newer limpid, is
   refused with advice. */
int store_open(struct store **ret, const char *path, bool *ret_rebuilt, struct error *err);
void store_close(struct store *s);
DEFINE_CLEANUP(struct store, store_close)
/* Removes everything that a feed or a scan brought. */
int store_clear(struct store *s, struct error *err) __attribute__((warn_unused_result));

/* ---- feeds ---- */
struct store_feed {
    struct str name, title, url, etag,
        last_modified;          /* as the publisher gave them, for conditional requests */
    struct str link, scheme;    /* a template with %s for the id; which version order its versions follow */
    int64_t fetched, published; /* seconds since 1970; 0 never or unknown */
    int64_t every;              /* the publisher's cadence in seconds */
    int64_t rows, advisories;
    int64_t version; /* of the reader that made the rows */
    bool snapshot;
    struct str failure; /* what went wrong last, "" nothing */
};

/* Whether the data are older than twice the publisher's cadence (and a day), or come from a dated snapshot of
   that age. */
bool store_feed_is_stale(const struct store_feed *f, int64_t now);
/* The feed of that name: 1, or 0. Texts are of the arena. */
int store_feed_get(struct store *s, struct str name, struct arena *arena, struct store_feed *ret,
                   struct error *err);
/* All feeds by name, one a call: 1, 0 at the end. */
int store_feed_each(struct store *s, struct arena *arena, int (*take)(void *ctx, const struct store_feed *f),
                    void *ctx, struct error *err);
/* Replaces the feed's advisories: begin, rows, end; readers see the old ones until the end, and for good when the load is
   abandoned instead. Between begin and end nothing else may be written. */
int store_feed_begin(struct store *s, struct str name, struct error *err) __attribute__((warn_unused_result));
int store_feed_row(struct store *s, const struct advisory_row *row, struct error *err)
    __attribute__((warn_unused_result));
int store_feed_end(struct store *s, const struct store_feed *meta, struct error *err)
    __attribute__((warn_unused_result));
int store_feed_abandon(struct store *s, struct error *err) __attribute__((warn_unused_result));
/* Notes when a feed was last confirmed, or why it could not be. */
int store_feed_note(struct store *s, const struct store_feed *meta, struct error *err)
    __attribute__((warn_unused_result));

/* ---- advisories ---- */
/* Calls take for each feed's packed row (model/advisory.h) about a package of a namespace; bytes live for the
   call. */
int store_advisories(struct store *s, struct str namespace, struct str package,
                     int (*take)(void *ctx, struct str feed, struct str packed), void *ctx,
                     struct error *err);
/* Whether a feed has any advisory about the namespace: 1, 0; the first feed's name in the arena. */
int store_namespace_known(struct store *s, struct str namespace, struct arena *arena, struct str *ret_feed,
                          struct error *err);

/* ---- inventories ---- */
/* The inventory (model/inventory.h) of a layer read under this fingerprint: 1, or 0. Either digest may be "";
   both that are given must agree. */
int store_inventory_get(struct store *s, const struct digest *digest, const struct digest *diff_id,
                        struct str fingerprint, struct arena *arena, struct str *ret, struct error *err);
int store_inventory_put(struct store *s, const struct digest *digest, const struct digest *diff_id,
                        struct str fingerprint, struct str bytes, struct error *err)
    __attribute__((warn_unused_result));
