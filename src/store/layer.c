#include "store/layer.h"

#include "base/arena.h"
#include "os/clock.h"
#include "store/store_private.h"

static struct digest digest_of(struct str text)
{
    struct digest d = {0};
    if (digest_parse(text, &d) < 0)
        d.text[0] = 0;
    return d;
}

static int read_layer(struct query *q, struct arena *arena, struct store_layer *ret, struct error *err)
{
    *ret = (struct store_layer){
        .id = query_number(q, 0),
        .name = query_bytes(q, 1),
        .namespace = query_bytes(q, 2),
        .engine_version = query_number(q, 3),
        .digest = digest_of(query_bytes(q, 4)),
        .diff_id = digest_of(query_bytes(q, 5)),
        .fingerprint = query_bytes(q, 6),
        .feature_set = query_number(q, 7),
        .parent = query_bytes(q, 8),
        .features = query_bytes(q, 9),
    };
    struct str *texts[] = {&ret->name, &ret->namespace, &ret->fingerprint, &ret->parent, &ret->features};
    for (size_t i = 0; i < 5; i++)
        if (arena_str(arena, *texts[i], texts[i]) < 0)
            return error_set(err, E_LIMIT, "store: a layer larger than one answer may hold");
    return 1;
}

int store_layer_get(struct store *s, struct str name, struct arena *arena, struct store_layer *ret,
                    struct error *err)
{
    struct query *q =
        store_query(s, QUERY_LAYER_GET,
                    "SELECT l.id, l.name, l.namespace, l.engine_version, l.digest, l.diff_id,"
                    " l.fingerprint, l.feature_set_id, COALESCE(p.name, ''), f.features FROM layer "
                    "l JOIN feature_set f ON f.id = l.feature_set_id LEFT JOIN layer p ON p.id = "
                    "l.parent_id WHERE l.name = $1",
                    err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, name);
    int rc = query_step(q, err);
    if (rc > 0)
        rc = read_layer(q, arena, ret, err);
    query_reset(q);
    return rc;
}

int store_layer_chain(struct store *s, struct str name, struct arena *arena, struct store_layer **ret,
                      size_t *ret_count, struct error *err)
{
    VEC(struct store_layer) chain = {0};
    struct query *q = store_query(
        s, QUERY_LAYER_CHAIN,
        "WITH RECURSIVE chain (depth, id, parent_id) AS (SELECT CAST(0 AS BIGINT), id, parent_id FROM "
        "layer WHERE name = $1 UNION ALL SELECT c.depth + 1, l.id, l.parent_id FROM chain c JOIN "
        "layer l ON l.id = c.parent_id) SELECT l.id, l.name, l.namespace, l.engine_version, l.digest,"
        " l.diff_id, l.fingerprint, l.feature_set_id, '', '' FROM chain c JOIN layer l ON l.id = c.id "
        "ORDER BY c.depth DESC",
        err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, name);
    int rc;
    while ((rc = query_step(q, err)) > 0) {
        struct store_layer *l = vec_push(&chain, arena);
        rc = l ? read_layer(q, arena, l, err) : error_set(err, E_LIMIT, "store: a chain of too many layers");
        if (rc < 0)
            break;
    }
    query_reset(q);
    *ret = chain.ptr;
    *ret_count = chain.len;
    return rc < 0 ? rc : chain.len > 0;
}

/* ---- posting ---- */

static int add_feature(struct store *s, const struct store_feature *f, int64_t set, struct error *err)
{
    struct query *put = store_query(s, QUERY_FEATURE_PUT,
                                    "INSERT INTO feature (namespace, name, version) VALUES ($1, $2, $3) ON "
                                    "CONFLICT (namespace, name, version) DO NOTHING",
                                    err);
    if (!put)
        return -(int)err->code;
    query_bind_text(put, 1, f->namespace);
    query_bind_text(put, 2, f->name);
    query_bind_text(put, 3, f->version);
    int rc = query_send(put, err);
    if (rc < 0)
        return rc;
    struct query *link =
        store_query(s, QUERY_FEATURE_INTRODUCED_PUT,
                    "INSERT INTO feature_introduced (feature_id, feature_set_id) SELECT id, $4 "
                    "FROM feature WHERE namespace = $1 AND name = $2 AND version = $3 ON CONFLICT "
                    "DO NOTHING",
                    err);
    if (!link)
        return -(int)err->code;
    query_bind_text(link, 1, f->namespace);
    query_bind_text(link, 2, f->name);
    query_bind_text(link, 3, f->version);
    query_bind_number(link, 4, set);
    return query_send(link, err);
}

/* Found is kept from being removed as garbage until the transaction ends. */
static int find_set(struct store *s, struct str hash, int64_t *ret, struct error *err)
{
    struct query *q =
        store_query(s, QUERY_SET_GET, "SELECT id FROM feature_set WHERE hash = $1 FOR KEY SHARE", err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, hash);
    int rc = query_step(q, err);
    if (rc > 0)
        *ret = query_number(q, 0);
    query_reset(q);
    return rc;
}

/* Whoever comes second with the same contents waits for the first to commit, and finds them. */
static int put_set(struct store *s, struct str hash, struct str features,
                   const struct store_feature *introduced, size_t count, int64_t *ret, struct error *err)
{
    int rc = find_set(s, hash, ret, err);
    if (rc != 0)
        return rc;
    struct query *q = store_query(
        s, QUERY_SET_PUT,
        "INSERT INTO feature_set (hash, features) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING", err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, hash);
    query_bind_blob(q, 2, features);
    rc = query_finish(q, err);
    bool mine = rc == 0 && query_changes(q) > 0;
    if (rc == 0)
        rc = find_set(s, hash, ret, err);
    for (size_t i = 0; i < count && mine && rc >= 0; i++)
        rc = add_feature(s, &introduced[i], *ret, err);
    return rc;
}

static int put_layer(struct store *s, const struct store_layer *l, int64_t parent_id, int64_t set,
                     struct error *err)
{
    struct query *q = store_query(s, QUERY_LAYER_PUT,
                                  "INSERT INTO layer (name, parent_id, namespace, engine_version, "
                                  "created_at, digest, diff_id, fingerprint,"
                                  " feature_set_id) VALUES ($1, NULLIF($2, 0), $3, $4, $5, $6, $7, $8, $9) "
                                  "ON CONFLICT (name) DO NOTHING",
                                  err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, l->name);
    query_bind_number(q, 2, parent_id);
    query_bind_text(q, 3, l->namespace);
    query_bind_number(q, 4, l->engine_version);
    query_bind_number(q, 5, clock_seconds());
    query_bind_text(q, 6, digest_str(&l->digest));
    query_bind_text(q, 7, digest_str(&l->diff_id));
    query_bind_text(q, 8, l->fingerprint);
    query_bind_number(q, 9, set);
    int rc = query_finish(q, err);
    return rc < 0 ? rc : query_changes(q) > 0;
}

int store_layer_put(struct store *s, const struct store_layer *layer, int64_t parent_id,
                    const struct store_feature *introduced, size_t count, struct error *err)
{
    int64_t set = 0;
    int rc = db_begin(s->db, err);
    if (rc < 0)
        return rc;
    rc = put_set(s, layer->features_hash, layer->features, introduced, count, &set, err);
    if (rc >= 0)
        rc = put_layer(s, layer, parent_id, set, err);
    return db_end(s->db, rc, err);
}

int store_layer_delete(struct store *s, struct str name, struct error *err)
{
    CLEANUP(query_closep) struct query *q = NULL;
    int rc = query_open(&q, s->db, "DELETE FROM layer WHERE name = $1", err);
    if (rc < 0)
        return rc;
    query_bind_text(q, 1, name);
    rc = query_step(q, err);
    return rc < 0 ? rc : query_changes(q) > 0;
}

/* ---- who has what ---- */

static int each(struct query *q, int (*take)(void *ctx, int64_t id, struct str text), void *ctx,
                struct error *err)
{
    int rc;
    while ((rc = query_step(q, err)) > 0 && (rc = take(ctx, query_number(q, 0), query_bytes(q, 1))) >= 0)
        ;
    query_reset(q);
    return rc;
}

int store_feature_versions(struct store *s, struct str namespace, struct str name,
                           int (*take)(void *ctx, int64_t id, struct str version), void *ctx,
                           struct error *err)
{
    struct query *q = store_query(s, QUERY_FEATURE_VERSIONS,
                                  "SELECT id, version FROM feature WHERE namespace = $1 AND name = $2", err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, namespace);
    query_bind_text(q, 2, name);
    return each(q, take, ctx, err);
}

int store_feature_layers(struct store *s, const struct str *ids, size_t count, struct store_page page,
                         int (*take)(void *ctx, int64_t id, struct str name), void *ctx, struct error *err)
{
    struct query *q = store_query(s, QUERY_FEATURE_LAYERS,
                                  "SELECT DISTINCT l.id, l.name FROM feature_introduced i JOIN layer l ON "
                                  "l.feature_set_id = i.feature_set_id "
                                  "WHERE i.feature_id IN (NUMBERS $1) AND l.id >= $2 ORDER BY l.id LIMIT $3",
                                  err);
    if (!q)
        return -(int)err->code;
    query_bind_list(q, 1, ids, count);
    query_bind_number(q, 2, page.from);
    query_bind_number(q, 3, page.limit);
    return each(q, take, ctx, err);
}
