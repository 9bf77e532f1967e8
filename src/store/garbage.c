#include "store/garbage.h"

#include "base/arena.h"
#include "base/limits.h"
#include "store/store_private.h"

#define NOTIFICATION_SHOWS(column) \
    "EXISTS (SELECT 1 FROM notification n WHERE n." column " > 0 AND n." column " = v.id)"
#define NOT_SHOWN                                             \
    "NOT " NOTIFICATION_SHOWS("old_vulnerability_id") " AND " \
                                                      "NOT " NOTIFICATION_SHOWS("new_vulnerability_id")
#define NOT_OF_A_LAYER "NOT EXISTS (SELECT 1 FROM layer l WHERE l.feature_set_id = f.id)"
#define NOT_INTRODUCED "NOT EXISTS (SELECT 1 FROM feature_introduced i WHERE i.feature_id = f.id)"
#define NOT_READ_FOR                                                                             \
    "NOT EXISTS (SELECT 1 FROM layer l WHERE l.digest = i.digest AND l.diff_id = i.diff_id AND " \
    "l.fingerprint = i.fingerprint)"

const struct garbage_kind garbage_kinds[GARBAGE_KINDS] = {
    [GARBAGE_NOTIFICATIONS] =
        {
            .name = "notifications",
            .look = "SELECT id FROM notification WHERE deleted_at > 0 AND id > $1 AND deleted_at < $3 "
                    "ORDER BY id LIMIT $2",
            .remove = "DELETE FROM notification WHERE id IN (NUMBERS $1) AND deleted_at > 0",
            .life = NOTIFICATION_KEPT,
        },
    /* Ids grow with time: when none of the lowest is old, none is. */
    [GARBAGE_OLD_NOTIFICATIONS] =
        {
            .name = "old_notifications",
            .look = "SELECT id FROM (SELECT id, created_at FROM notification WHERE id > $1 ORDER BY id LIMIT "
                    "$2) AS lowest WHERE created_at < $3 ORDER BY id",
            .remove = "DELETE FROM notification WHERE id IN (NUMBERS $1)",
            .life = NOTIFICATION_LIFE,
        },
    [GARBAGE_VULNERABILITIES] =
        {
            .name = "vulnerabilities",
            .look = "SELECT id FROM vulnerability v WHERE deleted_at > 0 AND id > $1 AND deleted_at < $3 "
                    "AND " NOT_SHOWN " ORDER BY id LIMIT $2",
            .remove =
                "DELETE FROM vulnerability AS v WHERE id IN (NUMBERS $1) AND deleted_at > 0 AND " NOT_SHOWN,
            .life = NOTIFICATION_KEPT,
        },
    [GARBAGE_FEATURE_SETS] =
        {
            .name = "feature_sets",
            .look = "SELECT id FROM feature_set f WHERE id > $1 AND " NOT_OF_A_LAYER " ORDER BY id LIMIT $2",
            .remove = "DELETE FROM feature_set AS f WHERE id IN (NUMBERS $1) AND " NOT_OF_A_LAYER,
            .locked = "feature_set",
        },
    [GARBAGE_FEATURES] =
        {
            .name = "features",
            .look = "SELECT id FROM feature f WHERE id > $1 AND " NOT_INTRODUCED " ORDER BY id LIMIT $2",
            .remove = "DELETE FROM feature AS f WHERE id IN (NUMBERS $1) AND " NOT_INTRODUCED,
            .locked = "feature",
        },
    [GARBAGE_INVENTORIES] =
        {
            .name = "inventories",
            .look = "SELECT written_at, digest, diff_id, fingerprint FROM inventory i WHERE written_at >= $1 "
                    "AND written_at < $3 AND " NOT_READ_FOR " ORDER BY written_at LIMIT $2",
            .remove =
                "DELETE FROM inventory AS i WHERE digest = $1 AND diff_id = $2 AND fingerprint = $3 AND "
                "written_at <= $4 AND " NOT_READ_FOR,
            .life = INVENTORY_LIFE,
            .by_inventory = true,
        },
};

struct key {
    struct str text; /* an id */
    struct str digest, diff_id, fingerprint;
};

/* What one search found, in order. */
struct found {
    struct arena arena;
    const struct garbage_kind *kind;
    VEC(struct key) keys;
    int64_t last;
};

static int keep(struct found *f, struct query *q, struct error *err)
{
    char id[24];
    struct key *k = vec_push(&f->keys, &f->arena);
    f->last = query_number(q, 0);
    snprintf(id, sizeof id, "%jd", (intmax_t)f->last);
    if (!k || arena_str(&f->arena, str_of(id), &k->text) < 0 ||
        (f->kind->by_inventory && (arena_str(&f->arena, query_bytes(q, 1), &k->digest) < 0 ||
                                   arena_str(&f->arena, query_bytes(q, 2), &k->diff_id) < 0 ||
                                   arena_str(&f->arena, query_bytes(q, 3), &k->fingerprint) < 0)))
        return error_set(err, E_LIMIT, "store: no room for what is to be removed");
    return 0;
}

/* By itself: a search may take long in a large database, and must not keep anybody from writing. */
static int look(struct found *f, struct store *s, const struct garbage_search *search, struct error *err)
{
    CLEANUP(query_closep) struct query *q = NULL;
    int rc = query_open(&q, s->db, f->kind->look, err);
    if (rc < 0)
        return rc;
    query_bind_number(q, 1, search->at);
    query_bind_number(q, 2, GARBAGE_BATCH);
    if (f->kind->life)
        query_bind_number(q, 3, search->now - f->kind->life);
    while ((rc = query_step(q, err)) > 0)
        if ((rc = keep(f, q, err)) < 0)
            return rc;
    return rc;
}

static int remove_ids(struct found *f, struct query *q, uint64_t *removed, struct error *err)
{
    struct str *ids = arena_array(&f->arena, struct str, f->keys.len);
    if (!ids)
        return error_set(err, E_LIMIT, "store: no room for what is to be removed");
    for (size_t i = 0; i < f->keys.len; i++)
        ids[i] = f->keys.ptr[i].text;
    query_bind_list(q, 1, ids, f->keys.len);
    int rc = query_finish(q, err);
    *removed = rc < 0 ? 0 : (uint64_t)query_changes(q);
    return rc;
}

static int remove_inventories(struct found *f, struct query *q, uint64_t *removed, struct error *err)
{
    vec_each (&f->keys, k) {
        query_bind_text(q, 1, k->digest);
        query_bind_text(q, 2, k->diff_id);
        query_bind_text(q, 3, k->fingerprint);
        query_bind_number(q, 4, f->last);
        int rc = query_finish(q, err);
        if (rc < 0)
            return rc;
        *removed += (uint64_t)query_changes(q);
    }
    return 0;
}

/* A post that has found a set or a feature must find it still there when it refers to it: posts that are at it are waited
   for, and those that come wait for us. SQLite has one writer anyway. */
static int keep_out(struct store *s, const char *table, struct error *err)
{
    char sql[128];
    if (!table || s->db->ops == &db_sqlite)
        return 0;
    snprintf(sql, sizeof sql, "SET LOCAL lock_timeout = %d; LOCK TABLE %s IN EXCLUSIVE MODE", GARBAGE_WAIT_MS,
             table);
    return db_run(s->db, sql, err);
}

static int remove_found(struct found *f, struct store *s, uint64_t *removed, struct error *err)
{
    CLEANUP(query_closep) struct query *q = NULL;
    int rc = keep_out(s, f->kind->locked, err);
    if (rc == 0)
        rc = query_open(&q, s->db, f->kind->remove, err);
    if (rc < 0)
        return rc;
    return f->kind->by_inventory ? remove_inventories(f, q, removed, err) : remove_ids(f, q, removed, err);
}

int store_garbage_remove(struct store *s, enum garbage which, struct garbage_search *search,
                         struct error *err)
{
    struct found f = {.arena = arena_make(MIB(1)), .kind = &garbage_kinds[which]};
    uint64_t removed = 0;
    int rc = look(&f, s, search, err);
    if (rc == 0 && f.keys.len) {
        rc = db_begin(s->db, err);
        rc = rc < 0 ? rc : db_end(s->db, remove_found(&f, s, &removed, err), err);
    }
    if (rc == 0 && f.keys.len) {
        search->at = f.last;
        search->removed += removed;
    }
    size_t found = f.keys.len;
    arena_done(&f.arena);
    return rc < 0 ? rc : found == GARBAGE_BATCH;
}
