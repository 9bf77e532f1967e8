#include "store/db.h"

#include "base/buf.h"

static const struct sql_phrase *phrase_at(const char *sql, const struct sql_phrase *phrases)
{
    for (const struct sql_phrase *p = phrases; p->ours; p++)
        if (!strncmp(sql, p->ours, strlen(p->ours)))
            return p;
    return NULL;
}

void sql_translate(const char *sql, const struct sql_phrase *phrases, struct buf *ret)
{
    while (*sql) {
        const struct sql_phrase *p = phrase_at(sql, phrases);
        if (!p) {
            buf_add_char(ret, *sql++);
            continue;
        }
        sql += strlen(p->ours);
        buf_add(ret, str_of(p->theirs));
        if (!p->end)
            continue;
        size_t digits = strspn(sql, "0123456789");
        buf_add(ret, (struct str){sql, digits});
        buf_add(ret, str_of(p->end));
        sql += digits + 1;
    }
    buf_add_char(ret, 0);
}

void db_close(struct db *db)
{
    if (db)
        db->ops->close(db);
}

int db_run(struct db *db, const char *sql, struct error *err)
{
    return db->ops->run(db, sql, err);
}

int db_begin(struct db *db, struct error *err)
{
    return db->ops->begin(db, err);
}

int db_end(struct db *db, int rc, struct error *err)
{
    struct error undoing;
    if (rc >= 0) {
        int committed = db_run(db, "COMMIT", err);
        if (committed == 0)
            return rc;
        rc = committed;
    }
    return db_run(db, "ROLLBACK", &undoing) < 0 ? error_in(err, "%s, and undoing it", undoing.text) : rc;
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
    return db->ops->query_open(ret, db, sql, err);
}

int query_bulk_open(struct query **ret, struct db *db, const char *table, const char *columns, int count,
                    struct error *err)
{
    return db->ops->bulk_open(ret, db, table, columns, count, err);
}

int query_bulk_end(struct query *q, struct error *err)
{
    return q->db->ops->bulk_end(q, err);
}

void query_close(struct query *q)
{
    if (q)
        q->db->ops->query_close(q);
}

void query_bind_text(struct query *q, int at, struct str text)
{
    q->db->ops->bind_text(q, at, text);
}

void query_bind_blob(struct query *q, int at, struct str bytes)
{
    q->db->ops->bind_blob(q, at, bytes);
}

void query_bind_number(struct query *q, int at, int64_t n)
{
    q->db->ops->bind_number(q, at, n);
}

void query_bind_list(struct query *q, int at, const struct str *texts, size_t count)
{
    q->db->ops->bind_list(q, at, texts, count);
}

int query_step(struct query *q, struct error *err)
{
    return q->db->ops->step(q, err);
}

void query_reset(struct query *q)
{
    q->db->ops->reset(q);
}

void query_stream(struct query *q)
{
    q->db->ops->stream(q);
}

int query_finish(struct query *q, struct error *err)
{
    int rc;
    while ((rc = query_step(q, err)) > 0)
        ;
    query_reset(q);
    return rc;
}

int query_send(struct query *q, struct error *err)
{
    return q->db->ops->send(q, err);
}

int64_t query_changes(struct query *q)
{
    return q->db->ops->changes(q);
}

struct str query_bytes(struct query *q, int column)
{
    return q->db->ops->bytes(q, column);
}

int64_t query_number(struct query *q, int column)
{
    return q->db->ops->number(q, column);
}
