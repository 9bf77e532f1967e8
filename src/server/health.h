/* GET /health, on a port of its own: 200 when the database answers a question, else 500. */
#pragma once
#include "net/server.h"

struct metrics;

struct health {
    const char *database;
    struct metrics *metrics;
};

/* For server_face. */
void health_handle(void *ctx, const struct server_request *r, struct server_answer *a);
void *health_thread_start(void *ctx);
void health_thread_stop(void *ctx, void *thread);
