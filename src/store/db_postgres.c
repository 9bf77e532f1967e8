#include <endian.h>
#include <inttypes.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/memory.h"
#include "store/db.h"
#include "store/libpq.h"
#include "store/pipeline.h"
#include "store/source.h"

enum { OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25, OID_TEXT_ARRAY = 1009, COPY_PIECE = 64 << 10 };

struct postgres_db {
    struct db db;
    const struct libpq *pq;
    PGconn *conn;
    struct pipeline pipeline;
    unsigned generation; /* of the connection: a new one has no prepared statements */
    unsigned names;      /* statements named so far */
    bool begun;          /* a transaction, whether or not its connection is still there */
};

struct postgres_query {
    struct query q;
    char *sql;
    unsigned name, generation; /* as prepared; generation 0: not yet */
    bool one_by_one, running;  /* rows are taken off the wire while they are stepped through */
    int count;
    Oid types[STATEMENT_PARAMS_MAX];
    const char *values[STATEMENT_PARAMS_MAX];
    int lengths[STATEMENT_PARAMS_MAX], formats[STATEMENT_PARAMS_MAX];
    int64_t numbers[STATEMENT_PARAMS_MAX];   /* big-endian, as they travel */
    struct buf mended[STATEMENT_PARAMS_MAX]; /* texts as PostgreSQL can hold them */
    struct buf list;                         /* the bound list; a statement has one at most */
    PGresult *result;
    int row, rows;
    int64_t written;
    struct buf copy;   /* of a bulk: what is not sent yet */
    const char *table; /* that it fills */
    bool bulk, copying;
};

static struct postgres_db *of(struct db *db)
{
    return (struct postgres_db *)db;
}

static struct postgres_query *query_of(struct query *q)
{
    return (struct postgres_query *)q;
}

/* What libpq says is several lines with a tab before the hints. */
static int failed(struct postgres_db *p, const PGresult *result, struct error *err)
{
    char text[400];
    const char *state = result ? p->pq->resultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *said = result ? p->pq->resultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    snprintf(text, sizeof text, "%s", said ? said : p->pq->errorMessage(p->conn));
    for (size_t n = strlen(text); n && text[n - 1] == '\n'; n--)
        text[n - 1] = 0;
    for (char *at = text; *at; at++)
        if (*at == '\n' || *at == '\t')
            *at = ' ';
    if (p->pq->status(p->conn) == CONNECTION_BAD || !state)
        return error_set(err, E_NETWORK, "database: %s", text);
    if (!strcmp(state, "40P01") || !strcmp(state, "55P03") || !strcmp(state, "40001"))
        return error_set(err, E_TIMEOUT, "database: %s", text);
    return error_set(err, E_SYSTEM, "database: %s (SQLSTATE %s)", text, state);
}

static void quiet(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

/* A lost connection is made again, unless a transaction went with it: what is left of that one must not be run by itself. */
static int connected(struct postgres_db *p, struct error *err)
{
    if (p->pq->status(p->conn) == CONNECTION_OK)
        return 0;
    if (p->begun)
        return error_set(err, E_NETWORK, "database: the connection was lost within a transaction");
    p->pq->reset(p->conn);
    p->generation++;
    return p->pq->status(p->conn) == CONNECTION_OK ? 0 : failed(p, NULL, err);
}

static bool in_transaction(struct postgres_db *p)
{
    PGTransactionStatusType t = p->pq->transactionStatus(p->conn);
    return t == PQTRANS_INTRANS || t == PQTRANS_INERROR || t == PQTRANS_ACTIVE;
}

/* Waits for the answers to what was sent; *ret_last (may be NULL) is that to the last. */
static int settle(struct postgres_db *p, PGresult **ret_last, struct error *err)
{
    PGresult *last, *refused;
    if (!p->pipeline.queued)
        return 0;
    bool well = pipeline_settle(&p->pipeline, &last, &refused);
    int rc = well ? 0 : failed(p, refused, err);
    p->pq->clear(refused);
    if (ret_last)
        *ret_last = last;
    else
        p->pq->clear(last);
    return rc;
}

static void postgres_close(struct db *db)
{
    struct postgres_db *p = of(db);
    p->pq->finish(p->conn);
    free(p);
}

static int run_once(struct postgres_db *p, const char *sql, struct error *err)
{
    PGresult *result = p->pq->exec(p->conn, sql);
    ExecStatusType status = p->pq->resultStatus(result);
    int rc = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? 0 : failed(p, result, err);
    p->pq->clear(result);
    return rc;
}

static int run(struct db *db, const char *sql, struct error *err)
{
    struct postgres_db *p = of(db);
    bool undo = !strcmp(sql, "ROLLBACK"), commit = !strcmp(sql, "COMMIT");
    struct error ignored;
    if (undo) {
        (void)!settle(p, NULL, &ignored); /* it is undone, whatever comes of it */
        p->begun = false;
    }
    if (undo && !in_transaction(p)) /* a lost connection has undone it */
        return 0;
    /* A COMMIT after a failed statement answers ROLLBACK and no error: db_end() never asks for it, and within a pipeline it is
       not run. */
    int rc = connected(p, err);
    if (rc == 0 && commit && p->pipeline.queued)
        rc = pipeline_add_text(&p->pipeline, sql) ? settle(p, NULL, err) : failed(p, NULL, err);
    else if (rc == 0 && (rc = settle(p, NULL, err)) == 0)
        rc = run_once(p, sql, err);
    if (rc == 0 && commit)
        p->begun = false;
    return rc;
}

/* Nothing is lost by asking again for what changes nothing. */
static int begin(struct db *db, struct error *err)
{
    int rc = run(db, "BEGIN", err);
    if (rc == -E_NETWORK)
        rc = run(db, "BEGIN", err);
    of(db)->begun = rc == 0;
    return rc;
}

static int postgres_open(struct db **ret, const char *source, struct error *err)
{
    const struct libpq *pq = libpq_load(err);
    if (!pq)
        return -(int)err->code;
    struct postgres_db *p = memory_new(sizeof *p);
    CLEANUP(db_closep) struct db *db = &p->db;
    db->ops = &db_postgres;
    p->pq = pq;
    p->generation = 1;
    p->conn = source_connect(pq, source, err);
    if (!p->conn)
        return -(int)err->code;
    if (pq->status(p->conn) != CONNECTION_OK)
        return failed(p, NULL, err);
    p->pipeline = (struct pipeline){.pq = pq, .conn = p->conn};
    pq->setNoticeProcessor(p->conn, quiet, NULL);
    if (pq->serverVersion(p->conn) < 130000)
        return error_set(err, E_UNSUPPORTED, "database: PostgreSQL %d; limpid needs 13 or newer",
                         pq->serverVersion(p->conn) / 10000);
    *ret = STEAL(db);
    return 0;
}

static int ask(struct db *db, const char *function, int64_t key, struct error *err)
{
    char sql[96];
    int64_t yes = 0;
    snprintf(sql, sizeof sql, "SELECT CAST(CAST(%s(%" PRId64 ") AS INTEGER) AS BIGINT)", function, key);
    int rc = db_number(db, sql, 0, &yes, err);
    return rc < 0 ? rc : yes != 0;
}

static int try_lock(struct db *db, int64_t key, struct error *err)
{
    return ask(db, "pg_try_advisory_lock", key, err);
}

static int unlock(struct db *db, int64_t key, struct error *err)
{
    int rc = ask(db, "pg_advisory_unlock", key, err);
    return rc < 0 ? rc : 0;
}

static const struct sql_phrase phrases[] = {
    {"IN (LIST $", "= ANY ($", ")"},
    {"IN (NUMBERS $", "= ANY (CAST($", " AS BIGINT[]))"},
    {0},
};

static struct postgres_query *query_new(struct db *db)
{
    struct postgres_query *q = memory_new(sizeof *q);
    q->q.db = db;
    q->list = buf_make(STORE_LIST_MAX);
    q->copy = buf_make(STORE_VALUE_MAX);
    return q;
}

static int open_query(struct query **ret, struct db *db, const char *sql, struct error *err)
{
    CLEANUP(buf_done) struct buf text = buf_make(KIB(16));
    sql_translate(sql, phrases, &text);
    int rc = buf_finish(&text, "a statement", err);
    if (rc < 0)
        return rc;
    struct postgres_query *q = query_new(db);
    q->sql = memory_text(text.ptr);
    *ret = &q->q;
    return 0;
}

static int end_copy(struct postgres_query *q, const char *refusal, struct error *err)
{
    struct postgres_db *p = of(q->q.db);
    int rc = p->pq->putCopyEnd(p->conn, refusal) == 1 ? 0 : failed(p, NULL, err);
    for (PGresult *result; (result = p->pq->getResult(p->conn)); p->pq->clear(result))
        if (rc == 0 && p->pq->resultStatus(result) != PGRES_COMMAND_OK)
            rc = failed(p, result, err);
    q->copying = false;
    return rc;
}

static void close_query(struct query *query)
{
    struct postgres_query *q = query_of(query);
    struct postgres_db *p = of(query->db);
    char sql[40];
    struct error ignored;
    query_reset(query);
    if (q->copying)
        end_copy(q, "abandoned", &ignored); /* its failure is what was wanted */
    snprintf(sql, sizeof sql, "DEALLOCATE q%u", q->name);
    if (q->generation == p->generation && p->pq->transactionStatus(p->conn) == PQTRANS_IDLE &&
        run_once(p, sql, &ignored) < 0)
        q->generation = 0; /* the connection is gone, and the statement with it */
    free(q->sql);
    for (size_t i = 0; i < STATEMENT_PARAMS_MAX; i++)
        buf_done(&q->mended[i]);
    buf_done(&q->list);
    buf_done(&q->copy);
    free(q);
}

static void bind(struct query *query, int at, Oid type, struct str bytes)
{
    struct postgres_query *q = query_of(query);
    q->types[at - 1] = type;
    q->values[at - 1] = bytes.len ? bytes.ptr : "";
    q->lengths[at - 1] = (int)bytes.len;
    q->formats[at - 1] = 1; /* binary: no text needs an end, no number a decimal form */
    q->count = at > q->count ? at : q->count;
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= 0)
            return false;
    return true;
}

/* PostgreSQL refuses a statement for one NUL or one byte that is not UTF-8: names from images and requests may have both. They
   become U+FFFD, whenever they are written or asked for. */
static void add_mended(struct buf *b, struct str s)
{
    while (s.len) {
        uint32_t code;
        size_t n = s.ptr[0] ? str_utf8_char(s, &code) : 0;
        buf_add(b, n ? (struct str){s.ptr, n} : STR("\xef\xbf\xbd"));
        s = str_skip(s, n ? n : 1);
    }
}

static void bind_text(struct query *q, int at, struct str text)
{
    struct buf *mended = &query_of(q)->mended[at - 1];
    if (!is_ascii(text)) {
        mended->max = STORE_VALUE_MAX;
        buf_clear(mended);
        add_mended(mended, text);
        text = buf_str(mended);
    }
    bind(q, at, OID_TEXT, text);
}

static void bind_blob(struct query *q, int at, struct str bytes)
{
    bind(q, at, OID_BYTEA, bytes);
}

static void bind_number(struct query *q, int at, int64_t n)
{
    int64_t *place = &query_of(q)->numbers[at - 1];
    *place = (int64_t)htobe64((uint64_t)n);
    bind(q, at, OID_INT8, (struct str){(const char *)place, sizeof *place});
}

static void put_int32(struct buf *b, uint32_t n)
{
    n = htobe32(n);
    buf_add(b, (struct str){(const char *)&n, sizeof n});
}

static void put_int16(struct buf *b, uint16_t n)
{
    n = htobe16(n);
    buf_add(b, (struct str){(const char *)&n, sizeof n});
}

/* An array of one dimension in its binary form: dimensions, nulls, type, length, lower bound, elements. */
static void bind_list(struct query *q, int at, const struct str *texts, size_t count)
{
    struct buf *b = &query_of(q)->list;
    buf_clear(b);
    put_int32(b, count ? 1 : 0);
    put_int32(b, 0);
    put_int32(b, OID_TEXT);
    if (count) {
        put_int32(b, (uint32_t)count);
        put_int32(b, 1);
    }
    for (size_t i = 0; i < count; i++) {
        size_t length_at = b->len;
        put_int32(b, 0);
        add_mended(b, texts[i]);
        uint32_t length = htobe32((uint32_t)(b->len - length_at - sizeof length));
        if (!b->failed)
            memcpy(b->ptr + length_at, &length, sizeof length);
    }
    bind(q, at, OID_TEXT_ARRAY, buf_str(b));
}

static int prepare(struct postgres_query *q, struct error *err)
{
    struct postgres_db *p = of(q->q.db);
    int rc = connected(p, err);
    if (rc < 0 || q->generation == p->generation)
        return rc;
    char name[16];
    rc = settle(p, NULL, err);
    if (rc < 0)
        return rc;
    q->name = ++p->names;
    snprintf(name, sizeof name, "q%u", q->name);
    PGresult *result = p->pq->prepare(p->conn, name, q->sql, q->count, q->types);
    rc = p->pq->resultStatus(result) == PGRES_COMMAND_OK ? 0 : failed(p, result, err);
    p->pq->clear(result);
    if (rc == 0)
        q->generation = p->generation;
    return rc;
}

static int send(struct postgres_query *q, const char *name, struct error *err)
{
    struct postgres_db *p = of(q->q.db);
    if (p->pipeline.queued && !q->one_by_one)
        return pipeline_add(&p->pipeline, name, q->count, q->values, q->lengths, q->formats)
                   ? settle(p, &q->result, err)
                   : failed(p, NULL, err);
    int rc = settle(p, NULL, err);
    if (rc < 0)
        return rc;
    if (!q->one_by_one) {
        q->result = p->pq->execPrepared(p->conn, name, q->count, q->values, q->lengths, q->formats, 1);
        return 0;
    }
    if (!p->pq->sendQueryPrepared(p->conn, name, q->count, q->values, q->lengths, q->formats, 1))
        return failed(p, NULL, err);
    p->pq->setSingleRowMode(p->conn);
    q->running = true;
    q->result = p->pq->getResult(p->conn);
    return 0;
}

static int take(struct postgres_query *q, struct error *err)
{
    struct postgres_db *p = of(q->q.db);
    ExecStatusType status = p->pq->resultStatus(q->result);
    q->row = -1;
    q->rows = p->pq->ntuples(q->result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        const char *written = p->pq->cmdTuples(q->result);
        q->written = *written ? strtoll(written, NULL, 10) : 0;
        return 0;
    }
    return status == PGRES_SINGLE_TUPLE ? 0 : failed(p, q->result, err);
}

static int execute(struct postgres_query *q, struct error *err)
{
    char name[16];
    if (q->list.failed)
        return error_set(err, E_LIMIT, "a list of more than %d MiB for one question to the database",
                         (int)(STORE_LIST_MAX >> 20));
    int rc = prepare(q, err);
    snprintf(name, sizeof name, "q%u", q->name);
    if (rc == 0)
        rc = send(q, name, err);
    if (rc == 0)
        rc = take(q, err);
    if (rc < 0)
        query_reset(&q->q);
    return rc;
}

/* Outside of a transaction nobody would hear of a failure. */
static int send_only(struct query *query, struct error *err)
{
    struct postgres_query *q = query_of(query);
    struct postgres_db *p = of(query->db);
    char name[16];
    if (!p->begun || q->bulk)
        return query_finish(query, err);
    int rc = prepare(q, err);
    snprintf(name, sizeof name, "q%u", q->name);
    if (rc == 0 && !pipeline_add(&p->pipeline, name, q->count, q->values, q->lengths, q->formats))
        rc = failed(p, NULL, err);
    return rc == 0 && p->pipeline.queued >= PIPELINE_MAX ? settle(p, NULL, err) : rc;
}

static int copy_step(struct postgres_query *q, struct error *err);

static int step(struct query *query, struct error *err)
{
    struct postgres_query *q = query_of(query);
    struct postgres_db *p = of(query->db);
    if (q->bulk)
        return copy_step(q, err);
    if (!q->result) {
        int rc = execute(q, err);
        if (rc == -E_NETWORK && !p->begun && str_starts(str_of(q->sql), STR("SELECT")))
            rc = execute(q, err); /* the server may have been started again meanwhile */
        if (rc < 0)
            return rc;
    }
    if (++q->row < q->rows)
        return 1;
    if (!q->running)
        return 0;
    p->pq->clear(q->result);
    q->result = p->pq->getResult(p->conn);
    q->running = q->result != NULL;
    if (!q->running)
        return 0;
    int rc = take(q, err);
    return rc < 0 ? rc : ++q->row < q->rows;
}

static void reset(struct query *query)
{
    struct postgres_query *q = query_of(query);
    struct postgres_db *p = of(query->db);
    p->pq->clear(q->result);
    while (q->running && (q->result = p->pq->getResult(p->conn)))
        p->pq->clear(q->result);
    q->running = false;
    q->result = NULL;
}

static void stream(struct query *q)
{
    query_of(q)->one_by_one = true;
}

static int64_t changes(struct query *q)
{
    return query_of(q)->written;
}

static struct str bytes(struct query *query, int column)
{
    struct postgres_query *q = query_of(query);
    const struct libpq *pq = of(query->db)->pq;
    return (struct str){pq->getvalue(q->result, q->row, column),
                        (size_t)pq->getlength(q->result, q->row, column)};
}

static int64_t number(struct query *query, int column)
{
    struct str b = bytes(query, column);
    uint64_t n = 0;
    for (size_t i = 0; i < b.len; i++)
        n = n << 8 | (unsigned char)b.ptr[i];
    return b.len == 4 ? (int32_t)(uint32_t)n : (int64_t)n;
}

/* ---- COPY, in its binary form ---- */

static int flush(struct postgres_query *q, struct error *err)
{
    struct postgres_db *p = of(q->q.db);
    int rc = buf_finish(&q->copy, "rows for the database", err);
    if (rc == 0 && p->pq->putCopyData(p->conn, q->copy.ptr, (int)q->copy.len) != 1)
        rc = failed(p, NULL, err);
    buf_clear(&q->copy);
    return rc;
}

static int open_bulk(struct query **ret, struct db *db, const char *table, const char *columns, int count,
                     struct error *err)
{
    struct postgres_db *p = of(db);
    char sql[512];
    snprintf(sql, sizeof sql, "COPY %s (%s) FROM STDIN (FORMAT binary)", table, columns);
    int rc = settle(p, NULL, err);
    if (rc < 0)
        return rc;
    PGresult *result = p->pq->exec(p->conn, sql);
    rc = p->pq->resultStatus(result) == PGRES_COPY_IN ? 0 : failed(p, result, err);
    p->pq->clear(result);
    if (rc < 0)
        return rc;
    struct postgres_query *q = query_new(db);
    q->table = table;
    q->bulk = q->copying = true;
    q->count = count;
    buf_add(&q->copy, STR("PGCOPY\n\377\r\n\0"));
    put_int32(&q->copy, 0);
    put_int32(&q->copy, 0);
    *ret = &q->q;
    return 0;
}

static int copy_step(struct postgres_query *q, struct error *err)
{
    put_int16(&q->copy, (uint16_t)q->count);
    for (int i = 0; i < q->count; i++) {
        put_int32(&q->copy, (uint32_t)q->lengths[i]);
        buf_add(&q->copy, (struct str){q->values[i], (size_t)q->lengths[i]});
    }
    return q->copy.len < COPY_PIECE ? 0 : flush(q, err);
}

/* Plans that were made for the table as it was are no good for what it has become: everybody makes new ones. */
static int end_bulk(struct query *query, struct error *err)
{
    struct postgres_query *q = query_of(query);
    char sql[80];
    put_int16(&q->copy, UINT16_MAX);
    snprintf(sql, sizeof sql, "ANALYZE %s", q->table);
    int rc = flush(q, err);
    if (rc == 0)
        rc = end_copy(q, NULL, err);
    return rc < 0 ? rc : run_once(of(query->db), sql, err);
}

const struct db_ops db_postgres = {
    .name = "pgsql",
    .open = postgres_open,
    .close = postgres_close,
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
    .send = send_only,
    .reset = reset,
    .stream = stream,
    .changes = changes,
    .bytes = bytes,
    .number = number,
};
