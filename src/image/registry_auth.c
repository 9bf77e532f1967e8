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
    struct registry_grant *grant;
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

static int take_token(struct token_server *t, const struct http_response *response)
{
    struct arena arena = arena_make(OCI_ARENA_MAX);
    struct oci_document doc;
    int r = document_read(t->worker, buf_str(&response->body), OCI_TOKEN, &arena, &doc, t->err);
    if (r == 0 && !doc.token.len)
        r = error_set(t->err, E_NETWORK, "its answer has no token");
    if (r == 0) {
        const char *type = t->challenge->token_type;
        t->grant->authorization = header_text(type ? type : "Bearer", doc.token);
        t->grant->seconds = doc.expires_in;
    }
    arena_done(&arena);
    return r;
}

static int ask(struct token_server *t, const struct http_request *request)
{
    struct http_response response = {0};
    char reason[200];
    int r = http_send(t->http, request, &response, t->err);
    if (r == 0 && response.status != 200) {
        t->grant->status = response.status;
        memcpy(t->grant->reason, response.reason, sizeof t->grant->reason);
        registry_reason(t->worker, &response, reason, sizeof reason);
        bool denied = response.status == 401 || response.status == 403 || response.status == 400;
        r = error_set(t->err, denied ? E_DENIED : E_NETWORK, "it answers %d%s", response.status, reason);
    } else if (r == 0) {
        r = take_token(t, &response);
    }
    http_response_done(&response);
    return r;
}

/* POST with a refresh token. 1: a token; 0: the server knows no such request. */
static int post(struct token_server *t)
{
    struct buf form = buf_make(URL_MAX + CREDENTIALS_FILE_MAX);
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
        r = ask(t, &request);
    t->err = err;
    int status = t->grant->status;
    if (r < 0 && status != 404 && status != 405)
        *err = trouble;
    else
        r = r == 0;
    buf_done(&form);
    return r;
}

/* What stands in a configuration is asked for as it is. */
static void add_fields(struct token_server *t, struct buf *fields)
{
    const struct credentials *c = t->challenge->credentials;
    if (t->challenge->token_url)
        return;
    add_field(fields, "service", t->service);
    for (struct str scope = t->scope; scope.len;)
        add_field(fields, "scope", str_cut(&scope, ' '));
    if (has_password(c))
        add_field(fields, "account", str_of(c->username));
}

static int get(struct token_server *t)
{
    const struct credentials *c = t->challenge->credentials;
    struct buf url = buf_make(URL_MAX), fields = buf_make(URL_MAX);
    CLEANUP(free_p) char *authorization = has_password(c) ? basic(c) : NULL;
    t->grant->status = 0;
    add_fields(t, &fields);
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
        r = ask(t, &request);
    buf_done(&fields);
    buf_done(&url);
    return r < 0 ? r : 1;
}

/* What the challenge says of the way, or the configuration. */
static int find_way(struct token_server *t, const struct challenge *c)
{
    if (t->challenge->token_url) {
        buf_add(&t->realm_text, str_of(t->challenge->token_url));
        return url_parse(buf_str(&t->realm_text), &t->realm, t->err);
    }
    t->service = challenge_param(c, STR("service"));
    t->scope = challenge_param(c, STR("scope"));
    if (!t->scope.len) {
        snprintf(t->own_scope, sizeof t->own_scope, "repository:%s:pull", t->challenge->repository);
        t->scope = str_of(t->own_scope);
    }
    int r = set_realm(t, challenge_param(c, STR("realm")));
    t->grant->unclear = r < 0;
    return r;
}

static int bearer(struct token_server *t, const struct challenge *c)
{
    char shown[200];
    int r = find_way(t, c);
    if (r < 0)
        return r;
    buf_add_char(&t->realm_text, 0);
    t->realm_text.len--;
    r = t->challenge->credentials->identity_token && !t->challenge->token_url ? post(t) : 0;
    if (r == 0)
        r = get(t);
    if (r < 0)
        return error_in(t->err, "token server %s of %s", url_printable(&t->realm, shown, sizeof shown),
                        t->challenge->host);
    return r;
}

/* ---- which challenge ---- */

/* The challenges of a registry that limpid can answer. */
struct asked {
    bool basic, bearer;
    struct challenge first_bearer;
};

static int read_challenges(const struct registry_challenge *challenge, struct arena *arena, struct asked *ret,
                           struct error *err)
{
    struct challenge c;
    struct str left = challenge->text;
    struct error broken = {0};
    int r;
    while ((r = challenge_next(&left, arena, &c, &broken)) > 0) {
        ret->basic |= str_eq_nocase(c.scheme, STR("Basic"));
        if (!ret->bearer && str_eq_nocase(c.scheme, STR("Bearer"))) {
            ret->first_bearer = c;
            ret->bearer = true;
        }
    }
    if (ret->basic || ret->bearer)
        return 0;
    *err = broken;
    return r < 0 ? error_in(err, "%s", challenge->host)
                 : error_set(err, E_UNSUPPORTED,
                             "%s asks for neither a password (Basic) nor a token (Bearer)", challenge->host);
}

int registry_authorize(struct http *http, struct worker *worker, const struct registry_challenge *challenge,
                       struct registry_grant *ret, struct error *err)
{
    struct arena arena = arena_make(HTTP_HEADERS_MAX * 4);
    struct token_server t = {.challenge = challenge,
                             .http = http,
                             .worker = worker,
                             .realm_text = buf_make(URL_MAX + 1),
                             .grant = ret,
                             .err = err};
    struct asked asked = {.bearer = challenge->token_url != NULL};
    *ret = (struct registry_grant){0};
    int r = asked.bearer ? 0 : read_challenges(challenge, &arena, &asked, err);
    ret->unclear = r < 0;
    if (r == 0 && asked.bearer) {
        r = bearer(&t, &asked.first_bearer);
    } else if (r == 0) {
        r = has_password(challenge->credentials);
        if (r)
            ret->authorization = basic(challenge->credentials);
        ret->seconds = UINT64_MAX;
    }
    buf_done(&t.realm_text);
    arena_done(&arena);
    return r;
}
