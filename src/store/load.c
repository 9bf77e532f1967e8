#include "store/load.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/memory.h"

struct load *load_new(struct str feed)
{
    struct load *l = memory_new(sizeof *l);
    l->arena = arena_make(FEED_LOAD_MAX);
    if (arena_str(&l->arena, feed, &l->feed) < 0)
        l->feed = feed;
    l->by_package = map_make(&l->arena);
    l->about = map_make(&l->arena);
    return l;
}

void load_free(struct load *l)
{
    if (!l)
        return;
    arena_done(&l->arena);
    free(l);
}

static int no_room(const struct load *l, struct error *err)
{
    return error_set(err, E_LIMIT, "feed %.*s: more than %d MiB of advisories", STR_ARG(l->feed),
                     (int)(FEED_LOAD_MAX >> 20));
}

/* "namespace\npackage", of the arena. */
static int make_key(struct load *l, const struct advisory_row *row, struct str *ret)
{
    size_t len = row->namespace.len + 1 + row->package.len;
    char *key = arena_alloc(&l->arena, len, 1);
    if (!key)
        return -1;
    memcpy(key, row->namespace.ptr, row->namespace.len);
    key[row->namespace.len] = '\n';
    memcpy(key + row->namespace.len + 1, row->package.ptr, row->package.len);
    *ret = (struct str){key, len};
    return 0;
}

/* The row of that package, made when it is new; NULL over the limit. */
static struct load_row *row_of(struct load *l, const struct advisory_row *row)
{
    struct str key;
    void **place = make_key(l, row, &key) < 0 ? NULL : map_at(&l->by_package, key);
    if (!place)
        return NULL;
    if (*place)
        return &l->rows.ptr[(uintptr_t)*place - 1];
    struct load_row *r = vec_push(&l->rows, &l->arena);
    if (!r)
        return NULL;
    r->namespace = (struct str){key.ptr, row->namespace.len};
    r->package = (struct str){key.ptr + row->namespace.len + 1, row->package.len};
    *place = (void *)(uintptr_t)l->rows.len;
    return r;
}

int load_row(struct load *l, const struct advisory_row *row, struct error *err)
{
    struct load_row *r = row_of(l, row);
    struct load_piece *piece = r ? arena_new(&l->arena, struct load_piece) : NULL;
    if (!piece || arena_str(&l->arena, row->packed, &piece->packed) < 0)
        return no_room(l, err);
    if (r->last)
        r->last->next = piece;
    else
        r->first = piece;
    r->last = piece;
    return 0;
}

static int put_about(struct load *l, struct str name, struct str description, struct str facts,
                     struct error *err)
{
    struct load_about *a = map_get(&l->about, name);
    if (a && str_eq(a->description, description) && str_eq(a->facts, facts))
        return 0; /* said before, as of another package */
    a = arena_new(&l->arena, struct load_about);
    if (!a || arena_str(&l->arena, name, &name) < 0 ||
        arena_str(&l->arena, description, &a->description) < 0 || arena_str(&l->arena, facts, &a->facts) < 0)
        return no_room(l, err);
    void **place = map_at(&l->about, name);
    if (!place)
        return no_room(l, err);
    *place = a;
    return 0;
}

int load_about(struct load *l, const struct vulnerability *about, struct error *err)
{
    CLEANUP(buf_done) struct buf facts = buf_make(KIB(8));
    vulnerability_pack(&facts, about);
    return facts.failed ? no_room(l, err) : put_about(l, about->id, about->description, buf_str(&facts), err);
}

int load_repository(struct load *l, struct str name, struct str products, struct error *err)
{
    return put_about(l, name, products, STR(""), err);
}

void load_pack_row(const struct load_row *row, struct buf *ret)
{
    for (const struct load_piece *piece = row->first; piece; piece = piece->next)
        buf_add(ret, piece->packed);
}

int load_pack_fixes(const struct load *l, size_t first, size_t count, struct buf *ret, struct error *err)
{
    for (const struct load_fix *f = l->fixes.ptr + first, *end = f + count; f < end; f++) {
        struct wire w = wire_make(f->record);
        struct advisory a;
        int rc = advisory_unpack(&w, &a, err);
        if (rc < 0)
            return rc;
        a.id = l->rows.ptr[f->row].package;
        advisory_pack(ret, &a);
    }
    return 0;
}

/* ---- order ---- */

static int by_package(const void *a, const void *b)
{
    const struct load_row *x = a, *y = b;
    int r = str_cmp(x->namespace, y->namespace);
    return r ? r : str_cmp(x->package, y->package);
}

void load_sort(struct load *l)
{
    if (l->rows.len)
        qsort(l->rows.ptr, l->rows.len, sizeof *l->rows.ptr, by_package);
}

static int by_id(const void *a, const void *b)
{
    const struct load_fix *x = a, *y = b;
    if (x->namespace != y->namespace)
        return x->namespace < y->namespace ? -1 : 1;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return str_cmp(x->record, y->record);
}

static int by_text(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

struct turning {
    struct load *load;
    struct map numbers; /* id → 1 + number, in the order of appearance */
    VEC(struct str) ids;
    uint32_t namespace;
};

static int number_of(struct turning *t, struct str id, uint32_t *ret)
{
    void **place = map_at(&t->numbers, id);
    if (!place)
        return -1;
    if (!*place) {
        struct str *kept = vec_push(&t->ids, &t->load->arena);
        if (!kept)
            return -1;
        *kept = id;
        *place = (void *)(uintptr_t)t->ids.len;
    }
    *ret = (uint32_t)((uintptr_t)*place - 1);
    return 0;
}

static int turn_row(struct turning *t, uint32_t index, struct error *err)
{
    const struct load_row *row = &t->load->rows.ptr[index];
    struct advisory a;
    for (const struct load_piece *piece = row->first; piece; piece = piece->next) {
        struct wire w = wire_make(piece->packed);
        struct str left = w.left;
        int rc;
        while ((rc = advisory_unpack(&w, &a, err)) > 0) {
            struct load_fix *f = vec_push(&t->load->fixes, &t->load->arena);
            if (!f || number_of(t, a.id, &f->id) < 0)
                return no_room(t->load, err);
            f->namespace = t->namespace;
            f->row = index;
            f->severity = a.severity;
            f->record = (struct str){left.ptr, left.len - w.left.len};
            left = w.left;
        }
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Numbers of ids become their places in byte order. */
static int rank_ids(struct turning *t, struct error *err)
{
    size_t n = t->ids.len;
    uint32_t *rank = arena_array(&t->load->arena, uint32_t, n + 1);
    struct str *sorted = arena_array(&t->load->arena, struct str, n + 1);
    if (!rank || !sorted)
        return no_room(t->load, err);
    if (n) {
        memcpy(sorted, t->ids.ptr, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, by_text);
    }
    for (uint32_t i = 0; i < n; i++)
        rank[(uintptr_t)map_get(&t->numbers, sorted[i]) - 1] = i;
    vec_each (&t->load->fixes, f)
        f->id = rank[f->id];
    t->load->ids = sorted;
    return 0;
}

int load_turn(struct load *l, struct error *err)
{
    struct turning t = {.load = l, .numbers = map_make(&l->arena)};
    l->fixes.len = 0;
    for (uint32_t i = 0; i < l->rows.len; i++) {
        t.namespace += i && !str_eq(l->rows.ptr[i].namespace, l->rows.ptr[i - 1].namespace);
        int rc = turn_row(&t, i, err);
        if (rc < 0)
            return rc;
    }
    int rc = rank_ids(&t, err);
    if (rc == 0 && l->fixes.len)
        qsort(l->fixes.ptr, l->fixes.len, sizeof *l->fixes.ptr, by_id);
    return rc;
}
