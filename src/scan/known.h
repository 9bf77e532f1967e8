/* What feeds tell of a set of ids: those of a namespace, and those that enrich all others. */
#pragma once
#include "base/arena.h"
#include "base/map.h"
#include "model/vulnerability.h"

struct store;

struct known {
    struct arena *arena;
    struct map ids;        /* id → what is told of it; private */
    VEC(struct str) feeds; /* that told something, in no order */
    struct error *err;
};

/* Asks the store once for all. Everything is of the arena; the ids are borrowed, and may repeat. *err must live as long as *ret. */
int known_ask(struct known *ret, struct store *store, struct str namespace, const struct str *ids,
              size_t count, struct arena *arena, struct error *err);
/* All that is told of one of the ids, what `feed` says before what others do: 1, or 0: nothing. Equal questions in a row get
   the same pointer. */
int known_about(struct known *k, struct str id, struct str feed, const struct vulnerability **ret);
/* The severity by the scores that are told of it, and who gave them. */
enum severity known_severity(const struct known *k, struct str id, struct str *ret_feed);
