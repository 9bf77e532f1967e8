#include "base/map.h"
#include "client/answer.h"

struct making {
    const struct target *target;
    struct arena *arena;
    struct scan_result *result;
    struct map layers; /* name or digest to its number + 1 */
};

static int note_layer(struct making *m, struct str name, size_t number)
{
    void **place = name.len ? map_at(&m->layers, name) : NULL;
    if (place)
        *place = (void *)(uintptr_t)(number + 1);
    return place || !name.len ? 0 : -1;
}

static int add_layers(struct making *m)
{
    vec_each (&m->target->layers, from) {
        size_t number = m->result->layers.len;
        struct result_layer *l = vec_push(&m->result->layers, m->arena);
        if (!l || note_layer(m, from->name, number) < 0 ||
            note_layer(m, digest_str(&from->digest), number) < 0)
            return -1;
        *l =
            (struct result_layer){.name = from->name, .digest = from->digest, .created_by = from->created_by};
    }
    return 0;
}

/* A layer that the image does not have (any more) is added under the name that the server gives it. */
static int find_layer(struct making *m, struct str name, unsigned *ret)
{
    uintptr_t number = (uintptr_t)map_get(&m->layers, name);
    *ret = number ? (unsigned)(number - 1) : 0;
    if (number || !name.len)
        return 0;
    *ret = (unsigned)m->result->layers.len;
    struct result_layer *l = vec_push(&m->result->layers, m->arena);
    if (!l || note_layer(m, name, *ret) < 0)
        return -1;
    l->name = name;
    return 0;
}

static int add_package(struct making *m, const struct answer_feature *f)
{
    struct package *p = vec_push(&m->result->packages, m->arena);
    if (!p || find_layer(m, f->added_by, &p->introduced) < 0)
        return -1;
    p->name = p->source_name = f->name;
    p->version = p->source_version = f->version;
    p->changed = p->introduced;
    return 0;
}

static int add_finding(struct making *m, const struct package *p, const struct answer_vulnerability *v)
{
    struct finding *f = vec_push(&m->result->findings, m->arena);
    struct vulnerability *about = f ? arena_new(m->arena, struct vulnerability) : NULL;
    if (!about)
        return -1;
    *about = v->about;
    *f = (struct finding){.package = p,
                          .id = v->about.id,
                          .severity = v->severity,
                          .status = v->fixed_by.len ? ADVISORY_FIXED : ADVISORY_AFFECTED,
                          .fixed_version = v->fixed_by,
                          .feed = STR("clair"),
                          .link = v->about.link,
                          .about = about};
    return 0;
}

static int compare(const void *left, const void *right)
{
    const struct finding *a = left, *b = right;
    if (a->severity != b->severity)
        return a->severity > b->severity ? -1 : 1;
    int order = str_cmp(a->package->name, b->package->name);
    if (!order)
        order = str_cmp(a->package->version, b->package->version);
    return order ? order : str_cmp(a->id, b->id);
}

/* Who found nothing at all has not said that there is nothing. */
static int add_problem(struct making *m, const struct answer *a)
{
    if (a->namespace.len || a->features.len)
        return 0;
    struct problem *p = vec_push(&m->result->problems, m->arena);
    if (!p)
        return -1;
    *p = (struct problem){E_UNSUPPORTED, STR("server"),
                          STR("it recognised neither a distribution nor packages in this image")};
    return 0;
}

static int make(struct making *m, const struct answer *a)
{
    struct scan_result *r = m->result;
    int rc = add_layers(m);
    for (size_t i = 0; i < a->features.len && rc == 0; i++)
        rc = add_package(m, &a->features.ptr[i]);
    for (size_t i = 0; i < a->features.len && rc == 0; i++) /* packages do not move any more */
        for (size_t k = 0; k < a->features.ptr[i].vulnerabilities.len && rc == 0; k++)
            rc = add_finding(m, &r->packages.ptr[i], &a->features.ptr[i].vulnerabilities.ptr[k]);
    if (rc == 0 && r->findings.len)
        qsort(r->findings.ptr, r->findings.len, sizeof *r->findings.ptr, compare);
    return rc < 0 ? rc : add_problem(m, a);
}

int answer_result(const struct answer *a, const struct target *target, struct arena *arena,
                  struct scan_result *ret, struct error *err)
{
    struct making m = {.target = target, .arena = arena, .result = ret, .layers = map_make(arena)};
    bool tells = a->namespace.len || !a->features.len; /* API 3 does so of each feature only */
    *ret = (struct scan_result){.reference = target->host,
                                .digest = target->digest,
                                .namespace = tells ? a->namespace : a->features.ptr[0].namespace,
                                .judged = a->features.len};
    if (make(&m, a) < 0)
        return error_set(err, E_LIMIT, "the server's answer takes more than %zu bytes of memory",
                         arena->limit);
    return 0;
}
