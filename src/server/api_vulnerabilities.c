#include "base/limits.h"
#include "os/clock.h"
#include "server/clair1.h"
#include "server/fixes.h"
#include "server/learn.h"

/* A new state of a vulnerability, as a request asks for it. */
struct change {
    struct clair_vulnerability asked;
    enum severity severity;
    struct store_vulnerability old; /* id 0: there is none */
};

/* ---- checks, in Clair's order ---- */

static int refuse(struct call *c, const char *message, const char *detail)
{
    api_fail(c, 400, message, detail);
    return -(int)E_USAGE;
}

static bool has_nul(struct str s)
{
    return s.len && memchr(s.ptr, 0, s.len);
}

static int check_sizes(struct call *c, const struct clair_vulnerability *v)
{
    const struct {
        const char *what;
        struct str text;
        size_t max;
    } texts[] = {{"Name", v->name, API_NAME_MAX},
                 {"NamespaceName", v->namespace, API_NAME_MAX},
                 {"Link", v->link, API_NAME_MAX},
                 {"Description", v->description, SERVER_BODY_MAX}};
    char detail[128];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        snprintf(detail, sizeof detail, "%s has more than %zu characters, or one that is NUL", texts[i].what,
                 texts[i].max);
        if (texts[i].text.len > texts[i].max || has_nul(texts[i].text))
            return refuse(c, "could not insert an invalid vulnerability", detail);
    }
    vec_each (&v->fixes, f)
        if (f->name.len > API_NAME_MAX || f->version.len > API_NAME_MAX || has_nul(f->name) ||
            has_nul(f->version))
            return refuse(c, "could not insert an invalid vulnerability",
                          "a fix has a name or version of more than 128 characters, or one that is NUL");
    return 0;
}

static int check_fixes(struct call *c, const struct clair_vulnerability *v)
{
    vec_each (&v->fixes, f) {
        const char *refusal = fix_refusal(f, v->namespace);
        if (refusal)
            return refuse(c, refusal, NULL);
    }
    return 0;
}

static int check_name(struct call *c, const struct clair_vulnerability *v)
{
    return v->name.len && v->namespace.len
               ? 0
               : refuse(c, "insertVulnerability needs at least the Name and the Namespace", NULL);
}

/* Fixes are checked for their own form before the vulnerability is for its name, the rest after. */
static int check(struct call *c, struct change *change)
{
    struct clair_vulnerability *v = &change->asked;
    if (severity_parse(v->severity, &change->severity) < 0)
        return refuse(c, "failed to parse Severity from input", NULL);
    vec_each (&v->fixes, f) {
        const char *refusal = fix_refusal(f, f->namespace);
        if (refusal && f->name.len)
            return refuse(c, refusal, NULL);
    }
    if (check_name(c, v) < 0 || check_fixes(c, v) < 0)
        return -(int)E_USAGE;
    return check_sizes(c, v);
}

/* ---- storing ---- */

static bool is_same(const struct store_vulnerability *a, const struct store_vulnerability *b)
{
    return a->severity == b->severity && str_eq(a->link, b->link) && str_eq(a->description, b->description) &&
           str_eq(a->metadata, b->metadata) && str_eq(a->fixes, b->fixes);
}

static struct str format_of(const struct clair_vulnerability *v)
{
    vec_each (&v->fixes, f)
        if (f->format.len)
            return f->format;
    return STR("");
}

static int find_old(struct call *c, struct change *change)
{
    return store_vulnerability_get(c->store, change->asked.namespace, change->asked.name, &c->arena,
                                   &change->old, &c->err);
}

/* 0, or < 0 with the answer made. */
static int store_change(struct call *c, struct change *change)
{
    CLEANUP(buf_done) struct buf fixes = buf_make(STORE_VALUE_MAX);
    int rc = fixes_merge(c, change->old.fixes, &change->asked, change->severity, &fixes);
    const struct store_vulnerability now = {.namespace = change->asked.namespace,
                                            .name = change->asked.name,
                                            .severity = change->severity,
                                            .link = change->asked.link,
                                            .description = change->asked.description,
                                            .metadata = change->asked.metadata,
                                            .fixes = buf_str(&fixes)};
    if (rc == 0 && !(change->old.id && is_same(&change->old, &now))) {
        rc = store_vulnerability_put(c->store, &now, &change->old, format_of(&change->asked), &c->err);
        if (rc == 0 && c->api->changed)
            c->api->changed(c->api->ctx);
    }
    if (rc < 0)
        api_broken(c);
    return rc;
}

static void echo(struct call *c, const struct clair_vulnerability *v, unsigned status)
{
    struct json_writer w = api_begin(c);
    json_write_key(&w, STR("Vulnerability"));
    clair_write_vulnerability(&w, v);
    api_end(c, &w, status);
}

static int read_asked(struct call *c, struct change *change)
{
    int rc = clair_read_vulnerability(c, &change->asked);
    return rc == 0 ? refuse(c, "failed to provide vulnerability", NULL) : rc;
}

/* The namespace of the path is not looked at, as in Clair: the body's counts. */
void api_post_vulnerability(struct call *c)
{
    struct change change = {0};
    if (read_asked(c, &change) < 0 || check(c, &change) < 0)
        return;
    if (find_old(c, &change) < 0) {
        api_broken(c);
        return;
    }
    if (store_change(c, &change) == 0)
        echo(c, &change.asked, 201);
}

/* All but the fixes is replaced; one that does not exist is made. */
void api_put_vulnerability(struct call *c)
{
    struct change change = {0};
    if (read_asked(c, &change) < 0)
        return;
    const struct clair_vulnerability sent = change.asked;
    if (sent.fixes.len) {
        refuse(c, "Vulnerability.FixedIn must be empty", NULL);
        return;
    }
    change.asked.namespace = c->params[0];
    change.asked.name = c->params[1];
    if (check(c, &change) < 0)
        return;
    if (find_old(c, &change) < 0) {
        api_broken(c);
        return;
    }
    if (store_change(c, &change) == 0)
        echo(c, &sent, 200);
}

/* ---- the stored one ---- */

/* 1, or < 1 with the answer made. */
static int load(struct call *c, struct store_vulnerability *ret)
{
    int rc = store_vulnerability_get(c->store, c->params[0], c->params[1], &c->arena, ret, &c->err);
    if (rc < 0)
        api_broken(c);
    else if (rc == 0)
        api_not_found(c);
    return rc;
}

void api_get_vulnerability(struct call *c)
{
    struct store_vulnerability stored, *one = &stored;
    struct clair_vulnerability v;
    if (load(c, &stored) <= 0)
        return;
    if (api_learn(c, stored.namespace, &one, 1, NULL) < 0 ||
        clair_of_stored(c, &stored, api_flag(c, "fixedIn"), &v) < 0)
        api_broken(c);
    else
        echo(c, &v, 200);
}

void api_delete_vulnerability(struct call *c)
{
    struct store_vulnerability stored;
    if (load(c, &stored) <= 0)
        return;
    if (store_vulnerability_delete(c->store, &stored, &c->err) < 0) {
        api_broken(c);
        return;
    }
    if (c->api->changed)
        c->api->changed(c->api->ctx);
    api_done(c);
}

/* ---- its fixes ---- */

void api_get_fixes(struct call *c)
{
    struct store_vulnerability stored;
    struct clair_vulnerability v;
    if (load(c, &stored) <= 0)
        return;
    if (clair_of_stored(c, &stored, true, &v) < 0) {
        api_broken(c);
        return;
    }
    struct json_writer w = api_begin(c);
    json_write_key(&w, STR("Features"));
    if (v.fixes.len)
        json_write_array(&w);
    else
        json_write_null(&w);
    vec_each (&v.fixes, f)
        clair_write_fix(&w, f);
    if (v.fixes.len)
        json_write_array_end(&w);
    api_end(c, &w, 200);
}

/* The stored one with this fix put in. 0, or < 0 with the answer made. */
static int change_fix(struct call *c, const struct store_vulnerability *stored, struct clair_fix *fix)
{
    struct change change = {.severity = stored->severity, .old = *stored};
    change.asked = (struct clair_vulnerability){.name = stored->name,
                                                .namespace = stored->namespace,
                                                .description = stored->description,
                                                .link = stored->link,
                                                .metadata = stored->metadata};
    change.asked.fixes.ptr = fix;
    change.asked.fixes.len = 1;
    if (check_fixes(c, &change.asked) < 0 || check_sizes(c, &change.asked) < 0)
        return -(int)E_USAGE;
    return store_change(c, &change);
}

/* Clair 2.0.9 cannot do this though it documents it: we do what is documented. */
void api_put_fix(struct call *c)
{
    struct store_vulnerability stored;
    struct clair_fix fix;
    int rc = clair_read_fix(c, &fix);
    if (rc < 0)
        return;
    if (rc == 0 || !str_eq(fix.name, c->params[2])) {
        refuse(c, rc ? "feature name in URL and JSON do not match" : "failed to provide feature", NULL);
        return;
    }
    const char *refusal = fix_refusal(&fix, fix.namespace);
    if (refusal) {
        refuse(c, refusal, NULL);
        return;
    }
    if (load(c, &stored) <= 0 || change_fix(c, &stored, &fix) < 0)
        return;
    struct json_writer w = api_begin(c);
    json_write_key(&w, STR("Feature"));
    clair_write_fix(&w, &fix);
    api_end(c, &w, 200);
}

void api_delete_fix(struct call *c)
{
    struct store_vulnerability stored;
    struct clair_fix fix = {.name = c->params[2], .format = STR("dpkg"), .version = STR("#MINV#")};
    if (load(c, &stored) > 0 && change_fix(c, &stored, &fix) == 0)
        api_done(c);
}

/* ---- lists ---- */

struct page {
    struct call *call;
    struct json_writer w;
    int64_t limit, next; /* next: the id with which the next page begins, 0 none */
    VEC(struct store_vulnerability) taken;
};

static int take(void *ctx, const struct store_vulnerability *stored)
{
    struct page *p = ctx;
    struct arena *arena = &p->call->arena;
    if ((int64_t)p->taken.len == p->limit) {
        p->next = stored->id;
        return 0;
    }
    struct store_vulnerability *kept = vec_push(&p->taken, arena);
    if (!kept || store_vulnerability_keep(stored, arena, kept) < 0)
        return error_set(&p->call->err, E_LIMIT, "more vulnerabilities than one answer may hold");
    return 0;
}

static int write_taken(struct page *p)
{
    struct call *c = p->call;
    struct store_vulnerability **list = arena_array(&c->arena, struct store_vulnerability *, p->taken.len);
    if (!list)
        return error_set(&c->err, E_LIMIT, "more vulnerabilities than one answer may hold");
    for (size_t i = 0; i < p->taken.len; i++)
        list[i] = &p->taken.ptr[i];
    int rc = api_learn(c, c->params[0], list, p->taken.len, NULL);
    json_write_array(&p->w);
    for (size_t i = 0; i < p->taken.len && rc == 0; i++) {
        struct clair_vulnerability v;
        rc = clair_of_stored(c, list[i], false, &v);
        clair_write_vulnerability(&p->w, &v);
    }
    json_write_array_end(&p->w);
    return rc;
}

static int read_page(struct call *c, int64_t *ret)
{
    struct str token, text;
    uint64_t n = 0;
    *ret = 0;
    if (!api_value(c, "page", &token) || !token.len)
        return 0;
    if (api_token_read(c, token, &text) < 0)
        return -(int)E_USAGE;
    if (str_u64(text, INT64_MAX, &n) < 0)
        return refuse(c, "invalid page format: json: cannot unmarshal object into Go value of type int",
                      NULL);
    *ret = (int64_t)n;
    return 0;
}

static void write_next(struct page *p)
{
    CLEANUP(buf_done) struct buf token = buf_make(KIB(4));
    char text[32];
    snprintf(text, sizeof text, "%jd\n", (intmax_t)p->next);
    api_token_make(p->call, str_of(text), &token);
    json_write_member(&p->w, STR("NextPage"), buf_str(&token));
}

void api_list_vulnerabilities(struct call *c)
{
    struct page p = {.call = c};
    struct str format;
    int64_t from = 0;
    if (api_limit(c, 0, &p.limit) < 0 || read_page(c, &from) < 0)
        return;
    int rc = store_namespace_get(c->store, c->params[0], &c->arena, &format, &c->err);
    if (rc == 0) {
        api_not_found(c);
        return;
    }
    p.w = api_begin(c);
    json_write_key(&p.w, STR("Vulnerabilities"));
    int64_t ask = p.limit < INT64_MAX ? p.limit + 1 : p.limit;
    if (rc > 0)
        rc = store_vulnerability_list(c->store, c->params[0], from, ask, take, &p, &c->err);
    if (rc == 0 && p.taken.len)
        rc = write_taken(&p);
    else if (rc == 0)
        json_write_null(&p.w);
    if (rc < 0) {
        api_broken(c);
        return;
    }
    if (p.next)
        write_next(&p);
    api_end(c, &p.w, 200);
}

struct namespaces {
    struct json_writer w;
    bool any;
};

static int take_namespace(void *ctx, struct str name, struct str format)
{
    struct namespaces *n = ctx;
    if (!n->any)
        json_write_array(&n->w);
    n->any = true;
    json_write_object(&n->w);
    clair_write_member(&n->w, STR("Name"), name);
    clair_write_member(&n->w, STR("VersionFormat"), format);
    json_write_object_end(&n->w);
    return 0;
}

void api_get_namespaces(struct call *c)
{
    struct namespaces n = {.w = api_begin(c)};
    json_write_key(&n.w, STR("Namespaces"));
    if (store_namespace_each(c->store, take_namespace, &n, &c->err) < 0) {
        api_broken(c);
        return;
    }
    if (n.any)
        json_write_array_end(&n.w);
    else
        json_write_null(&n.w);
    api_end(c, &n.w, 200);
}

static int write_feed(void *ctx, const struct store_feed *f)
{
    struct call *c = ctx;
    struct buf *out = &c->answer->body;
    buf_printf(out, "limpid_feed_age_seconds{feed=\"%.*s\"} %jd\n", STR_ARG(f->name),
               (intmax_t)(clock_seconds() - f->fetched));
    buf_printf(out, "limpid_feed_failed{feed=\"%.*s\"} %d\n", STR_ARG(f->name), f->failure.len > 0);
    buf_printf(out, "limpid_feed_advisories{feed=\"%.*s\"} %jd\n", STR_ARG(f->name), (intmax_t)f->advisories);
    return 0;
}

/* A feed that fails is visibly stale. */
static void write_feeds(struct call *c)
{
    buf_add(&c->answer->body,
            STR("# HELP limpid_feed_age_seconds Since the feed's data were last confirmed by its publisher.\n"
                "# TYPE limpid_feed_age_seconds gauge\n"
                "# HELP limpid_feed_failed Whether the last attempt to update the feed failed.\n"
                "# TYPE limpid_feed_failed gauge\n"
                "# HELP limpid_feed_advisories Advisories that the feed has given.\n"
                "# TYPE limpid_feed_advisories gauge\n"));
    struct error ignored; /* metrics are told also without a database */
    if (store_feed_each(c->store, &c->arena, write_feed, c, &ignored) < 0)
        metrics_count(c->api->metrics, METRIC_DATABASE_ERRORS);
}

void api_get_metrics(struct call *c)
{
    c->answer->status = 200;
    c->answer->content_type = "text/plain; version=0.0.4";
    c->answer->compress = true;
    metrics_write(c->api->metrics, &c->answer->body);
    write_feeds(c);
}
