/* How a request comes in: request line, fields, body, and then to whom. Called by libmicrohttpd within MHD_run(). */
#include "base/limits.h"
#include "base/memory.h"
#include "net/server_private.h"
#include "os/clock.h"

static struct connection *connection_of(const struct lane *l, struct MHD_Connection *mhd)
{
    return l->server->http->MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* ---- the head ---- */

void *request_begin(void *lane, const char *uri, struct MHD_Connection *mhd)
{
    struct lane *l = lane;
    struct connection *c = connection_of(l, mhd);
    size_t len = strlen(uri);
    struct request *q = memory_new(sizeof *q + len + sizeof c->peer);
    char *peer = memcpy(q->text, c->peer, sizeof c->peer);
    char *target = memcpy(peer + sizeof c->peer, uri, len);
    q->r = (struct server_request){.target = {target, len},
                                   .peer = str_of(peer),
                                   .secure = c->tls != NULL,
                                   .stopping = &l->server->stopping};
    q->lane = l;
    q->mhd = mhd;
    q->connection = c;
    atomic_init(&q->refs, 1);
    atomic_init(&q->state, REQUEST_OPEN);
    q->body = buf_make(l->server->options.body_max);
    c->request = q;
    connection_enter(c, PHASE_HEAD, l->server->options.receive_ms);
    return q;
}

/* Path and query of the target's forms in RFC 9112, 3.2; false: it has none of these. */
static bool split_target(struct server_request *r)
{
    struct str t = r->target;
    for (size_t i = 0; i < t.len; i++)
        if ((unsigned char)t.ptr[i] <= ' ' || t.ptr[i] == 0x7f)
            return false;
    if (str_starts(t, STR("http://")) || str_starts(t, STR("https://"))) {
        t = str_skip(t, str_find(t, '/') + 2);
        size_t slash = str_find(t, '/'), mark = str_find(t, '?');
        t = str_skip(t, slash < mark ? slash : mark);
    } else if (!str_starts(t, STR("/")) && !str_eq(t, STR("*"))) {
        return false;
    }
    r->path = str_cut(&t, '?');
    r->query = t;
    return true;
}

struct head {
    struct server_field *fields;
    char *text;
    size_t count, bytes;
};

static enum MHD_Result measure_field(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len,
                                     const char *value, size_t value_len)
{
    struct head *h = cls;
    (void)kind, (void)name, (void)value;
    h->count++;
    h->bytes += name_len + value_len;
    return MHD_YES;
}

static struct str copy(struct head *h, const char *from, size_t len)
{
    struct str ret = {h->text, len};
    if (len)
        memcpy(h->text, from, len);
    h->text += len;
    return ret;
}

static enum MHD_Result copy_field(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len,
                                  const char *value, size_t value_len)
{
    struct head *h = cls;
    (void)kind;
    *h->fields++ = (struct server_field){copy(h, name, name_len), copy(h, value, value_len)};
    return MHD_YES;
}

static void copy_head(struct request *q, const char *method)
{
    const struct microhttpd *http = q->lane->server->http;
    struct head h = {.bytes = strlen(method)};
    http->MHD_get_connection_values_n(q->mhd, MHD_HEADER_KIND, measure_field, &h);
    q->fields = memory_new(h.count * sizeof *h.fields + h.bytes);
    h.fields = q->fields;
    h.text = (char *)(h.fields + h.count);
    q->r.fields = q->fields;
    q->r.field_count = h.count;
    q->head_bytes = h.bytes + q->r.target.len;
    q->r.method = copy(&h, method, strlen(method));
    http->MHD_get_connection_values_n(q->mhd, MHD_HEADER_KIND, copy_field, &h);
}

static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~' || strchr("\"(),/:;<=>?@[\\]{}", s.ptr[i]))
            return false;
    return s.len > 0;
}

/* What says where the request goes and ends must mean the same to us, to libmicrohttpd, which leaves blanks behind
   values, and to a proxy before us: RFC 9112, 3.2, 6.3 and 11.2. */
static unsigned check_fields(struct request *q, bool host_needed)
{
    unsigned hosts = 0, lengths = 0, encodings = 0;
    uint64_t length = 0;
    for (size_t i = 0; i < q->r.field_count; i++) {
        struct server_field *f = &q->fields[i];
        if (!is_token(f->name))
            return 400;
        hosts += str_eq_nocase(f->name, STR("Host"));
        if (str_eq_nocase(f->name, STR("Content-Length"))) {
            lengths++;
            if (str_u64(f->value, UINT64_MAX, &length) < 0)
                return 400;
        } else if (str_eq_nocase(f->name, STR("Transfer-Encoding"))) {
            encodings++;
            if (!str_eq_nocase(f->value, STR("chunked")))
                return 501;
        }
        f->value = str_trim(f->value);
    }
    if (lengths + encodings > 1 || hosts > 1 || (host_needed && !hosts))
        return 400;
    return length / SERVER_BODY_SWALLOW > q->lane->server->options.body_max ? 413 : 0;
}

/* Why no handler should see it: a status, or 0. */
static unsigned check_head(struct request *q, const char *version)
{
    bool v11 = strcmp(version, MHD_HTTP_VERSION_1_1) == 0;
    if (!v11 && strcmp(version, MHD_HTTP_VERSION_1_0) != 0)
        return 505;
    if (q->r.target.len > SERVER_TARGET_MAX)
        return 414;
    if (q->r.field_count > SERVER_FIELDS_MAX || q->head_bytes > SERVER_HEAD_MAX)
        return 431;
    if (!is_token(q->r.method) || !split_target(&q->r))
        return 400;
    return check_fields(q, v11);
}

/* ---- the body ---- */

static bool take_body(struct request *q, const char *bytes, size_t len)
{
    const struct server_options *o = &q->lane->server->options;
    struct connection *c = q->connection;
    size_t room = o->body_max - q->body.len, keep = len < room ? len : room;
    q->seen += len;
    c->deadline = c->since + o->receive_ms + q->seen * 1000 / SERVER_SLOW_BYTES;
    q->r.body_cut |= keep < len;
    if (q->seen / SERVER_BODY_SWALLOW > o->body_max)
        return false;
    if (!q->refusal && keep) {
        if (server_hold(q->lane->server, keep)) {
            q->held += keep;
            buf_add(&q->body, (struct str){bytes, keep});
        } else {
            q->refusal = 503;
        }
    }
    return true;
}

/* ---- the answer ---- */

void request_handle(const struct request *q, void *thread, struct server_answer *ret)
{
    struct server_request r = q->r;
    r.thread = thread;
    *ret = (struct server_answer){.body = buf_make(SERVER_ANSWER_MAX),
                                  .headers = buf_make(SERVER_ANSWER_HEAD_MAX)};
    q->lane->face->handle(q->lane->face->ctx, &r, ret);
    answer_pack(&r, ret);
}

static enum MHD_Result answer(struct request *q)
{
    const struct lane *l = q->lane;
    const struct server_face *f = l->face;
    q->start = clock_ns();
    q->r.body = buf_str(&q->body);
    if (q->refusal)
        return answer_refuse(q, q->refusal);
    struct server_request r = q->r;
    r.thread = l->thread;
    if (!f->is_slow || !f->is_slow(f->ctx, &r)) {
        request_handle(q, l->thread, &q->answer);
        return answer_send(q);
    }
    if (!pool_reserve(l->server->pool))
        return answer_refuse(q, 503);
    connection_enter(q->connection, PHASE_WAITING,
                     f->timeout_seconds ? (uint64_t)f->timeout_seconds * 1000 : UINT64_MAX);
    atomic_fetch_add(&q->refs, 1);
    atomic_store(&q->state, REQUEST_WAITING);
    l->server->http->MHD_suspend_connection(q->mhd);
    pool_push(l->server->pool, q);
    return MHD_YES;
}

bool request_settle(struct request *q, enum request_state state)
{
    enum request_state waiting = REQUEST_WAITING;
    return atomic_compare_exchange_strong(&q->state, &waiting, state);
}

/* NOLINTNEXTLINE(readability-function-size): libmicrohttpd says what it takes. */
enum MHD_Result request_step(void *lane, struct MHD_Connection *mhd, const char *url, const char *method,
                             const char *version, const char *upload, size_t *upload_size, void **request)
{
    struct lane *l = lane;
    struct request *q = *request;
    (void)mhd, (void)url;
    if (!q->head) {
        q->head = true;
        copy_head(q, method);
        q->start = clock_ns();
        unsigned refusal = check_head(q, version);
        connection_enter(q->connection, PHASE_BODY, l->server->options.receive_ms);
        return refusal ? answer_refuse(q, refusal) : MHD_YES;
    }
    if (*upload_size) {
        bool fits = take_body(q, upload, *upload_size);
        *upload_size = 0;
        return fits ? MHD_YES : MHD_NO;
    }
    switch (atomic_load(&q->state)) {
    case REQUEST_OPEN:
        return answer(q);
    case REQUEST_ANSWERED:
        return answer_send(q);
    case REQUEST_EXPIRED:
        return answer_expired(q);
    default:
        return MHD_NO;
    }
}

void request_end(void *lane, struct MHD_Connection *mhd, void **request, enum MHD_RequestTerminationCode code)
{
    struct lane *l = lane;
    struct request *q = *request;
    (void)mhd, (void)code;
    if (!q)
        return;
    q->connection->request = NULL;
    if (q->connection->phase != PHASE_CUT)
        connection_enter(q->connection, PHASE_IDLE, l->server->options.idle_ms);
    *request = NULL;
    request_unref(q);
}

void request_unref(struct request *q)
{
    if (atomic_fetch_sub(&q->refs, 1) != 1)
        return;
    server_release(q->lane->server, q->held);
    buf_done(&q->body);
    buf_done(&q->answer.body);
    buf_done(&q->answer.headers);
    free(q->fields);
    free(q);
}
