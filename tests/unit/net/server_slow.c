/* Requests that take long: in the pool, over time, and when the server stops. */
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server_play.h"
#include "test.h"

#define SLOW           "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
#define FAST           "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"
#define SLOW_OK        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow"
#define SLOW_OK_CLOSED "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nslow"
#define FAST_OK        "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nGET /echo  "

TEST(server_slow_and_fast)
{
    struct play *p = play_new();
    p->options.event_threads = 1;
    play_start(p);
    int slow[6];
    for (size_t i = 0; i < 6; i++)
        wire_send(slow[i] = wire_open(p), SLOW);
    play_wait_entered(p, 2);
    for (size_t i = 0; i < 20; i++)
        wire_talk(p, FAST, FAST_OK);
    play_open_gate(p);
    for (size_t i = 0; i < 6; i++) {
        wire_expect(slow[i], SLOW_OK);
        wire_send(slow[i], FAST);
        wire_expect(slow[i], FAST_OK);
        close(slow[i]);
    }
    play_end(p);
}

/* The connection goes on, the handlers too; what they say is dropped. Who is still in the queue then is not called. */
TEST(server_timeout)
{
    struct play *p = play_new();
    p->options.slow_threads = 1;
    p->face[0].timeout_seconds = 1;
    p->face[0].timeout_body = "{\"Error\":{\"Type\":\"Timeout\"}}";
    p->face[0].timeout_type = "text/plain; charset=utf-8";
    play_start(p);
    int fd = wire_open(p), queued = wire_open(p);
    wire_send(fd, SLOW);
    play_wait_entered(p, 1);
    wire_send(queued, SLOW);
    static const char late[] =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Length: 28\r\n\r\n{\"Error\":{\"Type\":\"Timeout\"}}";
    wire_expect(fd, late);
    wire_expect(queued, late);
    close(queued);
    wire_send(fd, FAST);
    wire_expect(fd, FAST_OK);
    assert_int_equal(p->left, 0);
    play_open_gate(p);
    play_wait_left(p, 1);
    wire_send(fd, SLOW);
    wire_expect(fd, SLOW_OK);
    close(fd);
    assert_int_equal(p->entered, 2);
    play_wait_done(p, 503, 2);
    play_end(p);
}

/* A client that goes while a slow thread works for it leaves nothing behind. */
TEST(server_client_leaves)
{
    struct play *p = play_new();
    play_start(p);
    for (size_t i = 0; i < 4; i++) {
        int fd = wire_open(p);
        wire_send(fd, SLOW);
        close(fd);
    }
    play_wait_entered(p, 2);
    play_open_gate(p);
    play_wait_left(p, 4);
    play_wait_connections(p, 0);
    play_end(p);
}

/* ---- stop ---- */

struct stop {
    struct server *server;
    unsigned grace;
};

static void *stop(void *arg)
{
    const struct stop *s = arg;
    server_stop(s->server, s->grace);
    return NULL;
}

static void wait_refused(int (*try)(void *), void *ctx)
{
    while (try(ctx) >= 0)
        usleep(1000);
}

/* Whether a connection is still taken: one that is closed at once is not. */
static int knock(void *ctx)
{
    const struct sockaddr *to = ctx;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), r = connect(fd, to, sizeof(struct sockaddr_in));
    close(fd);
    return r;
}

TEST(server_stop_waits)
{
    struct play *p = play_new();
    play_start(p);
    int slow = wire_open(p), idle = wire_open(p), half = wire_open(p);
    struct sockaddr_storage to;
    assert_int_equal(getpeername(slow, (struct sockaddr *)&to, &(socklen_t){sizeof to}), 0);
    wire_send(slow, SLOW);
    wire_send(idle, FAST);
    wire_expect(idle, FAST_OK);
    wire_send(half, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na");
    play_wait_entered(p, 1);
    play_wait_connections(p, 3);
    pthread_t thread;
    struct stop s = {p->server, 60};
    pthread_create(&thread, NULL, stop, &s);
    wire_ends(idle);
    wait_refused(knock, &to);
    wire_send(half, "b");
    wire_expect(half, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 14\r\n\r\nPOST /echo  ab");
    wire_ends(half);
    assert_int_equal(p->left, 0);
    play_open_gate(p);
    wire_expect(slow, SLOW_OK_CLOSED);
    wire_ends(slow);
    pthread_join(thread, NULL);
    p->server = NULL;
    play_end(p);
}

/* When the grace is over, connections end and handlers are told. */
TEST(server_stop_cuts)
{
    struct play *p = play_new();
    p->options.slow_threads = 1;
    play_start(p);
    int slow = wire_open(p), queued = wire_open(p), half = wire_open(p);
    wire_send(slow, SLOW);
    play_wait_entered(p, 1);
    wire_send(queued, SLOW);
    wire_send(half, "POST /echo HTTP/1.1\r\n");
    play_wait_connections(p, 3);
    server_stop(p->server, 0);
    wire_ends(slow);
    wire_ends(queued);
    wire_ends(half);
    assert_true(p->entered == p->left && p->told);
    p->server = NULL;
    play_end(p);
}

/* Its client was told that it took too long, but it may finish. */
TEST(server_stop_background)
{
    struct play *p = play_new();
    p->face[0].timeout_seconds = 1;
    play_start(p);
    wire_talk(p, SLOW, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    play_wait_connections(p, 0);
    assert_int_equal(p->left, 0);
    struct stop s = {p->server, 60};
    pthread_t thread;
    pthread_create(&thread, NULL, stop, &s);
    usleep(50000);
    play_open_gate(p);
    pthread_join(thread, NULL);
    assert_true(p->left == 1 && !p->told);
    p->server = NULL;
    play_end(p);
}
