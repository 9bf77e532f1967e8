#include "image/registry_client.h"

#include "base/limits.h"
#include "base/memory.h"
#include "image/registry_auth.h"
#include "image/registry_explain.h"
#include "net/url.h"
#include "os/clock.h"
#include "os/worker.h"

struct registry_client {
    struct registry_access *access;
    struct registry_client *next; /* while idle */
    struct http *http;
    struct worker *lent, *own; /* to read what servers say of tokens and refusals */
    atomic_bool cancelled;
};

/* ---- endpoints ---- */

#define DOCKER_HUB "docker.io"

static int endpoint_set(struct registry_endpoint *e, struct str host, struct str repository)
{
    static const struct registry_manner usual = {0};
    e->manner = &usual;
    if (str_copy(host, e->name, sizeof e->name) < 0 ||
        str_copy(repository, e->repository, sizeof e->repository) < 0)
        return -1;
    struct str place = str_eq(host, STR(DOCKER_HUB)) ? STR("registry-1.docker.io") : host;
    return str_copy(place, e->host, sizeof e->host);
}

/* "mirror.example.com[:port][/prefix]": with the repository behind it, it must be the name of an image. */
static int mirror_set(struct registry_endpoint *e, struct str mirror, const struct reference *reference,
                      struct error *err)
{
    char shown[200], name[REFERENCE_TEXT_SIZE];
    struct reference there;
    struct error broken = {0};
    int n = snprintf(name, sizeof name, "%.*s/%s", STR_ARG(mirror), reference->repository);
    size_t host = str_find(mirror, '/');
    if (n < 0 || (size_t)n >= sizeof name || reference_parse(str_of(name), &there, &broken) < 0 ||
        strlen(there.host) != host || endpoint_set(e, str_of(there.host), str_of(there.repository)) < 0)
        return error_set(err, E_USAGE, "\"%s\" is no mirror (HOST[:PORT][/PREFIX])",
                         str_printable(mirror, shown, sizeof shown));
    e->mirror = true;
    return 0;
}

int registry_access_init(struct registry_access *a, const struct reference *reference,
                         const struct image_options *options, struct error *err)
{
    *a = (struct registry_access){.options = options};
    pthread_mutex_init(&a->lock, NULL);
    a->endpoints = memory_new((REGISTRY_MIRRORS_MAX + 1) * sizeof *a->endpoints);
    for (struct str left = str_of(options->mirrors); left.len;) {
        struct str mirror = str_trim(str_cut(&left, ',')), host = str_cut(&mirror, '=');
        if (!str_eq(host, str_of(reference->host)))
            continue;
        if (a->endpoints_count == REGISTRY_MIRRORS_MAX)
            return error_set(err, E_USAGE, "%s has more than %d mirrors", reference->host,
                             REGISTRY_MIRRORS_MAX);
        int r = mirror_set(&a->endpoints[a->endpoints_count], mirror, reference, err);
        if (r < 0)
            return r;
        a->endpoints_count++;
    }
    if (endpoint_set(&a->endpoints[a->endpoints_count], str_of(reference->host),
                     str_of(reference->repository)) < 0)
        return error_set(err, E_USAGE, "%s: too long a name", reference->host);
    a->endpoints_count++;
    return 0;
}

void registry_access_set_manner(struct registry_access *a, const struct registry_manner *manner)
{
    struct registry_endpoint *e = &a->endpoints[a->endpoints_count - 1];
    e->manner = manner;
    e->plain = manner->plain;
    if (manner->username && manner->password) {
        e->looked_up = true;
        e->credentials.username = memory_text(manner->username);
        e->credentials.password = memory_text(manner->password);
    }
    if (manner->authorization) {
        e->authorization = memory_text(manner->authorization);
        e->renew_at = UINT64_MAX;
    }
}

static void client_free(struct registry_client *c)
{
    http_free(c->http);
    worker_free(c->own);
    free(c);
}

void registry_access_done(struct registry_access *a)
{
    if (!a->endpoints)
        return;
    for (struct registry_client *c = a->idle, *next; c; c = next) {
        next = c->next;
        client_free(c);
    }
    for (size_t i = 0; i < a->endpoints_count; i++) {
        credentials_done(&a->endpoints[i].credentials);
        free(a->endpoints[i].authorization);
        free(a->endpoints[i].challenge);
        free(a->endpoints[i].asked_url);
    }
    free(a->endpoints);
    pthread_mutex_destroy(&a->lock);
    *a = (struct registry_access){.options = NULL};
}

/* ---- clients ---- */

static struct registry_client *take_idle(struct registry_access *a)
{
    pthread_mutex_lock(&a->lock);
    struct registry_client *c = a->idle;
    if (c)
        a->idle = c->next;
    pthread_mutex_unlock(&a->lock);
    return c;
}

int registry_client_take(struct registry_client **ret, struct registry_access *a, struct worker *worker,
                         struct error *err)
{
    const struct image_options *o = a->options;
    struct registry_client *c = take_idle(a);
    if (!c) {
        c = memory_new(sizeof *c);
        c->access = a;
        const struct http_options http = {.ca_file = o->ca_file,
                                          .client_cert = o->client_cert,
                                          .client_key = o->client_key,
                                          .insecure = o->insecure,
                                          .stall_seconds = (unsigned)o->timeout_seconds,
                                          .interrupted = o->interrupted,
                                          .cancelled = &c->cancelled};
        int r = http_new(&c->http, &http, err);
        if (r < 0) {
            client_free(c);
            return r;
        }
    }
    c->lent = worker;
    atomic_store(&c->cancelled, false);
    *ret = c;
    return 0;
}

void registry_client_give(struct registry_client *c)
{
    struct registry_access *a = c->access;
    c->lent = NULL;
    pthread_mutex_lock(&a->lock);
    c->next = a->idle;
    a->idle = c;
    pthread_mutex_unlock(&a->lock);
}

void registry_client_cancel(struct registry_client *c)
{
    atomic_store(&c->cancelled, true);
}

static struct worker *client_worker(struct registry_client *c)
{
    if (c->lent)
        return c->lent;
    if (!c->own)
        c->own = worker_new();
    return c->own;
}

/* ---- what is asked ---- */

struct request {
    struct registry_client *client;
    struct registry_endpoint *endpoint;
    const struct registry_query *query;
    struct http_response *response;
    struct buf url;
    char *authorization; /* a copy of what is sent */
    bool renewed;        /* the authorization was made for this very request, and nothing came of it yet */
    struct error *err;
};

static void lock(struct registry_client *c)
{
    pthread_mutex_lock(&c->access->lock);
}

static void unlock(struct registry_client *c)
{
    pthread_mutex_unlock(&c->access->lock);
}

int registry_url(struct registry_client *c, struct registry_endpoint *endpoint, const char *path,
                 struct buf *ret, struct error *err)
{
    const struct registry_endpoint *e = endpoint;
    lock(c);
    bool plain = e->plain;
    unlock(c);
    buf_clear(ret);
    buf_printf(ret, "%s://%s%s/v2/%s%s%s", plain ? "http" : "https", e->host,
               e->manner->prefix ? e->manner->prefix : "", path ? e->repository : "", path ? "/" : "",
               path ? path : "");
    buf_add_char(ret, 0);
    int r = buf_finish(ret, "URL", err);
    ret->len -= r == 0;
    return r;
}

/* Takes over what other requests have learnt. */
static int prepare(struct request *q)
{
    const struct registry_endpoint *e = q->endpoint;
    lock(q->client);
    free(q->authorization);
    q->authorization = e->authorization ? memory_text(e->authorization) : NULL;
    unlock(q->client);
    return registry_url(q->client, q->endpoint, q->query->path, &q->url, q->err);
}

/* Whether the host may be spoken to without TLS: it is this machine, or the user said so. */
static bool plain_allowed(const struct request *q)
{
    struct str name;
    uint16_t port;
    if (url_host_port(str_of(q->endpoint->host), &name, &port) < 0)
        return false;
    return url_host_loopback(name) ||
           url_host_listed(name, port ? port : 443, str_of(q->client->access->options->insecure));
}

/* 1: try again without TLS; else the error, with what can be done about it. */
static int no_answer(struct request *q, int r)
{
    const char *host = q->endpoint->host;
    char text[sizeof q->err->text];
    if (q->response->not_tls && plain_allowed(q)) {
        lock(q->client);
        q->endpoint->plain = true;
        unlock(q->client);
        return 1;
    }
    memcpy(text, q->err->text, sizeof text);
    if (q->response->untrusted)
        return error_set(q->err, q->err->code,
                         "%.300s; add its authority with --ca-file, or name it with --insecure %s", text,
                         host);
    if (q->response->not_tls)
        return error_set(q->err, q->err->code, "%.300s; if it speaks plain HTTP, name it with --insecure %s",
                         text, host);
    return r;
}

static int look_up(struct request *q)
{
    struct registry_endpoint *e = q->endpoint;
    int r = 0;
    lock(q->client); /* also while a helper runs: nobody else shall run it as well */
    if (!e->looked_up) {
        r = credentials_find(q->client->access->options->auth_file, e->name, e->repository, &e->credentials,
                             q->err);
        e->looked_up = r >= 0;
    }
    unlock(q->client);
    return r < 0 ? r : 0;
}

/* Only the registry itself may ask who we are, not whoever it redirects to. */
static bool asked_by_registry(struct request *q, struct url *ret)
{
    struct error ignored = {0};
    struct url asked;
    return url_parse(str_of(q->url.ptr), &asked, &ignored) == 0 &&
           url_parse(buf_str(&q->response->url), ret, &ignored) == 0 && url_same_origin(&asked, ret);
}

/* Whether somebody else has got another authorization meanwhile. */
static bool renewed_by_others(struct request *q)
{
    const struct registry_endpoint *e = q->endpoint;
    lock(q->client);
    bool others = e->authorization && (!q->authorization || strcmp(e->authorization, q->authorization) != 0);
    unlock(q->client);
    return others;
}

static void note_refusal(struct registry_client *c, enum refused_by by, int status, const char *reason)
{
    struct registry_refused *r = &c->access->refused;
    lock(c);
    *r = (struct registry_refused){.status = status};
    r->by = by;
    snprintf(r->reason, sizeof r->reason, "%s", reason);
    unlock(c);
}

/* Fetches what the challenge asks for: 1, and it is the endpoint's; 0: there is nothing to show; < 0. */
static int obtain(struct registry_client *c, struct registry_endpoint *e,
                  const struct registry_challenge *challenge, struct error *err)
{
    struct registry_grant grant;
    uint64_t now = clock_ms();
    int r = registry_authorize(c->http, client_worker(c), challenge, &grant, err);
    if (r > 0) {
        lock(c);
        free(e->authorization);
        e->authorization = grant.authorization;
        e->renew_at = grant.seconds < UINT32_MAX ? now + grant.seconds * 500 : UINT64_MAX;
        unlock(c);
    } else if (r < 0 && (grant.unclear || grant.status)) {
        note_refusal(c, grant.unclear ? REFUSED_UNCLEAR : REFUSED_TOKEN, grant.status, grant.reason);
    }
    return r;
}

static struct registry_challenge challenge_of(const struct registry_client *c,
                                              const struct registry_endpoint *e)
{
    return (struct registry_challenge){.host = e->name,
                                       .repository = e->repository,
                                       .insecure = c->access->options->insecure,
                                       .credentials = &e->credentials,
                                       .token_url = e->manner->token_url,
                                       .token_type = e->manner->token_type};
}

static void replace(char **place, struct str text)
{
    free(*place);
    *place = memory_new(text.len + 1);
    if (text.len)
        memcpy(*place, text.ptr, text.len);
}

/* So that registry_authorization() can answer it again. */
static void keep_challenge(struct request *q, struct str text)
{
    lock(q->client);
    replace(&q->endpoint->challenge, text);
    replace(&q->endpoint->asked_url, buf_str(&q->response->url));
    unlock(q->client);
}

/* The answer is 401. 1: ask again, with what the challenge wants; 0: that was of no use; < 0. */
static int authorize(struct request *q)
{
    struct registry_challenge challenge = challenge_of(q->client, q->endpoint);
    if (q->renewed || q->endpoint->manner->authorization || !asked_by_registry(q, &challenge.url))
        return 0;
    if (renewed_by_others(q))
        return 1;
    int r = look_up(q);
    if (r < 0)
        return r;
    struct buf text = buf_make(HTTP_HEADERS_MAX);
    http_header_all(q->response, STR("www-authenticate"), &text);
    challenge.text = buf_str(&text);
    keep_challenge(q, challenge.text);
    r = obtain(q->client, q->endpoint, &challenge, q->err);
    q->renewed |= r > 0;
    buf_done(&text);
    return r;
}

static int refused(struct request *q)
{
    char what[DIGEST_TEXT_SIZE + REFERENCE_TAG_MAX + 16];
    struct str name = str_of(q->query->path), kind = str_cut(&name, '/');
    const struct registry_endpoint *e = q->endpoint;
    char note[sizeof e->credentials.note];
    lock(q->client);
    bool logged_in = e->credentials.password || e->credentials.identity_token;
    memcpy(note, e->credentials.note, sizeof note);
    unlock(q->client);
    note_refusal(q->client, REFUSED_REQUEST, q->response->status, q->response->reason);
    snprintf(what, sizeof what, "%.*s %.*s", (int)(kind.len ? kind.len - 1 : 0), kind.ptr, STR_ARG(name));
    const struct registry_refusal about = {
        .host = e->name, .repository = e->repository, .what = what, .logged_in = logged_in, .note = note};
    return registry_explain(client_worker(q->client), q->response, &about, q->err);
}

static int send_and_authorize(struct request *q)
{
    enum { ROUNDS_MAX = 16 }; /* TLS or not, a token, and others that get tokens all the time */
    uint64_t from = q->query->from;
    for (int round = 0;; round++) {
        int r = prepare(q);
        if (r < 0)
            return r;
        const struct http_request request = {.url = q->url.ptr,
                                             .headers = q->query->headers,
                                             .authorization = q->authorization,
                                             .body_max = q->query->body_max,
                                             .from = from,
                                             .verified = true,
                                             .data = q->query->data,
                                             .ctx = q->query->ctx};
        r = http_send(q->client->http, &request, q->response, q->err);
        if (q->query->data && q->response->received > from) {
            from = q->response->received;
            q->renewed = false; /* it has served: when it has expired, another may */
        }
        if (r < 0)
            r = no_answer(q, r);
        else if (q->response->status == 401 && round < ROUNDS_MAX)
            r = authorize(q);
        else
            return q->response->status == 200 ? 0 : refused(q);
        if (r <= 0)
            return r < 0 ? r : refused(q);
    }
}

int registry_get(struct registry_client *c, struct registry_endpoint *endpoint,
                 const struct registry_query *query, struct http_response *ret, struct error *err)
{
    struct error trouble = {0}; /* of attempts before the last */
    struct request q = {.client = c,
                        .endpoint = endpoint,
                        .query = query,
                        .response = ret,
                        .url = buf_make(URL_MAX),
                        .err = &trouble};
    int r = send_and_authorize(&q);
    if (r < 0)
        *err = trouble;
    free(q.authorization);
    buf_done(&q.url);
    return r;
}

/* ---- for whoever sends others to the registry ---- */

int registry_authorization(struct registry_client *c, struct registry_endpoint *endpoint, bool fresh,
                           char **ret, struct error *err)
{
    struct registry_endpoint *e = endpoint;
    struct buf text = buf_make(HTTP_HEADERS_MAX), url = buf_make(URL_MAX + 1);
    struct registry_challenge challenge = challenge_of(c, e);
    int r = 0;
    lock(c);
    bool renew = e->authorization && e->challenge && (fresh || clock_ms() >= e->renew_at);
    if (renew) {
        buf_add(&text, str_of(e->challenge));
        buf_add(&url, str_of(e->asked_url));
    }
    unlock(c);
    challenge.text = buf_str(&text);
    if (renew)
        r = url_parse(buf_str(&url), &challenge.url, err);
    if (renew && r == 0)
        r = obtain(c, e, &challenge, err);
    buf_done(&text);
    buf_done(&url);
    if (r < 0)
        return r;
    lock(c);
    *ret = e->authorization ? memory_text(e->authorization) : NULL;
    unlock(c);
    return 0;
}

int registry_ping(struct registry_client *c, struct registry_endpoint *endpoint, int *ret_status,
                  char *ret_url, size_t size, struct error *err)
{
    struct buf url = buf_make(URL_MAX);
    struct http_response response = {0};
    int r = registry_url(c, endpoint, NULL, &url, err);
    const struct http_request request = {.url = url.ptr, .body_max = OCI_DOCUMENT_MAX};
    if (r == 0)
        r = http_send(c->http, &request, &response, err);
    if (r == 0) {
        *ret_status = response.status;
        str_printable(buf_str(&url), ret_url, size);
    }
    http_response_done(&response);
    buf_done(&url);
    return r;
}
