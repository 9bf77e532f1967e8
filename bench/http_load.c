/* Asks a server on this machine the same again and again, over connections that are kept:

       http_load [-c CONNECTIONS] [-n REQUESTS] [-m METHOD] [-b BODYFILE] [-H "NAME: VALUE"]… http://127.0.0.1:PORT/PATH

   One thread, one request at a time a connection. Prints requests a second, the median and the 99th of a hundred of
   their times, the slowest, and how many were answered by other than 2xx. */
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "net/url.h"

enum { CONNECTIONS_MAX = 10000, REQUESTS_MAX = 10000000, HEAD_MAX = 16384 };

struct client {
    int fd;
    uint64_t began;
    size_t sent;
    char head[HEAD_MAX + 1];
    size_t head_len;
    uint64_t body; /* bytes of it that are still to come */
    bool in_body;
};

struct load {
    struct sockaddr_in address;
    struct buf request;
    int epoll;
    unsigned long wanted, asked, answered, refused;
    uint32_t *took; /* microseconds */
};

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "http_load: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

/* Sends what is left of the request; waits for room when the kernel has none. */
static void send_rest(const struct load *l, struct client *c)
{
    ssize_t n = 0;
    while (c->sent < l->request.len &&
           (n = send(c->fd, l->request.ptr + c->sent, l->request.len - c->sent, MSG_NOSIGNAL)) > 0)
        c->sent += (size_t)n;
    if (n < 0 && errno != EAGAIN)
        fail("send");
    struct epoll_event e = {.events = EPOLLIN | (c->sent < l->request.len ? EPOLLOUT : 0), .data.ptr = c};
    if (n < 0 || e.events & EPOLLOUT)
        epoll_ctl(l->epoll, EPOLL_CTL_MOD, c->fd, &e);
}

static void ask(struct load *l, struct client *c)
{
    if (l->asked == l->wanted)
        return;
    l->asked++;
    c->head_len = c->sent = 0;
    c->in_body = false;
    c->began = now_ns();
    send_rest(l, c);
}

static void open_client(struct load *l, struct client *c)
{
    int on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&l->address, sizeof l->address) < 0)
        fail("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &e) < 0)
        fail("epoll");
}

/* The head is whole at head_end: how long is its body? */
static void read_head(struct load *l, struct client *c)
{
    const char *length = strcasestr(c->head, "\r\nContent-Length:");
    c->body = length ? strtoull(length + 17, NULL, 10) : 0;
    c->in_body = true;
    errno = 0;
    if (strcasestr(c->head, "\r\nTransfer-Encoding:"))
        fail("chunked answers are not understood");
    if (c->head_len < 12 || c->head[9] != '2')
        l->refused++;
    if (strcasestr(c->head, "\r\nConnection: close"))
        fail("the server closes the connection");
}

static void finish(struct load *l, struct client *c)
{
    uint64_t took = (now_ns() - c->began) / 1000;
    l->took[l->answered++] = took < UINT32_MAX ? (uint32_t)took : UINT32_MAX;
    ask(l, c);
}

static void receive(struct load *l, struct client *c)
{
    static char piece[1 << 16];
    ssize_t n = recv(c->fd, piece, sizeof piece, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        fail("the server closed a connection");
    size_t got = (size_t)n;
    if (!c->in_body) {
        size_t before = c->head_len, take = got < HEAD_MAX - before ? got : HEAD_MAX - before;
        memcpy(c->head + before, piece, take);
        c->head_len += take;
        c->head[c->head_len] = 0;
        const char *end = strstr(c->head, "\r\n\r\n");
        if (!end && c->head_len == HEAD_MAX)
            fail("the answer's head is too long");
        if (!end)
            return;
        got -= (size_t)(end + 4 - c->head) - before;
        c->head[end + 4 - c->head] = 0;
        read_head(l, c);
    }
    if (got > c->body)
        fail("the server sends more than it announced");
    c->body -= got;
    if (!c->body)
        finish(l, c);
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double ms(const struct load *l, unsigned long nth)
{
    return l->took[nth] / 1e3;
}

static void run(struct load *l, unsigned long connections)
{
    struct client *clients = memory_new(connections * sizeof *clients);
    for (unsigned long i = 0; i < connections; i++)
        open_client(l, &clients[i]);
    uint64_t start = now_ns();
    for (unsigned long i = 0; i < connections; i++)
        ask(l, &clients[i]);
    while (l->answered < l->wanted) {
        struct epoll_event events[256];
        int n = epoll_wait(l->epoll, events, 256, -1);
        for (int i = 0; i < n; i++) {
            if (events[i].events & EPOLLOUT)
                send_rest(l, events[i].data.ptr);
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
                receive(l, events[i].data.ptr);
        }
    }
    double seconds = (double)(now_ns() - start) / 1e9;
    qsort(l->took, l->answered, sizeof *l->took, by_value);
    printf("%.0f requests/s, p50 %.3f ms, p99 %.3f ms, max %.3f ms, %lu not 2xx, %lu requests, %lu "
           "connections\n",
           (double)l->answered / seconds, ms(l, l->answered / 2), ms(l, l->answered * 99 / 100),
           ms(l, l->answered - 1), l->refused, l->answered, connections);
    free(clients);
}

static void add_file(struct buf *b, const char *path)
{
    FILE *f = fopen(path, "rb");
    char piece[4096];
    size_t n;
    if (!f)
        fail(path);
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        buf_add(b, (struct str){piece, n});
    fclose(f);
}

static unsigned long number(const char *text, unsigned long max)
{
    uint64_t n = 0;
    errno = 0;
    if (str_u64(str_of(text), max, &n) < 0 || !n)
        fail("not a number, or too large");
    return n;
}

int main(int argc, char **argv)
{
    struct load l = {.wanted = 100000, .request = buf_make(64 << 20)};
    struct buf body = buf_make(32 << 20), headers = buf_make(8192);
    struct url url;
    struct error err = {0};
    const char *method = "GET";
    unsigned long connections = 64;
    for (int c; (c = getopt(argc, argv, "c:n:m:b:H:")) != -1;) {
        switch (c) {
        case 'c':
            connections = number(optarg, CONNECTIONS_MAX);
            break;
        case 'n':
            l.wanted = number(optarg, REQUESTS_MAX);
            break;
        case 'm':
            method = optarg;
            break;
        case 'b':
            add_file(&body, optarg);
            break;
        case 'H':
            buf_printf(&headers, "%s\r\n", optarg);
            break;
        default:
            return 2;
        }
    }
    if (optind + 1 != argc || url_parse(str_of(argv[optind]), &url, &err) < 0 || url.tls ||
        !url_host_loopback(url.host) || url.ipv6) {
        fprintf(stderr, "http_load: give one http://127.0.0.1:PORT/PATH %s\n", err.text);
        return 2;
    }
    buf_printf(&l.request, "%s %.*s HTTP/1.1\r\nHost: localhost\r\n%.*s", method, STR_ARG(url.target),
               STR_ARG(buf_str(&headers)));
    if (body.len)
        buf_printf(&l.request, "Content-Length: %zu\r\n", body.len);
    buf_add(&l.request, STR("\r\n"));
    buf_add(&l.request, buf_str(&body));
    l.address = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(url.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    l.epoll = epoll_create1(0);
    l.took = memory_new(l.wanted * sizeof *l.took);
    run(&l, connections);
    return 0;
}
