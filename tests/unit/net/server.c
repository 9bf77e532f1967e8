#include "net/server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "server_play.h"
#include "stream/codec.h"
#include "stream/memory.h"
#include "test.h"

#define HOST             "Host: a\r\n"
#define OK(length, body) "HTTP/1.1 200 OK\r\nContent-Length: " length "\r\n\r\n" body
#define REFUSED(status, length, body)                                                         \
    "HTTP/1.1 " status "\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n" \
    "Content-Length: " length "\r\n\r\n" body
#define MALFORMED REFUSED("400 Bad Request", "32", "the request's head is malformed\n")

TEST(server_targets)
{
    struct play *p = play_new();
    play_start(p);
    static const struct {
        const char *request, *answer;
    } cases[] = {
        {"GET /a%2Fb%3f?x=%20&y HTTP/1.1\r\n" HOST "\r\n", OK("22", "GET /a%2Fb%3f x=%20&y ")},
        {"GET http://h:1/p/q?r?s HTTP/1.1\r\n" HOST "\r\n", OK("13", "GET /p/q r?s ")},
        {"GET http://h?r HTTP/1.1\r\n" HOST "\r\n", OK("7", "GET  r ")},
        {"GET https://h HTTP/1.1\r\n" HOST "\r\n", OK("6", "GET   ")},
        {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", OK("11", "OPTIONS *  ")},
        {"FROB /x HTTP/1.1\r\n" HOST "\r\n", OK("9", "FROB /x  ")},
        {"PATCH /x HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc", OK("13", "PATCH /x  abc")},
        {"CONNECT h:1 HTTP/1.1\r\n" HOST "\r\n", MALFORMED},
        {"GET x HTTP/1.1\r\n" HOST "\r\n", MALFORMED},
        {"GET /a b HTTP/1.1\r\n" HOST "\r\n", MALFORMED},
        {"G(T / HTTP/1.1\r\n" HOST "\r\n", MALFORMED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        wire_talk(p, cases[i].request, cases[i].answer);
    play_end(p);
}

TEST(server_framing)
{
    struct play *p = play_new();
    play_start(p);
    static const char *const fields[] = {
        "",
        HOST HOST,
        HOST "Content-Length: 1\r\nContent-Length: 1\r\n",
        HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        HOST "Transfer-Encoding : chunked\r\n",
        HOST "X Y: 1\r\n",
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        char request[200];
        snprintf(request, sizeof request, "POST / HTTP/1.1\r\n%s\r\nx", fields[i]);
        int fd = wire_open(p);
        wire_send(fd, request);
        wire_expect(fd, MALFORMED);
        wire_ends(fd);
    }
    wire_talk(p, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n",
              REFUSED("501 Not Implemented", "47", "no transfer encoding but chunked is understood\n"));
    play_wait_done(p, 400, sizeof fields / sizeof *fields);
    play_end(p);
}

TEST(server_fields)
{
    struct play *p = play_new();
    play_start(p);
    wire_talk(p, "GET /fields HTTP/1.1\r\n" HOST "x-Two:  b c \r\nX-TWO: d\r\nX-Empty:\r\n\r\n",
              OK("38", "Host: a\nx-Two: b c\nX-TWO: d\nX-Empty: \n"));
    play_end(p);
    const struct server_field fields[] = {{STR_INIT("A"), STR_INIT("1")}, {STR_INIT("a"), STR_INIT("2")}};
    struct server_request r = {.fields = fields, .field_count = 2};
    assert_true(str_eq(server_header(&r, "a"), STR("1")) && !server_header(&r, "b").len);
}

/* Nothing of an answer is invented, and nothing of the handler's is changed. */
TEST(server_answers)
{
    struct play *p = play_new();
    play_start(p);
    wire_talk(p, "GET /missing HTTP/1.1\r\n" HOST "\r\n",
              "HTTP/1.1 404 Not Found\r\nServer: clair\r\nContent-Type: application/json;charset=utf-8\r\n"
              "Content-Length: 13\r\n\r\n{\"Error\":{}}\n");
    wire_talk(p, "GET /location?/x%20y HTTP/1.1\r\n" HOST "\r\n",
              "HTTP/1.1 301 Moved Permanently\r\nLocation: /x%20y\r\nContent-Length: 0\r\n\r\n");
    wire_talk(p, "GET /location?/x%0ASet-Cookie:y HTTP/1.1\r\n" HOST "\r\n",
              "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
    wire_talk(p, "GET /none HTTP/1.1\r\n" HOST "\r\n",
              "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
    play_end(p);
}

TEST(server_head)
{
    struct play *p = play_new();
    play_start(p);
    int fd = wire_open(p);
    wire_send(fd, "HEAD /missing HTTP/1.1\r\n" HOST "\r\nGET /echo HTTP/1.1\r\n" HOST "\r\n");
    char head[500] = "", c;
    for (size_t n = 0; !strstr(head, "\r\n\r\n"); n++) {
        assert_int_equal(recv(fd, &c, 1, 0), 1);
        head[n] = c;
    }
    assert_non_null(strstr(head, "Content-Length: 13\r\n"));
    wire_expect(fd, OK("11", "GET /echo  "));
    close(fd);
    play_end(p);
}

TEST(server_keeps_connections)
{
    struct play *p = play_new();
    play_start(p);
    int fd = wire_open(p);
    for (int i = 0; i < 3; i++) {
        wire_send(fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nab");
        wire_expect(fd, OK("14", "POST /echo  ab"));
    }
    wire_send(fd, "GET /1 HTTP/1.1\r\n" HOST "\r\nGET /2 HTTP/1.1\r\n" HOST "\r\nGET /slow HTTP/1.1\r\n" HOST
                  "\r\nGET /3 HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    wire_expect(fd, OK("8", "GET /1  "));
    wire_expect(fd, OK("8", "GET /2  "));
    play_open_gate(p);
    wire_expect(fd, OK("4", "slow"));
    wire_expect(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 8\r\n\r\nGET /3  ");
    wire_ends(fd);
    fd = wire_open(p);
    wire_send(fd, "GET /1 HTTP/1.0\r\n\r\n");
    wire_expect(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 8\r\n\r\nGET /1  ");
    wire_ends(fd);
    play_end(p);
}

TEST(server_partial_requests)
{
    static const char request[] = "POST /echo?q HTTP/1.1\r\n" HOST
                                  "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
    struct play *p = play_new();
    play_start(p);
    int fd = wire_open(p);
    for (const char *at = request; *at; at++) {
        wire_send(fd, (char[]){*at, 0});
        usleep(200);
    }
    wire_expect(fd, OK("18", "POST /echo q abcde"));
    close(fd);
    play_end(p);
    p = play_new();
    p->options.receive_ms = p->options.idle_ms = 1000000;
    play_start(p);
    for (size_t cut = 0; cut < sizeof request - 1; cut++) {
        fd = wire_open(p);
        assert_int_equal(send(fd, request, cut, 0), cut);
        shutdown(fd, SHUT_WR);
        wire_ends(fd);
    }
    play_wait_connections(p, 0);
    assert_int_equal(p->done[200], 0);
    for (int i = 0; i < 20; i++) { /* who is done speaking still hears */
        fd = wire_open(p);
        wire_send(fd, request);
        shutdown(fd, SHUT_WR);
        wire_expect(fd, OK("18", "POST /echo q abcde"));
        wire_ends(fd);
    }
    play_end(p);
}

TEST(server_expect_continue)
{
    struct play *p = play_new();
    play_start(p);
    int fd = wire_open(p);
    wire_send(fd, "PUT /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    wire_expect(fd, "HTTP/1.1 100 Continue\r\n\r\n");
    wire_send(fd, "ab");
    wire_expect(fd, OK("13", "PUT /echo  ab"));
    close(fd);
    wire_talk(p, "PUT /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n",
              REFUSED("413 Content Too Large", "31", "the request's body is too long\n"));
    play_end(p);
}

TEST(server_compresses)
{
    struct play *p = play_new();
    play_start(p);
    char text[11000];
    int fd = wire_open(p);
    wire_send(fd, "GET /text HTTP/1.1\r\n" HOST "Accept-Encoding: deflate\r\n\r\n");
    wire_answer(fd, text, sizeof text);
    assert_true(
        str_starts(str_of(text), STR("HTTP/1.1 200 OK\r\nVary: Accept-Encoding\r\nContent-Type: text/plain; "
                                     "charset=utf-8\r\nContent-Length: 10000\r\n\r\nagain")));
    wire_send(fd, "GET /text HTTP/1.1\r\n" HOST "Accept-Encoding: deflate, gzip;q=0.5\r\n\r\n");
    wire_answer(fd, text, sizeof text);
    const char *length = strstr(text, "Content-Length: "), *body = strstr(text, "\r\n\r\n");
    assert_non_null(strstr(text, "\r\nVary: Accept-Encoding\r\nContent-Encoding: gzip\r\n"));
    struct error err = {0};
    struct memory_reader m;
    struct reader *in =
                      memory_reader_init(&m, (struct str){body + 4, strtoul(length + 16, NULL, 10)}, 0, &err),
                  *out;
    assert_int_equal(gzip_zlib_open(&out, in, 20000, &err), 0);
    size_t total = 0;
    for (; reader_more(out) > 0; out->ptr = out->end)
        total += (size_t)(out->end - out->ptr);
    assert_int_equal(total, 10000);
    assert_string_equal(err.text, "");
    reader_close(out);
    close(fd);
    play_end(p);
}

TEST(server_many_threads)
{
    struct play *p = play_new();
    p->options.event_threads = 5;
    p->options.slow_threads = 3;
    p->faces = 2;
    play_start(p);
    assert_true(server_port(p->server, 0) != server_port(p->server, 1));
    int fds[40];
    for (size_t i = 0; i < 40; i++)
        wire_send(fds[i] = wire_open(p), "GET /echo HTTP/1.1\r\n" HOST "\r\n");
    for (size_t i = 0; i < 40; i++) {
        wire_expect(fds[i], OK("11", "GET /echo  "));
        close(fds[i]);
    }
    play_end(p); /* which compares threads that started with those that stopped */
    p = play_new();
    p->options = (struct server_options){0};
    play_start(p);
    assert_in_range(p->server->loop_count, 1, SERVER_EVENT_THREADS_MAX);
    play_end(p);
}

/* ---- listening ---- */

static void refuses(const struct server_face *f, enum error_code code, const char *text)
{
    struct error err = {0};
    struct server *s;
    assert_int_equal(server_start(&s, f, 1, &(struct server_options){0}, &err), -(int)code);
    assert_string_equal(err.text, text);
}

TEST(server_cannot_listen)
{
    struct play *p = play_new();
    play_start(p);
    char text[200];
    struct server_face f = {.address = "127.0.0.1", .port = server_port(p->server, 0), .fd = -1};
    snprintf(text, sizeof text,
             "cannot listen on 127.0.0.1:%u: Address already in use; stop the program that has it, or choose "
             "another port",
             f.port);
    refuses(&f, E_SYSTEM, text);
    f.address = NULL;
    snprintf(text, sizeof text,
             "cannot listen on port %u of all addresses: Address already in use; stop the program that has "
             "it, or choose "
             "another port",
             f.port);
    refuses(&f, E_SYSTEM, text);
    play_end(p);
    refuses(&(struct server_face){.address = "192.0.2.1", .port = 1234, .fd = -1}, E_SYSTEM,
            "cannot listen on 192.0.2.1:1234: Cannot assign requested address; choose an address of this "
            "machine");
    refuses(&(struct server_face){.address = "no name", .fd = -1}, E_USAGE,
            "cannot listen on no name: Name or service not known; give an address of this machine");
    refuses(&(struct server_face){.fd = 0}, E_USAGE,
            "descriptor 0, handed over for listening, is no listening socket");
    refuses(&(struct server_face){.fd = 999}, E_SYSTEM,
            "descriptor 999, handed over for listening: Bad file descriptor");
}

TEST(server_all_addresses)
{
    struct play *p = play_new();
    p->face[0].address = NULL;
    play_start(p);
    wire_talk(p, "GET /echo HTTP/1.1\r\n" HOST "\r\n",
              OK("11", "GET /echo  ")); /* an IPv4 client, told as such */
    play_end(p);
}

TEST(server_takes_a_socket)
{
    struct play *p = play_new();
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    p->face[0].fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(p->face[0].fd, (struct sockaddr *)&any, sizeof any), 0);
    assert_int_equal(listen(p->face[0].fd, 5), 0);
    play_start(p);
    wire_talk(p, "GET /echo HTTP/1.1\r\n" HOST "\r\n", OK("11", "GET /echo  "));
    play_end(p);
}

/* A server that ended with connections open begins again on the same port. */
TEST(server_again)
{
    struct play *p = play_new();
    play_start(p);
    uint16_t port = server_port(p->server, 0);
    int fd = wire_open(p);
    wire_send(fd, "GET /echo HTTP/1.1\r\n" HOST "\r\n");
    wire_expect(fd, OK("11", "GET /echo  "));
    play_end(p);
    wire_ends(fd);
    p = play_new();
    p->face[0].port = port;
    play_start(p);
    assert_int_equal(server_port(p->server, 0), port);
    play_end(p);
}

/* Who it is, for a log and for the bound on one address: an IPv6 customer has a /64. */
TEST(server_peers)
{
    static const struct {
        const char *address, *text;
    } cases[] = {
        {"127.0.0.1", "127.0.0.1:80"},
        {"::ffff:10.0.0.2", "10.0.0.2:80"},
        {"2001:db8::1", "[2001:db8::1]:80"},
        {"2001:db8::2", "[2001:db8::2]:80"},
        {"2001:db8:0:1::2", "[2001:db8:0:1::2]:80"},
    };
    struct peer_address found[5];
    for (size_t i = 0; i < 5; i++) {
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(80)};
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(80)};
        bool four = inet_pton(AF_INET, cases[i].address, &in.sin_addr) == 1;
        if (!four)
            assert_int_equal(inet_pton(AF_INET6, cases[i].address, &in6.sin6_addr), 1);
        const struct sockaddr *a = four ? (struct sockaddr *)&in : (struct sockaddr *)&in6;
        char text[72];
        peer_text(a, text, sizeof text);
        assert_string_equal(text, cases[i].text);
        found[i] = peer_address(a);
    }
    assert_memory_equal(&found[2], &found[3], sizeof *found);
    assert_memory_not_equal(&found[3], &found[4], sizeof *found);
    struct peers peers = {.lock = PTHREAD_MUTEX_INITIALIZER};
    for (size_t i = 0; i < 4; i++)
        peers_enter(&peers, found[i]);
    assert_false(peers_allow(&peers, found[2], 10, 2) || peers_allow(&peers, found[4], 4, 2));
    assert_true(peers_allow(&peers, found[4], 5, 2) && peers_allow(&peers, found[2], 5, 3));
    for (size_t i = 0; i < 4; i++)
        peers_leave(&peers, found[i]);
    assert_int_equal(peers.len + peers.connections, 0);
    char text[72];
    peer_text(&(struct sockaddr){.sa_family = AF_UNIX}, text, sizeof text);
    assert_string_equal(text, "unix");
    free(peers.counts);
}

TEST(server_library_missing)
{
    struct error err = {0};
    struct microhttpd http;
    assert_int_equal(microhttpd_load_named("libno-such.so.12", "libgnutls.so.30", &http, &err), -E_SYSTEM);
    assert_non_null(strstr(err.text, "libno-such.so.12 is not installed: apt install libmicrohttpd12 ("));
    assert_int_equal(microhttpd_load_named("libmicrohttpd.so.12", "libc.so.6", &http, &err), -E_SYSTEM);
    assert_string_equal(err.text, "libc.so.6 has no gnutls_strerror: it is not what libgnutls30 brings");
}
