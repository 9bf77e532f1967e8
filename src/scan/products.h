/* Which products packages are of, by the repositories that the image names (struct package in model/package.h). */
#pragma once
#include "base/map.h"
#include "model/scan_result.h"

struct store;

/* Answers about repositories, kept for the next question: most packages of an image have the same. */
struct products {
    struct store *store;
    struct arena *arena;
    struct map known;                /* repository → its products, struct str */
    struct str repositories, answer; /* the last list */
    struct str origin;               /* the last that the store was asked for */
    VEC(struct str) unknown;         /* that no feed knows, each once */
    struct error *err;
};

static inline struct products products_make(struct store *store, struct arena *arena, struct error *err)
{
    return (struct products){.store = store, .arena = arena, .known = map_make(arena), .err = err};
}

/* The products of the repository that the package is from, where that is known, or else of all that it may be from; in the
   arena. E_LIMIT, or the store's failure. */
int products_of(struct products *p, const struct package *package, struct str *ret);
/* Fills the products of all packages of *r, and adds a problem about repositories that no feed knows. */
int products_assign(struct scan_result *r, struct store *store, struct arena *arena, struct error *err);
