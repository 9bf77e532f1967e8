#include "scan/judge.h"

#include "base/buf.h"
#include "base/limits.h"
#include "match/match.h"
#include "model/namespace.h"
#include "os/clock.h"
#include "store/store.h"

struct judging {
    struct scan_result *result;
    struct store *store;
    struct arena *arena;
    struct matches matches;
    const struct package *package;
    struct error *err;
    /* of the feed that is being asked: schemes and links come with it */
    struct store_feed feed;
    const struct version_scheme *scheme;
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

static int take_row(void *ctx, struct str feed, struct str packed)
{
    struct judging *j = ctx;
    if (!str_eq(feed, j->feed.name))
        return 0; /* one feed judges a namespace */
    return match_row(&j->matches, j->package, j->scheme, j->feed.name, packed, j->err);
}

static int judge_package(struct judging *j, const struct package *p)
{
    if (!j->scheme->valid(p->source_version)) {
        j->result->unjudged++;
        char version[128];
        return add_problem(j, E_BAD_INPUT, p->name,
                           "version \"%s\" is not one that %s can compare: not judged",
                           str_printable(p->source_version, version, sizeof version), j->scheme->name);
    }
    j->result->judged++;
    j->package = p;
    return store_advisories(j->store, j->result->namespace, p->source_name, take_row, j, j->err);
}

static int make_link(struct judging *j, struct finding *f)
{
    CLEANUP(buf_done) struct buf link = buf_make(URL_MAX);
    advisory_link(j->feed.link, f->id, &link);
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

static int note_feed(struct judging *j)
{
    struct result_feed *f = vec_push(&j->result->feeds, j->arena);
    if (!f)
        return error_set(j->err, E_LIMIT, "no room for the report");
    *f = (struct result_feed){
        .name = j->feed.name,
        .title = j->feed.title,
        .fetched = j->feed.fetched,
        .published = j->feed.published,
        .snapshot = j->feed.snapshot,
        .stale = store_feed_is_stale(&j->feed, clock_seconds()),
        .packages = j->result->judged,
    };
    return 0;
}

static int judge_all(struct judging *j)
{
    int rc = 0;
    j->matches = (struct matches){.arena = j->arena};
    vec_each (&j->result->packages, p) {
        rc = judge_package(j, p);
        if (rc < 0)
            return rc;
    }
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
            add_problem(j, E_BAD_INPUT, j->feed.name,
                        "%zu advisories have a fixed version that cannot be compared", j->matches.unreadable);
    return rc < 0 ? rc : note_feed(j);
}

int judge(struct scan_result *ret, struct store *store, struct arena *arena, struct error *err)
{
    struct judging j = {.result = ret, .store = store, .arena = arena, .err = err};
    struct str feed = {0};
    int rc = ret->namespace.len ? store_namespace_known(store, ret->namespace, arena, &feed, err) : 0;
    if (rc > 0)
        rc = store_feed_get(store, feed, arena, &j.feed, err);
    if (rc < 0)
        return rc;
    const struct namespace_release *release = namespace_find(ret->namespace);
    char today[32];
    const char *last_day = !release ? "" : release->lts_eol[0] ? release->lts_eol : release->eol;
    if (last_day[0] && strncmp(last_day, clock_text(clock_seconds(), today, sizeof today), 10) < 0)
        ret->end_of_life = str_of(last_day);
    j.scheme = rc > 0 ? version_scheme_find(j.feed.scheme) : NULL;
    if (!j.scheme)
        return ret->packages.len ? leave_unjudged(&j) : 0;
    return judge_all(&j);
}
