#include "image/registry_auth.h"

#include "base/limits.h"
#include "base/memory.h"
#include "format/base64.h"
#include "image/document.h"
#include "image/registry_explain.h"
#include "net/challenge.h"

/* "NAME CREDENTIALS", to be freed. */
static char *header_text(const char *scheme, struct str value)
{
    size_t n = strlen(scheme);
    char *text = memory_new(n + value.len + 2);
    memcpy(text, scheme, n);
    text[n] = ' ';
    if (value.len)
        memcpy(text + n + 1, value.ptr, value.len);
    return text;
}

static char *basic(const struct credentials *c)
{
    struct buf plain = buf_make(CREDENTIALS_FILE_MAX), coded = buf_make(2 * CREDENTIALS_FILE_MAX);
    buf_printf(&plain, "%s:%s", c->username, c->password);
    base64_encode(&coded, buf_str(&plain));
    char *text = header_text("Basic", buf_str(&coded));
    buf_done(&plain);
    buf_done(&coded);
    return text;
}

static bool has_password(const struct credentials *c)
{
    return c->username && c->password;
}

/* ---- the token server ---- */

struct token_server {
    const struct registry_challenge *challenge;
    struct http *http;
    struct worker *worker;
    struct url realm;
    struct buf realm_text;
    struct str service, scope; /* the scope may be several, with blanks between them */
    char own_scope[600];
    struct error *err;
};

/* Whoever hears the way to the token server would get the password, or a token made by somebody else. */
static int check_realm(struct token_server *t)
{
    char shown[200];
    const struct url *realm = &t->realm;
    if (realm->tls || !t->challenge->url.tls || url_host_loopback(realm->host) ||
        url_host_listed(realm->host, realm->port, str_of(t->challenge->insecure)))
        return 0;
    return error_set(t->err, E_DENIED, "%s wants its tokens fetched from %s, without TLS", t->challenge->host,
                     url_printable(realm, shown, sizeof shown));
}

static int set_realm(struct token_server *t, struct str realm)
{
    if (!realm.len)
        return error_set(t->err, E_NETWORK, "%s does not say where its tokens come from", t->challenge->host);
    int r = url_resolve(&t->challenge->url, realm, &t->realm_text, t->err);
    if (r == 0)
        r = url_parse(buf_str(&t->realm_text), &t->realm, t->err);
    return r < 0 ? error_in(t->err, "token server of %s", t->challenge->host) : check_realm(t);
}

static void add_field(struct buf *b, const char *name, struct str value)
{
    if (!value.len)
        return;
    buf_printf(b, "&%s=", name);
    url_escape(b, value);
}

static int take_token(struct token_server *t, const struct http_response *response, char **ret)
{
    struct arena arena = arena_make(OCI_ARENA_MAX);
    struct oci_document doc;
    int r = document_read(t->worker, buf_str(&response->body), OCI_TOKEN, &arena, &doc, t->err);
    if (r == 0 && !doc.token.len)
        r = error_set(t->err, E_NETWORK, "its answer has no token");
    if (r == 0)
        *ret = header_text("Bearer", doc.token);
    arena_done(&arena);
    return r;
}

static int ask(struct token_server *t, const struct http_request *request, char **ret, int *ret_status)
{
    struct http_response response = {0};
    char reason[200];
    int r = http_send(t->http, request, &response, t->err);
    *ret_status = r < 0 ? 0 : response.status;
    if (r == 0 && response.status != 200) {
        registry_reason(t->worker, &response, reason, sizeof reason);
        bool denied = response.status == 401 || response.status == 403 || response.status == 400;
        r = error_set(t->err, denied ? E_DENIED : E_NETWORK, "it answers %d%s", response.status, reason);
    } else if (r == 0) {
        r = take_token(t, &response, ret);
    }
    http_response_done(&response);
    return r;
}

/* POST with a refresh token. 1: a token; 0: the server knows no such request. */
static int post(struct token_server *t, char **ret)
{
    struct buf form = buf_make(URL_MAX + CREDENTIALS_FILE_MAX);
    int status = 0;
    buf_add(&form, STR("grant_type=refresh_token&client_id=limpid"));
    add_field(&form, "service", t->service);
    add_field(&form, "scope", t->scope);
    add_field(&form, "refresh_token", str_of(t->challenge->credentials->identity_token));
    const struct http_request request = {.method = "POST",
                                         .url = t->realm_text.ptr,
                                         .body = buf_str(&form),
                                         .content_type = "application/x-www-form-urlencoded",
                                         .body_max = OCI_DOCUMENT_MAX};
    struct error trouble = {0}, *err = t->err;
    int r = buf_finish(&form, "credentials", &trouble);
    t->err = &trouble;
    if (r == 0)
        r = ask(t, &request, ret, &status);
    t->err = err;
    if (r < 0 && status != 404 && status != 405)
        *err = trouble;
    else
        r = r == 0;
    buf_done(&form);
    return r;
}

static int get(struct token_server *t, char **ret)
{
    const struct credentials *c = t->challenge->credentials;
    struct buf url = buf_make(URL_MAX), fields = buf_make(URL_MAX);
    CLEANUP(free_p) char *authorization = has_password(c) ? basic(c) : NULL;
    int status;
    add_field(&fields, "service", t->service);
    for (struct str scope = t->scope; scope.len;)
        add_field(&fields, "scope", str_cut(&scope, ' '));
    if (has_password(c))
        add_field(&fields, "account", str_of(c->username));
    buf_add(&url, buf_str(&t->realm_text));
    url.len = str_find(buf_str(&url), '#');
    if (fields.len) {
        buf_add(&url, str_find(buf_str(&url), '?') < url.len ? STR("&") : STR("?"));
        buf_add(&url, str_skip(buf_str(&fields), 1));
    }
    buf_add_char(&url, 0);
    int r = buf_finish(&fields, "URL", t->err);
    if (r == 0)
        r = buf_finish(&url, "URL", t->err);
    const struct http_request request = {
        .url = url.ptr, .authorization = authorization, .body_max = OCI_DOCUMENT_MAX};
    if (r == 0)
        r = ask(t, &request, ret, &status);
    buf_done(&fields);
    buf_done(&url);
    return r < 0 ? r : 1;
}

static int bearer(struct token_server *t, const struct challenge *c, char **ret)
{
    char shown[200];
    t->service = challenge_param(c, STR("service"));
    t->scope = challenge_param(c, STR("scope"));
    if (!t->scope.len) {
        snprintf(t->own_scope, sizeof t->own_scope, "repository:%s:pull", t->challenge->repository);
        t->scope = str_of(t->own_scope);
    }
    int r = set_realm(t, challenge_param(c, STR("realm")));
    if (r < 0)
        return r;
    buf_add_char(&t->realm_text, 0);
    t->realm_text.len--;
    r = t->challenge->credentials->identity_token ? post(t, ret) : 0;
    if (r == 0)
        r = get(t, ret);
    if (r < 0)
        return error_in(t->err, "token server %s of %s", url_printable(&t->realm, shown, sizeof shown),
                        t->challenge->host);
    return r;
}

/* ---- which challenge ---- */

int registry_authorize(struct http *http, struct worker *worker, const struct registry_challenge *challenge,
                       char **ret, struct error *err)
{
    struct arena arena = arena_make(HTTP_HEADERS_MAX * 4);
    struct token_server t = {.challenge = challenge,
                             .http = http,
                             .worker = worker,
                             .realm_text = buf_make(URL_MAX + 1),
                             .err = err};
    struct challenge c, bearer_challenge;
    struct str left = challenge->text;
    bool asks_bearer = false, asks_basic = false;
    struct error broken = {0};
    int r;
    while ((r = challenge_next(&left, &arena, &c, &broken)) > 0) {
        asks_basic |= str_eq_nocase(c.scheme, STR("Basic"));
        if (!asks_bearer && str_eq_nocase(c.scheme, STR("Bearer"))) {
            bearer_challenge = c;
            asks_bearer = true;
        }
    }
    if (asks_bearer) {
        r = bearer(&t, &bearer_challenge, ret);
    } else if (asks_basic) {
        r = has_password(challenge->credentials);
        if (r)
            *ret = basic(challenge->credentials);
    } else if (r < 0) {
        *err = broken;
        r = error_in(err, "%s", challenge->host);
    } else {
        r = error_set(err, E_UNSUPPORTED, "%s asks for neither a password (Basic) nor a token (Bearer)",
                      challenge->host);
    }
    buf_done(&t.realm_text);
    arena_done(&arena);
    return r;
}
