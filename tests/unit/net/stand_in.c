#include "stand_in.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "test.h"

enum { REQUESTS_MAX = 64, REQUEST_SIZE = 4096 };

struct stand_in {
    const struct stand_in_answer *answers;
    int listener;
    unsigned port;
    pthread_t thread;
    atomic_bool stop;
    atomic_uint requests;
    int held[REQUESTS_MAX];
    unsigned held_count;
    char text[REQUESTS_MAX][REQUEST_SIZE];
    char url[256];
    char unix_path[100];
};

static bool whole(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\ncontent-length:");
    return *text == 0x16 /* a TLS handshake */ ||
           (end && (!length || strlen(end + 4) >= strtoul(length + 17, NULL, 10)));
}

static void read_request(struct stand_in *s, int fd)
{
    unsigned n = atomic_load(&s->requests);
    char *text = s->text[n];
    size_t len = 0;
    while (!atomic_load(&s->stop) && len < REQUEST_SIZE - 1 && !whole(text)) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, 50) <= 0)
            continue;
        ssize_t got = read(fd, text + len, REQUEST_SIZE - 1 - len);
        if (got <= 0)
            break;
        len += (size_t)got;
        text[len] = 0;
    }
    if (len)
        atomic_store(&s->requests, n + 1);
}

static void send_bytes(const struct stand_in *s, int fd, const char *bytes, size_t len, unsigned pause_ms)
{
    while (len && !atomic_load(&s->stop)) {
        size_t step = pause_ms ? 1 : len;
        if (pause_ms)
            usleep(pause_ms * 1000);
        ssize_t n = send(fd, bytes, step, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

static void send_answer(struct stand_in *s, int fd, const struct stand_in_answer *a)
{
    const char *left = a->text;
    for (const char *at; (at = strchr(left, '%')); left = at) {
        char origin[64];
        bool own = strncmp(at, "%ORIGIN%", 8) == 0, other = strncmp(at, "%OTHER%", 7) == 0;
        send_bytes(s, fd, left, (size_t)(at - left), a->pause_ms);
        snprintf(origin, sizeof origin, "http://%s:%u", own ? "127.0.0.1" : "localhost", s->port);
        if (own || other)
            send_bytes(s, fd, origin, strlen(origin), 0);
        else
            send_bytes(s, fd, "%", 1, 0);
        at += own ? 8 : other ? 7 : 1;
    }
    send_bytes(s, fd, left, strlen(left), a->pause_ms);
    char block[4096];
    memset(block, *left ? left[strlen(left) - 1] : 0, sizeof block);
    for (unsigned more = a->repeat; more;) {
        unsigned step = more < sizeof block ? more : sizeof block;
        send_bytes(s, fd, block, step, a->pause_ms);
        more -= step;
    }
}

static void serve(struct stand_in *s, int fd, unsigned connection)
{
    const struct stand_in_answer *a = s->answers;
    for (unsigned i = 0; i < connection && (a[1].text || a[1].pause_ms || a[1].hold); i++)
        a++;
    if (atomic_load(&s->requests) >= REQUESTS_MAX)
        return;
    if (a->text || !a->hold)
        read_request(s, fd);
    if (a->text)
        send_answer(s, fd, a);
    if (a->hold && s->held_count < REQUESTS_MAX) {
        s->held[s->held_count++] = fd;
        return;
    }
    shutdown(fd, SHUT_WR);
    close(fd);
}

static void *run(void *ctx)
{
    struct stand_in *s = ctx;
    for (unsigned connection = 0; !atomic_load(&s->stop);) {
        struct pollfd p = {.fd = s->listener, .events = POLLIN};
        if (poll(&p, 1, 50) <= 0)
            continue;
        int fd = accept(s->listener, NULL, NULL);
        if (fd >= 0)
            serve(s, fd, connection++);
    }
    return NULL;
}

struct stand_in *stand_in_start(const struct stand_in_answer *answers, const char *unix_path)
{
    struct stand_in *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->answers = answers;
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    s->listener = socket(unix_path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(s->listener >= 0);
    if (unix_path) {
        snprintf(s->unix_path, sizeof s->unix_path, "%s", unix_path);
        snprintf(un.sun_path, sizeof un.sun_path, "%s", unix_path);
        unlink(unix_path);
        assert_int_equal(bind(s->listener, (struct sockaddr *)&un, sizeof un), 0);
    } else {
        socklen_t size = sizeof in;
        assert_int_equal(bind(s->listener, (struct sockaddr *)&in, sizeof in), 0);
        assert_int_equal(getsockname(s->listener, (struct sockaddr *)&in, &size), 0);
        s->port = ntohs(in.sin_port);
    }
    assert_int_equal(listen(s->listener, 16), 0);
    assert_int_equal(pthread_create(&s->thread, NULL, run, s), 0);
    return s;
}

unsigned stand_in_port(const struct stand_in *s)
{
    return s->port;
}

const char *stand_in_url(struct stand_in *s, const char *path)
{
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u%s", s->port, path);
    return s->url;
}

const char *stand_in_request(struct stand_in *s, unsigned n)
{
    return n < atomic_load(&s->requests) ? s->text[n] : NULL;
}

unsigned stand_in_requests(struct stand_in *s)
{
    return atomic_load(&s->requests);
}

void stand_in_stop(struct stand_in *s)
{
    atomic_store(&s->stop, true);
    pthread_join(s->thread, NULL);
    for (unsigned i = 0; i < s->held_count; i++)
        close(s->held[i]);
    close(s->listener);
    if (*s->unix_path)
        unlink(s->unix_path);
    free(s);
}
