/* The little of SQL that the nouns need, over two drivers: db_sqlite.c and db_postgres.c. Nothing else knows
   either. A statement is constant text that both understand: parameters are $1, $2, …; `IN (LIST $1)` takes a
   list of texts; numbers are 64 bits wide, booleans are numbers, times are seconds since 1970. Values are only ever
   bound; `IN (NUMBERS $1)` takes the same list as numbers. One thread at a time. */
#pragma once
#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"

struct db;
struct query;

enum { STATEMENT_PARAMS_MAX = 20 };

struct db_ops {
    const char *name; /* "sqlite" */
    /* `source`: a path, or a connection string. A missing file is made. E_BAD_INPUT: damaged, or no database
       at all. */
    int (*open)(struct db **ret, const char *source, struct error *err);
    void (*close)(struct db *db);
    int (*run)(struct db *db, const char *sql, struct error *err);
    int (*begin)(struct db *db, struct error *err);
    /* A lock that dies with its holder: 1 it is ours now, 0 somebody else has it. */
    int (*try_lock)(struct db *db, int64_t key, struct error *err);
    int (*unlock)(struct db *db, int64_t key, struct error *err);
    int (*query_open)(struct query **ret, struct db *db, const char *sql, struct error *err);
    int (*bulk_open)(struct query **ret, struct db *db, const char *table, const char *columns, int count,
                     struct error *err);
    int (*bulk_end)(struct query *q, struct error *err);
    void (*query_close)(struct query *q);
    void (*bind_text)(struct query *q, int at, struct str text);
    void (*bind_blob)(struct query *q, int at, struct str bytes);
    void (*bind_number)(struct query *q, int at, int64_t n);
    void (*bind_list)(struct query *q, int at, const struct str *texts, size_t count);
    int (*step)(struct query *q, struct error *err);
    int (*send)(struct query *q, struct error *err);
    void (*reset)(struct query *q);
    void (*stream)(struct query *q);
    int64_t (*changes)(struct query *q);
    struct str (*bytes)(struct query *q, int column);
    int64_t (*number)(struct query *q, int column);
};

/* Words of a statement that a driver says in its own way: `theirs` instead of `ours`, then (unless NULL) the number
   that follows and `end` instead of its parenthesis. */
struct sql_phrase {
    const char *ours, *theirs, *end;
};
struct buf;
/* NUL-terminated. The phrases end with zeros. */
void sql_translate(const char *sql, const struct sql_phrase *phrases, struct buf *ret);

/* What every driver's own structs begin with. */
struct db {
    const struct db_ops *ops;
};
struct query {
    struct db *db;
};

extern const struct db_ops db_sqlite, db_postgres;

void db_close(struct db *db);
DEFINE_CLEANUP(struct db, db_close)
/* Statements of constant text, one or several. */
int db_run(struct db *db, const char *sql, struct error *err) __attribute__((warn_unused_result));
/* A transaction that will write. */
int db_begin(struct db *db, struct error *err) __attribute__((warn_unused_result));
/* Ends it: commits when rc >= 0, else undoes it and leaves *err as it is but for a failure to undo. rc, or < 0. */
int db_end(struct db *db, int rc, struct error *err) __attribute__((warn_unused_result));
/* The first column of the first row as a number, or `fallback` without a row. */
int db_number(struct db *db, const char *sql, int64_t fallback, int64_t *ret, struct error *err);

int query_open(struct query **ret, struct db *db, const char *sql, struct error *err);
/* Many rows into one table, as fast as the database takes them: bind all columns, query_step(), and so on; between
   this and query_bulk_end() nothing else may be asked. `columns`: "name, packed". */
int query_bulk_open(struct query **ret, struct db *db, const char *table, const char *columns, int count,
                    struct error *err);
int query_bulk_end(struct query *q, struct error *err) __attribute__((warn_unused_result));
void query_close(struct query *q);
DEFINE_CLEANUP(struct query, query_close)
/* Parameters count from 1; the bytes must live until the query is reset. */
void query_bind_text(struct query *q, int at, struct str text);
void query_bind_blob(struct query *q, int at, struct str bytes);
void query_bind_number(struct query *q, int at, int64_t n);
void query_bind_list(struct query *q, int at, const struct str *texts, size_t count); /* copied */
int query_step(struct query *q, struct error *err); /* 1 a row, 0 done, < 0 */
void query_reset(struct query *q);
/* Its rows are too many to be held at once: nothing else may be asked until it is done or reset. */
void query_stream(struct query *q);
/* Steps to the end and resets. */
int query_finish(struct query *q, struct error *err) __attribute__((warn_unused_result));
/* The same without waiting, of a statement that gives no rows and whose changes nobody counts. Within a transaction its failure
   may be told by what is asked next only, at the latest by the end: db_end() commits nothing of it. */
int query_send(struct query *q, struct error *err) __attribute__((warn_unused_result));
/* Rows that the statement wrote, after query_step() said that it is done. */
int64_t query_changes(struct query *q);
/* Texts and blobs of a row live until the query's next step. */
struct str query_bytes(struct query *q, int column); /* from 0; text or blob */
int64_t query_number(struct query *q, int column);
