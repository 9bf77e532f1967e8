#include <sqlite3.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/memory.h"
#include "store/db.h"

struct sqlite_db {
    struct db db;
    sqlite3 *handle;
    char *path;
};

struct sqlite_query {
    struct query q;
    sqlite3_stmt *statement;
    int at[STATEMENT_PARAMS_MAX + 1]; /* "$3" is a name to SQLite: where it first stands decides its index */
    struct buf list;                  /* the bound list; a statement has one at most */
};

static struct sqlite_db *of(struct db *db)
{
    return (struct sqlite_db *)db;
}

static sqlite3_stmt *statement(struct query *q)
{
    return ((struct sqlite_query *)q)->statement;
}

static int failed(const struct sqlite_db *db, int rc, struct error *err)
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

static void sqlite_close(struct db *db)
{
    sqlite3_close(of(db)->handle);
    free(of(db)->path);
    free(db);
}

static int run(struct db *db, const char *sql, struct error *err)
{
    int rc = sqlite3_exec(of(db)->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : failed(of(db), rc, err);
}

static int sqlite_open(struct db **ret, const char *path, struct error *err)
{
    struct sqlite_db *s = memory_new(sizeof *s);
    CLEANUP(db_closep) struct db *db = &s->db;
    db->ops = &db_sqlite;
    s->path = memory_text(path);
    int rc = sqlite3_open_v2(path, &s->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (rc != SQLITE_OK)
        return failed(s, rc, err);
    sqlite3_extended_result_codes(s->handle, 1);
    sqlite3_busy_timeout(s->handle, STORE_BUSY_MS);
    /* Rows of an untrusted file cannot run anything: no trigger, no view with side effects, no shadow table
       writes. */
    sqlite3_db_config(s->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(s->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(s->handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    sqlite3_limit(s->handle, SQLITE_LIMIT_LENGTH, STORE_VALUE_MAX);
    *ret = STEAL(db);
    return 0;
}

static int begin(struct db *db, struct error *err)
{
    return run(db, "BEGIN IMMEDIATE", err);
}

/* One server has the file; what several programs do to it is ordered by its transactions. */
static int try_lock(struct db *db, int64_t key, struct error *err)
{
    (void)db;
    (void)key;
    (void)err;
    return 1;
}

static int unlock(struct db *db, int64_t key, struct error *err)
{
    (void)db;
    (void)key;
    (void)err;
    return 0;
}

/* Lists are JSON arrays to SQLite, and one program at a time writes. */
static const struct sql_phrase phrases[] = {
    {"IN (LIST $", "IN (SELECT value FROM json_each($", "))"},
    {"IN (NUMBERS $", "IN (SELECT CAST(value AS INTEGER) FROM json_each($", "))"},
    {" FOR UPDATE SKIP LOCKED", "", NULL},
    {" FOR KEY SHARE", "", NULL},
    {0},
};

static int open_query(struct query **ret, struct db *db, const char *sql, struct error *err)
{
    CLEANUP(buf_done) struct buf text = buf_make(KIB(16));
    sql_translate(sql, phrases, &text);
    struct sqlite_query *q = memory_new(sizeof *q);
    q->q.db = db;
    q->list = buf_make(STORE_LIST_MAX);
    int rc = buf_finish(&text, "a statement", err);
    if (rc == 0) {
        int code = sqlite3_prepare_v2(of(db)->handle, text.ptr, -1, &q->statement, NULL);
        rc = code == SQLITE_OK ? 0 : failed(of(db), code, err);
    }
    for (int i = 1; i <= STATEMENT_PARAMS_MAX && rc == 0; i++) {
        char name[16];
        snprintf(name, sizeof name, "$%d", i);
        q->at[i] = sqlite3_bind_parameter_index(q->statement, name);
    }
    if (rc < 0)
        query_close(&q->q);
    else
        *ret = &q->q;
    return rc;
}

static int open_bulk(struct query **ret, struct db *db, const char *table, const char *columns, int count,
                     struct error *err)
{
    CLEANUP(buf_done) struct buf sql = buf_make(KIB(4));
    buf_printf(&sql, "INSERT INTO %s (%s) VALUES (", table, columns);
    for (int i = 1; i <= count; i++)
        buf_printf(&sql, i < count ? "$%d, " : "$%d)", i);
    buf_add_char(&sql, 0);
    int rc = buf_finish(&sql, "a statement", err);
    return rc < 0 ? rc : open_query(ret, db, sql.ptr, err);
}

static int end_bulk(struct query *q, struct error *err)
{
    (void)q;
    (void)err;
    return 0;
}

static void close_query(struct query *q)
{
    sqlite3_finalize(statement(q));
    buf_done(&((struct sqlite_query *)q)->list);
    free(q);
}

static int index_of(struct query *q, int at)
{
    return ((struct sqlite_query *)q)->at[at];
}

/* The bytes are borrowed (SQLITE_STATIC), as db.h says; binding them cannot fail. */
static void bind_text(struct query *q, int at, struct str text)
{
    sqlite3_bind_text(statement(q), index_of(q, at), text.len ? text.ptr : "", (int)text.len, SQLITE_STATIC);
}

static void bind_blob(struct query *q, int at, struct str bytes)
{
    sqlite3_bind_blob64(statement(q), index_of(q, at), bytes.len ? bytes.ptr : "", bytes.len, SQLITE_STATIC);
}

static void bind_number(struct query *q, int at, int64_t n)
{
    sqlite3_bind_int64(statement(q), index_of(q, at), n);
}

static void bind_list(struct query *q, int at, const struct str *texts, size_t count)
{
    struct buf *b = &((struct sqlite_query *)q)->list;
    buf_clear(b);
    buf_add_char(b, '[');
    for (size_t i = 0; i < count; i++) {
        buf_add(b, i ? STR(",\"") : STR("\""));
        for (size_t j = 0; j < texts[i].len; j++) {
            unsigned char c = (unsigned char)texts[i].ptr[j];
            if (c == '"' || c == '\\' || c < 0x20)
                buf_printf(b, "\\u%04x", c);
            else
                buf_add_char(b, (char)c);
        }
        buf_add_char(b, '"');
    }
    buf_add_char(b, ']');
    bind_text(q, at, b->failed ? STR("[]") : buf_str(b));
}

static int step(struct query *q, struct error *err)
{
    if (((struct sqlite_query *)q)->list.failed)
        return error_set(err, E_LIMIT, "a list of more than %d MiB for one question to the database",
                         (int)(STORE_LIST_MAX >> 20));
    int rc = sqlite3_step(statement(q));
    return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : failed(of(q->db), rc, err);
}

/* A bulk row begins where the last one ended: SQLite resets a finished statement by itself. */
static void reset(struct query *q)
{
    sqlite3_reset(statement(q));
}

/* SQLite never does otherwise. */
static void stream(struct query *q)
{
    (void)q;
}

static int64_t changes(struct query *q)
{
    return sqlite3_changes64(of(q->db)->handle);
}

static struct str bytes(struct query *q, int column)
{
    const char *ptr = sqlite3_column_blob(statement(q), column);
    return (struct str){ptr ? ptr : "", ptr ? (size_t)sqlite3_column_bytes(statement(q), column) : 0};
}

static int64_t number(struct query *q, int column)
{
    return sqlite3_column_int64(statement(q), column);
}

const struct db_ops db_sqlite = {
    .name = "sqlite",
    .open = sqlite_open,
    .close = sqlite_close,
    .run = run,
    .begin = begin,
    .try_lock = try_lock,
    .unlock = unlock,
    .query_open = open_query,
    .bulk_open = open_bulk,
    .bulk_end = end_bulk,
    .query_close = close_query,
    .bind_text = bind_text,
    .bind_blob = bind_blob,
    .bind_number = bind_number,
    .bind_list = bind_list,
    .step = step,
    .send = query_finish,
    .reset = reset,
    .stream = stream,
    .changes = changes,
    .bytes = bytes,
    .number = number,
};
