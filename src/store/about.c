/* What feeds tell of ids, and of repositories, whose products stand where ids have a description. */
#include <stdlib.h>

#include "base/limits.h"
#include "store/load.h"

int store_about(struct store *s, struct str namespace, const struct str *ids, size_t count,
                int (*take)(void *ctx, struct str feed, const struct vulnerability *about), void *ctx,
                struct error *err)
{
    struct query *q =
        store_query(s, QUERY_ABOUT,
                    "SELECT feed, name, description, facts FROM about WHERE feed IN (SELECT name FROM feed "
                    "WHERE enriches <> 0 UNION ALL SELECT feed FROM feed_namespace WHERE namespace = $1) AND "
                    "name IN (LIST $2)",
                    err);
    if (!q)
        return -(int)err->code;
    query_bind_text(q, 1, namespace);
    query_bind_list(q, 2, ids, count);
    int rc;
    while ((rc = query_step(q, err)) > 0) {
        struct vulnerability about = vulnerability_make(query_bytes(q, 1));
        about.description = query_bytes(q, 2);
        rc = vulnerability_unpack(query_bytes(q, 3), &about, err);
        if (rc == 0)
            rc = take(ctx, query_bytes(q, 0), &about);
        if (rc < 0)
            break;
    }
    query_reset(q);
    return rc;
}

int store_repositories(struct store *s, const struct str *names, size_t count,
                       int (*take)(void *ctx, struct str name, struct str products), void *ctx,
                       struct error *err)
{
    struct query *q = store_query(s, QUERY_REPOSITORIES,
                                  "SELECT name, description FROM about WHERE feed IN (SELECT name FROM feed "
                                  "WHERE enriches <> 0) AND name IN (LIST $1)",
                                  err);
    if (!q)
        return -(int)err->code;
    query_bind_list(q, 1, names, count);
    int rc;
    while ((rc = query_step(q, err)) > 0 && (rc = take(ctx, query_bytes(q, 0), query_bytes(q, 1))) >= 0)
        ;
    query_reset(q);
    return rc;
}

/* ---- the load of a feed ---- */

struct gone {
    struct gone *next;
    struct str id;
};

struct comparing {
    struct load *load;
    struct store *store;
    bool any; /* is stored */
    struct gone *gone;
    struct map_slot *changed; /* to be written, by id */
    size_t changed_count;
};

static int no_room(struct error *err)
{
    return error_set(err, E_LIMIT, "more vulnerabilities than one load of a feed may hold");
}

static int add_gone(struct comparing *c, struct str id, struct error *err)
{
    struct gone *g = arena_new(&c->load->arena, struct gone);
    if (!g || arena_str(&c->load->arena, id, &g->id) < 0)
        return no_room(err);
    g->next = c->gone;
    c->gone = g;
    return 0;
}

static int compare(struct comparing *c, bool all, struct error *err)
{
    CLEANUP(query_closep) struct query *q = NULL;
    int rc = query_open(&q, c->store->db, "SELECT name, description, facts FROM about WHERE feed = $1", err);
    if (rc < 0)
        return rc;
    query_bind_text(q, 1, c->load->feed);
    query_stream(q);
    while ((rc = query_step(q, err)) > 0) {
        struct load_about *a = map_get(&c->load->about, query_bytes(q, 0));
        c->any = true;
        if (a)
            a->stored = str_eq(a->description, query_bytes(q, 1)) && str_eq(a->facts, query_bytes(q, 2));
        else if (all && (rc = add_gone(c, query_bytes(q, 0), err)) < 0)
            return rc;
    }
    return rc;
}

static int by_key(const void *a, const void *b)
{
    return str_cmp(((const struct map_slot *)a)->key, ((const struct map_slot *)b)->key);
}

/* By id: neighbours in the table come one after the other. */
static int find_changed(struct comparing *c, bool all, struct error *err)
{
    const struct map *about = &c->load->about;
    c->changed = arena_array(&c->load->arena, struct map_slot, about->len + 1);
    if (!c->changed)
        return no_room(err);
    for (size_t i = 0; i < about->cap; i++) {
        const struct load_about *a = about->slots[i].key.ptr ? about->slots[i].value : NULL;
        if (a && (all || !a->stored))
            c->changed[c->changed_count++] = about->slots[i];
    }
    if (c->changed_count)
        qsort(c->changed, c->changed_count, sizeof *c->changed, by_key);
    return 0;
}

/* EPSS gives nearly every id another probability each day: then all is written anew, in bulk. */
static bool is_mostly_new(const struct comparing *c)
{
    size_t stored = 0;
    for (size_t i = 0; i < c->load->about.cap; i++)
        if (c->load->about.slots[i].key.ptr)
            stored += ((const struct load_about *)c->load->about.slots[i].value)->stored;
    return stored < c->load->about.len / 4 * 3;
}

static int delete_all(struct comparing *c, struct error *err)
{
    CLEANUP(query_closep) struct query *q = NULL;
    int rc = query_open(&q, c->store->db, "DELETE FROM about WHERE feed = $1", err);
    if (rc < 0)
        return rc;
    query_bind_text(q, 1, c->load->feed);
    return query_finish(q, err);
}

static int delete_gone(struct comparing *c, struct error *err)
{
    CLEANUP(query_closep) struct query *q = NULL;
    int rc = query_open(&q, c->store->db, "DELETE FROM about WHERE feed = $1 AND name = $2", err);
    for (const struct gone *g = c->gone; g && rc == 0; g = g->next) {
        query_bind_text(q, 1, c->load->feed);
        query_bind_text(q, 2, g->id);
        rc = query_send(q, err);
    }
    return rc;
}

static int put_changed(struct comparing *c, struct error *err)
{
    CLEANUP(query_closep) struct query *q = NULL;
    int rc =
        c->any ? query_open(
                     &q, c->store->db,
                     "INSERT INTO about (feed, name, description, facts) VALUES ($1, $2, $3, $4) ON CONFLICT "
                     "(name, feed) DO UPDATE SET description = excluded.description, facts = excluded.facts",
                     err)
               : query_bulk_open(&q, c->store->db, "about", "feed, name, description, facts", 4, err);
    for (size_t i = 0; i < c->changed_count && rc == 0; i++) {
        const struct load_about *a = c->changed[i].value;
        query_bind_text(q, 1, c->load->feed);
        query_bind_text(q, 2, c->changed[i].key);
        query_bind_text(q, 3, a->description);
        query_bind_blob(q, 4, a->facts);
        rc = query_send(q, err);
    }
    return rc < 0 || c->any ? rc : query_bulk_end(q, err);
}

int load_write_about(struct load *l, struct store *s, bool all, struct error *err)
{
    struct comparing c = {.load = l, .store = s};
    int rc = compare(&c, all, err);
    bool anew = rc == 0 && all && c.any && is_mostly_new(&c);
    if (rc == 0)
        rc = find_changed(&c, anew, err);
    if (rc == 0 && (anew || c.gone))
        rc = anew ? delete_all(&c, err) : delete_gone(&c, err);
    c.any &= !anew;
    return rc == 0 ? put_changed(&c, err) : rc;
}
