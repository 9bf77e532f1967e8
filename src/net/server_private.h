/* What the parts of the server engine know of each other. Each event thread (struct loop) has one daemon of
   libmicrohttpd for each face (struct lane), all listening on the face's socket, and does everything that
   concerns its connections and libmicrohttpd. A slow thread hands its request back by loop_return(). */
#pragma once
#include <pthread.h>

#include "net/microhttpd.h"
#include "net/server.h"

/* ---- server_listen.c ---- */
/* A listening socket for the face, or the one that it brought. */
int server_listen(const struct server_face *face, struct error *err);
/* Its port; 0: it has none. */
uint16_t server_listen_port(int fd);

/* ---- server_peer.c: who is connected, and how often ---- */
struct peer_address {
    unsigned char bytes[16]; /* an IPv6 address' first 64 bits; zeros: not of the network */
};

struct peer_count {
    struct peer_address address;
    unsigned connections;
};

struct peers {
    pthread_mutex_t lock;
    struct peer_count *counts;
    size_t len, cap;
    unsigned connections;
};

struct peer_address peer_address(const struct sockaddr *a);
void peer_text(const struct sockaddr *a, char *ret, size_t size);
/* Whether one more connection of that address would keep to both bounds. */
bool peers_allow(struct peers *p, struct peer_address a, unsigned max, unsigned address_max);
void peers_enter(struct peers *p, struct peer_address a);
void peers_leave(struct peers *p, struct peer_address a);

/* ---- server_tls.c ---- */
struct server_tls {
    atomic_uint refs;
    const struct microhttpd *http;
    gnutls_certificate_credentials_t credentials;
    bool clients; /* must show a certificate */
};

int server_tls_load(struct server_tls **ret, const struct microhttpd *http, const struct server_face *face,
                    struct error *err);
/* What a daemon with TLS is started with. */
extern struct MHD_OptionItem server_tls_options[];
/* Gives a new connection the certificate and so on. */
void server_tls_apply(const struct server_tls *t, gnutls_session_t session);
void server_tls_unref(struct server_tls *t);
DEFINE_CLEANUP(struct server_tls, server_tls_unref)

/* ---- server.c ---- */
/* What an event thread's epoll tells of: the first member of a lane or a connection. */
struct source {
    bool connection;
};

struct lane {
    struct source source;
    struct server *server;
    struct loop *loop;
    size_t index; /* of the face */
    const struct server_face *face;
    struct MHD_Daemon *daemon;
    void *thread;
    bool ready; /* has something to do */
};

struct loop {
    struct server *server;
    pthread_t id;
    bool running;
    int epoll, wake;                    /* wake: there is something in returned, or the server stops */
    _Atomic(struct request *) returned; /* a stack */
    struct lane *lanes;                 /* one a face */
    struct connection *connections;     /* all of these lanes' */
    struct connection *dead;            /* closed ones, until libmicrohttpd needs their credentials no more */
    uint64_t next;                      /* when the first of their deadlines may come, in ms */
    bool draining;
};

struct listener {
    int fd;
    struct server_tls *tls; /* NULL: plain */
};

struct server {
    const struct microhttpd *http;
    const struct server_face *faces;
    size_t count;
    struct server_options options; /* without zeros */
    struct listener *listeners;    /* one a face */
    pthread_mutex_t tls_lock;      /* of their tls */
    struct loop *loops;
    unsigned loop_count;
    struct pool *pool;
    struct peers peers;
    atomic_size_t held;      /* bytes of bodies and answers */
    _Atomic uint64_t cut_at; /* 0, or since server_stop(): when the grace ends */
    atomic_bool stopping;    /* the grace is over */
};

/* The face's present certificate and so on, one reference more; NULL: it is plain. */
struct server_tls *server_tls_current(struct server *s, size_t face);
/* Counts n more bytes that clients make us keep; false: that would exceed SERVER_MEMORY_MAX. */
bool server_hold(struct server *s, size_t n);
void server_release(struct server *s, size_t n);

/* ---- server_loop.c: an event thread, its connections and their deadlines ---- */
enum phase {
    PHASE_IDLE, /* no request line yet */
    PHASE_HEAD, /* request line, but not all fields */
    PHASE_BODY,
    PHASE_WAITING, /* suspended, for a slow thread */
    PHASE_SENDING,
    PHASE_CUT, /* shut down by us */
};

struct connection {
    struct source source;
    struct connection *prev, *next;
    struct lane *lane;
    struct MHD_Connection *mhd;
    struct request *request;
    struct server_tls *tls;
    struct peer_address address;
    int fd;
    enum phase phase;
    uint64_t since, deadline; /* ms */
    uint64_t acked;           /* bytes of answers that its client had when last asked */
    bool last;                /* we read no more from it */
    bool half;                /* its client sends no more */
    char peer[72];
};

int loop_init(struct loop *l, struct server *s, struct error *err);
void *loop_run(void *arg);
void loop_done(struct loop *l);
/* Gives a request back that a slow thread has answered, with its reference. Of any thread. */
void loop_return(struct request *q);
/* The phase begins, and may last so long. */
void connection_enter(struct connection *c, enum phase phase, uint64_t ms);

/* ---- server_request.c ---- */
enum request_state {
    REQUEST_OPEN,     /* being received, or answered by its event thread */
    REQUEST_WAITING,  /* a slow thread has it, or will */
    REQUEST_ANSWERED, /* by that thread */
    REQUEST_EXPIRED,  /* took too long: nobody wants its answer any more */
    REQUEST_CUT,      /* the server stops: the connection ends without an answer */
};

struct request {
    struct server_request r;
    struct lane *lane;
    struct MHD_Connection *mhd;
    struct connection *connection; /* of the event thread only */
    atomic_uint refs;
    _Atomic enum request_state state;
    bool head;         /* the fields are there */
    size_t head_bytes; /* of method, target and fields */
    unsigned refusal;  /* the status that it gets without a handler, or 0 */
    uint64_t seen;     /* bytes of the body */
    size_t held;       /* counted by server_hold() */
    uint64_t start;    /* whole, in ns */
    struct buf body;
    struct server_field *fields; /* r.fields, and their text behind */
    struct server_answer answer;
    struct request *next; /* in the pool's queue, then among the loop's returned */
    char text[];          /* of r.peer and r.target */
};

void *request_begin(void *lane, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result request_step(void *lane, struct MHD_Connection *mhd, const char *url, const char *method,
                             const char *version, const char *upload, size_t *upload_size, void **request);
void request_end(void *lane, struct MHD_Connection *mhd, void **request,
                 enum MHD_RequestTerminationCode code);
void request_unref(struct request *q);
/* From waiting to that state; false: it is no longer waiting. */
bool request_settle(struct request *q, enum request_state state);
/* Calls the handler as that thread of the face. */
void request_handle(const struct request *q, void *thread, struct server_answer *ret);

/* ---- server_answer.c ---- */
/* Packs the body if the handler and the client want it; by the thread of the handler. */
void answer_pack(const struct server_request *r, struct server_answer *a);
/* Queues q->answer, whose body it takes. */
enum MHD_Result answer_send(struct request *q);
/* A sentence of the engine's own. */
enum MHD_Result answer_refuse(struct request *q, unsigned status);
/* What the face says when a request takes too long. */
enum MHD_Result answer_expired(struct request *q);

/* ---- server_pool.c: the slow threads ---- */
struct pool {
    struct server *server;
    pthread_mutex_t lock;
    pthread_cond_t work, change;
    struct request *first, **last;
    unsigned reserved; /* places taken: of what waits and of what runs */
    bool stop;
    unsigned count; /* threads that run */
    pthread_t threads[];
};

int pool_start(struct pool **ret, struct server *s, struct error *err);
/* A place in the queue; false: it is full. Each one is followed by a pool_push(). */
bool pool_reserve(struct pool *p);
void pool_push(struct pool *p, struct request *q);
/* Waits for what runs until cut_at, tells the rest to stop, and waits for it. */
void pool_stop(struct pool *p);
