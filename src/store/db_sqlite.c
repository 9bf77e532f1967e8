#include <sqlite3.h>

#include "base/limits.h"
#include "base/memory.h"
#include "store/db.h"

struct db {
    sqlite3 *handle;
    char *path;
};

struct query {
    sqlite3_stmt *statement;
    struct db *db;
};

static int failed(const struct db *db, int rc, struct error *err)
{
    switch (rc & 0xff) {
    case SQLITE_CORRUPT:
        return error_set(err, E_BAD_INPUT,
                         "%s: the database is damaged (%s); it is a cache: remove it, or run "
                         "limpid update --rebuild",
                         db->path, sqlite3_errmsg(db->handle));
    case SQLITE_NOTADB:
        return error_set(err, E_BAD_INPUT, "%s: not a database; name another file with --db", db->path);
    case SQLITE_BUSY:
        return error_set(err, E_TIMEOUT, "%s: another limpid is writing to the database", db->path);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return error_set(err, E_DENIED,
                         "%s: the database cannot be written (%s); name another place with --db or "
                         "--cache-dir",
                         db->path, sqlite3_errmsg(db->handle));
    case SQLITE_FULL:
        return error_set(err, E_SYSTEM, "%s: no space left for the database", db->path);
    default:
        return error_set(err, E_SYSTEM, "%s: %s", db->path,
                         db->handle ? sqlite3_errmsg(db->handle) : "no memory");
    }
}

int db_open(struct db **ret, const char *path, struct error *err)
{
    CLEANUP(db_closep) struct db *db = memory_new(sizeof *db);
    db->path = memory_text(path);
    int rc = sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (rc != SQLITE_OK)
        return failed(db, rc, err);
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_timeout(db->handle, STORE_BUSY_MS);
    /* Rows of an untrusted file cannot run anything: no trigger, no view with side effects, no shadow table
       writes. */
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_limit(db->handle, SQLITE_LIMIT_LENGTH, STORE_VALUE_MAX);
    *ret = STEAL(db);
    return 0;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    sqlite3_close(db->handle);
    free(db->path);
    free(db);
}

int db_run(struct db *db, const char *sql, struct error *err)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : failed(db, rc, err);
}

int db_number(struct db *db, const char *sql, int64_t fallback, int64_t *ret, struct error *err)
{
    CLEANUP(query_closep) struct query *q = NULL;
    int rc = query_open(&q, db, sql, err);
    if (rc == 0)
        rc = query_step(q, err);
    if (rc < 0)
        return rc;
    *ret = rc ? query_number(q, 0) : fallback;
    return 0;
}

int query_open(struct query **ret, struct db *db, const char *sql, struct error *err)
{
    struct query *q = memory_new(sizeof *q);
    q->db = db;
    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &q->statement, NULL);
    if (rc != SQLITE_OK) {
        query_close(q);
        return failed(db, rc, err);
    }
    *ret = q;
    return 0;
}

void query_close(struct query *q)
{
    if (!q)
        return;
    sqlite3_finalize(q->statement);
    free(q);
}

/* The bytes are borrowed (SQLITE_STATIC), as db.h says; binding them cannot fail. */
void query_bind_text(struct query *q, int at, struct str text)
{
    sqlite3_bind_text(q->statement, at, text.len ? text.ptr : "", (int)text.len, SQLITE_STATIC);
}

void query_bind_blob(struct query *q, int at, struct str bytes)
{
    sqlite3_bind_blob64(q->statement, at, bytes.len ? bytes.ptr : "", bytes.len, SQLITE_STATIC);
}

void query_bind_number(struct query *q, int at, int64_t n)
{
    sqlite3_bind_int64(q->statement, at, n);
}

int query_step(struct query *q, struct error *err)
{
    int rc = sqlite3_step(q->statement);
    return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : failed(q->db, rc, err);
}

void query_reset(struct query *q)
{
    sqlite3_reset(q->statement);
}

int query_finish(struct query *q, struct error *err)
{
    int rc;
    while ((rc = query_step(q, err)) > 0)
        ;
    query_reset(q);
    return rc;
}

struct str query_bytes(struct query *q, int column)
{
    const char *ptr = sqlite3_column_blob(q->statement, column);
    return (struct str){ptr ? ptr : "", ptr ? (size_t)sqlite3_column_bytes(q->statement, column) : 0};
}

int64_t query_number(struct query *q, int column)
{
    return sqlite3_column_int64(q->statement, column);
}
