#include "client/clair.h"

#include "base/limits.h"
#include "base/memory.h"
#include "client/answer.h"
#include "format/json_write.h"
#include "net/url.h"

struct clair {
    const struct clair_options *options;
    struct worker *worker;
    struct http *http;
    struct buf url, body;
    struct http_response response;
};

int clair_new(struct clair **ret, const struct clair_options *options, struct worker *worker,
              struct error *err)
{
    CLEANUP(clair_freep) struct clair *c = memory_new(sizeof *c);
    struct url parts;
    c->options = options;
    c->worker = worker;
    c->url = buf_make(URL_MAX);
    c->body = buf_make(OCI_DOCUMENT_MAX);
    const struct http_options http = {.ca_file = options->ca_file,
                                      .client_cert = options->client_cert,
                                      .client_key = options->client_key,
                                      .insecure = options->insecure,
                                      .stall_seconds = options->timeout_seconds ? options->timeout_seconds
                                                                                : CLAIR_SILENCE_SECONDS,
                                      .interrupted = options->interrupted};
    if (url_parse(str_of(options->url), &parts, err) < 0)
        return error_in(err, "the server's address");
    int rc = http_new(&c->http, &http, err);
    if (rc == 0)
        *ret = STEAL(c);
    return rc;
}

void clair_free(struct clair *c)
{
    http_free(c->http);
    buf_done(&c->url);
    buf_done(&c->body);
    http_response_done(&c->response);
    free(c);
}

/* ---- requests ---- */

/* What may stand in a path as it is, and so does with other clients; RFC 3986, 3.3. */
static bool plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~:", c));
}

static void put_segment(struct buf *b, struct str s)
{
    for (; s.len; s = str_skip(s, 1))
        if (plain(*s.ptr))
            buf_add_char(b, *s.ptr);
        else
            buf_printf(b, "%%%02X", (unsigned char)*s.ptr);
}

/* Ancestries have no colon in their name. */
static struct str name_of(const struct clair *c, const struct target_layer *l, struct buf *b)
{
    buf_clear(b);
    for (struct str s = l->name; s.len; s = str_skip(s, 1))
        buf_add_char(b, c->options->v3 && *s.ptr == ':' ? '_' : *s.ptr);
    return buf_str(b);
}

static const struct target_layer *last(const struct target *t)
{
    return &t->layers.ptr[t->layers.len - 1];
}

/* layer: NULL for none. */
static int make_url(struct clair *c, const char *path, const struct target_layer *layer, const char *query,
                    struct error *err)
{
    CLEANUP(buf_done) struct buf name = buf_make(URL_MAX);
    struct str base = str_of(c->options->url);
    while (str_ends(base, STR("/")))
        base.len--;
    buf_clear(&c->url);
    buf_add(&c->url, base);
    buf_add(&c->url, str_of(path));
    if (layer)
        put_segment(&c->url, name_of(c, layer, &name));
    buf_add(&c->url, str_of(query));
    buf_add_char(&c->url, 0);
    return buf_finish(&c->url, "URL", err);
}

static int send(struct clair *c, const char *method, struct error *err)
{
    const struct http_request request = {.method = method,
                                         .url = c->url.ptr,
                                         .body = buf_str(&c->body),
                                         .content_type = "application/json",
                                         .body_max = CLAIR_ANSWER_MAX};
    return http_send(c->http, &request, &c->response, err);
}

/* The answer is none that was hoped for. */
static int refused(struct clair *c, const struct target *t, struct trouble *trouble, struct error *err)
{
    const struct http_response *r = &c->response;
    char reason[300];
    answer_reason(c->worker, buf_str(&r->refusal), reason, sizeof reason);
    *trouble = (struct trouble){.what = TROUBLE_CLAIR, .status = r->status};
    memcpy(trouble->reason, r->reason, sizeof trouble->reason);
    if (r->status == 404)
        return error_set(err, E_NOT_FOUND, "the server does not know %.*s: push it first%s%s",
                         STR_ARG(t->host), *reason ? "; it says: " : "", reason);
    bool denied = r->status == 401 || r->status == 403;
    return error_set(err, denied ? E_DENIED : E_NETWORK, "the server answers %d%s%s", r->status,
                     *reason ? ": " : "", reason);
}

static int ask(struct clair *c, const struct target *t, const char *method, struct trouble *trouble,
               struct error *err)
{
    int rc = send(c, method, err);
    bool good = rc == 0 && c->response.status >= 200 && c->response.status < 300;
    return rc < 0 || good ? rc : refused(c, t, trouble, err);
}

int clair_knows(struct clair *c, const struct target *t, size_t layer, struct trouble *trouble,
                struct error *err)
{
    bool v3 = c->options->v3;
    buf_clear(&c->body);
    int rc = make_url(c, v3 ? "/ancestry/" : "/v1/layers/", &t->layers.ptr[layer], "", err);
    if (rc == 0)
        rc = send(c, "GET", err);
    if (rc < 0 || c->response.status == 404)
        return rc;
    return c->response.status == 200 ? 1 : refused(c, t, trouble, err);
}

int clair_analysis(struct clair *c, const struct target *t, struct buf *ret, struct trouble *trouble,
                   struct error *err)
{
    bool v3 = c->options->v3;
    buf_clear(&c->body);
    int rc = v3 ? make_url(c, "/ancestry/", last(t), "?with_vulnerabilities=1&with_features=1", err)
                : make_url(c, "/v1/layers/", last(t), "?features&vulnerabilities", err);
    if (rc == 0)
        rc = ask(c, t, "GET", trouble, err);
    if (rc == 0) {
        buf_done(ret);
        *ret = c->response.body;
        c->response.body = buf_make(0);
    }
    return rc;
}

int clair_delete(struct clair *c, const struct target *t, size_t layer, struct trouble *trouble,
                 struct error *err)
{
    if (c->options->v3) {
        *trouble = (struct trouble){.what = TROUBLE_VERSION};
        return error_set(err, E_UNSUPPORTED, "Clair's API 3 cannot delete");
    }
    buf_clear(&c->body);
    int rc = make_url(c, "/v1/layers/", &t->layers.ptr[layer], "", err);
    return rc < 0 ? rc : ask(c, t, "DELETE", trouble, err);
}

/* ---- what is sent ---- */

/* Path and Headers of a layer, with the key names of either API. */
static int put_place(struct json_writer *w, struct target *t, const struct target_layer *l,
                     const char *authorization, bool v3, struct error *err)
{
    CLEANUP(buf_done) struct buf path = buf_make(URL_MAX);
    int rc = target_path(t, l, &path, err);
    if (rc < 0)
        return rc;
    json_write_member(w, v3 ? STR("path") : STR("Path"), buf_str(&path));
    if (authorization) {
        json_write_key(w, v3 ? STR("headers") : STR("Headers"));
        json_write_object(w);
        json_write_member(w, STR("Authorization"), str_of(authorization));
        json_write_object_end(w);
    }
    return 0;
}

static int make_layer(struct clair *c, struct target *t, size_t layer, const char *authorization,
                      struct error *err)
{
    struct json_writer w;
    const struct target_layer *l = &t->layers.ptr[layer];
    buf_clear(&c->body);
    json_writer_init(&w, &c->body, 0);
    json_write_object(&w);
    json_write_key(&w, STR("Layer"));
    json_write_object(&w);
    json_write_member(&w, STR("Name"), l->name);
    int rc = put_place(&w, t, l, authorization, false, err);
    json_write_member(&w, STR("Format"), str_of(t->format));
    if (layer)
        json_write_member(&w, STR("ParentName"), l[-1].name);
    json_write_object_end(&w);
    json_write_object_end(&w);
    return rc < 0 ? rc : buf_finish(&c->body, "the request", err);
}

static int make_ancestry(struct clair *c, struct target *t, const char *authorization, struct error *err)
{
    struct json_writer w;
    CLEANUP(buf_done) struct buf name = buf_make(URL_MAX);
    int rc = 0;
    buf_clear(&c->body);
    json_writer_init(&w, &c->body, 0);
    json_write_object(&w);
    json_write_member(&w, STR("ancestry_name"), name_of(c, last(t), &name));
    json_write_member(&w, STR("format"), str_of(t->format));
    json_write_key(&w, STR("layers"));
    json_write_array(&w);
    for (size_t i = 0; i < t->layers.len && rc == 0; i++) {
        const struct target_layer *l = &t->layers.ptr[i];
        json_write_object(&w);
        json_write_member(&w, STR("hash"), l->digest.text[0] ? digest_str(&l->digest) : l->name);
        rc = put_place(&w, t, l, authorization, true, err);
        json_write_object_end(&w);
    }
    json_write_array_end(&w);
    json_write_object_end(&w);
    return rc < 0 ? rc : buf_finish(&c->body, "the request", err);
}

static int attempt(struct clair *c, struct target *t, size_t layer, const char *authorization,
                   struct trouble *trouble, struct error *err)
{
    int rc = c->options->v3 ? make_ancestry(c, t, authorization, err)
                            : make_layer(c, t, layer, authorization, err);
    return rc < 0 ? rc : ask(c, t, "POST", trouble, err);
}

/* A server that could not fetch a layer answers 400: perhaps since what it showed to the registry has expired, which
   not every registry says beforehand. So it gets something new once, if there is such. */
static int post(struct clair *c, struct target *t, size_t layer, struct trouble *trouble, struct error *err)
{
    CLEANUP(free_p) char *shown = NULL, *fresh = NULL;
    struct error failed = {0}, ignored = {0};
    int rc = target_authorization(t, false, &shown, &failed);
    if (rc == 0)
        rc = attempt(c, t, layer, shown, trouble, &failed);
    if (rc < 0 && trouble->status == 400 && shown && target_authorization(t, true, &fresh, &ignored) == 0 &&
        fresh && strcmp(fresh, shown) != 0) {
        *trouble = (struct trouble){0};
        rc = attempt(c, t, layer, fresh, trouble, &failed);
    }
    if (rc < 0)
        *err = failed;
    return rc;
}

int clair_post_layer(struct clair *c, struct target *t, size_t layer, struct trouble *trouble,
                     struct error *err)
{
    int rc = make_url(c, "/v1/layers", NULL, "", err);
    return rc < 0 ? rc : post(c, t, layer, trouble, err);
}

int clair_post_ancestry(struct clair *c, struct target *t, struct trouble *trouble, struct error *err)
{
    int rc = make_url(c, "/ancestry", NULL, "", err);
    return rc < 0 ? rc : post(c, t, 0, trouble, err);
}
