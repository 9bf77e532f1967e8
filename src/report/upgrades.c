#include "report/upgrades.h"

#include "report/report.h"
#include "version/version.h"

/* Servers that know no sources give the package alone. */
static struct str source_name(const struct finding *f)
{
    return f->package->source_name.len ? f->package->source_name : f->package->name;
}

static struct str source_version(const struct finding *f)
{
    return f->package->source_version.len ? f->package->source_version : f->package->version;
}

static int by_source(const void *x, const void *y)
{
    const struct finding *a = *(const struct finding *const *)x, *b = *(const struct finding *const *)y;
    int r = str_cmp(source_name(a), source_name(b));
    if (!r)
        r = str_cmp(source_version(a), source_version(b));
    if (!r)
        r = str_cmp(a->id, b->id);
    return r ? r : str_cmp(a->package->name, b->package->name);
}

static int worst_first(const void *x, const void *y)
{
    const struct upgrade *a = x, *b = y;
    if (a->exploited != b->exploited)
        return a->exploited > b->exploited ? -1 : 1;
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
        if (a->counts[s] != b->counts[s])
            return a->counts[s] > b->counts[s] ? -1 : 1;
    int r = str_cmp(a->source, b->source);
    return r ? r : str_cmp(a->installed, b->installed);
}

static bool same_source(const struct finding *a, const struct finding *b)
{
    return str_eq(source_name(a), source_name(b)) && str_eq(source_version(a), source_version(b));
}

/* The order of versions of a package; of one whose scheme is unknown, one that sees digits as numbers. */
static const struct version_scheme *scheme_of(const struct package *p)
{
    const struct version_scheme *scheme = version_scheme_find(str_of(package_type_name(p->type)));
    return scheme ? scheme : &version_dpkg;
}

static void count(struct upgrade *u)
{
    const struct version_scheme *scheme = scheme_of(u->findings[0]->package);
    for (size_t i = 0; i < u->findings_count; i++) {
        const struct finding *f = u->findings[i];
        if (!u->fixed.len || scheme->compare(u->fixed, f->fixed_version) < 0)
            u->fixed = f->fixed_version;
        if (i && str_eq(f->id, u->findings[i - 1]->id))
            continue;
        u->counts[f->severity]++;
        u->total++;
        u->exploited += report_exploited(f);
    }
}

int upgrades_of(const struct scan_result *r, struct arena *arena, struct upgrades *ret)
{
    size_t n = 0;
    *ret = (struct upgrades){.sorted = arena_array(arena, const struct finding *, r->findings.len + 1)};
    if (!ret->sorted)
        return -1;
    vec_each (&r->findings, f)
        if (f->fixed_version.len)
            ret->sorted[n++] = f;
    qsort(ret->sorted, n, sizeof(const struct finding *), by_source);
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && same_source(ret->sorted[first], ret->sorted[end]);)
            end++;
        struct upgrade *u = vec_push(&ret->list, arena);
        if (!u)
            return -1;
        *u = (struct upgrade){.source = source_name(ret->sorted[first]),
                              .installed = source_version(ret->sorted[first]),
                              .findings = ret->sorted + first,
                              .findings_count = end - first};
        count(u);
    }
    if (ret->list.len)
        qsort(ret->list.ptr, ret->list.len, sizeof *ret->list.ptr, worst_first);
    return 0;
}
