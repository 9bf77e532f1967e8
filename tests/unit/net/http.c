#include "net/http.h"

#include <pthread.h>
#include <unistd.h>

#include "base/limits.h"
#include "stand_in.h"
#include "test.h"

/* One client and one server, and what came of a request. */
struct play {
    struct stand_in *server;
    struct http *http;
    struct http_options options;
    struct http_response response;
    struct error err;
    int result;
};

static struct play play_start(const struct stand_in_answer *answers)
{
    return (struct play){.server = stand_in_start(answers, NULL),
                         .options = {.stall_seconds = 20, .backoff_ms = 1}};
}

static int play_send(struct play *p, struct http_request request)
{
    if (!request.url)
        request.url = stand_in_url(p->server, "/thing?secret=1");
    if (!request.body_max)
        request.body_max = MIB(1);
    if (!p->http)
        assert_int_equal(http_new(&p->http, &p->options, &p->err), 0);
    p->err = (struct error){0};
    p->result = http_send(p->http, &request, &p->response, &p->err);
    assert_true(p->result == -(int)p->err.code && (p->result < 0) == (*p->err.text != 0));
    return p->result;
}

static void play_end(struct play *p)
{
    http_response_done(&p->response);
    http_free(p->http);
    stand_in_stop(p->server);
}

static void body_is(const struct play *p, int status, const char *body)
{
    if (p->result < 0)
        fail_msg("%s", p->err.text);
    assert_int_equal(p->response.status, status);
    struct str got = buf_str(&p->response.body);
    if (!str_eq(got, str_of(body)))
        fail_msg("body \"%.*s\" instead of \"%s\"", STR_ARG(got), body);
}

/* The text of the error without the server's URL before it. */
static void refused(struct play *p, enum error_code code, const char *text)
{
    char whole[400];
    snprintf(whole, sizeof whole, "http://127.0.0.1:%u/thing: %s", stand_in_port(p->server), text);
    assert_string_equal(p->err.text, whole);
    assert_int_equal(p->result, -(int)code);
}

static void asked_with(struct play *p, unsigned n, const char *field, bool expected)
{
    const char *text = stand_in_request(p->server, n);
    assert_non_null(text);
    if ((strstr(text, field) != NULL) != expected)
        fail_msg("request %u %s \"%s\":\n%s", n, expected ? "lacks" : "has", field, text);
}

#define OK_HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"e1\"\r\n\r\nhello"

TEST(http_get)
{
    struct play p = play_start((struct stand_in_answer[]){
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag:  \"e1\" \r\nX-Two: a\r\nx-two: b\r\n\r\nhello"},
        {0}});
    const char *const headers[] = {"Accept: text/plain", NULL};
    play_send(&p, (struct http_request){.headers = headers, .authorization = "Basic YTpi"});
    body_is(&p, 200, "hello");
    assert_int_equal(p.response.received, 5);
    assert_true(str_eq(http_header(&p.response, STR("etag")), STR("\"e1\"")));
    assert_true(str_eq(http_header(&p.response, STR("Link")), STR("")));
    struct buf all = buf_make(100);
    http_header_all(&p.response, STR("X-TWO"), &all);
    assert_true(str_eq(buf_str(&all), STR("a,b")));
    buf_done(&all);
    asked_with(&p, 0, "GET /thing?secret=1 HTTP/1.1\r\n", true);
    asked_with(&p, 0, "Accept: text/plain\r\n", true);
    asked_with(&p, 0, "Authorization: Basic YTpi\r\n", true);
    asked_with(&p, 0, "User-Agent: limpid/" LIMPID_VERSION "\r\n", true);
    asked_with(&p, 0, "Range:", false);
    play_end(&p);
}

TEST(http_head_and_post)
{
    struct play p =
        play_start((struct stand_in_answer[]){{"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n"},
                                              {"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"},
                                              {0}});
    play_send(&p, (struct http_request){.method = "HEAD"});
    body_is(&p, 200, "");
    asked_with(&p, 0, "HEAD /thing?secret=1 HTTP/1.1\r\n", true);
    play_send(&p, (struct http_request){.method = "POST",
                                        .body = STR("a=b"),
                                        .content_type = "application/x-www-form-urlencoded"});
    body_is(&p, 201, "");
    asked_with(&p, 1, "POST /thing?secret=1 HTTP/1.1\r\n", true);
    asked_with(&p, 1, "Content-Type: application/x-www-form-urlencoded\r\n", true);
    asked_with(&p, 1, "\r\n\r\na=b", true);
    play_end(&p);
}

TEST(http_delete)
{
    struct play p = play_start(
        (struct stand_in_answer[]){{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
                                   {"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /other\r\n\r\n"},
                                   {"HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n"},
                                   {0}});
    play_send(&p, (struct http_request){.method = "DELETE"});
    body_is(&p, 200, "");
    assert_string_equal(p.response.reason, "OK");
    asked_with(&p, 0, "DELETE /thing?secret=1 HTTP/1.1\r\n", true);
    play_send(&p, (struct http_request){.method = "DELETE"}); /* not somewhere else */
    body_is(&p, 302, "");
    assert_string_equal(p.response.reason, "Found");
    play_send(&p, (struct http_request){.method = "DELETE"});
    body_is(&p, 404, "");
    assert_string_equal(p.response.reason, "");
    play_end(&p);
}

TEST(http_conditional)
{
    struct play p =
        play_start((struct stand_in_answer[]){{"HTTP/1.1 304 Not Modified\r\nETag: \"e1\"\r\n\r\n"}, {0}});
    play_send(&p, (struct http_request){.etag = "\"e1\"", .last_modified = "Sun, 06 Nov 1994 08:49:37 GMT"});
    body_is(&p, 304, "");
    asked_with(&p, 0, "If-None-Match: \"e1\"\r\n", true);
    asked_with(&p, 0, "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", true);
    play_end(&p);
}

TEST(http_refusal_cut)
{
    struct play p = play_start((struct stand_in_answer[]){
        {"HTTP/1.1 404 Not Found\r\nContent-Length: 100001\r\n\r\nx", .repeat = 100000}, {0}});
    play_send(&p, (struct http_request){.body_max = 10});
    body_is(&p, 404, "");
    assert_int_equal(p.response.refusal.len, HTTP_REFUSAL_MAX);
    play_end(&p);
}

/* ---- what is too much ---- */

TEST(http_body_too_long)
{
    struct play p = play_start((struct stand_in_answer[]){
        {OK_HELLO}, {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"}, {OK_HELLO}, {0}});
    play_send(&p, (struct http_request){.body_max = 4});
    refused(&p, E_LIMIT, "announces 5 bytes, more than 4");
    play_send(&p, (struct http_request){.body_max = 4});
    refused(&p, E_LIMIT, "more than 4 bytes");
    play_send(&p, (struct http_request){.body_max = 5});
    body_is(&p, 200, "hello");
    play_end(&p);
}

TEST(http_headers_too_long)
{
    static char many[HTTP_HEADERS_MAX + 8000];
    struct buf b = buf_make(sizeof many);
    buf_add(&b, STR("HTTP/1.1 200 OK\r\n"));
    while (b.len < HTTP_HEADERS_MAX + 7000)
        buf_printf(&b, "X-%zu: 1234567890123456789012345678901234567890\r\n", b.len);
    buf_add(&b, STR("\r\n\0"));
    assert_int_equal(buf_finish(&b, "test", &(struct error){0}), 0);
    struct play p = play_start((struct stand_in_answer[]){{b.ptr}, {0}});
    play_send(&p, (struct http_request){0});
    refused(&p, E_LIMIT, "more than 65536 bytes of header fields");
    play_end(&p);
    buf_done(&b);
}

TEST(http_header_injection)
{
    struct play p = play_start((struct stand_in_answer[]){{OK_HELLO}, {0}});
    play_send(&p, (struct http_request){.authorization = "Bearer x\r\nX-Evil: 1"});
    refused(&p, E_BAD_INPUT, "Authorization: a value with byte 0x0d: \"…\"");
    assert_int_equal(stand_in_requests(p.server), 0);
    play_end(&p);
}

/* ---- redirects ---- */

TEST(http_redirect_keeps_credentials_at_home)
{
    struct play p = play_start((struct stand_in_answer[]){
        {"HTTP/1.1 307 Moved\r\nLocation: /second\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
        {"HTTP/1.1 302 Moved\r\nLocation: %OTHER%/third\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
        {"HTTP/1.1 301 Moved\r\nLocation: %ORIGIN%/fourth\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
        {OK_HELLO},
        {0}});
    play_send(&p, (struct http_request){.authorization = "Basic YTpi"});
    body_is(&p, 200, "hello");
    asked_with(&p, 0, "Authorization:", true);
    asked_with(&p, 1, "GET /second ", true);
    asked_with(&p, 1, "Authorization:", true);
    asked_with(&p, 2, "GET /third ", true);
    asked_with(&p, 2, "Authorization:", false);
    asked_with(&p, 3, "GET /fourth ", true);
    asked_with(&p, 3, "Authorization:", false); /* back home, but a stranger sent us */
    assert_string_equal(p.response.url.ptr, stand_in_url(p.server, "/fourth"));
    play_end(&p);
}

TEST(http_redirects_forever)
{
    struct play p = play_start((struct stand_in_answer[]){
        {"HTTP/1.1 302 Moved\r\nLocation: /thing\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"}, {0}});
    play_send(&p, (struct http_request){0});
    refused(&p, E_NETWORK, "more than 10 redirects");
    assert_int_equal(stand_in_requests(p.server), HTTP_REDIRECTS_MAX + 1);
    play_end(&p);
}

TEST(http_redirects_refused)
{
    struct play p = play_start((struct stand_in_answer[]){
        {"HTTP/1.1 302 Moved\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
        {"HTTP/1.1 302 Moved\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\nConnection: "
         "close\r\n\r\n"},
        {"HTTP/1.1 302 Moved\r\nLocation: http://a:b@127.0.0.1/\r\nContent-Length: 0\r\nConnection: "
         "close\r\n\r\n"},
        {"HTTP/1.1 302 Moved\r\nLocation: /x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
        {0}});
    play_send(&p, (struct http_request){0});
    refused(&p, E_NETWORK, "redirects without saying where to");
    play_send(&p, (struct http_request){0});
    refused(&p, E_UNSUPPORTED, "\"file\": the scheme is neither http nor https");
    play_send(&p, (struct http_request){0});
    refused(&p, E_DENIED, "redirects to a URL with a password in it");
    play_send(&p, (struct http_request){.method = "POST"}); /* its answer is the caller's */
    body_is(&p, 302, "");
    play_end(&p);
}

/* ---- what may pass ---- */

TEST(http_tries_again)
{
    struct play p = play_start((struct stand_in_answer[]){
        {"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy"},
        {NULL, .pause_ms = 1},
        {"HTTP/1.1 429 Slower\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
        {OK_HELLO},
        {0}});
    play_send(&p, (struct http_request){0});
    body_is(&p, 200, "hello");
    assert_int_equal(stand_in_requests(p.server), 4);
    assert_int_equal(p.response.refusal.len, 0);
    play_end(&p);
}

TEST(http_gives_up)
{
    assert_true(HTTP_BACKOFF_MS << HTTP_ATTEMPTS_MAX < HTTP_WAIT_SECONDS * 1000);
    struct play p = play_start((struct stand_in_answer[]){
        {"HTTP/1.1 502 Bad\r\nContent-Length: 4\r\nConnection: close\r\n\r\nugly"}, {0}});
    play_send(&p, (struct http_request){0});
    body_is(&p, 502, "");
    assert_true(str_eq(buf_str(&p.response.refusal), STR("ugly")));
    assert_int_equal(stand_in_requests(p.server), HTTP_ATTEMPTS_MAX);
    play_end(&p);
}

TEST(http_retry_after_too_long)
{
    struct play p = play_start((struct stand_in_answer[]){
        {"HTTP/1.1 429 Slower\r\nRetry-After: 3600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"}, {0}});
    play_send(&p, (struct http_request){0});
    body_is(&p, 429, "");
    assert_int_equal(stand_in_requests(p.server), 1);
    play_end(&p);
}

TEST(http_nobody_there)
{
    struct play p = play_start((struct stand_in_answer[]){{OK_HELLO}, {0}});
    unsigned port = stand_in_port(p.server);
    stand_in_stop(p.server);
    char url[100], text[200];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
    assert_int_equal(play_send(&p, (struct http_request){.url = url}), -E_NETWORK);
    snprintf(text, sizeof text, "%s: Failed to connect to 127.0.0.1 port %u", url, port);
    assert_ptr_equal(strstr(p.err.text, text), p.err.text);
    assert_int_equal(play_send(&p, (struct http_request){.url = "http://no-such-host.invalid/"}), -E_NETWORK);
    assert_string_equal(p.err.text,
                        "http://no-such-host.invalid/: Could not resolve host: no-such-host.invalid");
    p.server = stand_in_start((struct stand_in_answer[]){{OK_HELLO}, {0}}, NULL);
    play_end(&p);
}

/* ---- a body that is cut ---- */

#define CUT      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"e1\"\r\n\r\n01234"
#define CUT_BARE "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234"
#define REST     "HTTP/1.1 206 Part\r\nContent-Length: 5\r\nContent-Range: bytes 5-9/10\r\n\r\n56789"
#define WHOLE    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"e1\"\r\n\r\n0123456789"
#define CHANGED  "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"e2\"\r\n\r\nabcdefghij"

TEST(http_resumes)
{
    static const struct {
        struct stand_in_answer answers[4];
        bool verified;
    } cases[] = {
        {{{CUT}, {REST}, {0}}, false},
        {{{CUT}, {REST}, {0}}, true},
        {{{CUT_BARE}, {REST}, {0}}, true},
        {{{CUT}, {WHOLE}, {0}}, false},
        {{{CUT_BARE}, {WHOLE}, {0}}, true},
        {{{CUT}, {"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy"}, {REST}, {0}},
         false},
        {{{CUT},
          {"HTTP/1.1 206 Part\r\nContent-Length: 5\r\nContent-Range: bytes 5-9/10\r\n\r\n56"},
          {"HTTP/1.1 206 Part\r\nContent-Length: 3\r\nContent-Range: bytes 7-9/10\r\n\r\n789"},
          {0}},
         false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct play p = play_start(cases[i].answers);
        play_send(&p, (struct http_request){.verified = cases[i].verified});
        body_is(&p, 200, "0123456789");
        assert_int_equal(p.response.received, 10);
        asked_with(&p, 1, "Range: bytes=5-\r\n", true);
        asked_with(&p, 1, "If-Range: \"e1\"\r\n", strstr(cases[i].answers[0].text, "ETag") != NULL);
        play_end(&p);
    }
}

TEST(http_does_not_mix)
{
    struct play p = play_start((struct stand_in_answer[]){{CUT}, {CHANGED}, {0}});
    play_send(&p, (struct http_request){0});
    refused(&p, E_NETWORK, "was cut at byte 5 and cannot be continued, as it has changed since");
    play_end(&p);

    p = play_start((struct stand_in_answer[]){
        {CUT}, {"HTTP/1.1 206 Part\r\nContent-Length: 6\r\nContent-Range: bytes 4-9/10\r\n\r\n456789"}, {0}});
    play_send(&p, (struct http_request){.verified = true});
    refused(&p, E_NETWORK, "answers with another part than the one from byte 5 on");
    play_end(&p);

    p = play_start((struct stand_in_answer[]){{REST}, {0}});
    play_send(&p, (struct http_request){.verified = true});
    refused(&p, E_NETWORK, "answers with another part than the one from byte 0 on");
    play_end(&p);

    p = play_start(
        (struct stand_in_answer[]){{CUT_BARE}, {REST}, {0}}); /* no ETag, no digest: not continued */
    play_send(&p, (struct http_request){0});
    refused(&p, E_NETWORK, "transfer closed with 5 bytes remaining to read");
    assert_int_equal(stand_in_requests(p.server), 1);
    play_end(&p);
}

TEST(http_complete_but_for_its_end)
{
    struct play p = play_start((struct stand_in_answer[]){
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
        {"HTTP/1.1 416 No\r\nContent-Range: bytes */5\r\nContent-Length: 0\r\n\r\n"},
        {0}});
    play_send(&p, (struct http_request){.verified = true});
    body_is(&p, 200, "hello");
    play_end(&p);
}

TEST(http_cut_forever)
{
    static char texts[HTTP_RESUMES_MAX + 2][100];
    struct stand_in_answer answers[HTTP_RESUMES_MAX + 2] = {{0}};
    for (int i = 0; i <= HTTP_RESUMES_MAX; i++) {
        snprintf(texts[i], sizeof *texts,
                 "HTTP/1.1 206 Part\r\nContent-Length: 50\r\nContent-Range: bytes %d-99/100\r\n\r\nx", i);
        answers[i].text = texts[i];
    }
    answers[0].text = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx";
    struct play p = play_start(answers);
    play_send(&p, (struct http_request){.verified = true});
    refused(&p, E_NETWORK, "transfer closed with 49 bytes remaining to read");
    assert_int_equal(stand_in_requests(p.server), HTTP_RESUMES_MAX);
    play_end(&p);
}

static int take_two(void *ctx, struct str piece, struct error *err)
{
    struct buf *b = ctx;
    buf_add(b, piece);
    return b->len < 8 ? 0 : error_set(err, E_SYSTEM, "disk full");
}

TEST(http_data_given_away)
{
    struct play p = play_start((struct stand_in_answer[]){{CUT}, {REST}, {0}});
    struct buf b = buf_make(100);
    play_send(&p, (struct http_request){.data = take_two, .ctx = &b});
    refused(&p, E_SYSTEM, "disk full");
    assert_true(str_eq(buf_str(&b), STR("0123456789")));
    assert_int_equal(stand_in_requests(p.server), 2);
    buf_done(&b);
    play_end(&p);
}

/* ---- time ---- */

TEST(http_stalls)
{
    struct play p =
        play_start((struct stand_in_answer[]){{"HTTP/1.1 200 OK\r\nContent-Le", .hold = true}, {0}});
    p.options.stall_seconds = 1;
    assert_true(NET_STALL_SECONDS > 1);
    play_send(&p, (struct http_request){0});
    refused(&p, E_TIMEOUT, "17 bytes in 1 seconds");
    assert_int_equal(stand_in_requests(p.server), 1);
    play_end(&p);
}

/* A body that stands still is continued, but not for ever. */
TEST(http_stalls_again_and_again)
{
    struct play p = play_start((struct stand_in_answer[]){
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234", .hold = true}, {REST}, {0}});
    p.options.stall_seconds = 1;
    play_send(&p, (struct http_request){.verified = true});
    body_is(&p, 200, "0123456789");
    play_end(&p);
    p = play_start((struct stand_in_answer[]){
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0", .hold = true},
        {"HTTP/1.1 206 Part\r\nContent-Length: 9\r\nContent-Range: bytes 1-9/10\r\n\r\n1", .hold = true},
        {"HTTP/1.1 206 Part\r\nContent-Length: 8\r\nContent-Range: bytes 2-9/10\r\n\r\n2", .hold = true},
        {"HTTP/1.1 206 Part\r\nContent-Length: 7\r\nContent-Range: bytes 3-9/10\r\n\r\n3", .hold = true},
        {WHOLE},
        {0}});
    p.options.stall_seconds = 1;
    play_send(&p, (struct http_request){.verified = true});
    assert_int_equal(p.result, -E_TIMEOUT);
    assert_int_equal(stand_in_requests(p.server), HTTP_ATTEMPTS_MAX);
    play_end(&p);
}

TEST(http_from_the_middle)
{
    struct play p = play_start((struct stand_in_answer[]){{REST}, {WHOLE}, {0}});
    struct buf b = buf_make(100);
    play_send(&p, (struct http_request){.verified = true, .from = 5, .data = take_two, .ctx = &b});
    body_is(&p, 200, "");
    assert_int_equal(p.response.received, 10);
    assert_true(str_eq(buf_str(&b), STR("56789")));
    asked_with(&p, 0, "Range: bytes=5-\r\n", true);
    buf_clear(&b);
    play_send(&p, (struct http_request){.verified = true, .from = 5, .data = take_two, .ctx = &b});
    assert_true(str_eq(buf_str(&b), STR("56789")));
    buf_done(&b);
    play_end(&p);
}

TEST(http_trickles)
{
    struct play p = play_start((struct stand_in_answer[]){
        {"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\nx", .repeat = 9999, .pause_ms = 10}, {0}});
    p.options.stall_seconds = 1;
    assert_true(NET_SLOW_BYTES > 200);
    play_send(&p, (struct http_request){0});
    assert_int_equal(p.result, -E_TIMEOUT);
    assert_non_null(strstr(p.err.text, " bytes in 1 seconds"));
    play_end(&p);
}

/* The handshake is waited for by the clock of the connection. */
TEST(http_connect_stalls)
{
    struct play p = play_start((struct stand_in_answer[]){{NULL, .hold = true}, {0}});
    char url[100];
    p.options.stall_seconds = 1;
    assert_true(NET_CONNECT_SECONDS > 1);
    snprintf(url, sizeof url, "https://127.0.0.1:%u/", stand_in_port(p.server));
    assert_int_equal(play_send(&p, (struct http_request){.url = url}), -E_TIMEOUT);
    assert_false(p.response.not_tls);
    play_end(&p);
}

static int slow_taker(void *ctx, struct str piece, struct error *err)
{
    unsigned *naps = ctx;
    (void)piece, (void)err;
    if (*naps && (*naps)--)
        usleep(1200000);
    return 0;
}

/* A reader that takes its time is not the server's fault. */
TEST(http_slow_reader_is_no_stall)
{
    struct play p = play_start((struct stand_in_answer[]){
        {"HTTP/1.1 200 OK\r\nContent-Length: 500001\r\n\r\nx", .repeat = 500000}, {0}});
    p.options.stall_seconds = 1;
    play_send(&p, (struct http_request){.data = slow_taker, .ctx = &(unsigned){2}});
    body_is(&p, 200, "");
    assert_int_equal(p.response.received, 500001);
    play_end(&p);
}

TEST(http_cancelled)
{
    static atomic_bool cancelled = true;
    struct play p = play_start((struct stand_in_answer[]){{"HTTP/1.1 200 OK\r\n", .hold = true}, {0}});
    p.options.cancelled = &cancelled;
    play_send(&p, (struct http_request){0});
    refused(&p, E_CANCELLED, "cancelled");
    play_end(&p);
}

/* Sets the flag when the request has arrived. */
static void *watch(void *ctx)
{
    void **both = ctx;
    while (!stand_in_requests(both[0]))
        usleep(1000);
    usleep(20000);
    atomic_store((atomic_bool *)both[1], true);
    return NULL;
}

TEST(http_cancelled_while_waiting)
{
    static atomic_bool cancelled;
    atomic_store(&cancelled, false);
    struct play p = play_start((struct stand_in_answer[]){
        {"HTTP/1.1 503 Busy\r\nRetry-After: 50\r\nContent-Length: 0\r\n\r\n"}, {0}});
    p.options.cancelled = &cancelled;
    struct http_request request = {.url = stand_in_url(p.server, "/thing"), .body_max = 1};
    assert_int_equal(http_new(&p.http, &p.options, &p.err), 0);
    pthread_t watcher;
    assert_int_equal(pthread_create(&watcher, NULL, watch, (void *[]){p.server, &cancelled}), 0);
    p.result = http_send(p.http, &request, &p.response, &p.err);
    pthread_join(watcher, NULL);
    refused(&p, E_CANCELLED, "cancelled");
    play_end(&p);
}

/* ---- ways ---- */

TEST(http_unix_socket)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/limpid-unit-%d.sock", (int)getpid());
    struct play p = {.server = stand_in_start((struct stand_in_answer[]){{OK_HELLO}, {0}}, path),
                     .options = {.unix_socket = path, .stall_seconds = 20, .backoff_ms = 1}};
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    play_send(&p, (struct http_request){.url = "http://engine/v1.40/version"});
    body_is(&p, 200, "hello");
    asked_with(&p, 0, "GET /v1.40/version HTTP/1.1\r\nHost: engine\r\n", true);
    unsetenv("http_proxy");
    play_end(&p);
}

TEST(http_proxies)
{
    static const char *const names[] = {"http_proxy", "HTTP_PROXY"};
    for (size_t i = 0; i < 2; i++) {
        struct play p = play_start((struct stand_in_answer[]){{OK_HELLO}, {0}});
        setenv(names[i], stand_in_url(p.server, ""), 1);
        play_send(&p, (struct http_request){.url = "http://registry.invalid/v2/"});
        body_is(&p, 200, "hello");
        asked_with(&p, 0, "GET http://registry.invalid/v2/ HTTP/1.1\r\n", true);
        play_send(&p, (struct http_request){0}); /* loopback: straight */
        body_is(&p, 200, "hello");
        asked_with(&p, 1, "GET /thing?secret=1 HTTP/1.1\r\n", true);
        setenv("NO_PROXY", "example.com,.invalid", 1);
        assert_int_equal(play_send(&p, (struct http_request){.url = "http://registry.invalid/v2/"}),
                         -E_NETWORK);
        unsetenv("NO_PROXY");
        unsetenv(names[i]);
        play_end(&p);
    }
}

TEST(http_not_tls)
{
    struct play p = play_start((struct stand_in_answer[]){{"HTTP/1.1 400 Bad Request\r\n\r\n"}, {0}});
    char url[100];
    snprintf(url, sizeof url, "https://127.0.0.1:%u/", stand_in_port(p.server));
    assert_int_equal(play_send(&p, (struct http_request){.url = url}), -E_NETWORK);
    assert_true(p.response.not_tls);
    play_send(&p, (struct http_request){0});
    assert_false(p.response.not_tls);
    play_end(&p);
}

TEST(http_ca_file)
{
    struct error err = {0};
    struct http *http = NULL;
    struct http_options options = {.ca_file = "/no/such/file"};
    assert_int_equal(http_new(&http, &options, &err), -E_NOT_FOUND);
    assert_string_equal(err.text, "/no/such/file: No such file or directory");
    options.ca_file = "/etc/hostname";
    assert_int_equal(http_new(&http, &options, &err), -E_BAD_INPUT);
    assert_string_equal(err.text, "/etc/hostname: no certificate in PEM form");
    options.ca_file = "/dev/zero";
    assert_int_equal(http_new(&http, &options, &err), -E_LIMIT);
    assert_string_equal(err.text, "/dev/zero: more than 8388608 bytes");
    assert_null(http);
}

TEST(http_retry_after_forms)
{
    int64_t now = 784111777; /* Sun, 06 Nov 1994 08:49:37 GMT */
    assert_int_equal(http_retry_after(STR("120"), now), 120);
    assert_int_equal(http_retry_after(STR(" 0 "), now), 0);
    assert_int_equal(http_retry_after(STR("Sun, 06 Nov 1994 08:50:37 GMT"), now), 60);
    assert_int_equal(http_retry_after(STR("Sun, 06 Nov 1994 08:49:00 GMT"), now), 0);
    assert_int_equal(http_retry_after(STR(""), now), -1);
    assert_int_equal(http_retry_after(STR("-1"), now), -1);
    assert_int_equal(http_retry_after(STR("1.5"), now), -1);
    assert_int_equal(http_retry_after(STR("Sun, 06 Nox 1994 08:49:37 GMT"), now), -1);
    assert_int_equal(http_retry_after(STR("Sunday, 06-Nov-94 08:49:37 GMT"), now), -1);
    assert_int_equal(http_retry_after(STR("99999999999999999999"), now), -1);
}
