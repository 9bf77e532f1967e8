#include "scan/enrich.h"

#include "os/clock.h"
#include "scan/known.h"
#include "store/store.h"

struct enriching {
    struct matches *matches;
    struct scan_result *result;
    struct store *store;
    struct known known;
    struct error *err;
};

static int no_room(struct enriching *e)
{
    return error_set(e->err, E_LIMIT, "more findings than one report may hold");
}

static int ask(struct enriching *e)
{
    struct matches *m = e->matches;
    struct str *ids = arena_array(m->arena, struct str, m->findings.len + 1);
    if (!ids)
        return no_room(e);
    size_t n = 0;
    vec_each (&m->findings, f)
        ids[n++] = f->id;
    return known_ask(&e->known, e->store, e->result->namespace, ids, n, m->arena, e->err);
}

/* Who judged is told elsewhere. */
static int note_feed(struct enriching *e, struct str feed)
{
    struct store_feed meta;
    int rc = store_feed_get(e->store, feed, e->matches->arena, &meta, e->err);
    if (rc <= 0 || !meta.enriches)
        return rc;
    struct result_feed *f = vec_push(&e->result->feeds, e->matches->arena);
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

static int learn(struct enriching *e, struct finding *f)
{
    if (f->severity == SEVERITY_UNKNOWN) {
        f->severity = known_severity(&e->known, f->id, &f->severity_from);
        if (str_eq(f->severity_from, f->feed))
            f->severity_from = STR("");
    }
    return known_about(&e->known, f->id, f->feed, &f->about);
}

int enrich(struct matches *m, struct scan_result *result, struct store *store, struct error *err)
{
    struct enriching e = {.matches = m, .result = result, .store = store, .err = err};
    size_t kept = 0;
    int rc = ask(&e);
    for (size_t i = 0; i < e.known.feeds.len && rc >= 0; i++)
        rc = note_feed(&e, e.known.feeds.ptr[i]);
    for (size_t i = 0; i < m->findings.len && rc >= 0; i++) {
        struct finding *f = &m->findings.ptr[i];
        rc = learn(&e, f);
        if (f->about && f->about->rejected)
            result->rejected++;
        else
            m->findings.ptr[kept++] = *f;
    }
    m->findings.len = kept;
    return rc < 0 ? rc : 0;
}
