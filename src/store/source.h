/* Connection strings as Clair's driver reads them (Go's lib/pq): a name that libpq does not know, such as
   statement_timeout, is a setting of the session. libpq takes those in its `options` only. */
#pragma once
#include "base/buf.h"
#include "base/str.h"
#include "store/libpq.h"

/* Copies a connection string of either notation (PostgreSQL 15, 34.1.1) without the names that is_known() denies; those,
   and what the string itself has as `options`, go to ret_options as "-c name=value". Drops lib/pq's own
   binary_parameters. What cannot be read is copied for libpq to refuse. */
void source_split(struct str source, bool (*is_known)(const void *ctx, struct str name), const void *ctx,
                  struct buf *ret_source, struct buf *ret_options);
/* Connects; the caller asks the connection for its status and finishes it. NULL with *err set: E_LIMIT. */
PGconn *source_connect(const struct libpq *pq, const char *source, struct error *err);
