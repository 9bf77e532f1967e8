#include "match/match.h"

#include <stdlib.h>

#include "base/wire.h"
#include "match/stream.h"

static bool for_arch(struct str arches, struct str arch)
{
    return !arches.len || str_eq(arch, STR("noarch")) || str_has_word(arches, arch) ||
           str_has_word(arches, STR("noarch"));
}

static bool is_modular(struct str version)
{
    return str_has(version, STR(".module"));
}

/* "nodejs:18:…" of the module "nodejs:18". Old rpms have no label: then the release tells whether it is of a module. */
static bool of_module(const struct advisory *a, const struct package *p)
{
    struct str module = a->module;
    if (!module.len)
        return !(a->flags & ADVISORY_STREAMS) || (!p->module.len && !is_modular(p->version)) ||
               is_modular(a->fixed_version);
    while (p->module.len && module.len) {
        struct str stream = str_cut(&module, ' ');
        if (str_starts(p->module, stream) &&
            (p->module.len == stream.len || p->module.ptr[stream.len] == ':'))
            return true;
    }
    return !p->module.len && is_modular(p->version);
}

/* Oracle's ksplice and FIPS builds have versions of their own, which say nothing of others. */
static unsigned flavour_of(struct str version)
{
    unsigned flavour = str_ends(version, STR("_fips")) ? 2 : 0;
    for (; version.len; version = str_skip(version, 1))
        if (str_starts(version, STR(".ksplice")))
            return flavour | 1;
    return flavour;
}

enum verdict { OUTSIDE, INSIDE, UNREADABLE };

/* Where the version is in the advisory's range. */
static enum verdict in_range(const struct version_scheme *scheme, struct str version,
                             const struct advisory *a)
{
    const struct str bounds[] = {a->introduced, a->last_affected, a->fixed_version};
    for (size_t i = 0; i < 3; i++)
        if (bounds[i].len && !scheme->valid(bounds[i]))
            return UNREADABLE;
    if (a->introduced.len && scheme->compare(version, a->introduced) < 0)
        return OUTSIDE;
    if (a->last_affected.len && scheme->compare(version, a->last_affected) > 0)
        return OUTSIDE;
    return a->fixed_version.len && scheme->compare(version, a->fixed_version) >= 0 ? OUTSIDE : INSIDE;
}

bool match_range(const struct version_scheme *scheme, struct str version, const struct advisory *a)
{
    return in_range(scheme, version, a) == INSIDE;
}

/* Whether an advisory speaks of the package, whatever its version. One about a source whose flaw is fixed tells nothing: the
   packages that were built from it have advisories of their own. */
static bool concerns(const struct package *p, const struct match_feed *feed, const struct advisory *a)
{
    if (feed->of_source && feed->sources && (a->fixed_version.len || a->flags & ADVISORY_OWN_NAME))
        return false;
    return a->status != ADVISORY_NOT_AFFECTED && for_arch(a->arches, p->arch) && of_module(a, p);
}

/* Whether the installed version has the flaw. An advisory with a fixed version is decided by it, whatever its
   status says beside: a release may have got the fix after it was put off. */
static bool applies(struct matches *m, const struct package *p, const struct match_feed *feed,
                    const struct advisory *a)
{
    if (a->product.len && !stream_has_product(p->products, a->product))
        return false;
    if (a->fixed_version.len && feed->scheme == &version_rpm &&
        flavour_of(a->fixed_version) != flavour_of(match_version(feed, p)))
        return false;
    if (a->status == ADVISORY_UNDETERMINED) {
        m->undetermined++;
        return false;
    }
    enum verdict v = in_range(feed->scheme, match_version(feed, p), a);
    m->unreadable += v == UNREADABLE;
    return v == INSIDE;
}

/* Who is subscribed to Ubuntu's longer support gets its fixes; which of the two services has a package's, nobody tells. */
static bool is_subscribed(const struct package *p)
{
    return str_has_word(p->products, STR("esm-infra")) || str_has_word(p->products, STR("esm-apps"));
}

static int add(struct matches *m, const struct package *p, struct str feed, const struct advisory *a,
               struct error *err)
{
    struct finding *f = vec_push(&m->findings, m->arena);
    if (!f || arena_str(m->arena, a->id, &f->id) < 0 ||
        arena_str(m->arena, a->fixed_version, &f->fixed_version) < 0)
        return error_set(err, E_LIMIT, "more findings than one report may hold");
    f->package = p;
    f->severity = a->severity;
    f->status = a->status;
    f->flags = is_subscribed(p) ? a->flags & ~(unsigned)ADVISORY_SUBSCRIPTION : a->flags;
    f->feed = feed;
    return 0;
}

/* Adds what the fixes of one id come to, when another id follows them. */
static int add_chosen(struct matches *m, const struct match_feed *feed, struct stream_choice *choice,
                      struct str next, struct error *err)
{
    struct advisory chosen;
    if (!choice->id.len || str_eq(choice->id, next) || !stream_end(choice, feed->scheme, &chosen))
        return 0;
    return add(m, choice->package, feed->name, &chosen, err);
}

static int take_record(struct matches *m, const struct match_feed *feed, struct stream_choice *choice,
                       const struct advisory *a, struct error *err)
{
    const struct package *p = choice->package;
    int rc = add_chosen(m, feed, choice, a->id, err);
    if (rc < 0 || !concerns(p, feed, a))
        return rc;
    if (a->flags & ADVISORY_STREAMS && a->fixed_version.len && feed->scheme->valid(a->fixed_version))
        stream_add(choice, feed->scheme, a);
    else if (applies(m, p, feed, a))
        return add(m, p, feed->name, a, err);
    return 0;
}

int match_row(struct matches *m, const struct package *p, const struct match_feed *feed, struct str packed,
              struct error *err)
{
    struct wire w = wire_make(packed);
    struct stream_choice choice = stream_begin(p, match_version(feed, p));
    struct advisory a;
    int rc;
    while ((rc = advisory_unpack(&w, &a, err)) > 0) {
        int taken = take_record(m, feed, &choice, &a, err);
        if (taken < 0)
            return taken;
    }
    if (rc == 0)
        return add_chosen(m, feed, &choice, STR(""), err);
    return error_in(err, "advisories about %.*s (limpid update --rebuild makes them anew)",
                    STR_ARG(feed->binary ? p->name : p->source_name));
}

static int by_id(const void *x, const void *y)
{
    const struct finding *a = x, *b = y;
    int r = str_cmp(a->id, b->id);
    return r ? r : str_cmp(a->feed, b->feed);
}

/* How much of an answer the fix is. */
static int worth(const struct finding *f)
{
    return !f->fixed_version.len ? 0 : f->flags & ADVISORY_SUBSCRIPTION ? 1 : 2;
}

static bool is_better(const struct finding *a, const struct finding *b, const struct version_scheme *scheme)
{
    int wa = worth(a), wb = worth(b);
    return wa != wb ? wa > wb : wa && scheme->compare(a->fixed_version, b->fixed_version) > 0;
}

void matches_merge(struct matches *m, size_t first, const struct version_scheme *scheme)
{
    size_t count = m->findings.len - first, kept = first;
    if (count < 2)
        return;
    struct finding *all = m->findings.ptr;
    qsort(all + first, count, sizeof *all, by_id);
    for (size_t i = first + 1; i < m->findings.len; i++) {
        struct finding *best = &all[kept], *f = &all[i];
        if (!str_eq(best->id, f->id)) {
            all[++kept] = *f;
            continue;
        }
        enum severity worst = best->severity > f->severity ? best->severity : f->severity;
        if (is_better(f, best, scheme))
            *best = *f;
        best->severity = worst;
    }
    m->findings.len = kept + 1;
}

static int worst_first(const void *x, const void *y)
{
    const struct finding *a = x, *b = y;
    if (a->severity != b->severity)
        return a->severity > b->severity ? -1 : 1;
    int r = str_cmp(a->package->name, b->package->name);
    if (!r)
        r = str_cmp(a->package->version, b->package->version);
    if (!r)
        r = str_cmp(a->package->arch, b->package->arch);
    if (!r)
        r = str_cmp(a->package->path, b->package->path);
    if (!r)
        r = str_cmp(a->id, b->id);
    return r ? r : str_cmp(a->feed, b->feed);
}

void matches_sort(struct matches *m)
{
    if (m->findings.len)
        qsort(m->findings.ptr, m->findings.len, sizeof *m->findings.ptr, worst_first);
}
