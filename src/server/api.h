/* Clair's API v1 (https://github.com/quay/clair/blob/release-2.0/Documentation/api_v1.md), as Clair 2.0.9 answers it; what
   limpid does otherwise on purpose is in docs/clair.md. What the files of one request share. */
#pragma once
#include "base/arena.h"
#include "format/json_write.h"
#include "net/server.h"
#include "scan/posted.h"
#include "server/metrics.h"
#include "store/vulnerability.h"

enum { API_ENGINE_VERSION = 3, API_NAME_MAX = 128, API_PARAMS_MAX = 3 };

/* What the API is set up with; borrowed, the same for all threads. */
struct api {
    const char *database; /* see store_open() */
    unsigned char token_key[32];
    struct posted_options posted;
    struct metrics *metrics;
    struct cache *cache;        /* of what api_get_layer() answered */
    void (*changed)(void *ctx); /* there may be a new notification; NULL: nobody listens */
    void *ctx;
};

/* Of one thread of the server. */
struct api_thread {
    struct store *store; /* NULL: the database cannot be reached yet */
    struct worker *worker;
};

/* One request while it is answered. */
struct call {
    struct api *api;
    struct api_thread *thread;
    struct store *store;
    const struct server_request *request;
    struct server_answer *answer;
    struct str params[API_PARAMS_MAX]; /* of the path, percent-decoded */
    struct arena arena;
    struct error err;
};

struct api_route {
    const char *method, *path; /* "layers/:name" */
    const char *name;          /* in metrics: "v1/getLayer" */
    void (*handle)(struct call *c);
    bool kept; /* its answers are kept as long as nothing changes */
};

/* For server_face: */
void api_handle(void *api, const struct server_request *r, struct server_answer *a);
bool api_is_slow(void *api, const struct server_request *r);
void *api_thread_start(void *ctx);
void api_thread_stop(void *api, void *thread);
void api_request_done(void *ctx, const struct server_request *r, unsigned status, uint64_t nanoseconds);

/* ---- routes, one function each: api_layers.c and so on ---- */
void api_post_layer(struct call *c);
void api_get_layer(struct call *c);
void api_delete_layer(struct call *c);
void api_get_namespaces(struct call *c);
void api_list_vulnerabilities(struct call *c);
void api_post_vulnerability(struct call *c);
void api_get_vulnerability(struct call *c);
void api_put_vulnerability(struct call *c);
void api_delete_vulnerability(struct call *c);
void api_get_fixes(struct call *c);
void api_put_fix(struct call *c);
void api_delete_fix(struct call *c);
void api_get_notification(struct call *c);
void api_delete_notification(struct call *c);
void api_get_metrics(struct call *c);

/* ---- answers ---- */
/* Clair's word and, unless `detail` is NULL or "", a sentence that says why. */
void api_fail(struct call *c, unsigned status, const char *message, const char *detail);
void api_fail_str(struct call *c, unsigned status, struct str message, const char *detail);
void api_not_found(struct call *c);
/* c->err of the store or this machine. */
void api_broken(struct call *c);
/* Begins and ends a JSON answer; between them its members are written. */
struct json_writer api_begin(struct call *c);
void api_end(struct call *c, struct json_writer *w, unsigned status);
/* 200 without body and headers, as Clair answers a DELETE. */
void api_done(struct call *c);
/* The answer to a DELETE of which the store said 1, 0: there was none, or < 0. */
void api_deleted(struct call *c, int rc);

/* ---- what a query says ---- */
/* Whether the name is there, with any value. */
bool api_flag(const struct call *c, const char *name);
/* The decoded value, of the arena; false: not there. */
bool api_value(struct call *c, const char *name, struct str *ret);
/* The limit that a list must have: 0, or < 0 with the answer made. */
int api_limit(struct call *c, int64_t least, int64_t *ret);

/* ---- page tokens: server/token.h under the API's key ---- */
void api_token_make(struct call *c, struct str text, struct buf *ret);
/* 0, or < 0 with the answer made. */
int api_token_read(struct call *c, struct str token, struct str *ret);
