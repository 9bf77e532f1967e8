/* Which products packages are of, by the repositories that the image names (struct package in model/package.h). */
#pragma once
#include "model/scan_result.h"

struct store;

/* Answers about lists of repositories, kept for the next question: most packages of an image have the same. */
struct products {
    struct store *store;
    struct arena *arena;
    struct str repositories, answer; /* the last question */
    VEC(struct str) unknown;         /* that no feed knows, each once */
    struct error *err;
};

/* The products of the package's repositories; in the arena. E_LIMIT, or the store's failure. */
int products_of(struct products *p, const struct package *package, struct str *ret);
/* Fills the products of all packages of *r, and adds a problem about repositories that no feed knows. */
int products_assign(struct scan_result *r, struct store *store, struct arena *arena, struct error *err);
