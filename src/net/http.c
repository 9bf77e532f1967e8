#include "net/http.h"

#include <sys/random.h>

#include "base/limits.h"
#include "base/memory.h"
#include "net/exchange.h"
#include "os/clock.h"
#include "os/file.h"

struct http {
    const struct curl_library *curl;
    CURL *handle;
    struct http_options options;
    struct buf ca_bundle;
};

/* Own certificates behind the system's, as one bundle: libcurl takes one file only. */
static int read_ca(struct http *h, struct error *err)
{
    const curl_version_info_data *info = h->curl->version_info(CURLVERSION_NOW);
    int r = 0;
    if (info->age >= CURLVERSION_SEVENTH && info->cainfo)
        r = file_read(info->cainfo, &h->ca_bundle, err);
    if (r < 0 && r != -E_NOT_FOUND)
        return r;
    buf_add_char(&h->ca_bundle, '\n');
    size_t own = h->ca_bundle.len;
    r = file_read(h->options.ca_file, &h->ca_bundle, err);
    if (r < 0)
        return r;
    struct str pem = str_skip(buf_str(&h->ca_bundle), own);
    if (!str_has(pem, STR("-----BEGIN ")))
        return error_set(err, E_BAD_INPUT, "%s: no certificate in PEM form", h->options.ca_file);
    return 0;
}

int http_new(struct http **ret, const struct http_options *options, struct error *err)
{
    const struct curl_library *curl = curl_load(err);
    if (!curl)
        return -(int)err->code;
    CLEANUP(http_freep) struct http *h = memory_new(sizeof *h);
    h->curl = curl;
    h->options = *options;
    h->ca_bundle = buf_make(CA_BUNDLE_MAX);
    h->handle = curl->easy_init();
    if (!h->handle)
        return error_set(err, E_SYSTEM, "libcurl gives no handle");
    int r = options->ca_file ? read_ca(h, err) : 0;
    if (r < 0)
        return r;
    *ret = STEAL(h);
    return 0;
}

void http_free(struct http *http)
{
    if (!http)
        return;
    if (http->handle)
        http->curl->easy_cleanup(http->handle);
    buf_done(&http->ca_bundle);
    free(http);
}

/* ---- pauses ---- */

static unsigned month_of(struct str name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (unsigned i = 0; i < 12; i++)
        if (str_eq(name, (struct str){names + (size_t)i * 3, 3}))
            return i + 1;
    return 0;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" as seconds since 1970; -1: another form. RFC 9110, 5.6.7. */
static int64_t date_seconds(struct str s)
{
    static const unsigned char places[][2] = {{5, 2}, {12, 4}, {17, 2}, {20, 2}, {23, 2}};
    uint64_t n[5];
    if (s.len != 29 || !str_ends(s, STR(" GMT")))
        return -1;
    for (size_t i = 0; i < 5; i++)
        if (str_u64((struct str){s.ptr + places[i][0], places[i][1]}, 9999, &n[i]) < 0)
            return -1;
    unsigned month = month_of((struct str){s.ptr + 8, 3});
    if (!month || n[1] < 1970)
        return -1;
    struct tm t = {.tm_mday = (int)n[0],
                   .tm_mon = (int)month - 1,
                   .tm_year = (int)n[1] - 1900,
                   .tm_hour = (int)n[2],
                   .tm_min = (int)n[3],
                   .tm_sec = (int)n[4]};
    return timegm(&t);
}

int64_t http_retry_after(struct str value, int64_t now)
{
    uint64_t seconds;
    value = str_trim(value);
    if (str_u64(value, INT32_MAX, &seconds) == 0)
        return (int64_t)seconds;
    int64_t date = date_seconds(value);
    return date < 0 ? -1 : date > now ? date - now : 0;
}

struct attempts {
    const struct http_options *options;
    unsigned failures; /* in a row, without a byte of the body between them */
    unsigned total;
    uint64_t waited; /* ms */
};

bool http_is_cancelled(const struct http_options *o)
{
    return (o->cancelled && atomic_load(o->cancelled)) || (o->interrupted && atomic_load(o->interrupted));
}

static int sleep_unless_cancelled(const struct http_options *o, uint64_t ms, struct error *err)
{
    for (uint64_t end = clock_ms() + ms, now; (now = clock_ms()) < end;) {
        if (http_is_cancelled(o))
            return error_set(err, E_CANCELLED, "cancelled");
        uint64_t step = end - now < 50 ? end - now : 50;
        nanosleep(&(struct timespec){.tv_nsec = (long)step * 1000000}, NULL);
    }
    return 0;
}

static unsigned attempts_max(const struct attempts *a)
{
    return a->options->attempts ? a->options->attempts : HTTP_ATTEMPTS_MAX;
}

/* Waits before another attempt: 1, or 0 when there is to be none, or < 0: cancelled (only then is *err
   written). */
static int pause_before(struct attempts *a, int64_t retry_after, struct error *err)
{
    uint64_t first = a->options->backoff_ms ? a->options->backoff_ms : HTTP_BACKOFF_MS;
    if (++a->failures >= attempts_max(a) || ++a->total >= HTTP_RESUMES_MAX)
        return 0;
    uint64_t pause = first << (a->failures - 1), jitter = 0;
    if (retry_after >= 0 && (uint64_t)retry_after * 1000 > pause)
        pause = (uint64_t)retry_after * 1000;
    if (getrandom(&jitter, sizeof jitter, GRND_NONBLOCK) == (ssize_t)sizeof jitter)
        pause += jitter % (first / 2 + 1);
    if (pause > HTTP_WAIT_SECONDS * 1000UL - a->waited)
        return 0;
    a->waited += pause;
    int r = sleep_unless_cancelled(a->options, pause, err);
    return r < 0 ? r : 1;
}

/* ---- redirects ---- */

static bool status_redirects(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static int point_to(struct exchange *e, struct str url, struct error *err)
{
    struct buf *b = &e->response->url;
    buf_clear(b);
    buf_add(b, url);
    buf_add_char(b, 0);
    int r = buf_finish(b, "URL", err);
    if (r < 0)
        return r;
    b->len--;
    e->url = b->ptr;
    return url_parse(buf_str(b), &e->parts, err);
}

/* Moves the exchange to where its answer points. */
static int redirect(struct exchange *e, struct error *err)
{
    struct str location = http_header(e->response, STR("location"));
    char from[200];
    struct buf target = buf_make(2 * URL_MAX), old = buf_make(URL_MAX + 1);
    struct url before = {0}, *after = &e->parts;
    buf_add(&old, buf_str(&e->response->url));
    int r = location.len ? 0 : error_set(err, E_NETWORK, "redirects without saying where to");
    if (r == 0)
        r = url_parse(buf_str(&old), &before, err);
    if (r == 0)
        r = url_resolve(&before, location, &target, err);
    if (r == 0)
        r = point_to(e, buf_str(&target), err);
    if (r == 0 && after->userinfo.len)
        r = error_set(err, E_DENIED, "redirects to a URL with a password in it");
    if (r == 0 && before.tls && !after->tls &&
        !url_host_listed(after->host, after->port, str_of(e->options->insecure)))
        r = error_set(err, E_DENIED,
                      "redirects from https to %s, which anyone on the way could read and change",
                      url_printable(after, from, sizeof from));
    if (r == 0 && !url_same_origin(&before, after))
        e->trusted = false; /* for good: who can redirect here could redirect back */
    buf_done(&target);
    buf_done(&old);
    return r;
}

/* ---- a request ---- */

/* One attempt with all redirects on its way. */
static int attempt(struct exchange *e, struct error *err)
{
    const char *method = e->request->method;
    bool reads = !method || strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    int r = point_to(e, str_of(e->request->url), err);
    e->retry = e->moved = false;
    e->trusted = true;
    for (int hops = 0; r == 0; hops++) {
        r = exchange_run(e, err);
        if (r < 0 || !reads || !status_redirects(e->response->status))
            return r;
        if (hops == HTTP_REDIRECTS_MAX)
            return error_set(err, E_NETWORK, "more than %d redirects", HTTP_REDIRECTS_MAX);
        r = redirect(e, err);
        e->retry = false;
    }
    return r;
}

static bool status_may_pass(int status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

/* Keeps the strong ETag of the first answer that began to deliver. */
static void keep_validator(struct exchange *e, struct buf *validator)
{
    struct str etag = http_header(e->response, STR("etag"));
    if (!e->moved || e->validator || !etag.len || *etag.ptr != '"')
        return;
    buf_add(validator, etag);
    buf_add_char(validator, 0);
    e->validator = validator->failed ? NULL : validator->ptr;
}

static int run(struct exchange *e, struct error *err)
{
    struct attempts attempts = {.options = e->options};
    struct buf validator = buf_make(HTTP_HEADERS_MAX);
    int r;
    for (;;) {
        r = attempt(e, err);
        bool again = r < 0 ? e->retry : status_may_pass(e->response->status);
        keep_validator(e, &validator);
        if (again && r < 0 && e->done && !e->request->verified && !e->validator)
            again = false;               /* nothing could tell that the rest belongs to the beginning */
        if (e->moved && r != -E_TIMEOUT) /* whoever stands still again and again would keep us for long */
            attempts.failures = 0;
        if (!again)
            break;
        struct error stop = {0};
        int64_t asked =
            r < 0 ? -1 : http_retry_after(http_header(e->response, STR("retry-after")), clock_seconds());
        int go = pause_before(&attempts, asked, &stop);
        if (go < 0) {
            *err = stop;
            r = go;
        }
        if (go <= 0)
            break;
    }
    buf_done(&validator);
    e->validator = NULL;
    return r;
}

int http_send(struct http *http, const struct http_request *request, struct http_response *ret,
              struct error *err)
{
    struct url asked;
    char shown[300];
    int r = url_parse(str_of(request->url), &asked, err);
    if (r < 0)
        return r;
    http_response_done(ret);
    ret->headers = buf_make(HTTP_HEADERS_MAX);
    ret->refusal = buf_make(HTTP_REFUSAL_MAX);
    ret->url = buf_make(URL_MAX + 1);
    ret->body = buf_make((size_t)request->body_max);
    struct exchange e = {.curl = http->curl,
                         .handle = http->handle,
                         .options = &http->options,
                         .request = request,
                         .response = ret,
                         .ca_bundle = buf_str(&http->ca_bundle),
                         .done = request->from};
    struct error last = {0}; /* an attempt that failed leaves its reason, also when the next one succeeds */
    r = run(&e, &last);
    ret->received = e.done;
    if (r == 0 && (ret->status == 206 || (ret->status == 416 && e.done && request->verified)))
        ret->status = 200;
    if (r < 0) {
        *err = last;
        url_printable(&asked, shown, sizeof shown);
        bool moved = !e.trusted && e.parts.host.len;
        return moved ? error_in(err, "%s, redirected to %.*s", shown, STR_ARG(e.parts.host))
                     : error_in(err, "%s", shown);
    }
    return 0;
}

void http_response_done(struct http_response *r)
{
    buf_done(&r->headers);
    buf_done(&r->body);
    buf_done(&r->refusal);
    buf_done(&r->url);
    *r = (struct http_response){0};
}

/* Takes lines off *left up to the next field of that name. */
static bool next_field(struct str *left, struct str name, struct str *ret)
{
    struct str line;
    while (str_line(left, &line))
        if (str_eq_nocase(str_cut(&line, ':'), name)) {
            *ret = str_trim(line);
            return true;
        }
    return false;
}

struct str http_header(const struct http_response *r, struct str name)
{
    struct str left = buf_str(&r->headers), value = {"", 0};
    next_field(&left, name, &value);
    return value;
}

void http_header_all(const struct http_response *r, struct str name, struct buf *ret)
{
    struct str left = buf_str(&r->headers), value;
    for (bool first = true; next_field(&left, name, &value); first = false) {
        if (!first)
            buf_add_char(ret, ',');
        buf_add(ret, value);
    }
}
