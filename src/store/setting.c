#include "base/arena.h"
#include "store/store_private.h"

int store_setting_get(struct store *s, struct str name, struct arena *arena, struct str *ret,
                      struct error *err)
{
    struct query *q = store_query(s, QUERY_SETTING_GET, "SELECT value FROM setting WHERE name = $1", err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, name);
    int rc = query_step(q, err);
    if (rc > 0 && arena_str(arena, query_bytes(q, 0), ret) < 0)
        rc = error_set(err, E_LIMIT, "store: a setting larger than one answer may hold");
    query_reset(q);
    return rc;
}

int store_setting_put(struct store *s, struct str name, struct str value, struct error *err)
{
    struct query *q = store_query(
        s, QUERY_SETTING_PUT,
        "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2", err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, name);
    query_bind_text(q, 2, value);
    return query_finish(q, err);
}

int store_ping(struct store *s, struct error *err)
{
    struct query *q = store_query(s, QUERY_PING, "SELECT CAST(1 AS BIGINT)", err);
    return q ? query_finish(q, err) : -(int)err->code;
}

/* Where PostgreSQL writes next; SQLite counts the commits of other connections. */
int store_version(struct store *s, int64_t *ret, struct error *err)
{
    struct query *q =
        store_query(s, QUERY_VERSION,
                    s->db->ops == &db_sqlite ? "PRAGMA data_version"
                                             : "SELECT CAST(pg_current_wal_insert_lsn() - '0/0' AS BIGINT)",
                    err);
    if (!q)
        return -(int)err->code;
    int rc = query_step(q, err);
    if (rc > 0)
        *ret = query_number(q, 0);
    query_reset(q);
    return rc < 0 ? rc : 0;
}

int store_try_lock(struct store *s, int64_t key, struct error *err)
{
    return s->db->ops->try_lock(s->db, key, err);
}

int store_unlock(struct store *s, int64_t key, struct error *err)
{
    return s->db->ops->unlock(s->db, key, err);
}
