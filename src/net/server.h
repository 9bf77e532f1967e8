/* An HTTP/1.1 server: RFC 9112 over libmicrohttpd, which is loaded when the first server starts. Faces (an
   address, a certificate, a handler) share a few event threads, which answer what is quick themselves, and a
   pool of slow threads for what is not. It bounds what a client may send, hold and how slowly: the head of a
   request, its body, its headers, connections in all and of one address, the time of each step. */
#pragma once
#include <stdatomic.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

struct server; /* listening sockets and their threads */

struct server_field {
    struct str name, value;
};

/* What a client asked for; borrowed until the handler returns. */
struct server_request {
    struct str method;      /* as sent; methods are case-sensitive */
    struct str target;      /* as sent: "/v1/layers/a%2Fb?features", "http://host/path", "*" */
    struct str path, query; /* of the target, still percent-encoded; the query is what follows '?', or "" */
    struct str body;
    struct str peer; /* "127.0.0.1:5000", "[::1]:5000"; "unix" for a socket of the file system */
    bool body_cut;   /* the body was longer than body_max: only its first body_max bytes are here */
    bool secure;     /* came over TLS; with the face's cafile: from a client whose certificate is verified */
    void *thread;    /* what thread_start made for this thread and face */
    const struct server_field *fields; /* the header's, in order */
    size_t field_count;
    const atomic_bool *stopping; /* true once server_stop() waits no longer: a handler may end early */
};

/* The value of the first field of that name (case-insensitively), or the empty slice. */
struct str server_header(const struct server_request *r, const char *name);

/* What a handler says. It comes zeroed, but for the maxima of its buffers: SERVER_ANSWER_MAX and
   SERVER_ANSWER_HEAD_MAX. Whatever does not fit becomes a 500 without a body. */
struct server_answer {
    unsigned status;          /* 0 becomes 500 */
    const char *content_type; /* sent as it is; NULL: none. Not copied: a literal, or of ctx */
    struct buf body;
    struct buf headers; /* "Name: value\n" lines */
    bool compress;      /* gzip the body when Accept-Encoding contains "gzip" */
};

/* Adds a field whose value may come from a client: one with control bytes, which could forge fields, makes
   the answer a 500. */
void server_add_header(struct server_answer *a, const char *name, struct str value);

/* All of it is borrowed until server_stop() has returned. */
struct server_face {
    const char *address; /* numeric or a name; NULL: all of the machine's, IPv4 and IPv6 */
    uint16_t port;       /* 0: any free, see server_port() */
    int fd; /* a listening socket that somebody (systemd) handed to us and that we now own, or -1 */
    const char *certfile, *keyfile; /* PEM: TLS 1.2 or later; NULL: plain */
    const char *cafile;             /* PEM: clients must show a certificate that one of these signed */

    /* Answers one request; called by many threads at once. HEAD is answered as GET: the body is counted, not
       sent. */
    void (*handle)(void *ctx, const struct server_request *r, struct server_answer *a);
    /* Whether handle may take long for it: then a slow thread calls it. NULL: never. */
    bool (*is_slow)(void *ctx, const struct server_request *r);
    /* Called by each thread before its first and after its last call of handle: a database connection. Both
       may be NULL. */
    void *(*thread_start)(void *ctx);
    void (*thread_stop)(void *ctx, void *thread);
    /* Called once for each request that got an answer, also those that no handler saw (refused, timed out), by an
       event thread: for a log and metrics, so it must be quick. NULL: nobody asks. The time is from the whole request
       to the answer made. */
    void (*done)(void *ctx, const struct server_request *r, unsigned status, uint64_t nanoseconds);
    void *ctx;

    /* A slow request that takes longer, from its arrival on, gets 503 with exactly this; its handler goes on, and
       what it answers is dropped. 0: none. */
    unsigned timeout_seconds;
    const char *timeout_body, *timeout_type;
};

/* Zeros are the defaults, which stand in base/limits.h. */
struct server_options {
    unsigned event_threads; /* 0: one a core */
    unsigned slow_threads;  /* 0: SERVER_SLOW_THREADS */
    size_t body_max;        /* kept of a body; 16 times as much is read before the connection is closed */
    unsigned connections_max, address_connections_max;
    unsigned idle_ms; /* between two requests */
    /* For the first request line, for the fields, and for a body beyond SERVER_SLOW_BYTES a second. */
    unsigned receive_ms;
    unsigned send_ms; /* in which SERVER_SLOW_BYTES a second of a long answer must be taken */
};

/* Listens on all faces, then starts the threads. The text of the error says which address, and what to do.
   The threads take no signals. */
int server_start(struct server **ret, const struct server_face *faces, size_t count,
                 const struct server_options *o, struct error *err);
uint16_t server_port(const struct server *s, size_t face);
/* The face's listening socket, which stays the server's: who keeps a dup(2) of it can hand it to the next server. */
int server_socket(const struct server *s, size_t face);
/* Reads all certificates, keys and authorities again, for connections from now on. On an error all of the old
   ones stay. */
int server_reload_tls(struct server *s, struct error *err);
/* Whether the face's certificate, key and authorities can be used: 0, or < 0 with what server_start() would say. */
int server_check_tls(const struct server_face *face, struct error *err);
/* Refuses new connections, answers what was received, waits at most that long for handlers and clients. Then
   it cuts connections, sets *stopping, waits for the handlers that still run, and frees all. NULL is fine. */
void server_stop(struct server *s, unsigned grace_seconds);
