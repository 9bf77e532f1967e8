#include "scan/judge.h"

#include "base/buf.h"
#include "base/limits.h"
#include "match/match.h"
#include "model/namespace.h"
#include "model/vendor.h"
#include "os/clock.h"
#include "scan/enrich.h"
#include "scan/products.h"
#include "store/store.h"

/* A feed that speaks of the image's namespace. */
struct judge_feed {
    struct store_feed meta;
    struct match_feed match;
};

/* Which names of a package the store is asked for; one question where they are the same. */
enum { BY_SOURCE = 1, BY_BINARY = 2 };

struct judging {
    struct scan_result *result;
    struct store *store;
    struct arena *arena;
    struct matches matches;
    VEC(struct judge_feed) feeds;
    unsigned names;  /* that any of them uses */
    unsigned asking; /* by which the store is being asked */
    const struct package *package;
    struct error *err;
};

static int add_problem(struct judging *j, enum error_code code, struct str where, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static int add_problem(struct judging *j, enum error_code code, struct str where, const char *fmt, ...)
{
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    struct problem *p = vec_push(&j->result->problems, j->arena);
    if (!p || arena_str(j->arena, str_of(text), &p->text) < 0)
        return error_set(j->err, E_LIMIT, "more problems than one report may hold");
    p->code = code;
    p->where = where;
    return 0;
}

static unsigned names_of(const struct judge_feed *f)
{
    return f->match.sources ? BY_SOURCE | BY_BINARY : f->match.binary ? BY_BINARY : BY_SOURCE;
}

/* What people posted to the API is of no feed, and judged elsewhere. */
static const struct judge_feed *find_feed(const struct judging *j, struct str name)
{
    vec_each (&j->feeds, f)
        if (str_eq(f->meta.name, name))
            return f;
    return NULL;
}

static int take_row(void *ctx, struct str feed, struct str packed)
{
    struct judging *j = ctx;
    const struct judge_feed *f = find_feed(j, feed);
    if (!f || !(names_of(f) & j->asking))
        return 0;
    struct match_feed by = f->match;
    by.of_source = !(j->asking & BY_BINARY);
    return match_row(&j->matches, j->package, &by, packed, j->err);
}

/* A feed that can compare the package's version; NULL: none can. */
static const struct judge_feed *able_feed(const struct judging *j, const struct package *p)
{
    vec_each (&j->feeds, f)
        if (f->match.scheme->valid(match_version(&f->match, p)))
            return f;
    return NULL;
}

static int ask(struct judging *j, unsigned names, struct str name)
{
    j->asking = names & j->names;
    return j->asking ? store_advisories(j->store, j->result->namespace, name, take_row, j, j->err) : 0;
}

static int judge_package(struct judging *j, const struct package *p)
{
    const struct judge_feed *able = able_feed(j, p);
    if (!able) {
        j->result->unjudged++;
        char version[128];
        return add_problem(
            j, E_BAD_INPUT, p->name, "version \"%s\" is not one that %s can compare: not judged",
            str_printable(p->source_version, version, sizeof version), j->feeds.ptr[0].match.scheme->name);
    }
    size_t first = j->matches.findings.len;
    bool same = str_eq(p->name, p->source_name);
    j->result->judged++;
    j->package = p;
    int rc = ask(j, same ? BY_SOURCE | BY_BINARY : BY_SOURCE, p->source_name);
    if (rc == 0 && !same)
        rc = ask(j, BY_BINARY, p->name);
    if (rc == 0)
        matches_merge(&j->matches, first, able->match.scheme);
    return rc;
}

static int make_link(struct judging *j, struct finding *f)
{
    CLEANUP(buf_done) struct buf link = buf_make(URL_MAX);
    const struct judge_feed *feed = find_feed(j, f->feed);
    advisory_link(feed ? feed->meta.link : STR(""), f->id, &link);
    int rc = buf_finish(&link, "the address of a vulnerability's page", j->err);
    if (rc == 0 && arena_str(j->arena, buf_str(&link), &f->link) < 0)
        rc = error_set(j->err, E_LIMIT, "more findings than one report may hold");
    return rc;
}

/* Nothing judges these packages: a reason is part of the answer. */
static int leave_unjudged(struct judging *j)
{
    struct scan_result *r = j->result;
    CLEANUP(buf_done) struct buf why = buf_make(1024);
    char safe[128];
    r->unjudged = r->packages.len;
    if (!r->namespace.len)
        buf_add(&why, STR("the image does not tell which distribution it is"));
    else
        buf_printf(&why, "no feed has advisories about %s", str_printable(r->namespace, safe, sizeof safe));
    if (arena_str(j->arena, buf_str(&why), &r->unjudged_why) < 0)
        return error_set(j->err, E_LIMIT, "no room for the report");
    return add_problem(j, E_UNSUPPORTED, r->namespace, "%.*s: %zu packages were not judged",
                       STR_ARG(r->unjudged_why), r->packages.len);
}

enum { VENDORS_SHOWN = 3 };

/* What others built has versions of its own: it is judged like the rest, and told. */
static int note_foreign(struct judging *j)
{
    CLEANUP(buf_done) struct buf from = buf_make(KIB(2));
    struct str shown[VENDORS_SHOWN];
    size_t vendors = 0;
    vec_each (&j->result->packages, p) {
        if (!vendor_is_foreign(j->result->namespace, p))
            continue;
        j->result->foreign++;
        struct str name = vendor_name(p);
        bool known = false;
        for (size_t i = 0; i < vendors && !known; i++)
            known = str_eq(shown[i], name);
        if (known || vendors == VENDORS_SHOWN)
            continue;
        buf_printf(&from, "%s" STR_FMT, vendors ? ", " : "", STR_ARG(name));
        shown[vendors++] = name;
    }
    return arena_str(j->arena, buf_str(&from), &j->result->foreign_from) < 0
               ? error_set(j->err, E_LIMIT, "no room for the report")
               : 0;
}

static int note_feeds(struct judging *j)
{
    vec_each (&j->feeds, feed) {
        struct result_feed *f = vec_push(&j->result->feeds, j->arena);
        if (!f)
            return error_set(j->err, E_LIMIT, "no room for the report");
        *f = (struct result_feed){
            .name = feed->meta.name,
            .title = feed->meta.title,
            .fetched = feed->meta.fetched,
            .published = feed->meta.published,
            .snapshot = feed->meta.snapshot,
            .stale = store_feed_is_stale(&feed->meta, clock_seconds()),
            .packages = j->result->judged,
        };
    }
    return 0;
}

static int judge_all(struct judging *j)
{
    int rc = products_assign(j->result, j->store, j->arena, j->err);
    j->matches = (struct matches){.arena = j->arena};
    for (size_t i = 0; i < j->result->packages.len && rc == 0; i++)
        rc = judge_package(j, &j->result->packages.ptr[i]);
    if (rc == 0)
        rc = note_feeds(j);
    if (rc == 0)
        rc = enrich(&j->matches, j->result, j->store, j->err);
    if (rc < 0)
        return rc;
    matches_sort(&j->matches);
    vec_each (&j->matches.findings, f) {
        rc = make_link(j, f);
        if (rc < 0)
            return rc;
    }
    j->result->findings.ptr = j->matches.findings.ptr;
    j->result->findings.len = j->matches.findings.len;
    j->result->undetermined = j->matches.undetermined;
    if (j->matches.unreadable)
        rc =
            add_problem(j, E_BAD_INPUT, j->feeds.ptr[0].meta.name,
                        "%zu advisories have a fixed version that cannot be compared", j->matches.unreadable);
    return rc < 0 ? rc : note_foreign(j);
}

static int take_feed(void *ctx, const struct store_feed *meta)
{
    struct judging *j = ctx;
    const struct version_scheme *scheme = version_scheme_find(meta->scheme);
    struct judge_feed *f = scheme ? vec_push(&j->feeds, j->arena) : NULL;
    if (!scheme)
        return 0; /* of another version of limpid */
    if (!f)
        return error_set(j->err, E_LIMIT, "no room for the report");
    *f = (struct judge_feed){*meta, {meta->name, scheme, meta->binary, meta->sources, false}};
    j->names |= names_of(f);
    return 0;
}

int judge(struct scan_result *ret, struct store *store, struct arena *arena, struct error *err)
{
    struct judging j = {.result = ret, .store = store, .arena = arena, .err = err};
    int rc = ret->namespace.len ? store_namespace_feeds(store, ret->namespace, arena, take_feed, &j, err) : 0;
    if (rc < 0)
        return rc;
    const struct namespace_release *release = namespace_find(ret->namespace);
    char today[32];
    const char *last_day = !release ? "" : release->lts_eol[0] ? release->lts_eol : release->eol;
    if (last_day[0] && strncmp(last_day, clock_text(clock_seconds(), today, sizeof today), 10) < 0)
        ret->end_of_life = str_of(last_day);
    if (!j.feeds.len)
        return ret->packages.len ? leave_unjudged(&j) : 0;
    return judge_all(&j);
}
