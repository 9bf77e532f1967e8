#include "scan/known.h"

#include "store/store.h"

/* What one feed tells of an id; of an id's the next is later by name. */
struct told {
    struct told *next;
    struct str feed;
    struct vulnerability about;
};

/* All that is told of an id. */
struct entry {
    struct told *first;
    struct vulnerability *about; /* together, what `of` says first */
    struct str of;
};

static int no_room(struct known *k)
{
    return error_set(k->err, E_LIMIT, "more vulnerabilities than one report may hold");
}

/* The feed's name, kept once. */
static int keep_feed(struct known *k, struct str feed, struct str *ret)
{
    vec_each (&k->feeds, f)
        if (str_eq(*f, feed)) {
            *ret = *f;
            return 0;
        }
    struct str *place = vec_push(&k->feeds, k->arena);
    if (!place || arena_str(k->arena, feed, place) < 0)
        return no_room(k);
    *ret = *place;
    return 0;
}

static int take(void *ctx, struct str feed, const struct vulnerability *about)
{
    struct known *k = ctx;
    struct entry *entry = map_get(&k->ids, about->id);
    struct told *t = entry ? arena_new(k->arena, struct told) : NULL;
    if (!entry)
        return 0;
    int rc = t ? keep_feed(k, feed, &t->feed) : no_room(k);
    if (rc < 0)
        return rc;
    t->about = *about;
    struct told **place = &entry->first;
    while (*place && str_cmp((*place)->feed, t->feed) < 0)
        place = &(*place)->next;
    t->next = *place;
    *place = t;
    return vulnerability_keep(&t->about, k->arena) < 0 ? no_room(k) : 0;
}

int known_ask(struct known *ret, struct store *store, struct str namespace, const struct str *ids,
              size_t count, struct arena *arena, struct error *err)
{
    VEC(struct str) distinct = {0};
    *ret = (struct known){.arena = arena, .ids = map_make(arena), .err = err};
    for (size_t i = 0; i < count; i++) {
        void **place = map_at(&ret->ids, ids[i]);
        if (place && *place)
            continue;
        struct str *id = place ? vec_push(&distinct, arena) : NULL;
        if (!id || !(*place = arena_new(arena, struct entry)))
            return no_room(ret);
        *id = ids[i];
    }
    return count ? store_about(store, namespace, distinct.ptr, distinct.len, take, ret, err) : 0;
}

int known_about(struct known *k, struct str id, struct str feed, const struct vulnerability **ret)
{
    struct entry *entry = map_get(&k->ids, id);
    *ret = NULL;
    if (!entry || !entry->first)
        return 0;
    if (!entry->about || !str_eq(entry->of, feed)) {
        entry->about = arena_new(k->arena, struct vulnerability);
        if (!entry->about)
            return no_room(k);
        entry->of = feed;
        *entry->about = vulnerability_make(id);
        for (const struct told *t = entry->first; t; t = t->next)
            if (str_eq(t->feed, feed))
                vulnerability_fill(entry->about, &t->about);
        for (const struct told *t = entry->first; t; t = t->next)
            vulnerability_fill(entry->about, &t->about);
    }
    *ret = entry->about;
    return 1;
}

enum severity known_severity(const struct known *k, struct str id, struct str *ret_feed)
{
    const struct entry *entry = map_get(&k->ids, id);
    for (const struct told *t = entry ? entry->first : NULL; t; t = t->next) {
        enum severity s = vulnerability_severity(&t->about);
        *ret_feed = t->feed;
        if (s != SEVERITY_UNKNOWN)
            return s;
    }
    *ret_feed = STR("");
    return SEVERITY_UNKNOWN;
}
