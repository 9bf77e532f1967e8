#include "server_play.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"
#include "test.h"

static void slow(struct play *p, const struct server_request *r, struct server_answer *a)
{
    pthread_mutex_lock(&p->lock);
    p->entered++;
    pthread_cond_broadcast(&p->change);
    while (!p->open && !atomic_load(r->stopping)) {
        pthread_mutex_unlock(&p->lock);
        usleep(1000);
        pthread_mutex_lock(&p->lock);
    }
    p->told |= !p->open;
    p->left++;
    pthread_cond_broadcast(&p->change);
    pthread_mutex_unlock(&p->lock);
    buf_add(&a->body, STR("slow"));
}

static void location(const struct server_request *r, struct server_answer *a)
{
    struct buf decoded = buf_make(KIB(9));
    for (size_t i = 0; i < r->query.len; i++) {
        bool feed = str_starts(str_skip(r->query, i), STR("%0A"));
        buf_add_char(&decoded, feed ? '\n' : r->query.ptr[i]);
        i += feed ? 2 : 0;
    }
    a->status = 301;
    server_add_header(a, "Location", buf_str(&decoded));
    buf_done(&decoded);
}

static void big(const struct server_request *r, struct server_answer *a)
{
    uint64_t n = 0;
    assert_int_equal(str_u64(r->query, MIB(100), &n), 0);
    if (n > a->body.max) {
        buf_room(&a->body, n);
        return;
    }
    a->body.ptr = memory_new(n); /* its pages are touched by nobody */
    a->body.len = a->body.cap = n;
}

static void handle(void *ctx, const struct server_request *r, struct server_answer *a)
{
    struct play *p = ctx;
    a->status = 200;
    assert_true(!p->face[0].thread_start || *(unsigned *)r->thread == 7);
    if (str_starts(r->path, STR("/slow"))) {
        slow(p, r, a);
    } else if (str_eq(r->path, STR("/big"))) {
        big(r, a);
    } else if (str_eq(r->path, STR("/missing"))) {
        a->status = 404;
        a->content_type = "application/json;charset=utf-8";
        buf_add(&a->headers, STR("Server: clair\nX-Empty: \n"));
        buf_add(&a->body, STR("{\"Error\":{}}\n"));
    } else if (str_eq(r->path, STR("/text"))) {
        a->content_type = "text/plain; charset=utf-8";
        a->compress = true;
        for (int i = 0; i < 1000; i++)
            buf_add(&a->body, STR("again and "));
    } else if (str_eq(r->path, STR("/location"))) {
        location(r, a);
    } else if (str_eq(r->path, STR("/long"))) {
        for (int i = 0; i < 1000; i++)
            buf_printf(&a->headers, "X-%d: yyyyy\n", i);
    } else if (str_eq(r->path, STR("/none"))) {
        a->status = 0;
    } else if (str_eq(r->path, STR("/fields"))) {
        for (size_t i = 0; i < r->field_count; i++)
            buf_printf(&a->body, "%.*s: %.*s\n", STR_ARG(r->fields[i].name), STR_ARG(r->fields[i].value));
    } else {
        const struct str words[] = {r->method, STR(" "), r->path, STR(" "), r->query, STR(" "), r->body};
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            buf_add(&a->body, words[i]);
        buf_add(&a->body, r->body_cut ? STR("(cut)") : STR(""));
    }
}

static bool is_slow(void *ctx, const struct server_request *r)
{
    (void)ctx;
    return str_starts(r->path, STR("/slow"));
}

static void *thread_start(void *ctx)
{
    struct play *p = ctx;
    unsigned *mine = memory_new(sizeof *mine);
    *mine = 7;
    pthread_mutex_lock(&p->lock);
    p->started++;
    pthread_mutex_unlock(&p->lock);
    return mine;
}

static void thread_stop(void *ctx, void *thread)
{
    struct play *p = ctx;
    free(thread);
    pthread_mutex_lock(&p->lock);
    p->stopped++;
    pthread_mutex_unlock(&p->lock);
}

static void done(void *ctx, const struct server_request *r, unsigned status, uint64_t nanoseconds)
{
    struct play *p = ctx;
    assert_true(status < 600 && nanoseconds < UINT64_MAX / 2 && str_starts(r->peer, STR("127.0.0.")));
    pthread_mutex_lock(&p->lock);
    p->done[status]++;
    pthread_cond_broadcast(&p->change);
    pthread_mutex_unlock(&p->lock);
}

struct play *play_new(void)
{
    struct play *p = memory_new(sizeof *p);
    p->faces = 1;
    p->options = (struct server_options){.event_threads = 2, .slow_threads = 2};
    for (size_t i = 0; i < 2; i++)
        p->face[i] = (struct server_face){.address = "127.0.0.1",
                                          .fd = -1,
                                          .handle = handle,
                                          .is_slow = is_slow,
                                          .thread_start = thread_start,
                                          .thread_stop = thread_stop,
                                          .done = done,
                                          .ctx = p};
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->change, NULL);
    return p;
}

void play_start(struct play *p)
{
    struct error err = {0};
    if (server_start(&p->server, p->face, p->faces, &p->options, &err) < 0)
        fail_msg("%s", err.text);
}

void play_open_gate(struct play *p)
{
    pthread_mutex_lock(&p->lock);
    p->open = true;
    pthread_mutex_unlock(&p->lock);
}

static void wait_for(struct play *p, const unsigned *counter, unsigned count)
{
    pthread_mutex_lock(&p->lock);
    while (*counter < count)
        pthread_cond_wait(&p->change, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

void play_wait_entered(struct play *p, unsigned count)
{
    wait_for(p, &p->entered, count);
}

void play_wait_left(struct play *p, unsigned count)
{
    wait_for(p, &p->left, count);
}

void play_wait_done(struct play *p, unsigned status, unsigned count)
{
    wait_for(p, &p->done[status], count);
}

void play_wait_connections(struct play *p, unsigned count)
{
    for (bool there = false; !there; usleep(1000)) {
        pthread_mutex_lock(&p->server->peers.lock);
        there = p->server->peers.connections == count;
        pthread_mutex_unlock(&p->server->peers.lock);
    }
}

void play_end(struct play *p)
{
    play_open_gate(p);
    server_stop(p->server, 60);
    assert_int_equal(p->started, p->stopped);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->change);
    free(p);
}

/* ---- clients ---- */

int wire_open_from(const struct play *p, unsigned last)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(server_port(p->server, 0))}, from = to;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + last);
    from.sin_port = 0;
    assert_true(fd >= 0);
    assert_return_code(bind(fd, (struct sockaddr *)&from, sizeof from), errno);
    assert_return_code(connect(fd, (struct sockaddr *)&to, sizeof to), errno);
    return fd;
}

int wire_open(const struct play *p)
{
    return wire_open_from(p, 1);
}

void wire_send(int fd, const char *text)
{
    size_t len = strlen(text);
    assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), len);
}

/* One byte more; false at the end. */
static bool take(int fd, char *text, size_t *len, size_t size)
{
    assert_true(*len + 1 < size);
    ssize_t n = recv(fd, text + *len, 1, 0);
    if (n <= 0)
        return false;
    text[++*len] = 0;
    return true;
}

static void drop_date(char *head)
{
    char *date = strstr(head, "Date: ");
    if (date) {
        const char *next = strstr(date, "\r\n") + 2;
        memmove(date, next, strlen(next) + 1);
    }
}

void wire_answer(int fd, char *text, size_t size)
{
    size_t len = 0;
    *text = 0;
    while (!strstr(text, "\r\n\r\n"))
        if (!take(fd, text, &len, size))
            fail_msg("the connection ends after \"%s\"", text);
    const char *length = strstr(text, "Content-Length: ");
    size_t body = length ? strtoul(length + 16, NULL, 10) : 0;
    drop_date(text);
    len = strlen(text);
    while (body--)
        if (!take(fd, text, &len, size))
            fail_msg("the connection ends in the body of \"%s\"", text);
}

void wire_expect(int fd, const char *answer)
{
    char text[20000];
    wire_answer(fd, text, sizeof text);
    assert_string_equal(text, answer);
}

void wire_ends(int fd)
{
    char c;
    ssize_t n = recv(fd, &c, 1, 0);
    if (n > 0)
        fail_msg("the server goes on with '%c'", c);
    assert_true(n == 0 || errno == ECONNRESET);
    close(fd);
}

void wire_talk(const struct play *p, const char *request, const char *answer)
{
    int fd = wire_open(p);
    wire_send(fd, request);
    wire_expect(fd, answer);
    close(fd);
}
