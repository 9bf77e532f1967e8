#include "base/limits.h"
#include "store/load.h"
#include "store/notification.h"
#include "store/vulnerability.h"

/* What is stored under one namespace and name. */
struct stored {
    int64_t id; /* of a vulnerability */
    struct str namespace, name, packed, severity, link;
};

/* Stored rows and those of the load, both ordered by namespace and name, side by side. */
struct diff {
    struct load *load;
    struct store *store;
    bool any_stored;
    /* Gives the entry of the load at *first: its extent in *count, and what would be stored. */
    int (*entry)(struct diff *d, struct error *err);
    size_t end, first, count;
    struct stored now; /* of the entry; link and packed lie in the buffers */
    struct buf packed, address;
    struct str link; /* the feed's template for pages about ids */
    VEC(struct change) changes;
    VEC(struct stored) gone;
};

/* An entry that is not stored as it is. */
struct change {
    size_t first;
    int64_t old; /* the vulnerability that it replaces, or 0 */
};

static int no_room(struct error *err)
{
    return error_set(err, E_LIMIT, "more changes than one load of a feed may hold");
}

static int see(struct diff *d, struct error *err)
{
    buf_clear(&d->packed);
    buf_clear(&d->address);
    if (d->first == d->end)
        return 0;
    int rc = d->entry(d, err);
    if (rc == 0)
        rc = buf_finish(&d->packed, "advisories about one package", err);
    return rc < 0 ? rc : buf_finish(&d->address, "the address of a vulnerability's page", err);
}

static int next(struct diff *d, struct error *err)
{
    d->first += d->count;
    return see(d, err);
}

static int add_change(struct diff *d, int64_t old, struct error *err)
{
    struct change *c = vec_push(&d->changes, &d->load->arena);
    if (!c)
        return no_room(err);
    *c = (struct change){d->first, old};
    return next(d, err);
}

static int add_gone(struct diff *d, const struct stored *s, struct error *err)
{
    struct stored *gone = vec_push(&d->gone, &d->load->arena);
    if (!gone || arena_str(&d->load->arena, s->namespace, &gone->namespace) < 0 ||
        arena_str(&d->load->arena, s->name, &gone->name) < 0)
        return no_room(err);
    gone->id = s->id;
    return 0;
}

/* Before, at or after the entry that is next; all stored rows are before the end of the load. */
static int order(const struct diff *d, const struct stored *s)
{
    if (d->first == d->end)
        return -1;
    int r = str_cmp(s->namespace, d->now.namespace);
    return r ? r : str_cmp(s->name, d->now.name);
}

static int compare_with(struct diff *d, const struct stored *s, struct error *err)
{
    int r, rc = 0;
    d->any_stored = true;
    while ((r = order(d, s)) > 0 && rc == 0)
        rc = add_change(d, 0, err);
    if (rc < 0)
        return rc;
    if (r < 0)
        return add_gone(d, s, err);
    return str_eq(s->packed, d->now.packed) && str_eq(s->severity, d->now.severity) &&
                   str_eq(s->link, d->now.link)
               ? next(d, err)
               : add_change(d, s->id, err);
}

/* Fills changes and gone. The statement gives id, namespace, name, packed, severity, link. */
static int diff(struct diff *d, const char *sql, struct error *err)
{
    CLEANUP(query_closep) struct query *q = NULL;
    int rc = see(d, err);
    if (rc == 0)
        rc = query_open(&q, d->store->db, sql, err);
    if (rc < 0)
        return rc;
    query_bind_text(q, 1, d->load->feed);
    query_stream(q);
    while ((rc = query_step(q, err)) > 0) {
        const struct stored s = {query_number(q, 0), query_bytes(q, 1), query_bytes(q, 2),
                                 query_bytes(q, 3),  query_bytes(q, 4), query_bytes(q, 5)};
        rc = compare_with(d, &s, err);
        if (rc < 0)
            return rc;
    }
    while (rc == 0 && d->first < d->end)
        rc = add_change(d, 0, err);
    return rc;
}

static struct diff diff_make(struct load *l, struct store *s, int (*entry)(struct diff *d, struct error *err),
                             size_t end)
{
    return (struct diff){.load = l,
                         .store = s,
                         .entry = entry,
                         .end = end,
                         .packed = buf_make(STORE_VALUE_MAX),
                         .address = buf_make(URL_MAX)};
}

static void diff_done(struct diff *d)
{
    buf_done(&d->packed);
    buf_done(&d->address);
}

/* ---- advisories, by package ---- */

static int package_entry(struct diff *d, struct error *err)
{
    (void)err;
    const struct load_row *row = &d->load->rows.ptr[d->first];
    d->count = 1;
    load_pack_row(row, &d->packed);
    d->now = (struct stored){0, row->namespace, row->package, buf_str(&d->packed), STR(""), STR("")};
    return 0;
}

static int delete_advisories(struct diff *d, struct error *err)
{
    CLEANUP(query_closep) struct query *q = NULL;
    int rc = query_open(&q, d->store->db,
                        "DELETE FROM advisory WHERE namespace = $1 AND package = $2 AND feed = $3", err);
    for (size_t i = 0; i < d->gone.len && rc == 0; i++) {
        query_bind_text(q, 1, d->gone.ptr[i].namespace);
        query_bind_text(q, 2, d->gone.ptr[i].name);
        query_bind_text(q, 3, d->load->feed);
        rc = query_send(q, err);
    }
    return rc;
}

static int put_advisories(struct diff *d, struct error *err)
{
    CLEANUP(query_closep) struct query *q = NULL;
    int rc =
        d->any_stored
            ? query_open(&q, d->store->db,
                         "INSERT INTO advisory (namespace, package, feed, packed) VALUES ($1, $2, $3, $4)"
                         " ON CONFLICT (namespace, package, feed) DO UPDATE SET packed = excluded.packed",
                         err)
            : query_bulk_open(&q, d->store->db, "advisory", "namespace, package, feed, packed", 4, err);
    for (size_t i = 0; i < d->changes.len && rc == 0; i++) {
        d->first = d->changes.ptr[i].first;
        rc = see(d, err);
        if (rc < 0)
            return rc;
        query_bind_text(q, 1, d->now.namespace);
        query_bind_text(q, 2, d->now.name);
        query_bind_text(q, 3, d->load->feed);
        query_bind_blob(q, 4, d->now.packed);
        rc = query_send(q, err);
    }
    return rc < 0 || d->any_stored ? rc : query_bulk_end(q, err);
}

static int put_feed_namespaces(const struct load *l, struct store *s, struct error *err)
{
    CLEANUP(query_closep) struct query *drop = NULL, *put = NULL;
    int rc = query_open(&drop, s->db, "DELETE FROM feed_namespace WHERE feed = $1", err);
    if (rc == 0)
        rc = query_open(&put, s->db, "INSERT INTO feed_namespace (namespace, feed) VALUES ($1, $2)", err);
    if (rc < 0)
        return rc;
    query_bind_text(drop, 1, l->feed);
    rc = query_send(drop, err);
    for (size_t i = 0; i < l->rows.len && rc == 0; i++) {
        if (i && str_eq(l->rows.ptr[i].namespace, l->rows.ptr[i - 1].namespace))
            continue;
        query_bind_text(put, 1, l->rows.ptr[i].namespace);
        query_bind_text(put, 2, l->feed);
        rc = query_send(put, err);
    }
    return rc;
}

int load_write_advisories(struct load *l, struct store *s, struct error *err)
{
    struct diff d = diff_make(l, s, package_entry, l->rows.len);
    int rc =
        diff(&d,
             "SELECT CAST(0 AS BIGINT), namespace, package, packed, '', '' FROM advisory WHERE feed = $1 "
             "ORDER BY namespace, package",
             err);
    if (rc == 0)
        rc = delete_advisories(&d, err);
    if (rc == 0)
        rc = put_advisories(&d, err);
    diff_done(&d);
    return rc < 0 ? rc : put_feed_namespaces(l, s, err);
}

/* ---- vulnerabilities, by id ---- */

/* The severity is the worst that the feed gives the id in any package, as Clair takes it. */
static int id_entry(struct diff *d, struct error *err)
{
    const struct load *l = d->load;
    const struct load_fix *f = l->fixes.ptr + d->first;
    uint32_t worst = 0;
    for (d->count = 0; d->first + d->count < d->end; d->count++) {
        const struct load_fix *other = f + d->count;
        if (other->namespace != f->namespace || other->id != f->id)
            break;
        worst = other->severity > worst ? other->severity : worst;
    }
    int rc = load_pack_fixes(l, d->first, d->count, &d->packed, err);
    advisory_link(d->link, l->ids[f->id], &d->address);
    d->now = (struct stored){0,
                             l->rows.ptr[f->row].namespace,
                             l->ids[f->id],
                             buf_str(&d->packed),
                             str_of(severity_name((enum severity)worst)),
                             buf_str(&d->address)};
    return rc;
}

static int delete_vulnerabilities(struct diff *d, int64_t now, struct error *err)
{
    int rc = 0;
    for (size_t i = 0; i < d->gone.len && rc == 0; i++) {
        rc = vulnerability_mark_deleted(d->store, d->gone.ptr[i].id, now, err);
        if (rc == 0)
            rc = notification_add(d->store, d->gone.ptr[i].id, 0, now, err);
    }
    return rc;
}

static int put_vulnerability(struct diff *d, struct query *bulk, int64_t old, int64_t now, struct error *err)
{
    struct store_vulnerability v = {
        .namespace = d->now.namespace,
        .name = d->now.name,
        .feed = d->load->feed,
        .link = d->now.link,
        .fixes = d->now.packed,
        .created = now,
    };
    (void)severity_parse(d->now.severity, &v.severity);
    if (bulk) {
        vulnerability_bind(bulk, &v);
        return query_finish(bulk, err);
    }
    int64_t id = 0;
    int rc = old ? vulnerability_mark_deleted(d->store, old, now, err) : 0;
    if (rc == 0)
        rc = vulnerability_insert(d->store, &v, &id, err);
    return rc < 0 ? rc : notification_add(d->store, old, id, now, err);
}

static int put_vulnerabilities(struct diff *d, int64_t now, struct error *err)
{
    CLEANUP(query_closep) struct query *bulk = NULL;
    int rc = d->any_stored ? 0
                           : query_bulk_open(&bulk, d->store->db, "vulnerability", VULNERABILITY_COLUMNS,
                                             VULNERABILITY_COLUMN_COUNT, err);
    for (size_t i = 0; i < d->changes.len && rc == 0; i++) {
        d->first = d->changes.ptr[i].first;
        rc = see(d, err);
        if (rc == 0)
            rc = put_vulnerability(d, bulk, d->changes.ptr[i].old, now, err);
    }
    return rc < 0 || !bulk ? rc : query_bulk_end(bulk, err);
}

/* Clair has two formats of versions, and announces Alpine's as Debian's. */
static int put_namespaces(struct load *l, struct store *s, struct str scheme, struct error *err)
{
    struct str format = str_eq(scheme, STR("rpm")) ? scheme : STR("dpkg");
    int rc = 0;
    for (size_t i = 0; i < l->rows.len && rc == 0; i++)
        if (!i || !str_eq(l->rows.ptr[i].namespace, l->rows.ptr[i - 1].namespace))
            rc = store_namespace_put(s, l->rows.ptr[i].namespace, format, err);
    return rc;
}

int load_write_vulnerabilities(struct load *l, struct store *s, const struct store_feed *meta, int64_t now,
                               struct error *err)
{
    int rc = load_turn(l, err);
    if (rc < 0)
        return rc;
    struct diff d = diff_make(l, s, id_entry, l->fixes.len);
    d.link = meta->link;
    rc = diff(&d,
              "SELECT id, namespace, name, fixes, severity, link FROM vulnerability WHERE feed = $1 AND "
              "deleted_at = 0 ORDER BY namespace, name",
              err);
    if (rc == 0)
        rc = delete_vulnerabilities(&d, now, err);
    if (rc == 0)
        rc = put_vulnerabilities(&d, now, err);
    diff_done(&d);
    return rc < 0 ? rc : put_namespaces(l, s, meta->scheme, err);
}
