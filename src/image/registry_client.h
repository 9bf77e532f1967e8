/* Requests to a registry and its mirrors: who we are there, in what way it is spoken to, and what its refusals mean.
   https://github.com/opencontainers/distribution-spec/blob/main/spec.md */
#pragma once
#include <pthread.h>

#include "image/credentials.h"
#include "image/image.h"
#include "image/reference.h"
#include "net/http.h"

struct registry_client;

/* A registry or a mirror of it, and the repository's name there. */
struct registry_endpoint {
    char name[REFERENCE_HOST_MAX + 8]; /* what users and configurations call it: "docker.io" */
    char host[REFERENCE_HOST_MAX + 8]; /* what is connected to: "registry-1.docker.io" */
    char repository[2 * REFERENCE_REPOSITORY_MAX];
    bool mirror;
    /* under the lock of registry_access: */
    bool plain;                     /* it speaks plain HTTP */
    bool looked_up;                 /* credentials have been looked for */
    struct credentials credentials; /* then never changed */
    char *authorization;            /* the newest value of the header; NULL: none asked for yet */
};

/* What all requests for one image share. */
struct registry_access {
    const struct image_options *options;
    struct registry_endpoint *endpoints; /* mirrors first, the registry last */
    size_t endpoints_count;
    pthread_mutex_t lock;
    struct registry_client *idle; /* under the lock */
};

/* Takes options.mirrors apart; E_USAGE for a bad one. registry_access_done() copes with half of it. */
int registry_access_init(struct registry_access *a, const struct reference *reference,
                         const struct image_options *options, struct error *err);
void registry_access_done(struct registry_access *a);

/* A client for one thread, from the idle ones or new; it goes back with registry_client_give(), and must before
   registry_access_done(). The worker reads tokens and refusals; NULL: the client makes its own when there are any. */
int registry_client_take(struct registry_client **ret, struct registry_access *a, struct worker *worker,
                         struct error *err);
void registry_client_give(struct registry_client *c);
/* From any thread: ends what the client does with E_CANCELLED. */
void registry_client_cancel(struct registry_client *c);

struct registry_query {
    const char *path; /* "manifests/latest", "blobs/sha256:…" */
    const char *const *headers;
    uint64_t body_max;
    uint64_t from;                                               /* the first byte that is wanted */
    int (*data)(void *ctx, struct str piece, struct error *err); /* as in http_request; NULL: collected */
    void *ctx;
};

/* 0: the answer is 200, and whole as far as HTTP can tell; the caller checks its digest. < 0: E_NOT_FOUND, E_DENIED,
   E_NETWORK …, in words for the user. ret->received tells what data() got in either case. */
int registry_get(struct registry_client *c, struct registry_endpoint *endpoint,
                 const struct registry_query *query, struct http_response *ret, struct error *err);
