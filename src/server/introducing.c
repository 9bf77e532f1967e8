#include "server/introducing.h"

#include "match/match.h"
#include "scan/features.h"
#include "store/layer.h"
#include "version/version.h"

struct search {
    struct arena *arena;
    struct error *err;
    struct introducing_list *out;
    int64_t limit;
    struct advisory fix; /* whose package's versions are looked through */
    const struct version_scheme *scheme;
    VEC(struct str) features; /* affected ones, ids as decimal texts */
};

static int no_room(struct search *s)
{
    return error_set(s->err, E_LIMIT, "more layers have the vulnerability than one answer may hold");
}

static bool is_affected(const struct search *s, struct str version)
{
    return s->scheme && match_range(s->scheme, version, &s->fix);
}

static int take_version(void *ctx, int64_t id, struct str version)
{
    struct search *s = ctx;
    char text[24];
    if (!is_affected(s, version))
        return 0;
    struct str *kept = vec_push(&s->features, s->arena);
    snprintf(text, sizeof text, "%jd", (intmax_t)id);
    return !kept || arena_str(s->arena, str_of(text), kept) < 0 ? no_room(s) : 0;
}

static int find_features(struct search *s, struct store *store, const struct store_vulnerability *v)
{
    struct wire w = wire_make(v->fixes);
    int rc;
    while ((rc = advisory_unpack(&w, &s->fix, s->err)) > 0) {
        if (s->fix.status == ADVISORY_NOT_AFFECTED || s->fix.status == ADVISORY_UNDETERMINED)
            continue;
        rc = store_feature_versions(store, v->namespace, s->fix.id, take_version, s, s->err);
        if (rc < 0)
            return rc;
    }
    return rc;
}

static int take_layer(void *ctx, int64_t id, struct str name)
{
    struct search *s = ctx;
    if ((int64_t)s->out->layers.len == s->limit) {
        s->out->next = id;
        return 0;
    }
    struct introducing *l = vec_push(&s->out->layers, s->arena);
    if (!l || arena_str(s->arena, name, &l->name) < 0)
        return no_room(s);
    l->id = id;
    return 0;
}

int introducing_find(struct store *s, const struct store_vulnerability *v, int64_t from, int64_t limit,
                     struct arena *arena, struct introducing_list *ret, struct error *err)
{
    struct search search = {.arena = arena, .err = err, .out = ret, .limit = limit};
    struct str format = {0};
    *ret = (struct introducing_list){.next = -1};
    int rc = store_namespace_get(s, v->namespace, arena, &format, err);
    if (rc < 0)
        return rc;
    search.scheme = feature_scheme(v->namespace, format.len ? format : STR("dpkg"));
    rc = find_features(&search, s, v);
    if (rc < 0 || !search.features.len)
        return rc;
    int64_t ask = limit < INT64_MAX ? limit + 1 : limit;
    return store_feature_layers(s, search.features.ptr, search.features.len, (struct store_page){from, ask},
                                take_layer, &search, err);
}
