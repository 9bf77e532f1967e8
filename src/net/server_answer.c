/* How an answer goes out. Called by libmicrohttpd within MHD_run(), but for answer_pack(). */
#include "base/limits.h"
#include "net/server_private.h"
#include "os/clock.h"
#include "stream/gzip_write.h"

struct str server_header(const struct server_request *r, const char *name)
{
    for (size_t i = 0; i < r->field_count; i++)
        if (str_eq_nocase(r->fields[i].name, str_of(name)))
            return r->fields[i].value;
    return (struct str){"", 0};
}

void server_add_header(struct server_answer *a, const char *name, struct str value)
{
    buf_printf(&a->headers, "%s: ", name);
    for (size_t i = 0; i < value.len; i++)
        a->headers.failed |= (unsigned char)value.ptr[i] < ' ' || value.ptr[i] == 0x7f;
    buf_add(&a->headers, value);
    buf_add_char(&a->headers, '\n');
}

void answer_pack(const struct server_request *r, struct server_answer *a)
{
    struct str accepted = server_header(r, "Accept-Encoding");
    if (!a->compress || a->body.failed)
        return;
    buf_add(&a->headers, STR("Vary: Accept-Encoding\n"));
    if (!str_has(accepted, STR("gzip")))
        return;
    struct buf packed = buf_make(a->body.max);
    gzip_write(buf_str(&a->body), &packed);
    buf_done(&a->body);
    a->body = packed;
    buf_add(&a->headers, STR("Content-Encoding: gzip\n"));
}

/* The lines of headers, which are cut into texts there; false: one is none. */
static bool add_headers(const struct microhttpd *http, struct MHD_Response *response, struct buf *headers)
{
    if (!headers->len)
        return true; /* there is no memory behind it */
    char *line = headers->ptr, *end = headers->ptr + headers->len;
    for (char *feed; line < end; line = feed + 1) {
        feed = memchr(line, '\n', (size_t)(end - line));
        char *colon = feed ? memchr(line, ':', (size_t)(feed - line)) : NULL;
        if (!colon)
            return false;
        *colon = *feed = 0;
        const char *value = colon + 1 + strspn(colon + 1, " ");
        if (*value && http->MHD_add_response_header(response, line, value) != MHD_YES)
            return false;
    }
    return true;
}

/* Takes the response. */
static enum MHD_Result queue(struct request *q, unsigned status, const char *type, bool last,
                             struct MHD_Response *response)
{
    const struct lane *l = q->lane;
    const struct server *s = l->server;
    if (!response)
        return MHD_NO;
    if (type)
        s->http->MHD_add_response_header(response, "Content-Type", type);
    if (last || l->loop->draining)
        s->http->MHD_add_response_header(response, "Connection", "close");
    connection_enter(q->connection, PHASE_SENDING, s->options.send_ms);
    enum MHD_Result queued = s->http->MHD_queue_response(q->mhd, status, response);
    s->http->MHD_destroy_response(response);
    if (queued == MHD_YES && l->face->done) {
        struct server_request r = q->r;
        r.thread = l->thread;
        l->face->done(l->face->ctx, &r, status, clock_ns() - q->start);
    }
    return queued;
}

/* With a body that lives forever. */
static enum MHD_Result queue_text(struct request *q, unsigned status, const char *type, bool last,
                                  const char *text)
{
    struct str body = str_of(text);
    return queue(q, status, type, last,
                 q->lane->server->http->MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)body.ptr,
                                                                        MHD_RESPMEM_PERSISTENT));
}

enum MHD_Result answer_refuse(struct request *q, unsigned status)
{
    static const struct {
        unsigned status;
        const char *text;
    } reasons[] = {
        {400, "the request's head is malformed\n"},
        {413, "the request's body is too long\n"},
        {414, "the request's target is too long\n"},
        {431, "the request's header is too long\n"},
        {501, "no transfer encoding but chunked is understood\n"},
        {503, "there are too many requests at present\n"},
        {505, "only HTTP/1.1 and HTTP/1.0 are understood\n"},
    };
    const char *text = NULL;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            text = reasons[i].text;
    return queue_text(q, status, text ? "text/plain; charset=utf-8" : NULL, status != 500 && status != 503,
                      text);
}

enum MHD_Result answer_expired(struct request *q)
{
    return queue_text(q, 503, q->lane->face->timeout_type, false, q->lane->face->timeout_body);
}

enum MHD_Result answer_send(struct request *q)
{
    struct server *s = q->lane->server;
    struct server_answer *a = &q->answer;
    size_t bytes = a->body.len;
    if (a->body.failed || a->headers.failed || a->status < 200 || a->status > 599)
        return answer_refuse(q, 500);
    if (!server_hold(s, bytes))
        return answer_refuse(q, 503);
    q->held += bytes;
    struct MHD_Response *response =
        bytes ? s->http->MHD_create_response_from_buffer(bytes, STEAL(a->body.ptr), MHD_RESPMEM_MUST_FREE)
              : s->http->MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (response && !add_headers(s->http, response, &a->headers)) {
        s->http->MHD_destroy_response(response);
        return answer_refuse(q, 500);
    }
    return queue(q, a->status, a->content_type, false, response);
}
