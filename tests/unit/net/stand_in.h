/* A server on a loopback port that answers each connection with the next line of its script, and keeps what
   it was asked. In scripts "%ORIGIN%" becomes the server's own http://127.0.0.1:PORT, "%OTHER%"
   http://localhost:PORT. */
#pragma once
#include "base/buf.h"

struct stand_in_answer {
    const char *text;  /* the whole answer, head and body; NULL: closes at once */
    unsigned repeat;   /* of the last byte, so many times more */
    unsigned pause_ms; /* before each byte, or before the answer when it is NULL; 0: none */
    bool hold;         /* keeps the connection open behind the answer, until the server stops */
};

struct stand_in;

/* Answers: ends with a zeroed one; then the last real one is repeated. unix_path: listen there; NULL: a free
   port. */
struct stand_in *stand_in_start(const struct stand_in_answer *answers, const char *unix_path);
unsigned stand_in_port(const struct stand_in *s);
/* "http://127.0.0.1:PORT/path", kept until the server stops; one text at a time. */
const char *stand_in_url(struct stand_in *s, const char *path);
/* The n-th request (head and body), or NULL when there was none. Only after the client is done. */
const char *stand_in_request(struct stand_in *s, unsigned n);
unsigned stand_in_requests(struct stand_in *s);
void stand_in_stop(struct stand_in *s);
