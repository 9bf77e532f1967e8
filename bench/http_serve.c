/* The server engine with the smallest handler, for http_load: http_serve PORT [EVENT-THREADS]. Ends with SIGINT. */
#include <signal.h>

#include "net/server.h"

static void handle(void *ctx, const struct server_request *r, struct server_answer *a)
{
    (void)ctx, (void)r;
    a->status = 200;
    a->content_type = "text/plain; charset=utf-8";
    buf_add(&a->body, STR("hello\n"));
}

int main(int argc, char **argv)
{
    uint64_t port = 0, threads = 1;
    struct server *server;
    struct error err = {0};
    sigset_t ends;
    int signal_number;
    if (argc < 2 || str_u64(str_of(argv[1]), UINT16_MAX, &port) < 0 ||
        (argc > 2 && str_u64(str_of(argv[2]), 64, &threads) < 0)) {
        fputs("usage: http_serve PORT [EVENT-THREADS]\n", stderr);
        return 2;
    }
    const struct server_face face = {
        .address = "127.0.0.1", .port = (uint16_t)port, .fd = -1, .handle = handle};
    const struct server_options options = {.event_threads = (unsigned)threads,
                                           .address_connections_max = 10000};
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    if (server_start(&server, &face, 1, &options, &err) < 0) {
        fprintf(stderr, "http_serve: %s\n", err.text);
        return 1;
    }
    printf("port %u\n", server_port(server, 0));
    fflush(stdout);
    sigwait(&ends, &signal_number);
    server_stop(server, 1);
    return 0;
}
