/* Requests to a registry and its mirrors: who we are there, in what way it is spoken to, and what its refusals mean.
   https://github.com/opencontainers/distribution-spec/blob/main/spec.md */
#pragma once
#include <pthread.h>

#include "image/credentials.h"
#include "image/image.h"
#include "image/reference.h"
#include "net/http.h"

struct registry_client;

/* What a configuration may say of a registry beside its name. All borrowed; zeros and NULLs say nothing. */
struct registry_manner {
    bool plain;         /* it is spoken to over plain HTTP */
    const char *prefix; /* of its paths, before "/v2/": "/api/docker/local" */
    const char *username, *password;
    const char *authorization; /* the value of Authorization, whatever the registry asks for */
    const char *token_url;     /* where tokens come from, whatever the registry says */
    const char *token_type;    /* their scheme; NULL: Bearer */
};

/* A registry or a mirror of it, and the repository's name there. */
struct registry_endpoint {
    char name[REFERENCE_HOST_MAX + 8]; /* what users and configurations call it: "docker.io" */
    char host[REFERENCE_HOST_MAX + 8]; /* what is connected to: "registry-1.docker.io" */
    char repository[2 * REFERENCE_REPOSITORY_MAX];
    bool mirror;
    const struct registry_manner *manner; /* never NULL */
    /* under the lock of registry_access: */
    bool plain;                     /* it speaks plain HTTP */
    bool looked_up;                 /* credentials have been looked for */
    struct credentials credentials; /* then never changed */
    char *authorization;            /* the newest value of the header; NULL: none asked for yet */
    uint64_t renew_at;              /* clock_ms() from which on it is to be fetched again: half of its life */
    char *challenge, *asked_url;    /* that it came of, and what had been asked for; NULL: none */
};

/* How a request was refused last, for those who must say more than a sentence. */
struct registry_refused {
    enum refused_by { REFUSED_NOT, REFUSED_REQUEST, REFUSED_TOKEN, REFUSED_UNCLEAR, REFUSED_BASE } by;
    int status;
    char reason[64]; /* its words for that */
    char url[200];   /* of REFUSED_BASE */
};

/* What all requests for one image share. */
struct registry_access {
    const struct image_options *options;
    struct registry_endpoint *endpoints; /* mirrors first, the registry last */
    size_t endpoints_count;
    pthread_mutex_t lock;
    /* under the lock: */
    struct registry_client *idle;
    struct registry_refused refused;
};

/* Takes options.mirrors apart; E_USAGE for a bad one. registry_access_done() copes with half of it. */
int registry_access_init(struct registry_access *a, const struct reference *reference,
                         const struct image_options *options, struct error *err);
/* Right behind it: how the registry itself, not its mirrors, is to be spoken to. The manner outlives the access. */
void registry_access_set_manner(struct registry_access *a, const struct registry_manner *manner);
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

/* scheme://host/…/v2/repository/path, NUL-terminated behind its length, as the next request will have it. */
int registry_url(struct registry_client *c, struct registry_endpoint *endpoint, const char *path,
                 struct buf *ret, struct error *err);
/* A copy of what the registry is shown now, to be freed; NULL: it asks for nothing. Fetched again when its life is half
   over, or when it must be `fresh`. */
int registry_authorization(struct registry_client *c, struct registry_endpoint *endpoint, bool fresh,
                           char **ret, struct error *err);
/* What GET on the registry's base, "/v2/", answers; *ret_url gets its address for messages. */
int registry_ping(struct registry_client *c, struct registry_endpoint *endpoint, int *ret_status,
                  char *ret_url, size_t size, struct error *err);
