/* Which layers introduce a package version that a vulnerability affects. */
#pragma once
#include "base/arena.h"
#include "store/vulnerability.h"

struct introducing {
    int64_t id; /* of the layer */
    struct str name;
};

struct introducing_list {
    VEC(struct introducing) layers;
    int64_t next; /* the layer with which the rest begins; -1: there is no more */
};

/* At most `limit` of them with ids from `from` on, by id. All of *ret is of the arena. */
int introducing_find(struct store *s, const struct store_vulnerability *v, int64_t from, int64_t limit,
                     struct arena *arena, struct introducing_list *ret, struct error *err);
