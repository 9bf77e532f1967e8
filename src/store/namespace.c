#include "base/arena.h"
#include "store/store_private.h"
#include "store/vulnerability.h"

int store_namespace_put(struct store *s, struct str name, struct str format, struct error *err)
{
    struct query *q =
        store_query(s, QUERY_NAMESPACE_PUT,
                    "INSERT INTO namespace (name, version_format) VALUES ($1, $2) ON CONFLICT "
                    "(name) DO UPDATE SET version_format = $2 WHERE namespace.version_format = '' "
                    "AND $2 <> ''",
                    err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, name);
    query_bind_text(q, 2, format);
    return query_send(q, err);
}

int store_namespace_get(struct store *s, struct str name, struct arena *arena, struct str *ret_format,
                        struct error *err)
{
    struct query *q =
        store_query(s, QUERY_NAMESPACE_GET, "SELECT version_format FROM namespace WHERE name = $1", err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, name);
    int rc = query_step(q, err);
    if (rc > 0 && arena_str(arena, query_bytes(q, 0), ret_format) < 0)
        rc = error_set(err, E_LIMIT, "store: no room for a namespace");
    query_reset(q);
    return rc;
}

int store_namespace_each(struct store *s, int (*take)(void *ctx, struct str name, struct str format),
                         void *ctx, struct error *err)
{
    CLEANUP(query_closep) struct query *q = NULL;
    int rc = query_open(&q, s->db, "SELECT name, version_format FROM namespace ORDER BY id", err);
    while (rc >= 0 && (rc = query_step(q, err)) > 0)
        rc = take(ctx, query_bytes(q, 0), query_bytes(q, 1));
    return rc;
}
