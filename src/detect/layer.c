#include "detect/layer.h"

#include "base/limits.h"
#include "stream/tar.h"

struct layer {
    struct tar tar;
    const struct layer_request *request;
    struct sink *sink;
    struct arena arena; /* of one file */
    struct keep keeps[DETECTORS_MAX];
    struct error *err;
};

static bool is_above(struct str folder, struct str path)
{
    return path.len > folder.len && path.ptr[folder.len] == '/' && str_starts(path, folder);
}

static bool leads_to(struct str path, struct str wanted)
{
    return is_above(path, wanted) || str_eq(path, wanted);
}

/* Whether a wanted file can lie at or below path. */
static bool leads_to_want(struct str path, const struct want *w)
{
    if (leads_to(path, w->what))
        return true;
    struct str below = str_skip(path, w->what.len);
    return w->how == WANT_EACH && str_starts(path, w->what) && below.len && str_find(below, '/') == below.len;
}

static bool leads_to_wanted(const struct layer *l, struct str path)
{
    for (size_t i = 0; detectors[i]; i++)
        for (const struct want *w = detectors[i]->wants; w->how != WANT_NONE; w++)
            if (leads_to_want(path, w))
                return true;
    for (size_t i = 0; i < l->request->aliases_count; i++)
        if (leads_to(path, l->request->aliases[i].path))
            return true;
    return false;
}

/* The detector for a path, be it by its name or by an alias; *ret_as: under which path it is told. */
static const struct detector *find(const struct layer *l, struct str path, const struct want **ret_want,
                                   struct str *ret_as)
{
    for (size_t i = 0; i < l->request->aliases_count; i++) {
        const struct layer_alias *a = &l->request->aliases[i];
        bool inside = is_above(a->path, path);
        if (!inside && !str_eq(a->path, path))
            continue;
        for (size_t d = 0; detectors[d]; d++) {
            for (const struct want *w = detectors[d]->wants; w->how != WANT_NONE; w++) {
                struct str name = w->what;
                name.len -= w->how != WANT_PATH; /* without its slash */
                if (!str_eq(name, a->wanted) || inside != (w->how != WANT_PATH) ||
                    (inside && !want_has(w, str_skip(path, a->path.len + 1))))
                    continue;
                *ret_want = w;
                *ret_as = a->as.len ? a->as : path;
                return detectors[d];
            }
        }
    }
    *ret_as = path;
    return detector_for(path, ret_want);
}

static int tell(struct layer *l, enum file_kind kind, struct str path, struct str target)
{
    if (path.len > INVENTORY_TEXT_MAX || target.len > INVENTORY_TEXT_MAX)
        return error_set(l->err, E_LIMIT, "a path of %zu bytes",
                         path.len > target.len ? path.len : target.len);
    const struct inventory_file f = {.kind = kind, .path = path, .target = target};
    return l->sink->file(l->sink, &f);
}

static int tell_problem(struct layer *l, struct str path)
{
    const struct problem p = {.code = l->err->code, .where = path, .text = str_of(l->err->text)};
    return l->sink->problem(l->sink, &p);
}

/* ".wh.NAME" hides NAME of lower layers, ".wh..wh..opq" all that they have in the folder.
   https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts */
static bool is_whiteout(struct str path, struct str *ret_folder, struct str *ret_name)
{
    size_t slash = str_find_last(path, '/');
    *ret_folder = slash < path.len ? (struct str){path.ptr, slash} : STR("");
    struct str base = slash < path.len ? str_skip(path, slash + 1) : path;
    *ret_name = str_skip(base, 4);
    return str_starts(base, STR(".wh."));
}

static int take_whiteout(struct layer *l, struct str folder, struct str name)
{
    const struct want *want;
    if (str_eq(name, STR(".wh..opq"))) {
        bool root = folder.len == 0;
        return root || leads_to_wanted(l, folder) ? tell(l, FILE_OPAQUE, folder, STR("")) : 0;
    }
    struct str path = name;
    if (folder.len) {
        char *joined = arena_alloc(&l->arena, folder.len + 1 + name.len, 1);
        if (!joined)
            return error_set(l->err, E_LIMIT, "a whiteout with a name of %zu bytes", name.len);
        memcpy(joined, folder.ptr, folder.len);
        joined[folder.len] = '/';
        if (name.len)
            memcpy(joined + folder.len + 1, name.ptr, name.len);
        path = (struct str){joined, folder.len + 1 + name.len};
    }
    struct str as;
    return leads_to_wanted(l, path) || find(l, path, &want, &as) ? tell(l, FILE_WHITEOUT, path, STR("")) : 0;
}

static struct detection detection_of(struct layer *l, size_t detector, struct str path, uint64_t size)
{
    return (struct detection){.sink = l->sink,
                              .arena = &l->arena,
                              .keep = &l->keeps[detector],
                              .path = path,
                              .size = size,
                              .err = l->err};
}

static size_t index_of(const struct detector *d)
{
    size_t i = 0;
    while (detectors[i] != d)
        i++;
    return i;
}

static int take_wanted(struct layer *l, const struct tar_entry *e, const struct detector *d,
                       const struct want *w, struct str as)
{
    struct inventory_file file = {.kind = FILE_FOUND, .path = as, .detector = str_of(d->name)};
    if (e->size > w->max_bytes) {
        file.kind = FILE_DAMAGED;
        error_fill(l->err, E_LIMIT, "%s: %ju bytes, more than the %zu that are read", d->name,
                   (uintmax_t)e->size, w->max_bytes);
        int rc = l->sink->file(l->sink, &file);
        return rc < 0 ? rc : tell_problem(l, as);
    }
    int rc = l->sink->file(l->sink, &file);
    if (rc < 0)
        return rc;
    struct detection detection = detection_of(l, index_of(d), as, e->size);
    struct reader *body = tar_body(&l->tar);
    rc = d->file(&detection, body);
    if (rc < 0 && l->tar.in->state < 0)
        return rc; /* the stream below broke: not this file's fault */
    return rc < 0 ? tell_problem(l, as) : 0;
}

/* Whether an alias tells the content of this path: then the link that stands there is not to replace it. */
static bool is_told_by_alias(const struct layer *l, struct str path)
{
    for (size_t i = 0; i < l->request->aliases_count; i++)
        if (str_eq(l->request->aliases[i].as, path))
            return true;
    return false;
}

static int take_entry(struct layer *l, const struct tar_entry *e)
{
    struct str folder, name, as;
    const struct want *want = NULL;
    if (is_whiteout(e->path, &folder, &name))
        return take_whiteout(l, folder, name);
    const struct detector *d = e->type == TAR_DIRECTORY ? NULL : find(l, e->path, &want, &as);
    if (d && e->type == TAR_REGULAR)
        return take_wanted(l, e, d, want, as);
    if (d && e->type == TAR_HARDLINK)
        return is_told_by_alias(l, as) ? 0 : tell(l, FILE_HARDLINK, as, e->link);
    if (!d && !leads_to_wanted(l, e->path))
        return 0;
    if (e->type == TAR_SYMLINK)
        return tell(l, FILE_SYMLINK, e->path, e->link);
    return tell(l, e->type == TAR_DIRECTORY ? FILE_FOLDER : FILE_OTHER, e->path, STR(""));
}

/* What detectors have to say of all that they kept. */
static int end_detectors(struct layer *l)
{
    int rc = 0;
    for (size_t i = 0; detectors[i] && rc >= 0; i++) {
        struct detection detection = detection_of(l, i, STR(""), 0);
        if (l->keeps[i].data && detectors[i]->end)
            rc = detectors[i]->end(&detection);
    }
    return rc;
}

int layer_read(struct reader *tar, const struct layer_request *request, struct sink *sink,
               uint64_t *ret_entries, struct error *err)
{
    struct layer l = {
        .request = request, .sink = sink, .arena = arena_make(DETECTION_MEMORY_MAX), .err = err};
    struct tar_entry entry;
    for (size_t i = 0; i < DETECTORS_MAX; i++)
        l.keeps[i].arena = arena_make(DETECTION_KEEP_MAX);
    int rc = tar_init(&l.tar, tar, err);
    *ret_entries = 0;
    while (rc >= 0 && (rc = tar_next(&l.tar, &entry)) > 0) {
        ++*ret_entries;
        rc = take_entry(&l, &entry);
        if (l.arena.used)
            arena_done(&l.arena);
    }
    if (rc == 0)
        rc = end_detectors(&l);
    for (size_t i = 0; i < DETECTORS_MAX; i++)
        keep_drop(&l.keeps[i]);
    tar_done(&l.tar);
    arena_done(&l.arena);
    return rc < 0 ? rc : reader_drain(tar);
}
