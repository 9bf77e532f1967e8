/* Text to pointer, in an arena. Open addressing; the hash is seeded, so that hostile keys cannot be made to
   collide. Keys are borrowed: they must live as long as the map. */
#pragma once
#include "base/arena.h"

struct map_slot {
    struct str key;
    void *value;
};

struct map {
    struct map_slot *slots;
    size_t len, cap;
    struct arena *arena;
};

static inline struct map map_make(struct arena *a)
{
    return (struct map){.arena = a};
}
/* The value under key, or NULL. */
void *map_get(const struct map *m, struct str key);
/* The place of the value under key, made (as NULL) when missing; NULL: over the arena's limit. */
void **map_at(struct map *m, struct str key);
