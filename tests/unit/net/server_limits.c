/* What clients may not do to a server. */
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"
#include "server_play.h"
#include "test.h"

#define HOST    "Host: a\r\n"
#define FAST    "GET /echo HTTP/1.1\r\n" HOST "\r\n"
#define FAST_OK "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nGET /echo  "
#define REFUSED(status, length, body)                                                         \
    "HTTP/1.1 " status "\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n" \
    "Content-Length: " length "\r\n\r\n" body
#define BUSY                                                                                          \
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " \
    "39\r\n\r\n"                                                                                      \
    "there are too many requests at present\n"

/* "before", n times c, "after" in a text that the caller frees. */
static char *long_text(const char *before, size_t n, char c, const char *after)
{
    struct buf b = buf_make(MIB(32));
    buf_add(&b, str_of(before));
    memset(buf_room(&b, n), c, n);
    b.len += n;
    buf_add(&b, str_of(after));
    buf_add_char(&b, 0);
    assert_false(b.failed);
    return b.ptr;
}

static void talk_long(const struct play *p, char *request, const char *answer)
{
    int fd = wire_open(p);
    wire_send(fd, request);
    wire_expect(fd, answer);
    close(fd);
    free(request);
}

TEST(server_long_head)
{
    struct play *p = play_new();
    play_start(p);
    static const char answer[] =
        REFUSED("431 Request Header Fields Too Large", "33", "the request's header is too long\n");
    size_t rest = strlen("GET/echoHostaX");
    talk_long(p, long_text("GET /echo HTTP/1.1\r\n" HOST "X: ", SERVER_HEAD_MAX - rest, 'x', "\r\n\r\n"),
              FAST_OK);
    talk_long(p, long_text("GET /echo HTTP/1.1\r\n" HOST "X: ", SERVER_HEAD_MAX - rest + 1, 'x', "\r\n\r\n"),
              answer);
    int fd = wire_open(p);
    char *request = long_text("GET /echo HTTP/1.1\r\n" HOST "X: ", SERVER_CONNECTION_MEMORY, 'x', "\r\n\r\n"),
         text[2000];
    wire_send(fd, request);
    wire_answer(fd, text, sizeof text); /* libmicrohttpd's own words */
    assert_true(str_starts(str_of(text), STR("HTTP/1.1 431 ")));
    close(fd);
    free(request);
    play_end(p);
}

TEST(server_long_target)
{
    struct play *p = play_new();
    play_start(p);
    char *fits = long_text("GET /", SERVER_TARGET_MAX - 1, 'x', " HTTP/1.1\r\n" HOST "\r\n"), text[20000];
    int fd = wire_open(p);
    wire_send(fd, fits);
    wire_answer(fd, text, sizeof text);
    assert_true(str_starts(str_of(text), STR("HTTP/1.1 200 OK\r\nContent-Length: 8198\r\n\r\nGET /xxx")));
    close(fd);
    free(fits);
    talk_long(p, long_text("GET /", SERVER_TARGET_MAX, 'x', " HTTP/1.1\r\n" HOST "\r\n"),
              REFUSED("414 URI Too Long", "33", "the request's target is too long\n"));
    play_end(p);
}

TEST(server_many_fields)
{
    struct play *p = play_new();
    play_start(p);
    for (int more = 0; more < 2; more++) {
        struct buf b = buf_make(KIB(8));
        buf_add(&b, STR("GET /echo HTTP/1.1\r\n" HOST));
        for (int i = 1; i < SERVER_FIELDS_MAX + more; i++)
            buf_printf(&b, "X-%d: y\r\n", i);
        buf_add(&b, STR("\r\n\0"));
        talk_long(
            p, b.ptr,
            more ? REFUSED("431 Request Header Fields Too Large", "33", "the request's header is too long\n")
                 : FAST_OK);
    }
    play_end(p);
}

/* ---- bodies ---- */

TEST(server_body_default)
{
    struct play *p = play_new();
    play_start(p);
    assert_int_equal(p->server->options.body_max, SERVER_BODY_MAX);
    play_end(p);
}

static void body_answer(const struct play *p, size_t length, bool chunked, const char *answer)
{
    char head[200];
    snprintf(head, sizeof head,
             chunked ? "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n%zx\r\n"
                     : "POST /echo HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n\r\n",
             length);
    talk_long(p, long_text(head, length, 'b', chunked ? "\r\n0\r\n\r\n" : ""), answer);
}

TEST(server_body_cut)
{
    struct play *p = play_new();
    p->options.body_max = 5;
    p->options.receive_ms = 1000000;
    play_start(p);
    static const char whole[] = "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\nPOST /echo  bbbbb",
                      cut[] = "HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\nPOST /echo  bbbbb(cut)";
    for (int chunked = 0; chunked < 2; chunked++) {
        body_answer(p, 5, chunked, whole);
        body_answer(p, 6, chunked, cut);
        body_answer(p, (size_t)6 * SERVER_BODY_SWALLOW - 1, chunked, cut);
    }
    body_answer(p, (size_t)6 * SERVER_BODY_SWALLOW, false,
                REFUSED("413 Content Too Large", "31", "the request's body is too long\n"));
    int fd = wire_open(p); /* without a length it is known too late for an answer */
    char *request =
        long_text("POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n60\r\n", 96, 'b', "\r\n");
    wire_send(fd, request);
    wire_ends(fd);
    free(request);
    play_end(p);
}

TEST(server_long_answer)
{
    static const char failed[] = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";
    struct play *p = play_new();
    play_start(p);
    wire_talk(p, "GET /big?67108865 HTTP/1.1\r\n" HOST "\r\n", failed);
    wire_talk(p, "GET /long HTTP/1.1\r\n" HOST "\r\n", failed);
    char *longest = long_text("GET /location?", SERVER_TARGET_MAX - 10, 'x', " HTTP/1.1\r\n" HOST "\r\n"),
         text[20000];
    int fd = wire_open(p);
    wire_send(fd, longest);
    wire_answer(fd, text, sizeof text);
    assert_true(str_starts(str_of(text), STR("HTTP/1.1 301 Moved Permanently\r\nLocation: xxxx")));
    close(fd);
    free(longest);
    play_end(p);
}

/* Clients that ask for much and take nothing: the fifth is told to come later, and all is free again when they go. */
TEST(server_memory)
{
    struct play *p = play_new();
    play_start(p);
    int fds[4];
    for (size_t i = 0; i < 4; i++) {
        wire_send(fds[i] = wire_open(p), "GET /big?67108864 HTTP/1.1\r\n" HOST "\r\n");
        play_wait_done(p, 200, (unsigned)i + 1);
    }
    assert_int_equal(atomic_load(&p->server->held), SERVER_MEMORY_MAX);
    wire_talk(p, FAST, BUSY);
    wire_talk(p, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\na", BUSY);
    for (size_t i = 0; i < 4; i++)
        close(fds[i]);
    play_wait_connections(p, 0);
    assert_int_equal(atomic_load(&p->server->held), 0);
    wire_talk(p, FAST, FAST_OK);
    play_end(p);
}

/* ---- connections ---- */

static void three_connections(unsigned threads)
{
    struct play *p = play_new();
    p->options.connections_max = 3;
    p->options.event_threads = threads;
    play_start(p);
    assert_int_equal(p->server->options.address_connections_max, SERVER_ADDRESS_CONNECTIONS_MAX);
    int fds[3];
    for (size_t i = 0; i < 3; i++)
        fds[i] = wire_open(p);
    play_wait_connections(p, 3);
    wire_ends(wire_open(p));
    for (size_t i = 0; i < 3; i++) {
        wire_send(fds[i], FAST);
        wire_expect(fds[i], FAST_OK);
        close(fds[i]);
    }
    play_wait_connections(p, 0);
    wire_talk(p, FAST, FAST_OK);
    play_end(p);
}

TEST(server_connections)
{
    three_connections(1);
    three_connections(3);
}

/* Where the system allows few descriptors, half of them are for connections; where it allows more, they are taken. */
TEST(server_descriptors)
{
    struct rlimit before, now;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct play *p = play_new();
    p->options.connections_max = (unsigned)(before.rlim_max < 5000 ? before.rlim_max : 5000);
    struct rlimit low = {.rlim_cur = 100, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    play_start(p);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
    assert_true(now.rlim_cur > 100 && p->server->options.connections_max <= now.rlim_cur / 2);
    play_end(p);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(server_connections_of_one)
{
    struct play *p = play_new();
    p->options.address_connections_max = 2;
    play_start(p);
    assert_int_equal(p->server->options.connections_max, SERVER_CONNECTIONS_MAX);
    int a = wire_open(p), b = wire_open(p);
    play_wait_connections(p, 2);
    wire_ends(wire_open(p));
    int other = wire_open_from(p, 2);
    wire_send(other, FAST);
    wire_expect(other, FAST_OK);
    close(a);
    close(b);
    close(other);
    play_end(p);
}

static size_t resident(void)
{
    char text[200] = "";
    FILE *f = fopen("/proc/self/statm", "r");
    assert_non_null(f);
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    return strtoul(strchr(text, ' '), NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

TEST(server_500_connections)
{
    struct play *p = play_new();
    p->options.address_connections_max = 600;
    play_start(p);
    wire_talk(p, FAST, FAST_OK);
    size_t before = resident();
    int fds[500];
    for (size_t i = 0; i < 500; i++)
        fds[i] = wire_open(p);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < 500; i++)
            wire_send(fds[i], FAST);
        for (size_t i = 0; i < 500; i++)
            wire_expect(fds[i], FAST_OK);
    }
    size_t grown = resident() - before;
#ifndef LIMPID_SANITIZED
    assert_true(grown < MIB(16));
#endif
    print_message("# 500 idle connections: %zu KiB\n", grown >> 10);
    for (size_t i = 0; i < 500; i++)
        close(fds[i]);
    play_end(p);
}

static void wait_reserved(struct pool *pool, unsigned count)
{
    for (bool there = false; !there; usleep(1000)) {
        pthread_mutex_lock(&pool->lock);
        there = pool->reserved == count;
        pthread_mutex_unlock(&pool->lock);
    }
}

TEST(server_queue_full)
{
    struct play *p = play_new();
    p->options = (struct server_options){.slow_threads = 1, .address_connections_max = 1000};
    play_start(p);
    int fds[SERVER_QUEUE_MAX + 1];
    for (size_t i = 0; i < SERVER_QUEUE_MAX + 1; i++)
        wire_send(fds[i] = wire_open(p), "GET /slow HTTP/1.1\r\n" HOST "\r\n");
    wait_reserved(p->server->pool, SERVER_QUEUE_MAX + 1);
    wire_talk(p, "GET /slow HTTP/1.1\r\n" HOST "\r\n", BUSY);
    play_open_gate(p);
    for (size_t i = 0; i < SERVER_QUEUE_MAX + 1; i++) {
        wire_expect(fds[i], "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow");
        close(fds[i]);
    }
    play_end(p);
    p = play_new();
    p->options.slow_threads = 0;
    play_start(p);
    assert_int_equal(p->server->options.slow_threads, SERVER_SLOW_THREADS);
    play_end(p);
}

/* ---- time ---- */

/* Sends the text again and again until the server ends the connection. */
static void trickle(int fd, const char *text)
{
    while (send(fd, text, strlen(text), MSG_NOSIGNAL) > 0)
        usleep(5000);
    wire_ends(fd);
}

TEST(server_idle_cut)
{
    struct play *p = play_new();
    p->options.idle_ms = 50;
    play_start(p);
    int fd = wire_open(p);
    wire_send(fd, FAST);
    wire_expect(fd, FAST_OK);
    wire_ends(fd);
    fd = wire_open(p);
    wire_send(fd, FAST);
    wire_expect(fd, FAST_OK);
    trickle(fd, "\r\n");
    play_end(p);
}

/* A byte now and then does not keep a connection: slowloris. */
TEST(server_slow_head)
{
    struct play *p = play_new();
    p->options.receive_ms = 50;
    play_start(p);
    wire_ends(wire_open(p));
    trickle(wire_open(p), "G");
    int fd = wire_open(p);
    wire_send(fd, "GET /echo HTTP/1.1\r\n");
    trickle(fd, "X: y\r\n");
    fd = wire_open(p);
    wire_send(fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 99999\r\n\r\n");
    trickle(fd, "b");
    play_wait_connections(p, 0);
    play_end(p);
}

/* Who has sent much may take its time for the rest. */
TEST(server_slow_body)
{
    struct play *p = play_new();
    p->options.receive_ms = 600;
    play_start(p);
    size_t most = (size_t)30 * SERVER_SLOW_BYTES;
    char head[200];
    snprintf(head, sizeof head, "POST /none HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n\r\n", most + 1);
    char *request = long_text(head, most, 'b', "");
    int fd = wire_open(p);
    wire_send(fd, request);
    free(request);
    usleep(1200000);
    wire_send(fd, "b");
    wire_expect(fd, "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
    close(fd);
    play_end(p);
}

TEST(server_slow_reader)
{
    struct play *p = play_new();
    p->options.send_ms = 50;
    play_start(p);
    int fd = wire_open(p);
    wire_send(fd, "GET /big?67108864 HTTP/1.1\r\n" HOST "\r\n");
    play_wait_done(p, 200, 1);
    play_wait_connections(p, 0);
    close(fd);
    play_end(p);
}
