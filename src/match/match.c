#include "match/match.h"

#include <stdlib.h>

#include "base/wire.h"

/* Whether the installed version has the flaw. An advisory with a fixed version is decided by it, whatever its
   status says beside: a release may have got the fix after it was put off. */
static bool applies(struct matches *m, const struct package *p, const struct version_scheme *scheme,
                    const struct advisory *a)
{
    if (a->status == ADVISORY_NOT_AFFECTED)
        return false;
    if (a->status == ADVISORY_UNDETERMINED) {
        m->undetermined++;
        return false;
    }
    if (!a->fixed_version.len)
        return true;
    if (!scheme->valid(a->fixed_version)) {
        m->unreadable++;
        return false;
    }
    return scheme->compare(p->source_version, a->fixed_version) < 0;
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
    f->feed = feed;
    return 0;
}

int match_row(struct matches *m, const struct package *p, const struct version_scheme *scheme,
              struct str feed, struct str packed, struct error *err)
{
    struct wire w = wire_make(packed);
    struct advisory a;
    int rc;
    while ((rc = advisory_unpack(&w, &a, err)) > 0)
        if (applies(m, p, scheme, &a) && (rc = add(m, p, feed, &a, err)) < 0)
            return rc;
    return rc < 0 ? error_in(err, "advisories about %.*s (limpid update --rebuild makes them anew)",
                             STR_ARG(p->source_name))
                  : 0;
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
