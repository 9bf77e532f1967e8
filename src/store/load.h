/* A feed on its way into the store: what it says is gathered in memory, compared with what is stored, and only the
   difference is written. By package for scans; and turned round, by id, for a store that serves Clair's API. */
#pragma once
#include "base/arena.h"
#include "base/map.h"
#include "model/advisory.h"
#include "store/store_private.h"

struct load_piece {
    struct load_piece *next;
    struct str packed;
};

/* All that is said of one package in one namespace. */
struct load_row {
    struct str namespace, package;
    struct load_piece *first, *last;
};

/* One advisory, for the view by id. */
struct load_fix {
    uint32_t namespace, row, id; /* numbers that sort as their texts do; rows by package within a namespace */
    uint32_t severity;
    struct str record; /* packed */
};

/* What is told of an id, or of a repository: its products in place of a description. */
struct load_about {
    struct str description, facts; /* packed */
    bool stored;                   /* as it is */
};

struct load {
    struct arena arena;
    struct str feed;
    VEC(struct load_row) rows;
    struct map by_package; /* "namespace\npackage" → 1 + index in rows */
    struct map about;      /* id or repository → struct load_about */
    VEC(struct load_fix) fixes;
    struct str *ids; /* by the number in fixes */
};

struct load *load_new(struct str feed);
void load_free(struct load *l);
int load_row(struct load *l, const struct advisory_row *row, struct error *err);
int load_about(struct load *l, const struct vulnerability *about, struct error *err);
int load_repository(struct load *l, struct str name, struct str products, struct error *err);
/* Orders the rows by namespace and package. */
void load_sort(struct load *l);
/* Fills fixes from the sorted rows, ordered by namespace, id and package. */
int load_turn(struct load *l, struct error *err);
void load_pack_row(const struct load_row *row, struct buf *ret);
/* Fixes packed like advisories (model/advisory.h), with the package in the place of the id. */
int load_pack_fixes(const struct load *l, size_t first, size_t count, struct buf *ret, struct error *err);

/* Within a transaction: brings the stored rows of the feed to what the load says. */
int load_write_advisories(struct load *l, struct store *s, struct error *err);
int load_write_vulnerabilities(struct load *l, struct store *s, const struct store_feed *meta, int64_t now,
                               struct error *err);
/* Of ids that the load does not mention, what is stored stays, or goes when it is `all` that the feed knows. */
int load_write_about(struct load *l, struct store *s, bool all, struct error *err);
