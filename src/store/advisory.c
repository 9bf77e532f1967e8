#include "base/arena.h"
#include "store/store_private.h"

int store_advisories(struct store *s, struct str namespace, struct str package,
                     int (*take)(void *ctx, struct str feed, struct str packed), void *ctx, struct error *err)
{
    struct query *q = store_query(
        s, QUERY_ADVISORIES,
        "SELECT feed, packed FROM advisory WHERE namespace = $1 AND package = $2 ORDER BY feed", err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, namespace);
    query_bind_text(q, 2, package);
    int rc;
    while ((rc = query_step(q, err)) > 0 && (rc = take(ctx, query_bytes(q, 0), query_bytes(q, 1))) >= 0)
        ;
    query_reset(q);
    return rc;
}

int store_advisories_of(struct store *s, struct str namespace, const struct str *packages, size_t count,
                        int (*take)(void *ctx, struct str package, struct str feed, struct str packed),
                        void *ctx, struct error *err)
{
    struct query *q =
        store_query(s, QUERY_NAMESPACES_ADVISORIES,
                    "SELECT package, feed, packed FROM advisory WHERE namespace = $1 AND package IN "
                    "(LIST $2)",
                    err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, namespace);
    query_bind_list(q, 2, packages, count);
    int rc;
    while ((rc = query_step(q, err)) > 0 &&
           (rc = take(ctx, query_bytes(q, 0), query_bytes(q, 1), query_bytes(q, 2))) >= 0)
        ;
    query_reset(q);
    return rc;
}
