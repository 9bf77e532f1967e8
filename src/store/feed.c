#include "base/arena.h"
#include "base/limits.h"
#include "os/clock.h"
#include "store/load.h"
#include "store/store_private.h"

#define COLUMNS                                                                                       \
    "name, title, url, etag, last_modified, link, scheme, failure, fetched, published, every, rows, " \
    "advisories, "                                                                                    \
    "version, snapshot, by_binary, enriches"

/* What by_binary says: which packages the feed names. */
enum { BY_SOURCE, BY_BINARY, BY_BOTH };

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
    ret->binary = query_number(q, 15) != 0;
    ret->sources = query_number(q, 15) == BY_BOTH;
    ret->enriches = query_number(q, 16) != 0;
    return 1;
}

int store_feed_get(struct store *s, struct str name, struct arena *arena, struct store_feed *ret,
                   struct error *err)
{
    struct query *q = store_query(s, QUERY_FEED_GET, "SELECT " COLUMNS " FROM feed WHERE name = $1", err);
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

int store_namespace_feeds(struct store *s, struct str namespace, struct arena *arena,
                          int (*take)(void *ctx, const struct store_feed *f), void *ctx, struct error *err)
{
    struct query *q = store_query(s, QUERY_NAMESPACE_FEEDS,
                                  "SELECT " COLUMNS " FROM feed JOIN feed_namespace ON feed = name WHERE "
                                  "namespace = $1 ORDER BY name",
                                  err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, namespace);
    int rc;
    while ((rc = query_step(q, err)) > 0) {
        struct store_feed f;
        rc = read_feed(q, arena, &f, err);
        if (rc > 0)
            rc = take(ctx, &f);
        if (rc < 0)
            break;
    }
    query_reset(q);
    return rc;
}

int store_feed_note(struct store *s, const struct store_feed *meta, struct error *err)
{
    struct query *q =
        store_query(s, QUERY_FEED_PUT,
                    "INSERT INTO feed (" COLUMNS
                    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
                    " ON CONFLICT (name) DO UPDATE SET title = $2, url = $3, etag = $4,"
                    " last_modified = $5, link = $6, scheme = $7, failure = $8, fetched = $9,"
                    " published = $10, every = $11, rows = $12, advisories = $13, version = $14,"
                    " snapshot = $15, by_binary = $16, enriches = $17",
                    err);
    if (!q)
        return -(int)err->code;
    const struct str texts[] = {meta->name,          meta->title, meta->url,    meta->etag,
                                meta->last_modified, meta->link,  meta->scheme, meta->failure};
    int64_t names = !meta->binary ? BY_SOURCE : meta->sources ? BY_BOTH : BY_BINARY;
    const int64_t numbers[] = {meta->fetched, meta->published, meta->every, meta->rows,    meta->advisories,
                               meta->version, meta->snapshot,  names,       meta->enriches};
    for (int i = 0; i < 8; i++)
        query_bind_text(q, i + 1, texts[i]);
    for (int i = 0; i < 9; i++)
        query_bind_number(q, i + 9, numbers[i]);
    return query_finish(q, err);
}

void store_feed_begin(struct store *s, struct str name)
{
    load_free(s->load);
    s->load = load_new(name);
}

int store_feed_row(struct store *s, const struct advisory_row *row, struct error *err)
{
    return load_row(s->load, row, err);
}

int store_feed_about(struct store *s, const struct vulnerability *about, struct error *err)
{
    return load_about(s->load, about, err);
}

int store_feed_repository(struct store *s, struct str name, struct str products, struct error *err)
{
    return load_repository(s->load, name, products, err);
}

void store_feed_abandon(struct store *s)
{
    load_free(STEAL(s->load));
}

/* Vulnerabilities are kept where a server asks for them: they are several times the advisories. */
static int is_served(struct store *s, struct error *err)
{
    struct arena arena = arena_make(KIB(64));
    struct str value;
    int rc = store_setting_get(s, STR("served"), &arena, &value, err);
    arena_done(&arena);
    return rc;
}

static int write_all(struct store *s, const struct store_feed *meta, struct error *err)
{
    load_sort(s->load);
    int rc = load_write_advisories(s->load, s, err);
    if (rc == 0)
        rc = is_served(s, err);
    if (rc > 0)
        rc = load_write_vulnerabilities(s->load, s, meta, clock_seconds(), err);
    if (rc == 0)
        rc = load_write_about(s->load, s, meta->enriches, err);
    struct store_feed counted = *meta;
    counted.rows = (int64_t)s->load->rows.len; /* a package that was named again is one */
    if (meta->enriches)
        counted.rows = counted.advisories = (int64_t)s->load->about.len;
    return rc < 0 ? rc : store_feed_note(s, &counted, err);
}

int store_feed_end(struct store *s, const struct store_feed *meta, struct error *err)
{
    int rc = db_begin(s->db, err);
    if (rc == 0) {
        rc = s->db->ops == &db_sqlite ? 0 : db_run(s->db, "SET LOCAL statement_timeout = 0", err);
        rc = db_end(s->db, rc < 0 ? rc : write_all(s, meta, err), err);
    }
    store_feed_abandon(s);
    return rc;
}

static int take_stored(struct store *s, struct str feed, struct error *err)
{
    CLEANUP(query_closep) struct query *q = NULL;
    int rc = query_open(&q, s->db, "SELECT namespace, package, packed FROM advisory WHERE feed = $1", err);
    if (rc < 0)
        return rc;
    query_bind_text(q, 1, feed);
    query_stream(q);
    while ((rc = query_step(q, err)) > 0) {
        const struct advisory_row row = {query_bytes(q, 0), query_bytes(q, 1), 0, query_bytes(q, 2)};
        rc = load_row(s->load, &row, err);
        if (rc < 0)
            return rc;
    }
    return rc;
}

struct served {
    struct arena arena;
    VEC(struct store_feed) feeds;
};

static int collect_feed(void *ctx, const struct store_feed *f)
{
    struct served *served = ctx;
    struct store_feed *kept = vec_push(&served->feeds, &served->arena);
    if (kept)
        *kept = *f;
    return 0;
}

/* From the advisories that feeds have brought before there was a server. */
static int derive(struct store *s, struct served *served, struct error *err)
{
    int rc = store_feed_each(s, &served->arena, collect_feed, served, err);
    for (size_t i = 0; i < served->feeds.len && rc == 0; i++) {
        const struct store_feed *f = &served->feeds.ptr[i];
        store_feed_begin(s, f->name);
        rc = take_stored(s, f->name, err);
        load_sort(s->load);
        if (rc == 0)
            rc = load_write_vulnerabilities(s->load, s, f, clock_seconds(), err);
        store_feed_abandon(s);
    }
    return rc < 0 ? rc : store_setting_put(s, STR("served"), STR("1"), err);
}

int store_serve(struct store *s, struct error *err)
{
    struct served served = {.arena = arena_make(MIB(1))};
    int rc = is_served(s, err);
    if (rc == 0)
        rc = db_begin(s->db, err);
    if (rc == 0)
        rc = db_end(s->db, derive(s, &served, err), err);
    arena_done(&served.arena);
    return rc < 0 ? rc : 0;
}
