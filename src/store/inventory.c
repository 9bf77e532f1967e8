#include "base/arena.h"
#include "os/clock.h"
#include "store/store_private.h"

int store_inventory_get(struct store *s, const struct digest *digest, const struct digest *diff_id,
                        struct str fingerprint, struct arena *arena, struct str *ret, struct error *err)
{
    struct str blob = digest_str(digest), tar = digest_str(diff_id);
    if (!blob.len && !tar.len)
        return 0; /* a directory has no name to remember it by */
    struct query *q =
        store_query(s, QUERY_INVENTORY_GET,
                    "SELECT bytes FROM inventory WHERE (digest = $1 AND ($2 = '' OR diff_id = $2) OR "
                    "$1 = '' AND diff_id = $2) AND fingerprint = $3 LIMIT 1",
                    err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, blob);
    query_bind_text(q, 2, tar);
    query_bind_text(q, 3, fingerprint);
    int rc = query_step(q, err);
    if (rc > 0 && arena_str(arena, query_bytes(q, 0), ret) < 0)
        rc = error_set(err, E_LIMIT, "store: an inventory larger than this scan may keep");
    query_reset(q);
    return rc;
}

int store_inventory_put(struct store *s, const struct digest *digest, const struct digest *diff_id,
                        struct str fingerprint, struct str bytes, struct error *err)
{
    struct query *q = store_query(
        s, QUERY_INVENTORY_PUT,
        "INSERT INTO inventory (digest, diff_id, fingerprint, bytes, written_at) VALUES ($1, $2, $3, "
        "$4, $5) ON CONFLICT (digest, diff_id, fingerprint) DO UPDATE SET bytes = $4, written_at "
        "= $5",
        err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, digest_str(digest));
    query_bind_text(q, 2, digest_str(diff_id));
    query_bind_text(q, 3, fingerprint);
    query_bind_blob(q, 4, bytes);
    query_bind_number(q, 5, clock_seconds());
    return query_finish(q, err);
}
