/* One request and its answer, by libcurl: no redirects and no second attempts, which http.c adds. */
#pragma once
#include "net/curl.h"
#include "net/http.h"
#include "net/url.h"

struct exchange {
    const struct curl_library *curl;
    CURL *handle;
    const struct http_options *options;
    const struct http_request *request;
    struct http_response *response;
    struct str ca_bundle;  /* PEM, or empty: the system's */
    const char *url;       /* NUL-terminated */
    struct url parts;      /* of url */
    bool trusted;          /* url is of the request's own origin: it gets credentials */
    const char *validator; /* strong ETag of the body that is to be continued, or NULL */

    uint64_t done; /* bytes of the body given away so far, in this exchange and those before */
    bool retry;    /* it failed in a way that may pass */
    bool moved;    /* it delivered bytes of the body */

    /* of exchange.c */
    struct error *err;
    CURLcode code;                       /* of the first option that was refused */
    int failed;                          /* what a callback found */
    bool began;                          /* the body has begun */
    bool refusal;                        /* the body is not what was asked for: kept apart */
    bool enough;                         /* no more of the refusal is needed */
    uint64_t skip;                       /* bytes to pass over, given away before */
    uint64_t window_start, window_bytes; /* for the stall clock: ms, bytes since */
};

int exchange_run(struct exchange *e, struct error *err);
