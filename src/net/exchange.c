#include "net/exchange.h"

#include <signal.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "net/address.h"
#include "os/clock.h"

#define SET(e, option, value)                                                   \
    do {                                                                        \
        if ((e)->code == CURLE_OK)                                              \
            (e)->code = (e)->curl->easy_setopt((e)->handle, (option), (value)); \
    } while (0)

/* ---- the stall clock: each period of stall_seconds must bring NET_SLOW_BYTES ---- */

static unsigned stall_seconds(const struct exchange *e)
{
    return e->options->stall_seconds ? e->options->stall_seconds : NET_STALL_SECONDS;
}

static int check_stall(struct exchange *e)
{
    uint64_t now = clock_ms(), period = (uint64_t)stall_seconds(e) * 1000;
    if (now - e->window_start < period)
        return 0;
    if (e->window_bytes < NET_SLOW_BYTES) {
        e->retry = e->moved;
        return error_set(e->err, E_TIMEOUT, "%ju bytes in %u seconds", (uintmax_t)e->window_bytes,
                         stall_seconds(e));
    }
    e->window_start = now;
    e->window_bytes = 0;
    return 0;
}

static int on_progress(void *ctx, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
    struct exchange *e = ctx;
    (void)total, (void)now, (void)up_total, (void)up_now;
    if (e->failed == 0 && http_is_cancelled(e->options))
        e->failed = error_set(e->err, E_CANCELLED, "cancelled");
    if (e->failed == 0)
        e->failed = check_stall(e);
    return e->failed != 0;
}

/* ---- header fields ---- */

/* "HTTP/1.1 404 Not Found": another answer begins; what came before was "100 Continue". */
static void begin_answer(struct exchange *e, struct str line)
{
    buf_clear(&e->response->headers);
    str_cut(&line, ' ');
    str_cut(&line, ' ');
    str_printable(line, e->response->reason, sizeof e->response->reason);
}

static size_t on_header(char *ptr, size_t size, size_t n, void *ctx)
{
    struct exchange *e = ctx;
    struct str line = str_trim((struct str){ptr, size * n});
    e->window_bytes += size * n;
    if (str_starts(line, STR("HTTP/")))
        begin_answer(e, line);
    else if (line.len) {
        buf_add(&e->response->headers, line);
        buf_add_char(&e->response->headers, '\n');
    }
    if (e->response->headers.failed && e->failed == 0)
        e->failed = error_set(e->err, E_LIMIT, "more than %zu bytes of header fields", HTTP_HEADERS_MAX);
    return e->failed ? 0 : n;
}

/* The first byte of "bytes 100-199/200"; UINT64_MAX: none. */
static uint64_t range_start(const struct http_response *r)
{
    struct str value = http_header(r, STR("content-range"));
    uint64_t start = UINT64_MAX;
    if (!str_starts(value, STR("bytes ")))
        return UINT64_MAX;
    value = str_trim(str_skip(value, 6));
    return str_u64(str_cut(&value, '-'), UINT64_MAX - 1, &start) < 0 ? UINT64_MAX : start;
}

/* Whether a whole new body is the one whose beginning was given away: a strong ETag says so, or the caller
   checks. */
static bool same_body(const struct exchange *e)
{
    return e->request->verified ||
           (e->validator && str_eq(str_of(e->validator), http_header(e->response, STR("etag"))));
}

static int check_length(struct exchange *e, uint64_t before)
{
    uint64_t length = 0, max = e->request->body_max;
    struct str value = http_header(e->response, STR("content-length"));
    if (str_u64(value, UINT64_MAX, &length) == 0 && length > max - before)
        return error_set(e->err, E_LIMIT, "announces %ju bytes, more than %ju", (uintmax_t)length,
                         (uintmax_t)(max - before));
    return 0;
}

static int body_begin(struct exchange *e)
{
    long status = 0;
    e->began = true;
    e->curl->easy_getinfo(e->handle, CURLINFO_RESPONSE_CODE, &status);
    e->response->status = (int)status;
    e->refusal = status < 200 || status > 299;
    if (e->refusal || (e->request->method && strcmp(e->request->method, "HEAD") == 0))
        return 0;
    if (status == 206) {
        uint64_t start = range_start(e->response);
        if (!e->done || start != e->done)
            return error_set(e->err, E_NETWORK, "answers with another part than the one from byte %ju on",
                             (uintmax_t)e->done);
        return check_length(e, e->done);
    }
    if (e->done && !same_body(e))
        return error_set(e->err, E_NETWORK,
                         "was cut at byte %ju and cannot be continued, as it has changed since",
                         (uintmax_t)e->done);
    e->skip = e->done;
    return check_length(e, 0);
}

static int refusal_data(struct exchange *e, struct str piece)
{
    struct buf *b = &e->response->refusal;
    size_t room = b->max - b->len;
    e->enough = piece.len > room;
    buf_add(b, (struct str){piece.ptr, piece.len < room ? piece.len : room});
    return 0;
}

static int body_data(struct exchange *e, struct str piece)
{
    size_t skip = e->skip < piece.len ? (size_t)e->skip : piece.len;
    e->skip -= skip;
    piece = str_skip(piece, skip);
    if (!piece.len)
        return 0;
    if (piece.len > e->request->body_max - e->done)
        return error_set(e->err, E_LIMIT, "more than %ju bytes", (uintmax_t)e->request->body_max);
    e->done += piece.len;
    e->moved = true;
    if (e->request->data) {
        uint64_t before = clock_ms();
        int r = e->request->data(e->request->ctx, piece, e->err);
        e->window_start += clock_ms() - before; /* the other side does not stand still while we do */
        return r;
    }
    buf_add(&e->response->body, piece);
    return 0;
}

static size_t on_data(char *ptr, size_t size, size_t n, void *ctx)
{
    struct exchange *e = ctx;
    struct str piece = {ptr, size * n};
    e->window_bytes += piece.len;
    if (!e->began)
        e->failed = body_begin(e);
    if (e->failed == 0)
        e->failed = e->refusal ? refusal_data(e, piece) : body_data(e, piece);
    return e->failed || e->enough ? 0 : n;
}

/* ---- what is asked ---- */

/* Adds "name: value"; a value with a control byte could begin another field. */
static int add_header(struct exchange *e, struct curl_slist **list, const char *name, const char *value)
{
    char shown[64];
    for (const char *p = value; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return error_set(e->err, E_BAD_INPUT, "%s: a value with byte 0x%02x: \"%s\"",
                             *name ? name : "header", (unsigned char)*p,
                             str_printable(str_of(*name ? "…" : value), shown, sizeof shown));
    struct buf line = buf_make(HTTP_HEADERS_MAX);
    buf_printf(&line, "%s%s%s", name, *name ? ": " : "", value);
    int r = buf_finish(&line, *name ? name : "header", e->err);
    if (r == 0) {
        line.ptr[line.len] = 0;
        struct curl_slist *longer = e->curl->slist_append(*list, line.ptr);
        if (longer)
            *list = longer;
        else
            r = error_set(e->err, E_LIMIT, "out of memory");
    }
    buf_done(&line);
    return r;
}

static int add_headers(struct exchange *e, struct curl_slist **list)
{
    const struct http_request *q = e->request;
    char range[64];
    snprintf(range, sizeof range, "bytes=%ju-", (uintmax_t)e->done);
    const struct {
        const char *name, *value;
    } fields[] = {
        {"Authorization", e->trusted ? q->authorization : NULL},
        {"Content-Type", q->body.len ? q->content_type : NULL},
        {"If-None-Match", q->etag},
        {"If-Modified-Since", q->last_modified},
        {"Range", e->done ? range : NULL},
        {"If-Range", e->done ? e->validator : NULL},
    };
    int r = 0;
    for (size_t i = 0; r == 0 && q->headers && q->headers[i]; i++)
        r = add_header(e, list, "", q->headers[i]);
    for (size_t i = 0; r == 0 && i < sizeof fields / sizeof *fields; i++)
        if (fields[i].value)
            r = add_header(e, list, fields[i].name, fields[i].value);
    return r;
}

static void set_tls(struct exchange *e)
{
    bool verify = !url_host_listed(e->parts.host, e->parts.port, str_of(e->options->insecure));
    struct curl_blob bundle = {.data = (void *)(uintptr_t)e->ca_bundle.ptr, .len = e->ca_bundle.len};
    SET(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(e, CURLOPT_SSL_VERIFYPEER, (long)verify);
    SET(e, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
    if (bundle.len)
        SET(e, CURLOPT_CAINFO_BLOB, &bundle);
    if (e->trusted && e->options->client_cert) {
        SET(e, CURLOPT_SSLCERT, e->options->client_cert);
        SET(e, CURLOPT_SSLKEY, e->options->client_key ? e->options->client_key : e->options->client_cert);
    }
}

/* Asked with the address that a name has now: what a name means cannot change between the question and the connection. */
static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct exchange *e = ctx;
    (void)purpose;
    if (address_list_has(e->options->refused, &address->addr)) {
        e->failed = error_set(e->err, E_DENIED, "its address is one that this server may not fetch from");
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void set_route(struct exchange *e)
{
    const char *capitals = getenv("HTTP_PROXY"), *small = getenv("http_proxy");
    if (e->options->unix_socket)
        SET(e, CURLOPT_UNIX_SOCKET_PATH, e->options->unix_socket);
    if (e->options->proxy)
        SET(e, CURLOPT_PROXY, e->options->proxy);
    else if (e->options->unix_socket || url_host_loopback(e->parts.host))
        SET(e, CURLOPT_PROXY, "");
    else if (!e->parts.tls && !small && capitals)
        SET(e, CURLOPT_PROXY, capitals);
    if (e->options->refused) {
        SET(e, CURLOPT_OPENSOCKETFUNCTION, on_socket);
        SET(e, CURLOPT_OPENSOCKETDATA, e);
    }
    SET(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    unsigned connect = stall_seconds(e) < NET_CONNECT_SECONDS ? stall_seconds(e) : NET_CONNECT_SECONDS;
    SET(e, CURLOPT_CONNECTTIMEOUT, (long)connect);
}

static void set_method(struct exchange *e)
{
    const char *method = e->request->method ? e->request->method : "GET";
    if (strcmp(method, "HEAD") == 0)
        SET(e, CURLOPT_NOBODY, 1L);
    if (strcmp(method, "DELETE") == 0)
        SET(e, CURLOPT_CUSTOMREQUEST, method);
    if (strcmp(method, "POST") == 0) {
        SET(e, CURLOPT_POST, 1L);
        SET(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)e->request->body.len);
        SET(e, CURLOPT_POSTFIELDS, e->request->body.len ? e->request->body.ptr : "");
    }
}

static void set_all(struct exchange *e, struct curl_slist *headers, char *reason)
{
    e->curl->easy_reset(e->handle);
    SET(e, CURLOPT_URL, e->url);
    SET(e, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(e, CURLOPT_PATH_AS_IS, 1L);
    SET(e, CURLOPT_NOSIGNAL, 1L);
    SET(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(e, CURLOPT_USERAGENT, "limpid/" LIMPID_VERSION);
    SET(e, CURLOPT_BUFFERSIZE, (long)HTTP_WINDOW);
    SET(e, CURLOPT_ERRORBUFFER, reason);
    SET(e, CURLOPT_HTTPHEADER, headers);
    SET(e, CURLOPT_HEADERFUNCTION, on_header);
    SET(e, CURLOPT_HEADERDATA, e);
    SET(e, CURLOPT_WRITEFUNCTION, on_data);
    SET(e, CURLOPT_WRITEDATA, e);
    SET(e, CURLOPT_NOPROGRESS, 0L);
    SET(e, CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(e, CURLOPT_XFERINFODATA, e);
    set_tls(e);
    set_route(e);
    set_method(e);
}

/* ---- what came of it ---- */

/* OpenSSL writes to closed sockets without MSG_NOSIGNAL: SIGPIPE stays off this thread meanwhile. */
static CURLcode perform_quietly(struct exchange *e)
{
    sigset_t pipe_only, before, pending;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    bool was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    CURLcode code = e->curl->easy_perform(e->handle);
    if (!was_pending)
        while (sigtimedwait(&pipe_only, NULL, &(struct timespec){0}) > 0)
            ;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

static bool may_pass(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
        return true;
    default:
        return false;
    }
}

static int explain(struct exchange *e, CURLcode code, const char *reason)
{
    char shown[CURL_ERROR_SIZE];
    if (!*reason)
        reason = e->curl->easy_strerror(code);
    reason = str_printable(str_of(reason), shown, sizeof shown);
    e->retry = may_pass(code);
    e->response->not_tls = e->parts.tls && code == CURLE_SSL_CONNECT_ERROR;
    e->response->untrusted = code == CURLE_PEER_FAILED_VERIFICATION;
    if (e->response->untrusted)
        return error_set(e->err, E_NETWORK, "its certificate is not trusted: %s", reason);
    return error_set(e->err, code == CURLE_OPERATION_TIMEDOUT ? E_TIMEOUT : E_NETWORK, "%s", reason);
}

static int outcome(struct exchange *e, CURLcode code, const char *reason)
{
    if (e->failed)
        return e->failed;
    if (code != CURLE_OK && !e->enough)
        return explain(e, code, reason);
    if (!e->began)
        e->failed = body_begin(e);
    return e->failed;
}

int exchange_run(struct exchange *e, struct error *err)
{
    char reason[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = NULL;
    e->err = err;
    e->code = CURLE_OK;
    e->failed = 0;
    e->began = e->refusal = e->enough = e->retry = e->moved = false;
    e->skip = 0;
    buf_clear(&e->response->headers);
    buf_clear(&e->response->refusal);
    e->response->not_tls = e->response->untrusted = false;
    int r = add_headers(e, &headers);
    if (r == 0) {
        set_all(e, headers, reason);
        if (e->code != CURLE_OK)
            r = error_set(err, E_SYSTEM, "libcurl refuses a setting: %s", e->curl->easy_strerror(e->code));
    }
    if (r == 0) {
        e->window_start = clock_ms();
        e->window_bytes = 0;
        r = outcome(e, perform_quietly(e), reason);
    }
    e->curl->slist_free_all(headers);
    return r;
}
