#include "server/api.h"

#include "base/limits.h"
#include "base/memory.h"
#include "net/url.h"
#include "os/clock.h"
#include "os/log.h"
#include "os/worker.h"
#include "report/html_text.h"
#include "server/cache.h"
#include "server/token.h"
#include "store/store.h"

#define PLAIN "text/plain; charset=utf-8"

static const struct api_route routes[] = {
    {"POST", "layers", "v1/postLayer", api_post_layer},
    {"GET", "layers/:layer", "v1/getLayer", api_get_layer, true},
    {"DELETE", "layers/:layer", "v1/deleteLayer", api_delete_layer},
    {"GET", "namespaces", "v1/getNamespaces", api_get_namespaces},
    {"GET", "namespaces/:ns/vulnerabilities", "v1/getVulnerabilities", api_list_vulnerabilities},
    {"POST", "namespaces/:ns/vulnerabilities", "v1/postVulnerability", api_post_vulnerability},
    {"GET", "namespaces/:ns/vulnerabilities/:name", "v1/getVulnerability", api_get_vulnerability},
    {"PUT", "namespaces/:ns/vulnerabilities/:name", "v1/putVulnerability", api_put_vulnerability},
    {"DELETE", "namespaces/:ns/vulnerabilities/:name", "v1/deleteVulnerability", api_delete_vulnerability},
    {"GET", "namespaces/:ns/vulnerabilities/:name/fixes", "v1/getFixes", api_get_fixes},
    {"PUT", "namespaces/:ns/vulnerabilities/:name/fixes/:feature", "v1/putFix", api_put_fix},
    {"DELETE", "namespaces/:ns/vulnerabilities/:name/fixes/:feature", "v1/deleteFix", api_delete_fix},
    {"GET", "notifications/:name", "v1/getNotification", api_get_notification},
    {"DELETE", "notifications/:name", "v1/deleteNotification", api_delete_notification},
    {"GET", "metrics", "???", api_get_metrics},
};
enum { ROUTES = sizeof routes / sizeof *routes };

/* ---- routing ---- */

/* Percent-decoded, as of the arena; what is no escape stays. */
static struct str decode(struct arena *arena, struct str s, bool plus)
{
    char *out = arena_alloc(arena, s.len + 1, 1);
    size_t n = 0;
    while (out && s.len) {
        bool blank = plus && s.ptr[0] == '+';
        char c = str_cut_percent(&s);
        out[n++] = blank ? ' ' : c;
    }
    return (struct str){out ? out : "", n};
}

/* Whether the decoded path is this pattern; parameters are non-empty. */
static bool matches(const char *pattern, struct str path, bool any_case, struct str params[API_PARAMS_MAX])
{
    struct str rest = str_of(pattern);
    size_t n = 0;
    while (rest.len) {
        struct str wanted = str_cut(&rest, '/');
        bool last = !rest.len, more = str_find(path, '/') < path.len;
        struct str got = str_cut(&path, '/');
        if (!got.len || last == more)
            return false;
        if (wanted.ptr[0] == ':')
            params[n++] = got;
        else if (any_case ? !str_eq_nocase(got, wanted) : !str_eq(got, wanted))
            return false;
    }
    return true;
}

/* The route, or NULL with *ret_known when the path is known for other methods. */
static const struct api_route *find(struct str method, struct str path, struct str params[API_PARAMS_MAX],
                                    bool *ret_known)
{
    *ret_known = false;
    for (size_t i = 0; i < ROUTES; i++) {
        struct str here[API_PARAMS_MAX] = {0};
        if (!matches(routes[i].path, path, false, here))
            continue;
        *ret_known = true;
        if (str_eq(method, str_of(routes[i].method))) {
            memcpy(params, here, sizeof here);
            return &routes[i];
        }
    }
    return NULL;
}

/* The path as it should have been written: without a slash at its end, its words in lower case. NULL: none such. */
static const char *corrected(struct str path, struct str params[API_PARAMS_MAX])
{
    if (str_ends(path, STR("/")))
        path.len--;
    for (size_t i = 0; i < ROUTES; i++)
        if (matches(routes[i].path, path, true, params))
            return routes[i].path;
    return NULL;
}

static void say(struct server_answer *a, unsigned status, const char *text)
{
    a->status = status;
    a->content_type = PLAIN;
    buf_add(&a->headers, STR("X-Content-Type-Options: nosniff\n"));
    buf_add(&a->body, str_of(text));
}

/* To the same place written right. */
static void redirect(struct call *c, const char *pattern, const char *prefix, const struct str *params)
{
    struct server_answer *a = c->answer;
    CLEANUP(buf_done) struct buf to = buf_make(2 * URL_MAX);
    struct str rest = str_of(pattern);
    bool get = str_eq(c->request->method, STR("GET"));
    buf_add(&to, str_of(prefix));
    while (rest.len) {
        struct str word = str_cut(&rest, '/');
        buf_add_char(&to, '/');
        if (word.ptr[0] == ':')
            url_escape(&to, *params++);
        else
            buf_add(&to, word);
    }
    if (c->request->query.len) {
        buf_add_char(&to, '?');
        buf_add(&to, c->request->query);
    }
    a->status = get ? 301 : 307;
    buf_add(&a->headers, STR("Location: "));
    buf_add(&a->headers, buf_str(&to));
    buf_add_char(&a->headers, '\n');
    if (get) {
        a->content_type = "text/html; charset=utf-8";
        buf_add(&a->body, STR("<a href=\""));
        html_attribute(&a->body, buf_str(&to)); /* the query is the client's */
        buf_add(&a->body, STR("\">Moved Permanently</a>.\n\n"));
    }
}

static void headers_of_json(struct server_answer *a, unsigned status)
{
    a->status = status;
    a->content_type = "application/json;charset=utf-8";
    a->compress = true;
    buf_add(&a->headers, STR("Server: clair\n"));
}

static void answer_kept(struct call *c, const struct api_route *route)
{
    CLEANUP(buf_done) struct buf question = buf_make(SERVER_TARGET_MAX);
    uint64_t epoch = 0;
    buf_add(&question, c->params[0]);
    buf_add_char(&question, '\n');
    buf_add(&question, c->request->query);
    if (cache_get(c->api->cache, c->store, buf_str(&question), &c->answer->body, &epoch)) {
        headers_of_json(c->answer, 200);
        return;
    }
    route->handle(c);
    if (c->answer->status == 200)
        cache_put(c->api->cache, buf_str(&question), buf_str(&c->answer->body), epoch);
}

static void call_route(struct call *c, const struct api_route *route)
{
    struct api_thread *t = c->thread;
    bool rebuilt;
    if (!t->store && store_open(&t->store, c->api->database, &rebuilt, &c->err) < 0) {
        api_broken(c);
        return;
    }
    c->store = t->store;
    if (route->kept) {
        answer_kept(c, route);
        return;
    }
    route->handle(c);
    if (!str_eq(c->request->method, STR("GET")))
        cache_forget(c->api->cache);
}

static void dispatch(struct call *c)
{
    struct str path = decode(&c->arena, c->request->path, false);
    bool known, bare = str_starts(path, STR("/v1")) && !str_starts(path, STR("/v1/"));
    struct str params[API_PARAMS_MAX] = {0};
    if (!str_starts(path, STR("/v1"))) {
        say(c->answer, 404, "404 page not found\n");
        return;
    }
    path = str_skip(path, bare ? 3 : 4);
    const struct api_route *route = bare ? NULL : find(c->request->method, path, c->params, &known);
    if (route) {
        call_route(c, route);
        return;
    }
    if (!bare && known) {
        say(c->answer, 405, "Method Not Allowed\n");
        return;
    }
    const char *pattern = corrected(path, params);
    if (pattern)
        redirect(c, pattern, bare ? "" : "/v1", params);
    else
        say(c->answer, 404, "404 page not found\n");
}

void api_handle(void *api, const struct server_request *r, struct server_answer *a)
{
    struct call c = {
        .api = api, .thread = r->thread, .request = r, .answer = a, .arena = arena_make(API_MEMORY_MAX)};
    dispatch(&c);
    arena_done(&c.arena);
}

bool api_is_slow(void *api, const struct server_request *r)
{
    (void)api;
    return !str_eq(r->method, STR("GET")); /* what writes may wait for a feed's load */
}

void *api_thread_start(void *ctx)
{
    const struct api *api = ctx;
    struct api_thread *t = memory_new(sizeof *t);
    struct error ignored; /* an unreachable database is asked for again by each request */
    bool rebuilt;
    t->worker = worker_new();
    if (store_open(&t->store, api->database, &rebuilt, &ignored) < 0)
        t->store = NULL;
    return t;
}

void api_thread_stop(void *api, void *thread)
{
    struct api_thread *t = thread;
    (void)api;
    store_close(t->store);
    worker_free(t->worker);
    free(t);
}

void api_request_done(void *ctx, const struct server_request *r, unsigned status, uint64_t nanoseconds)
{
    struct api *api = ctx;
    struct arena arena = arena_make(KIB(64));
    struct str params[API_PARAMS_MAX];
    bool known;
    char code[16];
    const struct api_route *route =
        str_starts(r->path, STR("/v1/"))
            ? find(r->method, decode(&arena, str_skip(r->path, 4), false), params, &known)
            : NULL;
    arena_done(&arena);
    if (route)
        metrics_observe(api->metrics, (size_t)(route - routes), route->name, status, nanoseconds);
    snprintf(code, sizeof code, "%u", status);
    log_event(LOG_INFO, "Handled HTTP request", LOG_NUM("elapsed time", nanoseconds),
              LOG_STR("method", r->method), LOG_STR("remote addr", r->peer),
              LOG_URL("request uri", r->target), LOG_STR("status", str_of(code)), LOG_END);
}

/* ---- answers ---- */

struct json_writer api_begin(struct call *c)
{
    struct json_writer w;
    json_writer_init(&w, &c->answer->body, 0);
    w.html = true;
    json_write_object(&w);
    return w;
}

void api_end(struct call *c, struct json_writer *w, unsigned status)
{
    struct server_answer *a = c->answer;
    json_write_object_end(w);
    buf_add_char(&a->body, '\n');
    headers_of_json(a, status);
}

void api_fail_str(struct call *c, unsigned status, struct str message, const char *detail)
{
    buf_clear(&c->answer->body);
    buf_clear(&c->answer->headers);
    struct json_writer w = api_begin(c);
    json_write_key(&w, STR("Error"));
    json_write_object(&w);
    json_write_member(&w, STR("Message"), message);
    if (detail && *detail)
        json_write_member(&w, STR("Detail"), str_of(detail));
    json_write_object_end(&w);
    api_end(c, &w, status);
}

void api_fail(struct call *c, unsigned status, const char *message, const char *detail)
{
    api_fail_str(c, status, str_of(message), detail);
}

void api_not_found(struct call *c)
{
    api_fail(c, 404, "the resource cannot be found", NULL);
}

void api_broken(struct call *c)
{
    metrics_count(c->api->metrics, METRIC_DATABASE_ERRORS);
    api_fail(c, 500, "database: an error occured when querying the backend", c->err.text);
}

void api_done(struct call *c)
{
    c->answer->status = 200;
}

void api_deleted(struct call *c, int rc)
{
    if (rc < 0)
        api_broken(c);
    else if (rc == 0)
        api_not_found(c);
    else
        api_done(c);
}

/* ---- queries ---- */

bool api_value(struct call *c, const char *name, struct str *ret)
{
    struct str query = c->request->query;
    while (query.len) {
        struct str value = str_cut(&query, '&');
        struct str key = str_cut(&value, '=');
        if (str_eq(decode(&c->arena, key, true), str_of(name))) {
            *ret = decode(&c->arena, value, true);
            return true;
        }
    }
    return false;
}

bool api_flag(const struct call *c, const char *name)
{
    struct str query = c->request->query;
    while (query.len) {
        struct str value = str_cut(&query, '&');
        if (str_eq(str_cut(&value, '='), str_of(name)))
            return true;
    }
    return false;
}

/* An integer as Go's strconv.Atoi takes it; errors in its words. */
static int parse_limit(struct call *c, struct str text, int64_t *ret)
{
    CLEANUP(buf_done) struct buf message = buf_make(KIB(4));
    uint64_t n = 0;
    struct str digits = text;
    bool minus = str_starts(text, STR("-"));
    if (minus || str_starts(text, STR("+")))
        digits = str_skip(text, 1);
    bool syntax = digits.len > 0;
    for (size_t i = 0; i < digits.len; i++)
        syntax &= digits.ptr[i] >= '0' && digits.ptr[i] <= '9';
    if (syntax && str_u64(digits, (uint64_t)INT64_MAX, &n) == 0) {
        *ret = minus ? -(int64_t)n : (int64_t)n;
        return 0;
    }
    char shown[200];
    buf_printf(&message, "invalid limit format: strconv.Atoi: parsing \"%s\": %s",
               str_printable(text, shown, sizeof shown), syntax ? "value out of range" : "invalid syntax");
    api_fail_str(c, 400, buf_str(&message), NULL);
    return -(int)E_USAGE;
}

int api_limit(struct call *c, int64_t least, int64_t *ret)
{
    struct str text;
    if (!api_value(c, "limit", &text)) {
        api_fail(c, 400, "must provide limit query parameter", NULL);
        return -(int)E_USAGE;
    }
    if (parse_limit(c, text, ret) < 0)
        return -(int)E_USAGE;
    if (*ret < least) {
        api_fail(c, 400, "limit value should not be less than zero", NULL);
        return -(int)E_USAGE;
    }
    return 0;
}

/* ---- tokens ---- */

void api_token_make(struct call *c, struct str text, struct buf *ret)
{
    if (token_make(c->api->token_key, clock_seconds(), text, ret, &c->err) < 0)
        buf_clear(ret);
}

int api_token_read(struct call *c, struct str token, struct str *ret)
{
    CLEANUP(buf_done) struct buf text = buf_make(KIB(4));
    if (token_read(c->api->token_key, clock_seconds(), token, &text) == 0 &&
        arena_str(&c->arena, str_trim(buf_str(&text)), ret) == 0)
        return 0;
    api_fail(c, 400, "invalid page format: invalid or expired pagination token", NULL);
    return -(int)E_USAGE;
}
