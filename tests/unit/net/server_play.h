/* A server on a loopback port with a handler that does what the path says, and clients that speak to it byte by
   byte:

   /echo         "METHOD PATH QUERY BODY", with "(cut)" behind a body that was too long
   /fields       the header's fields, one "name: value" a line
   /slow         answers "slow" when the gate is open, or the server will wait no longer; by a slow thread
   /big?N        N zero bytes
   /text         a compressible text, compressed if the client likes
   /missing      Clair's 404
   /location     repeats the query, decoded, in a Location
   /long         a header that is too long
   /none         no status */
#pragma once
#include <pthread.h>

#include "base/buf.h"
#include "net/server_private.h"

struct play {
    struct server_face face[2];
    size_t faces;
    struct server_options options;
    struct server *server;
    pthread_mutex_t lock;
    pthread_cond_t change;
    bool open;                 /* the gate */
    unsigned entered;          /* slow handlers that have begun */
    unsigned left;             /* and ended */
    bool told;                 /* one of them, that nobody waits any longer */
    unsigned done[600];        /* answers by status */
    unsigned started, stopped; /* threads */
};

/* The faces and options of a play, to be changed before play_start(). */
struct play *play_new(void);
void play_start(struct play *p);
void play_open_gate(struct play *p);
/* Waits until so many slow handlers have begun, or ended. */
void play_wait_entered(struct play *p, unsigned count);
void play_wait_left(struct play *p, unsigned count);
void play_wait_done(struct play *p, unsigned status, unsigned count);
/* Waits until so many connections are open. */
void play_wait_connections(struct play *p, unsigned count);
void play_end(struct play *p);

/* A client's socket. */
int wire_open(const struct play *p);
/* From another address of this machine: 127.0.0.N. */
int wire_open_from(const struct play *p, unsigned last);
void wire_send(int fd, const char *text);
/* One answer in text: its head without Date, and its body. Ends the test when the connection ends before. */
void wire_answer(int fd, char *text, size_t size);
void wire_expect(int fd, const char *answer);
/* The connection ends here, with nothing more from the server. */
void wire_ends(int fd);
/* Sends, expects, closes. */
void wire_talk(const struct play *p, const char *request, const char *answer);
