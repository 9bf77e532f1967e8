#include "scan/merge.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/map.h"
#include "scan/tree.h"

/* The repositories that one layer names. */
struct naming {
    unsigned layer;
    VEC(struct str) names;
    struct str list; /* with blanks between */
};

struct merge {
    struct tree tree;
    VEC(struct naming) namings; /* the lowest layer first */
    struct map origins;         /* "name:arch:version" → the repository's name, a struct str */
    struct arena *arena;
    struct merged *out;
    struct error *err;
};

static int no_room(struct merge *m)
{
    return error_set(m->err, E_LIMIT, "merging the layers: more than %zu MiB of files and packages",
                     m->arena->limit >> 20);
}

/* "name:arch:version"; *ret_short is what is before the version. */
static struct str package_key(struct merge *m, const struct package *p, struct str *ret_short)
{
    const struct str parts[] = {p->name, p->arch, p->version};
    size_t size = p->name.len + p->arch.len + p->version.len + 3, at = 0;
    char *key = arena_alloc(m->arena, size, 1);
    if (!key)
        return (struct str){0};
    for (size_t i = 0; i < 3; i++) {
        if (parts[i].len)
            memcpy(key + at, parts[i].ptr, parts[i].len);
        at += parts[i].len;
        key[at++] = p->residual ? '~' : ':'; /* what an older one left behind is no other's history */
    }
    *ret_short = (struct str){key, p->name.len + 1 + p->arch.len};
    return (struct str){key, size - 1};
}

/* Where the package belongs: by name and architecture. Of rpm there may be several versions, as of kernels: by the version, too,
   when another has that place already. NULL: over the arena's limit. */
static void **place_of(struct map *packages, const struct package *p, struct str short_key, struct str key)
{
    void **place = map_at(packages, short_key);
    const struct package *there = place ? *place : NULL;
    return there && p->type == PACKAGE_RPM && !str_eq(there->version, p->version) ? map_at(packages, key)
                                                                                  : place;
}

/* Gives each package of a new version of a database its history from the version before. */
static int inherit(struct merge *m, struct node *node, const struct map *before, struct package *packages,
                   size_t n)
{
    node->packages = map_make(m->arena);
    for (size_t i = 0; i < n; i++) {
        struct package *p = &packages[i];
        struct str short_key, key = package_key(m, p, &short_key);
        void **place = key.ptr ? place_of(&node->packages, p, short_key, key) : NULL;
        if (!place)
            return no_room(m);
        const struct package *old = map_get(before, key);
        if (!old)
            old = map_get(before, short_key);
        p->introduced = old ? old->introduced : node->layer;
        p->changed = old && str_eq(old->version, p->version) ? old->changed : node->layer;
        *place = p; /* the last of duplicates wins */
    }
    return 0;
}

static int apply_file(struct merge *m, const struct inventory *inv, const struct inventory_file *f,
                      unsigned layer)
{
    struct str path;
    if (tree_resolve_folder(&m->tree, f->path, &path) < 0)
        return no_room(m);
    const struct node *old = tree_find(&m->tree, path);
    struct map before = old ? old->packages : map_make(m->arena);
    struct node *node = tree_put(&m->tree, path, f, layer);
    if (!node)
        return no_room(m);
    if (f->repositories_count)
        node->repositories = inv->repositories.ptr + f->repositories_first;
    if (f->origins_count)
        node->origins = inv->origins.ptr + f->origins_first;
    return inherit(m, node, &before, f->packages_count ? inv->packages.ptr + f->packages_first : NULL,
                   f->packages_count);
}

static int apply_layer(struct merge *m, const struct inventory *inv, unsigned layer)
{
    /* Whiteouts speak of lower layers only, wherever they stand in the tar. */
    vec_each (&inv->files, f)
        if ((f->kind == FILE_WHITEOUT || f->kind == FILE_OPAQUE) &&
            tree_hide(&m->tree, f->path, f->kind == FILE_OPAQUE, layer) < 0)
            return no_room(m);
    vec_each (&inv->files, f) {
        int rc = f->kind == FILE_WHITEOUT || f->kind == FILE_OPAQUE ? 0 : apply_file(m, inv, f, layer);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int add_problem(struct merge *m, enum error_code code, struct str where, const char *text)
{
    struct problem *p = vec_push(&m->out->problems, m->arena);
    if (!p)
        return no_room(m);
    *p = (struct problem){.code = code, .where = where, .text = str_of(text)};
    return 0;
}

static int add_alias(struct merge *m, struct str path, struct str wanted, struct str as)
{
    struct layer_alias *a = vec_push(&m->out->aliases, m->arena);
    if (!a)
        return no_room(m);
    *a = (struct layer_alias){.path = path, .wanted = wanted, .as = as};
    return 0;
}

/* A node is taken once, although links may lead several wanted paths to it. */
static int take_node(struct merge *m, const struct detector *d, struct node *node)
{
    if (node->taken)
        return 0;
    if (d->doubt && m->out->databases)
        return 0;
    node->taken = true;
    m->out->databases++;
    if (d->doubt && add_problem(m, E_UNSUPPORTED, node->path, d->doubt) < 0)
        return -(int)E_LIMIT;
    for (size_t i = 0; i < node->packages.cap; i++) {
        const struct map_slot *s = &node->packages.slots[i];
        struct package *p = s->key.ptr ? vec_push(&m->out->packages, m->arena) : NULL;
        if (s->key.ptr && !p)
            return no_room(m);
        if (p)
            *p = *(const struct package *)s->value;
    }
    return 0;
}

/* ---- repositories ---- */

/* The naming of a layer, made at its place when there is none. */
static struct naming *naming_of(struct merge *m, unsigned layer)
{
    size_t at = 0;
    while (at < m->namings.len && m->namings.ptr[at].layer < layer)
        at++;
    if (at < m->namings.len && m->namings.ptr[at].layer == layer)
        return &m->namings.ptr[at];
    if (!vec_push(&m->namings, m->arena))
        return NULL;
    struct naming *place = &m->namings.ptr[at];
    memmove(place + 1, place, (m->namings.len - 1 - at) * sizeof *place);
    *place = (struct naming){.layer = layer};
    return place;
}

static int take_repositories(struct merge *m, const struct node *node)
{
    size_t count = node->file->repositories_count;
    struct naming *naming = count ? naming_of(m, node->layer) : NULL;
    if (count && !naming)
        return no_room(m);
    for (size_t i = 0; i < count; i++) {
        struct str *name = vec_push(&naming->names, m->arena);
        if (!name)
            return no_room(m);
        *name = node->repositories[i];
    }
    return 0;
}

static int take_origins(struct merge *m, const struct node *node)
{
    for (size_t i = 0; i < node->file->origins_count; i++) {
        const struct origin *o = &node->origins[i];
        const struct package p = {.name = o->name, .arch = o->arch, .version = o->version};
        struct str short_key, key = package_key(m, &p, &short_key), *kept = arena_new(m->arena, struct str);
        void **place = key.ptr && kept ? map_at(&m->origins, key) : NULL;
        if (!place)
            return no_room(m);
        *kept = o->repository;
        *place = kept;
    }
    return 0;
}

static int assign_origins(struct merge *m)
{
    if (!m->origins.len)
        return 0;
    vec_each (&m->out->packages, p) {
        struct str short_key, key = package_key(m, p, &short_key);
        const struct str *repository = key.ptr ? map_get(&m->origins, key) : NULL;
        if (!key.ptr)
            return no_room(m);
        if (repository)
            p->origin = *repository;
    }
    return 0;
}

static int list_names(struct merge *m, struct naming *naming)
{
    size_t size = 0, len = 0;
    vec_each (&naming->names, name)
        size += name->len + 1;
    char *text = arena_alloc(m->arena, size, 1);
    if (!text)
        return no_room(m);
    vec_each (&naming->names, name) {
        if (name->len)
            memcpy(text + len, name->ptr, name->len);
        len += name->len;
        text[len++] = ' ';
    }
    naming->list = (struct str){text, len - 1};
    return 0;
}

/* A layer names the repositories of what it brought, and layers above it that name none; the lowest that does, those of
   layers below it, too. */
static int assign_repositories(struct merge *m)
{
    vec_each (&m->namings, naming)
        if (list_names(m, naming) < 0)
            return -(int)E_LIMIT;
    vec_each (&m->out->packages, p)
        vec_each (&m->namings, naming)
            if (!p->repositories.len || naming->layer <= p->changed)
                p->repositories = naming->list;
    return assign_origins(m);
}

/* ---- which files count ---- */

/* The node behind a wanted path, through links; NULL: none, or an alias is needed first. */
static int find_wanted(struct merge *m, struct str wanted, struct node **ret)
{
    struct str path;
    *ret = NULL;
    int rc = tree_resolve(&m->tree, wanted, &path);
    if (rc < 0)
        return rc == -E_LIMIT ? no_room(m)
                              : add_problem(m, E_BAD_INPUT, wanted, "its symbolic links lead in a circle");
    struct node *node = tree_find(&m->tree, path);
    if (!node)
        return str_eq(path, wanted) ? 0 : add_alias(m, path, wanted, STR(""));
    if (node->file->kind == FILE_HARDLINK) {
        struct node *target = tree_find(&m->tree, node->file->target);
        if (!target || target->layer != node->layer || target->file->kind != FILE_FOUND)
            return add_alias(m, node->file->target, wanted, wanted);
        node = target;
    }
    if (node->file->kind == FILE_FOUND)
        *ret = node;
    return 0;
}

static int collect_path(struct merge *m, const struct detector *d, struct str wanted)
{
    struct node *node;
    int rc = find_wanted(m, wanted, &node);
    if (rc < 0 || !node)
        return rc;
    for (size_t i = 0; i < RELEASE_FILES; i++)
        if (node->release && str_eq(wanted, release_files[i]))
            m->out->releases[i] = node->release;
    rc = take_repositories(m, node);
    if (rc == 0)
        rc = take_origins(m, node);
    return rc == 0 && d->packages ? take_node(m, d, node) : rc;
}

/* A file of a folder that a detector wants. */
static int collect_child(struct merge *m, const struct detector *d, struct node *n)
{
    if (n->file->kind == FILE_SYMLINK)
        return add_problem(m, E_UNSUPPORTED, n->path,
                           "a symbolic link among package records is not followed");
    if (n->file->kind != FILE_FOUND)
        return 0;
    if (n->release && !m->out->releases[RELEASE_APT])
        m->out->releases[RELEASE_APT] = n->release;
    int rc = take_repositories(m, n);
    return rc == 0 && d->packages ? take_node(m, d, n) : rc;
}

/* Whether the node is one that is wanted below a folder that lies at `path`. */
static bool is_wanted(const struct merge *m, const struct node *n, const struct want *w, struct str path)
{
    return n->path.len > path.len && str_starts(n->path, path) && n->path.ptr[path.len] == '/' &&
           want_has(w, str_skip(n->path, path.len + 1)) && tree_find(&m->tree, n->path) == n;
}

static int collect_folder(struct merge *m, const struct detector *d, const struct want *w)
{
    struct str folder = {w->what.ptr, w->what.len - 1}, path;
    int rc = tree_resolve(&m->tree, folder, &path);
    if (rc < 0)
        return rc == -E_LIMIT ? no_room(m)
                              : add_problem(m, E_BAD_INPUT, folder, "its symbolic links lead in a circle");
    bool any = false;
    for (struct node *n = m->tree.nodes; n && rc >= 0; n = n->next) {
        if (!is_wanted(m, n, w, path))
            continue;
        any = true;
        rc = collect_child(m, d, n);
    }
    return rc == 0 && !any && !str_eq(path, folder) ? add_alias(m, path, folder, STR("")) : rc;
}

static int by_name(const void *a, const void *b)
{
    const struct package *x = a, *y = b;
    int r = str_cmp(x->name, y->name);
    if (!r)
        r = str_cmp(x->arch, y->arch);
    if (!r)
        r = str_cmp(x->version, y->version);
    return r ? r : str_cmp(x->path, y->path);
}

int merge_layers(const struct inventory *layers, size_t count, struct arena *arena, struct merged *ret,
                 struct error *err)
{
    struct merge m = {
        .tree = tree_make(arena), .origins = map_make(arena), .arena = arena, .out = ret, .err = err};
    int rc = 0;
    *ret = (struct merged){0};
    for (size_t i = 0; i < count && rc >= 0; i++)
        rc = apply_layer(&m, &layers[i], (unsigned)i);
    for (size_t d = 0; detectors[d] && rc >= 0; d++)
        for (const struct want *w = detectors[d]->wants; w->how != WANT_NONE && rc >= 0; w++)
            rc = w->how == WANT_PATH ? collect_path(&m, detectors[d], w->what)
                                     : collect_folder(&m, detectors[d], w);
    if (rc >= 0)
        rc = assign_repositories(&m);
    if (rc >= 0 && ret->packages.len)
        qsort(ret->packages.ptr, ret->packages.len, sizeof *ret->packages.ptr, by_name);
    return rc < 0 ? rc : 0;
}
