/* What limpid remembers: advisories by namespace and package, feeds and their age, inventories of layers. All
   of it can be made again. One thread at a time; several processes may share the file. */
#pragma once
#include "base/buf.h"
#include "model/advisory.h"
#include "model/digest.h"
#include "model/vulnerability.h"

struct store;
struct arena;

/* Opens or makes the database and brings its schema up to date. `source` is a PostgreSQL (postgresql://…, or libpq's
   "host=… dbname=…") or the path of an SQLite file, which is made, with its folder. A file of ours that is damaged
   is set aside as PATH.damaged and made anew (*ret_rebuilt); one of somebody else, or of a newer limpid, is refused with
   advice. */
int store_open(struct store **ret, const char *source, bool *ret_rebuilt, struct error *err);
/* Whether the source is that of a PostgreSQL. */
bool store_is_postgres(const char *source);
void store_close(struct store *s);
DEFINE_CLEANUP(struct store, store_close)
/* Removes everything that a feed or a scan brought; not what was posted to the API. */
int store_clear(struct store *s, struct error *err) __attribute__((warn_unused_result));
/* From now on this database keeps what Clair's API shows, beside what a scan needs; made from the feeds that it has. */
int store_serve(struct store *s, struct error *err) __attribute__((warn_unused_result));
/* A question that the database must answer itself. */
int store_ping(struct store *s, struct error *err) __attribute__((warn_unused_result));
/* A number that changes with every change of the database by anybody: 0 or < 0. */
int store_version(struct store *s, int64_t *ret, struct error *err) __attribute__((warn_unused_result));
/* A lock among all programs on the same PostgreSQL, lost with the connection: 1 it is ours, 0 another has it. */
int store_try_lock(struct store *s, int64_t key, struct error *err);
int store_unlock(struct store *s, int64_t key, struct error *err) __attribute__((warn_unused_result));
/* A value that all programs on the database share; 1, or 0 when there is none. */
int store_setting_get(struct store *s, struct str name, struct arena *arena, struct str *ret,
                      struct error *err);
int store_setting_put(struct store *s, struct str name, struct str value, struct error *err)
    __attribute__((warn_unused_result));

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
    bool binary;   /* it names binary packages and their versions, not those of the source */
    bool sources;  /* and beside these sources whose flaw is not fixed */
    bool enriches; /* it tells of ids or repositories, whichever feed judges by them; it has no advisories */
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
/* Replaces the feed's advisories: begin, rows, end; one transaction at the end writes what has changed, and makes the
   notifications about it unless it is the feed's first load. An abandoned load, or one without end, leaves no trace. */
void store_feed_begin(struct store *s, struct str name);
int store_feed_row(struct store *s, const struct advisory_row *row, struct error *err)
    __attribute__((warn_unused_result));
/* What the feed tells of an id, whichever package it is in; told twice, the last counts. */
int store_feed_about(struct store *s, const struct vulnerability *about, struct error *err)
    __attribute__((warn_unused_result));
/* Of which products (struct package) packages from a repository may be. */
int store_feed_repository(struct store *s, struct str name, struct str products, struct error *err)
    __attribute__((warn_unused_result));
int store_feed_end(struct store *s, const struct store_feed *meta, struct error *err)
    __attribute__((warn_unused_result));
void store_feed_abandon(struct store *s);
/* Notes when a feed was last confirmed, or why it could not be. */
int store_feed_note(struct store *s, const struct store_feed *meta, struct error *err)
    __attribute__((warn_unused_result));

/* ---- advisories ---- */
/* Calls take for each feed's packed row (model/advisory.h) about a package of a namespace; bytes live for the
   call. */
int store_advisories(struct store *s, struct str namespace, struct str package,
                     int (*take)(void *ctx, struct str feed, struct str packed), void *ctx,
                     struct error *err);
/* The feeds that have any advisory about the namespace, by name. Texts are of the arena. */
int store_namespace_feeds(struct store *s, struct str namespace, struct arena *arena,
                          int (*take)(void *ctx, const struct store_feed *f), void *ctx, struct error *err);
/* The same for many packages with one question, in no order. */
int store_advisories_of(struct store *s, struct str namespace, const struct str *packages, size_t count,
                        int (*take)(void *ctx, struct str package, struct str feed, struct str packed),
                        void *ctx, struct error *err);

/* ---- what is known of ids ---- */
/* What the feeds of the namespace, and those that enrich all others, tell of these ids; in no order. Texts live for the call
   of take. */
int store_about(struct store *s, struct str namespace, const struct str *ids, size_t count,
                int (*take)(void *ctx, struct str feed, const struct vulnerability *about), void *ctx,
                struct error *err);

/* The products of these repositories, those that are known, in no order. Texts live for the call of take. */
int store_repositories(struct store *s, const struct str *names, size_t count,
                       int (*take)(void *ctx, struct str name, struct str products), void *ctx,
                       struct error *err);

/* ---- inventories ---- */
/* The inventory (model/inventory.h) of a layer read under this fingerprint: 1, or 0. Either digest may be "";
   both that are given must agree. */
int store_inventory_get(struct store *s, const struct digest *digest, const struct digest *diff_id,
                        struct str fingerprint, struct arena *arena, struct str *ret, struct error *err);
int store_inventory_put(struct store *s, const struct digest *digest, const struct digest *diff_id,
                        struct str fingerprint, struct str bytes, struct error *err)
    __attribute__((warn_unused_result));
