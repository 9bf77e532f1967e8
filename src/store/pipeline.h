/* Statements to PostgreSQL whose answers are waited for together: a round trip for many.
   https://www.postgresql.org/docs/current/libpq-pipeline-mode.html */
#pragma once
#include <stdbool.h>

#include "store/libpq.h"

/* Answers to so many that nobody reads fit into the buffers of a socket, so that neither side waits for the other. */
enum { PIPELINE_MAX = 64 };

struct pipeline {
    const struct libpq *pq;
    PGconn *conn;
    unsigned
        queued; /* statements without an answer; while there are any, the connection takes nothing else */
};

/* Sends a prepared statement with its parameters, as PQsendQueryPrepared() takes them, or a text without any. False: the
   connection is gone. */
bool pipeline_add(struct pipeline *p, const char *name, int count, const char *const *values,
                  const int *lengths, const int *formats);
bool pipeline_add_text(struct pipeline *p, const char *sql);
/* Waits for all answers. True: all went well, *ret_last is that of the last one; false: *ret_refused is that of the first one
   that did not, or NULL, since the connection is gone. Both are the caller's to clear. */
bool pipeline_settle(struct pipeline *p, PGresult **ret_last, PGresult **ret_refused);
