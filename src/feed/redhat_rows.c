#include <stdlib.h>

#include "base/limits.h"
#include "feed/redhat.h"
#include "version/version.h"

/* One thing that is said; several that differ in product and architecture only become one record. */
struct fact {
    struct redhat_component c;
    enum advisory_status status;
    enum severity severity;
    unsigned flags;
};

struct rows {
    struct feed_sink *sink;
    struct arena *arena;
    struct error *err;
    const struct csaf_document *document;
    const struct csaf_vulnerability *vulnerability;
    VEC(struct fact) facts;
    struct map kernels; /* versions of kernels that are named: what else has one was built with it */
    struct buf arches, products, packed;
};

/* Releases for which what names none counts: those that RHEL's products of the day run on. */
static const unsigned any_release[] = {7, 8, 9, 10};

static int no_room(struct rows *r)
{
    return error_set(r->err, E_LIMIT, "csaf: more products than one document may have");
}

static int tell(struct rows *r, const struct csaf_product *p, const char *text)
{
    char place[2 * (ADVISORY_TEXT_MAX + 1)], shown[sizeof place];
    if (!r->sink->problem)
        return 0;
    snprintf(place, sizeof place, STR_FMT " " STR_FMT, STR_ARG(r->vulnerability->cve), STR_ARG(p->id));
    str_printable(str_of(place), shown, sizeof shown);
    return r->sink->problem(r->sink, str_of(shown), text, r->err);
}

/* ---- words ---- */

enum advisory_status redhat_unfixed_status(struct str remedy)
{
    if (str_eq_nocase(remedy, STR("Will not fix")))
        return ADVISORY_WILL_NOT_FIX;
    if (str_eq_nocase(remedy, STR("Fix deferred")))
        return ADVISORY_FIX_DEFERRED;
    return str_eq_nocase(remedy, STR("Out of support scope")) ? ADVISORY_END_OF_LIFE : ADVISORY_AFFECTED;
}

/* A product under two statuses has the one that says more: a fix, then a flaw. */
static enum advisory_status status_of(const struct csaf_product *p, struct str evr)
{
    if (p->status & CSAF_FIXED)
        return str_eq(evr, STR("0")) ? ADVISORY_NOT_AFFECTED : ADVISORY_FIXED;
    if (p->status & CSAF_AFFECTED)
        return redhat_unfixed_status(str_trim(p->remedy));
    return p->status & CSAF_INVESTIGATED ? ADVISORY_UNDETERMINED : ADVISORY_NOT_AFFECTED;
}

/* ---- facts ---- */

/* Whether anybody can install it and be harmed, or be told that he is not. */
static bool is_wanted(const struct redhat_component *c, enum advisory_status status)
{
    bool is_source = str_eq(c->arch, STR("src"));
    if (status == ADVISORY_NOT_AFFECTED)
        return !c->product.len && (!c->evr.len || str_eq(c->evr, STR("0")));
    return !(status == ADVISORY_FIXED && is_source) && redhat_is_program(c->name);
}

static int add_fact(struct rows *r, const struct fact *fact)
{
    struct fact *kept = vec_push(&r->facts, r->arena);
    if (!kept)
        return no_room(r);
    *kept = *fact;
    return 0;
}

/* What is not fixed names the source, as whose kernel the packages themselves are meant, and no headers. */
static int add_kernel(struct rows *r, struct fact fact)
{
    const struct str name = fact.c.name;
    char *core = arena_alloc(r->arena, name.len + 5, 1);
    if (!core)
        return no_room(r);
    fact.flags |= ADVISORY_OWN_NAME;
    int rc = add_fact(r, &fact);
    memcpy(core, name.ptr, name.len);
    memcpy(core + name.len, "-core", 5);
    fact.c.name = (struct str){core, name.len + 5};
    return rc < 0 ? rc : add_fact(r, &fact);
}

static int add_fixed_kernel(struct rows *r, const struct fact *fact)
{
    void **place = map_at(&r->kernels, fact->c.evr);
    if (!place)
        return no_room(r);
    *place = r;
    return add_fact(r, fact);
}

static bool is_usable(struct str text)
{
    return !text.len || advisory_word_valid(text);
}

/* What is said of names and versions that are none; NULL: nothing. */
static const char *find_fault(const struct fact *f)
{
    if (!advisory_word_valid(f->c.name) || !is_usable(f->c.arch) || !is_usable(f->c.module) ||
        !is_usable(f->c.product))
        return "a component without a proper name";
    if (f->status == ADVISORY_FIXED && (!advisory_word_valid(f->c.evr) || !version_rpm.valid(f->c.evr) ||
                                        str_find(f->c.evr, '-') == f->c.evr.len))
        return "a fixed version that is none";
    return NULL;
}

static int add_wanted(struct rows *r, struct fact f)
{
    bool is_kernel = redhat_is_kernel(f.c.name);
    if (f.status != ADVISORY_FIXED)
        f.c.evr = (struct str){0};
    if (str_eq(f.c.arch, STR("noarch")) || str_eq(f.c.arch, STR("src")))
        f.c.arch = (struct str){0};
    if (is_kernel)
        return f.status == ADVISORY_FIXED ? add_fixed_kernel(r, &f) : add_kernel(r, f);
    return str_starts(f.c.name, STR("kernel-")) ? 0 : add_fact(r, &f);
}

static int add_product(struct rows *r, const struct csaf_product *p)
{
    struct fact f = {.flags = ADVISORY_STREAMS};
    const char *fault;
    int rc = redhat_component_of(p, r->arena, &f.c, &fault, r->err);
    if (rc <= 0)
        return rc < 0 || !fault ? rc : tell(r, p, fault);
    f.status = status_of(p, f.c.evr);
    f.severity = severity_of(str_trim(p->impact.len ? p->impact : r->document->impact));
    if (!is_wanted(&f.c, f.status))
        return 0;
    fault = find_fault(&f);
    return fault ? tell(r, p, fault) : add_wanted(r, f);
}

/* ---- rows ---- */

static int by_record(const struct fact *x, const struct fact *y)
{
    int r = x->c.release < y->c.release ? -1 : x->c.release > y->c.release;
    if (!r)
        r = str_cmp(x->c.name, y->c.name);
    if (!r)
        r = (int)x->status - (int)y->status;
    if (!r)
        r = str_cmp(x->c.evr, y->c.evr);
    if (!r)
        r = str_cmp(x->c.module, y->c.module);
    if (!r)
        r = (int)x->severity - (int)y->severity;
    return r ? r : (int)x->flags - (int)y->flags;
}

static int by_fact(const void *a, const void *b)
{
    const struct fact *x = a, *y = b;
    int r = by_record(x, y);
    if (!r)
        r = str_cmp(x->c.product, y->c.product);
    return r ? r : str_cmp(x->c.arch, y->c.arch);
}

/* Adds a word that the list does not have; false: it would be too long. */
static bool add_word(struct buf *list, struct str word)
{
    if (str_has_word(buf_str(list), word))
        return true;
    if (list->len + (list->len != 0) + word.len > ADVISORY_TEXT_MAX)
        return false;
    if (list->len)
        buf_add_char(list, ' ');
    buf_add(list, word);
    return true;
}

/* What is fixed on the four architectures of today is fixed on all. */
static bool is_everywhere(struct str arches)
{
    return str_has_word(arches, STR("x86_64")) && str_has_word(arches, STR("aarch64")) &&
           str_has_word(arches, STR("ppc64le")) && str_has_word(arches, STR("s390x"));
}

static void put_record(struct rows *r, const struct fact *f, uint32_t *count)
{
    struct advisory a = {
        .id = r->vulnerability->cve,
        .status = f->status,
        .severity = f->severity,
        .fixed_version = f->c.evr,
        .flags = f->flags,
        .module = f->c.module,
    };
    if (!is_everywhere(buf_str(&r->arches)))
        a.arches = buf_str(&r->arches);
    a.product = buf_str(&r->products);
    advisory_pack(&r->packed, &a);
    ++*count;
}

/* Facts of one record from *at on: products and architectures become lists. What is said of RHEL itself is for everybody. */
static void put_facts(struct rows *r, size_t *at, uint32_t *count)
{
    const struct fact *first = &r->facts.ptr[*at], *end = first, *last = r->facts.ptr + r->facts.len;
    bool all_arches = false, everybody = !first->c.product.len;
    buf_clear(&r->arches);
    buf_clear(&r->products);
    for (; end < last && by_record(end, first) == 0; end++)
        all_arches |= !end->c.arch.len || !add_word(&r->arches, end->c.arch);
    if (all_arches)
        buf_clear(&r->arches);
    for (const struct fact *f = first; f < end && !everybody; f++)
        if (!add_word(&r->products, f->c.product)) {
            put_record(r, first, count);
            buf_clear(&r->products);
            add_word(&r->products, f->c.product);
        }
    put_record(r, first, count);
    *at += (size_t)(end - first);
}

static int give_row(struct rows *r, unsigned release, struct str name, uint32_t count)
{
    char namespace[32];
    snprintf(namespace, sizeof namespace, "centos:%u", release);
    const struct advisory_row row = {str_of(namespace), name, count, buf_str(&r->packed)};
    return r->sink->row(r->sink, &row, r->err);
}

/* All records of a package in a release are one row. */
static int give_package(struct rows *r, size_t *at)
{
    const struct fact *first = &r->facts.ptr[*at];
    uint32_t count = 0;
    buf_clear(&r->packed);
    while (*at < r->facts.len && r->facts.ptr[*at].c.release == first->c.release &&
           str_eq(r->facts.ptr[*at].c.name, first->c.name))
        put_facts(r, at, &count);
    int rc = buf_finish(&r->packed, "advisories", r->err);
    if (rc < 0)
        return error_in(r->err, "csaf: " STR_FMT, STR_ARG(r->vulnerability->cve));
    if (first->c.release)
        return give_row(r, first->c.release, first->c.name, count);
    for (size_t i = 0; i < sizeof any_release / sizeof *any_release && rc == 0; i++)
        rc = give_row(r, any_release[i], first->c.name, count);
    return rc;
}

/* What was built from a kernel's source beside it: perf, bpftool, headers of libraries. */
static void drop_built_with_kernels(struct rows *r)
{
    size_t n = 0;
    vec_each (&r->facts, f)
        if (!f->c.evr.len || redhat_is_kernel(f->c.name) || !map_get(&r->kernels, f->c.evr))
            r->facts.ptr[n++] = *f;
    r->facts.len = n;
}

static bool has_text(const struct vulnerability *v)
{
    return v->description.len || v->cvss3.len || v->cwe.len;
}

int redhat_rows_give(struct feed_sink *sink, struct arena *arena, const struct csaf_document *d,
                     const struct csaf_vulnerability *v, struct error *err)
{
    struct rows r = {
        .sink = sink,
        .arena = arena,
        .err = err,
        .document = d,
        .vulnerability = v,
        .kernels = map_make(arena),
        .arches = buf_make(KIB(4)),
        .products = buf_make(KIB(4)),
        .packed = buf_make(ADVISORY_ROW_MAX),
    };
    int rc = 0;
    for (size_t i = 0; i < v->count && rc == 0; i++)
        rc = add_product(&r, v->products[i].product);
    if (rc == 0) {
        drop_built_with_kernels(&r);
        if (r.facts.len)
            qsort(r.facts.ptr, r.facts.len, sizeof *r.facts.ptr, by_fact);
    }
    if (rc == 0 && r.facts.len && sink->about && has_text(&v->about))
        rc = sink->about(sink, &v->about, err);
    for (size_t at = 0; at < r.facts.len && rc == 0;)
        rc = give_package(&r, &at);
    buf_done(&r.arches);
    buf_done(&r.products);
    buf_done(&r.packed);
    return rc;
}
