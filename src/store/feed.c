#include "base/arena.h"
#include "store/store_private.h"

#define COLUMNS                                                                                       \
    "name, title, url, etag, last_modified, link, scheme, failure, fetched, published, every, rows, " \
    "advisories, "                                                                                    \
    "version, snapshot"

bool store_feed_is_stale(const struct store_feed *f, int64_t now)
{
    int64_t allowed = f->every > 43200 ? 2 * f->every : 86400;
    int64_t since = f->snapshot && f->published ? f->published : f->fetched;
    return now - since > allowed;
}

static int read_feed(struct query *q, struct arena *arena, struct store_feed *ret, struct error *err)
{
    struct str *texts[] = {&ret->name,          &ret->title, &ret->url,    &ret->etag,
                           &ret->last_modified, &ret->link,  &ret->scheme, &ret->failure};
    for (int i = 0; i < 8; i++)
        if (arena_str(arena, query_bytes(q, i), texts[i]) < 0)
            return error_set(err, E_LIMIT, "store: feeds with more text than may be kept");
    ret->fetched = query_number(q, 8);
    ret->published = query_number(q, 9);
    ret->every = query_number(q, 10);
    ret->rows = query_number(q, 11);
    ret->advisories = query_number(q, 12);
    ret->version = query_number(q, 13);
    ret->snapshot = query_number(q, 14) != 0;
    return 1;
}

int store_feed_get(struct store *s, struct str name, struct arena *arena, struct store_feed *ret,
                   struct error *err)
{
    struct query *q = store_query(s, QUERY_FEED_GET, "SELECT " COLUMNS " FROM feed WHERE name = ?", err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, name);
    int rc = query_step(q, err);
    if (rc > 0)
        rc = read_feed(q, arena, ret, err);
    query_reset(q);
    return rc;
}

int store_feed_each(struct store *s, struct arena *arena, int (*take)(void *ctx, const struct store_feed *f),
                    void *ctx, struct error *err)
{
    CLEANUP(query_closep) struct query *q = NULL;
    int rc = query_open(&q, s->db, "SELECT " COLUMNS " FROM feed ORDER BY name", err);
    while (rc >= 0 && (rc = query_step(q, err)) > 0) {
        struct store_feed f;
        rc = read_feed(q, arena, &f, err);
        if (rc > 0)
            rc = take(ctx, &f);
    }
    return rc;
}

int store_feed_note(struct store *s, const struct store_feed *meta, struct error *err)
{
    struct query *q = store_query(s, QUERY_FEED_PUT,
                                  "INSERT OR REPLACE INTO feed (" COLUMNS
                                  ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                  err);
    if (!q)
        return -(int)err->code;
    const struct str texts[] = {meta->name,          meta->title, meta->url,    meta->etag,
                                meta->last_modified, meta->link,  meta->scheme, meta->failure};
    const int64_t numbers[] = {meta->fetched,    meta->published, meta->every,   meta->rows,
                               meta->advisories, meta->version,   meta->snapshot};
    for (int i = 0; i < 8; i++)
        query_bind_text(q, i + 1, texts[i]);
    for (int i = 0; i < 7; i++)
        query_bind_number(q, i + 9, numbers[i]);
    return query_finish(q, err);
}

/* With no other feed SQLite drops the pages instead of visiting the rows. */
static int delete_rows(struct store *s, struct str name, struct error *err)
{
    CLEANUP(query_closep) struct query *q = NULL;
    CLEANUP(query_closep) struct query *others = NULL;
    int rc = query_open(&others, s->db, "SELECT 1 FROM feed WHERE name <> ? LIMIT 1", err);
    if (rc < 0)
        return rc;
    query_bind_text(others, 1, name);
    int more = query_step(others, err);
    if (more < 0)
        return more;
    query_reset(others);
    rc = query_open(&q, s->db, more ? "DELETE FROM advisory WHERE feed = ?" : "DELETE FROM advisory", err);
    if (rc < 0)
        return rc;
    if (more)
        query_bind_text(q, 1, name);
    return query_finish(q, err);
}

int store_feed_begin(struct store *s, struct str name, struct error *err)
{
    int rc = db_run(s->db, "BEGIN IMMEDIATE", err);
    if (rc < 0)
        return rc;
    s->loading = name;
    rc = delete_rows(s, name, err);
    if (rc < 0) {
        struct error rollback;
        int undone = store_feed_abandon(s, &rollback);
        return undone < 0 ? error_in(err, "%s, and undoing it", rollback.text) : rc;
    }
    return 0;
}

int store_feed_row(struct store *s, const struct advisory_row *row, struct error *err)
{
    struct query *q =
        store_query(s, QUERY_ROW_PUT,
                    "INSERT INTO advisory (namespace, package, feed, packed) VALUES (?1, ?2, ?3, ?4) "
                    "ON CONFLICT DO UPDATE SET packed = packed || excluded.packed",
                    err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, row->namespace);
    query_bind_text(q, 2, row->package);
    query_bind_text(q, 3, s->loading);
    query_bind_blob(q, 4, row->packed);
    return query_finish(q, err);
}

int store_feed_abandon(struct store *s, struct error *err)
{
    s->loading = STR("");
    return db_run(s->db, "ROLLBACK", err);
}

int store_feed_end(struct store *s, const struct store_feed *meta, struct error *err)
{
    int rc = store_feed_note(s, meta, err);
    if (rc == 0)
        rc = db_run(s->db, "COMMIT", err);
    struct error rollback;
    if (rc < 0 && store_feed_abandon(s, &rollback) < 0)
        return error_in(err, "%s, and undoing it", rollback.text);
    s->loading = STR("");
    return rc;
}
