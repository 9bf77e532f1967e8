#include "scan/enrich.h"

#include "base/limits.h"
#include "base/map.h"
#include "os/clock.h"
#include "store/store.h"

/* What one feed tells of an id; of an id's the next is later by name. */
struct told {
    struct told *next;
    struct str feed;
    struct vulnerability about;
};

/* All that is told of an id. */
struct known {
    struct told *first;
    struct vulnerability *about; /* together, for findings of the feed `of` */
    struct str of;
};

struct enriching {
    struct matches *matches;
    struct scan_result *result;
    struct store *store;
    struct arena *arena;
    struct map ids; /* id → struct known */
    VEC(struct str) names;
    struct error *err;
};

static int no_room(struct enriching *e)
{
    return error_set(e->err, E_LIMIT, "more findings than one report may hold");
}

static int collect_ids(struct enriching *e)
{
    vec_each (&e->matches->findings, f) {
        void **place = map_at(&e->ids, f->id);
        if (place && *place)
            continue;
        struct str *name = place ? vec_push(&e->names, e->arena) : NULL;
        if (!name || !(*place = arena_new(e->arena, struct known)))
            return no_room(e);
        *name = f->id;
    }
    return 0;
}

/* ---- what the store has ---- */

static int keep(struct enriching *e, struct vulnerability *v)
{
    struct str *texts[] = {&v->description, &v->link, &v->cvss2, &v->cvss3, &v->cvss4, &v->cwe, &v->kev};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (arena_str(e->arena, *texts[i], texts[i]) < 0)
            return no_room(e);
    return 0;
}

/* The feeds that told something are few. */
static int note_feed(struct enriching *e, struct str feed, struct str *ret)
{
    struct store_feed meta;
    vec_each (&e->result->feeds, f)
        if (str_eq(f->name, feed)) {
            *ret = f->name;
            return 0;
        }
    int rc = store_feed_get(e->store, feed, e->arena, &meta, e->err);
    if (rc <= 0)
        return rc;
    *ret = meta.name;
    if (!meta.enriches)
        return 0; /* of those that judge, who judged is told elsewhere */
    struct result_feed *f = vec_push(&e->result->feeds, e->arena);
    if (!f)
        return no_room(e);
    *f = (struct result_feed){.name = meta.name,
                              .title = meta.title,
                              .fetched = meta.fetched,
                              .published = meta.published,
                              .snapshot = meta.snapshot,
                              .stale = store_feed_is_stale(&meta, clock_seconds()),
                              .enriches = true};
    return 0;
}

static int take(void *ctx, struct str feed, const struct vulnerability *about)
{
    struct enriching *e = ctx;
    struct known *known = map_get(&e->ids, about->id);
    struct told *t = known ? arena_new(e->arena, struct told) : NULL;
    if (!known)
        return 0;
    if (!t || arena_str(e->arena, feed, &t->feed) < 0)
        return no_room(e);
    t->about = *about;
    struct told **place = &known->first;
    while (*place && str_cmp((*place)->feed, t->feed) < 0)
        place = &(*place)->next;
    t->next = *place;
    *place = t;
    return keep(e, &t->about);
}

static int note_feeds(struct enriching *e)
{
    for (size_t i = 0; i < e->names.len; i++)
        for (struct told *t = ((struct known *)map_get(&e->ids, e->names.ptr[i]))->first; t; t = t->next) {
            int rc = note_feed(e, t->feed, &t->feed);
            if (rc < 0)
                return rc;
        }
    return 0;
}

/* ---- what findings learn ---- */

static int learn(struct enriching *e, struct finding *f, struct known *known)
{
    if (!known->first)
        return 0;
    if (!known->about || !str_eq(known->of, f->feed)) {
        known->about = arena_new(e->arena, struct vulnerability);
        if (!known->about)
            return no_room(e);
        known->of = f->feed;
        *known->about = vulnerability_make(f->id);
        for (const struct told *t = known->first; t; t = t->next)
            if (str_eq(t->feed, f->feed))
                vulnerability_fill(known->about, &t->about);
        for (const struct told *t = known->first; t; t = t->next)
            vulnerability_fill(known->about, &t->about);
    }
    f->about = known->about;
    for (const struct told *t = known->first; t && f->severity == SEVERITY_UNKNOWN; t = t->next) {
        f->severity = vulnerability_severity(&t->about);
        f->severity_from = f->severity == SEVERITY_UNKNOWN || str_eq(t->feed, f->feed) ? STR("") : t->feed;
    }
    return 0;
}

static int learn_all(struct enriching *e)
{
    size_t kept = 0;
    vec_each (&e->matches->findings, f) {
        int rc = learn(e, f, map_get(&e->ids, f->id));
        if (rc < 0)
            return rc;
        if (f->about && f->about->rejected)
            e->result->rejected++;
        else
            e->matches->findings.ptr[kept++] = *f;
    }
    e->matches->findings.len = kept;
    return 0;
}

int enrich(struct matches *m, struct scan_result *result, struct store *store, struct error *err)
{
    struct enriching e = {.matches = m,
                          .result = result,
                          .store = store,
                          .arena = m->arena,
                          .ids = map_make(m->arena),
                          .err = err};
    int rc = collect_ids(&e);
    if (rc == 0 && e.names.len)
        rc = store_about(store, result->namespace, e.names.ptr, e.names.len, take, &e, err);
    if (rc == 0)
        rc = note_feeds(&e);
    return rc < 0 ? rc : learn_all(&e);
}
