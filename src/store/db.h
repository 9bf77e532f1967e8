/* The little of SQL that the nouns need; db_sqlite.c is its driver. Nothing else knows SQLite. Texts and
   blobs from a row live until the query's next step. SQL is constant text; values are only ever bound. */
#pragma once
#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"

struct db;
struct query;

/* A missing file is made. E_BAD_INPUT: damaged, or no database at all. */
int db_open(struct db **ret, const char *path, struct error *err);
void db_close(struct db *db);
DEFINE_CLEANUP(struct db, db_close)
int db_run(struct db *db, const char *sql, struct error *err) __attribute__((warn_unused_result));
/* The first column of the first row as a number, or `fallback` without a row. */
int db_number(struct db *db, const char *sql, int64_t fallback, int64_t *ret, struct error *err);

int query_open(struct query **ret, struct db *db, const char *sql, struct error *err);
void query_close(struct query *q);
DEFINE_CLEANUP(struct query, query_close)
/* Parameters count from 1; the bytes must live until the query is reset. */
void query_bind_text(struct query *q, int at, struct str text);
void query_bind_blob(struct query *q, int at, struct str bytes);
void query_bind_number(struct query *q, int at, int64_t n);
int query_step(struct query *q, struct error *err); /* 1 a row, 0 done, < 0 */
void query_reset(struct query *q);
/* Steps to the end and resets. */
int query_finish(struct query *q, struct error *err) __attribute__((warn_unused_result));
struct str query_bytes(struct query *q, int column); /* from 0; text or blob */
int64_t query_number(struct query *q, int column);
