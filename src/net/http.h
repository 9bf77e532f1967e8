/* An HTTP client: RFC 9110 over libcurl, with the care that a registry or a feed needs. It follows redirects
   itself, so that credentials stay with the host they were meant for; tries again what may pass (429, 502,
   503, 504, broken connections), as long as Retry-After and a growing pause with jitter allow; continues a
   body that was cut; and gives up on whoever sends nothing, too slowly or too much. A response with any other
   status is a value, not an error. */
#pragma once
#include <stdatomic.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

struct http;
struct address_list;

/* All borrowed until http_free(); zeros and NULLs are the defaults. Proxies come from the environment as curl
   reads it (https_proxy, no_proxy, …; HTTP_PROXY in capitals, too), but never stand before a loopback
   address. */
struct http_options {
    const char *ca_file;                  /* PEM certificates, trusted beside the system's */
    const char *client_cert, *client_key; /* PEM files, shown to the host of the request's URL only */
    const char
        *insecure; /* "host[:port],…": certificates are not verified, a redirect to plain http is followed */
    const char *unix_socket;            /* every connection goes here, whatever the URL's host */
    const struct address_list *refused; /* networks to which no connection is made; NULL: none */
    const char *proxy;                  /* instead of the environment's; "": none; NULL: the environment's */
    unsigned attempts;                  /* in a row that bring nothing; 0: HTTP_ATTEMPTS_MAX */
    unsigned stall_seconds;             /* 0: NET_STALL_SECONDS */
    unsigned backoff_ms;                /* the first pause; 0: HTTP_BACKOFF_MS */
    const atomic_bool *interrupted; /* the same for all of the program: the user asked to stop. NULL: never */
    const atomic_bool *cancelled;   /* true ends a request with E_CANCELLED, within a second */
};

struct http_request {
    const char *method; /* NULL: GET; or HEAD, POST, DELETE */
    const char *url;
    const char *const *headers; /* "Accept: text/html", …, NULL; may be NULL */
    const char *authorization;  /* value of Authorization; goes to the URL's own origin only. NULL: none */
    struct str body;            /* of a POST */
    const char *content_type;   /* of that body */
    const char *etag, *last_modified; /* of what is already here: then 304 may be the answer. NULL: none */
    uint64_t body_max;                /* E_LIMIT beyond */
    /* The caller compares the body with a digest: a cut body may be continued without a validator (ETag). */
    bool verified;
    uint64_t from; /* the body's first byte that is wanted: those before were taken earlier (verified only) */
    /* Takes each piece of a 2xx body once, in order, whatever happens on the wire; < 0 with *err set ends the
       request. NULL: the body is collected in the response. */
    int (*data)(void *ctx, struct str piece, struct error *err);
    void *ctx;
};

/* Zeroed before its first use; http_response_done() releases it. */
struct http_response {
    int status;         /* the last answer's; 200 for a body that was continued */
    char reason[64];    /* its words for the status, safe to print; may be "" */
    struct buf headers; /* its header fields, one a line */
    struct buf body;    /* of a 2xx answer, when nobody else takes it */
    struct buf refusal; /* the first HTTP_REFUSAL_MAX bytes of any other answer */
    struct buf url;     /* where it came from after redirects; NUL-terminated behind its length */
    uint64_t received;  /* bytes of the 2xx body, from its beginning on */
    bool untrusted;     /* the request failed since the other side's certificate is not trusted */
    bool not_tls;       /* the request failed since the other side does not speak TLS */
};

/* For one thread at a time; connections are kept for the next request. */
/* Whether either flag of the options asks to stop. */
bool http_is_cancelled(const struct http_options *o);
int http_new(struct http **ret, const struct http_options *options, struct error *err);
void http_free(struct http *http);
DEFINE_CLEANUP(struct http, http_free)

/* < 0: no answer, or not a whole one: E_NETWORK, E_TIMEOUT, E_LIMIT, E_CANCELLED, E_DENIED (a redirect that
   would give up TLS), or what data() said. The text begins with the URL, without its secrets. */
int http_send(struct http *http, const struct http_request *request, struct http_response *ret,
              struct error *err);
void http_response_done(struct http_response *r);

/* The value of the first field of that name (case-insensitively), or the empty slice. */
struct str http_header(const struct http_response *r, struct str name);
/* The values of all fields of that name, joined by commas, appended to ret. */
void http_header_all(const struct http_response *r, struct str name, struct buf *ret);
/* What Retry-After asks for, in seconds from now; -1: nothing or nonsense. RFC 9110, 10.2.3. */
int64_t http_retry_after(struct str value, int64_t now);
