#include "base/map.h"

static uint64_t mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The arena's address is the seed: where it lies differs in each run (ASLR), which pure code can know without
   a system call. */
static uint64_t hash(const struct map *m, struct str key)
{
    uint64_t h = mix((uint64_t)(uintptr_t)m->arena ^ 0x9e3779b97f4a7c15U, 0xd1342543de82ef95U) ^ key.len;
    size_t i = 0;
    for (; i + 8 <= key.len; i += 8) {
        uint64_t word;
        memcpy(&word, key.ptr + i, 8);
        h = mix(h ^ word, 0xa0761d6478bd642fU);
    }
    uint64_t rest = 0;
    if (i < key.len)
        memcpy(&rest, key.ptr + i, key.len - i);
    return mix(h ^ rest, 0xe7037ed1a0b428dbU);
}

static struct map_slot *slot_of(const struct map *m, struct str key)
{
    size_t at = hash(m, key) & (m->cap - 1);
    while (m->slots[at].key.ptr && !str_eq(m->slots[at].key, key))
        at = (at + 1) & (m->cap - 1);
    return &m->slots[at];
}

void *map_get(const struct map *m, struct str key)
{
    return m->cap ? slot_of(m, key)->value : NULL;
}

static int map_grow(struct map *m)
{
    struct map bigger = {.cap = m->cap ? m->cap * 2 : 16, .len = m->len, .arena = m->arena};
    bigger.slots = arena_array(m->arena, struct map_slot, bigger.cap);
    if (!bigger.slots)
        return -1;
    for (size_t i = 0; i < m->cap; i++)
        if (m->slots[i].key.ptr)
            *slot_of(&bigger, m->slots[i].key) = m->slots[i];
    *m = bigger;
    return 0;
}

void **map_at(struct map *m, struct str key)
{
    if (!key.ptr)
        key.ptr = "";
    if (m->len * 4 >= m->cap * 3 && map_grow(m) < 0)
        return NULL;
    struct map_slot *s = slot_of(m, key);
    if (!s->key.ptr) {
        s->key = key;
        m->len++;
    }
    return &s->value;
}
