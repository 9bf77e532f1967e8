#include "server/verdict.h"

#include <stdlib.h>

#include "base/map.h"
#include "feed/feed.h"
#include "match/match.h"
#include "scan/products.h"
#include "server/learn.h"

/* What one feed, or person, says of one package. */
struct row {
    struct row *next;
    struct str feed, packed;
};

/* The features of one namespace while they are judged. */
struct judging {
    struct call *call;
    const struct feature_list *features;
    struct str namespace;
    struct products products;
    struct map rows;       /* package → struct row */
    VEC(struct str) names; /* that advisories of the features may be found under */
    struct matches matches;
    struct package *subjects; /* one a feature */
    struct map named;         /* id → struct store_vulnerability */
    VEC(struct str) ids;
};

static int no_room(struct judging *j)
{
    return error_set(&j->call->err, E_LIMIT, "the layer has more vulnerabilities than one answer may hold");
}

static int add_name(struct judging *j, struct str name)
{
    struct str *kept = name.len ? vec_push(&j->names, &j->call->arena) : NULL;
    if (name.len && !kept)
        return no_room(j);
    if (kept)
        *kept = name;
    return 0;
}

static int collect_features(struct judging *j)
{
    for (size_t i = 0; i < j->features->items.len; i++) {
        const struct feature *f = &j->features->items.ptr[i];
        if (f->unjudged || !str_eq(f->namespace, j->namespace))
            continue;
        j->subjects[i] = (struct package){.type = str_eq(f->format, STR("rpm")) ? PACKAGE_RPM : PACKAGE_DEB,
                                          .name = f->name,
                                          .version = f->version,
                                          .arch = f->arch,
                                          .module = f->module,
                                          .source_name = f->source_name,
                                          .source_version = f->source_version,
                                          .repositories = f->repositories,
                                          .origin = f->origin};
        int rc = products_of(&j->products, &j->subjects[i], &j->subjects[i].products);
        if (rc < 0)
            return rc;
        if (add_name(j, f->name) < 0 || (!str_eq(f->name, f->source_name) && add_name(j, f->source_name) < 0))
            return -(int)E_LIMIT;
    }
    return 0;
}

static bool is_person(struct str feed)
{
    return str_starts(feed, STR(FEED_PERSON));
}

/* Persons come before feeds: what they speak of, feeds are not asked about. */
static int take_row(void *ctx, struct str package, struct str feed, struct str packed)
{
    struct judging *j = ctx;
    struct arena *arena = &j->call->arena;
    struct row *r = arena_new(arena, struct row);
    struct str key;
    if (!r || arena_str(arena, package, &key) < 0 || arena_str(arena, feed, &r->feed) < 0 ||
        arena_str(arena, packed, &r->packed) < 0)
        return no_room(j);
    struct row **place = (struct row **)map_at(&j->rows, key);
    if (!place)
        return no_room(j);
    while (*place && is_person((*place)->feed) && !is_person(feed))
        place = &(*place)->next;
    r->next = *place;
    *place = r;
    return 0;
}

/* Whether a person speaks of the id in this package. */
static bool is_taken(const struct row *rows, struct str id)
{
    for (const struct row *r = rows; r && is_person(r->feed); r = r->next)
        if (str_eq(str_skip(r->feed, strlen(FEED_PERSON)), id))
            return true;
    return false;
}

/* A feed judges by the kind of name that it speaks of, a person by either. */
static int judge_row(struct judging *j, const struct package *p, const struct row *rows, const struct row *r,
                     bool by_source)
{
    const struct feature *f = &j->features->items.ptr[p - j->subjects];
    const struct feed *feed = is_person(r->feed) ? NULL : feed_find(r->feed);
    bool same = str_eq(f->name, f->source_name), binary = feed ? feed->binary : !by_source;
    const struct match_feed by = {.name = r->feed,
                                  .scheme = feature_scheme(f->namespace, f->format),
                                  .binary = binary,
                                  .sources = feed && feed->sources,
                                  .of_source = by_source};
    size_t first = j->matches.findings.len;
    if (!by.scheme || (!same && binary == by_source && !(by_source && by.sources)))
        return 0;
    int rc = match_row(&j->matches, p, &by, r->packed, &j->call->err);
    size_t n = first;
    for (size_t i = first; i < j->matches.findings.len && feed; i++)
        if (!is_taken(rows, j->matches.findings.ptr[i].id))
            j->matches.findings.ptr[n++] = j->matches.findings.ptr[i];
    if (feed)
        j->matches.findings.len = n;
    return rc;
}

static int judge_feature(struct judging *j, const struct package *p)
{
    const struct feature *f = &j->features->items.ptr[p - j->subjects];
    bool same = str_eq(f->name, f->source_name);
    size_t first = j->matches.findings.len;
    int rc = 0;
    for (int by_source = 0, turns = same ? 1 : 2; by_source < turns; by_source++) {
        const struct row *rows = map_get(&j->rows, by_source ? f->source_name : f->name);
        for (const struct row *r = rows; r && rc >= 0; r = r->next)
            rc = judge_row(j, p, rows, r, by_source);
    }
    const struct version_scheme *scheme = feature_scheme(f->namespace, f->format);
    if (rc >= 0 && scheme)
        matches_merge(&j->matches, first, scheme);
    return rc;
}

static int judge_features(struct judging *j)
{
    int rc = 0;
    for (size_t i = 0; i < j->features->items.len && rc >= 0; i++)
        if (j->subjects[i].name.len)
            rc = judge_feature(j, &j->subjects[i]);
    return rc < 0 ? rc : 0;
}

/* ---- what is known of the ids ---- */

static int take_vulnerability(void *ctx, const struct store_vulnerability *v)
{
    struct judging *j = ctx;
    struct store_vulnerability *kept = arena_new(&j->call->arena, struct store_vulnerability), shown = *v;
    shown.fixes = STR(""); /* which a layer's answer does not tell */
    if (!kept || store_vulnerability_keep(&shown, &j->call->arena, kept) < 0)
        return no_room(j);
    void **place = map_at(&j->named, kept->name);
    if (!place)
        return no_room(j);
    if (!*place || !v->feed.len)
        *place = kept;
    return 0;
}

static int collect_ids(struct judging *j)
{
    vec_each (&j->matches.findings, f) {
        void **place = map_at(&j->named, f->id);
        struct str *id = place && !*place ? vec_push(&j->ids, &j->call->arena) : NULL;
        if (!place)
            return no_room(j);
        if (*place)
            continue;
        if (!id)
            return no_room(j);
        *id = f->id;
        *place = j; /* seen; replaced by what the database says */
    }
    j->named = map_make(&j->call->arena);
    return 0;
}

/* What was taken back is no vulnerability. */
static int learn(struct judging *j)
{
    struct arena *arena = &j->call->arena;
    struct store_vulnerability **list = arena_array(arena, struct store_vulnerability *, j->ids.len + 1);
    bool *rejected = arena_array(arena, bool, j->ids.len + 1);
    size_t n = 0;
    if (!list || !rejected)
        return no_room(j);
    for (size_t i = 0; i < j->ids.len; i++)
        if ((list[n] = map_get(&j->named, j->ids.ptr[i])))
            n++;
    int rc = api_learn(j->call, j->namespace, list, n, rejected);
    for (size_t i = 0; i < n && rc == 0; i++) {
        void **place = rejected[i] ? map_at(&j->named, list[i]->name) : NULL;
        if (rejected[i] && !place)
            return no_room(j);
        if (place)
            *place = NULL;
    }
    return rc;
}

static int by_severity(const void *a, const void *b)
{
    const struct store_vulnerability *x = ((const struct verdict *)a)->vulnerability,
                                     *y = ((const struct verdict *)b)->vulnerability;
    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    return str_cmp(x->name, y->name);
}

static int distribute(struct judging *j, struct verdict_list *lists)
{
    vec_each (&j->matches.findings, f) {
        const struct store_vulnerability *v = map_get(&j->named, f->id);
        struct verdict *verdict =
            v ? vec_push(&lists[f->package - j->subjects].items, &j->call->arena) : NULL;
        if (v && !verdict)
            return no_room(j);
        if (v)
            *verdict = (struct verdict){v, f->fixed_version};
    }
    return 0;
}

static int judge_namespace(struct call *c, const struct feature_list *features, struct str namespace,
                           struct verdict_list *lists)
{
    struct arena *a = &c->arena;
    struct judging j = {.call = c,
                        .products = products_make(c->store, a, &c->err),
                        .features = features,
                        .namespace = namespace,
                        .rows = map_make(a),
                        .named = map_make(a),
                        .matches = {.arena = a}};
    j.subjects = arena_array(a, struct package, features->items.len + 1);
    if (!j.subjects)
        return no_room(&j);
    int rc = collect_features(&j);
    if (rc == 0 && j.names.len)
        rc = store_advisories_of(c->store, namespace, j.names.ptr, j.names.len, take_row, &j, &c->err);
    if (rc == 0)
        rc = judge_features(&j);
    if (rc == 0)
        rc = collect_ids(&j);
    if (rc == 0 && j.ids.len)
        rc = store_vulnerability_named(c->store, namespace, j.ids.ptr, j.ids.len, take_vulnerability, &j,
                                       &c->err);
    if (rc == 0)
        rc = learn(&j);
    return rc < 0 ? rc : distribute(&j, lists);
}

int verdicts_of(struct call *c, const struct feature_list *features, struct verdict_list **ret)
{
    size_t n = features->items.len;
    struct verdict_list *lists = arena_array(&c->arena, struct verdict_list, n + 1);
    if (!lists)
        return error_set(&c->err, E_LIMIT, "the layer has more features than one answer may hold");
    for (size_t i = 0; i < n; i++) {
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = str_eq(features->items.ptr[k].namespace, features->items.ptr[i].namespace);
        int rc = seen ? 0 : judge_namespace(c, features, features->items.ptr[i].namespace, lists);
        if (rc < 0)
            return rc;
    }
    for (size_t i = 0; i < n; i++)
        if (lists[i].items.len)
            qsort(lists[i].items.ptr, lists[i].items.len, sizeof *lists[i].items.ptr, by_severity);
    *ret = lists;
    return 0;
}
