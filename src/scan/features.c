#include "scan/features.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/wire.h"
#include "version/version.h"

/* How a type of package is listed: by source or binary name, in which order of versions, under which name of a format. */
static const struct {
    bool by_source;
    const char *scheme, *format;
} listings[PACKAGE_TYPES] = {
    [PACKAGE_DEB] = {true, "dpkg", "dpkg"},   [PACKAGE_APK] = {false, "apk", "dpkg"},
    [PACKAGE_RPM] = {false, "rpm", "rpm"},    [PACKAGE_ALPM] = {false, "pacman", "dpkg"},
    [PACKAGE_OPKG] = {false, "dpkg", "dpkg"},
};

static int no_room(struct error *err)
{
    return error_set(err, E_LIMIT, "more features than one layer may have");
}

/* "name\nversion", of the arena; ptr NULL over its limit. */
static struct str make_key(struct str name, struct str version, struct arena *arena)
{
    char *key = arena_alloc(arena, name.len + 1 + version.len, 1);
    if (!key)
        return (struct str){0};
    if (name.len)
        memcpy(key, name.ptr, name.len);
    key[name.len] = '\n';
    if (version.len)
        memcpy(key + name.len + 1, version.ptr, version.len);
    return (struct str){key, name.len + 1 + version.len};
}

/* The parent's features by name and version. */
static int index_parent(const struct feature_list *parent, struct map *ret, struct arena *arena)
{
    for (size_t i = 0; parent && i < parent->items.len; i++) {
        struct feature *f = &parent->items.ptr[i];
        struct str key = make_key(f->name, f->version, arena);
        void **place = key.ptr ? map_at(ret, key) : NULL;
        if (!place)
            return -1;
        *place = f;
    }
    return 0;
}

static struct feature from_package(const struct package *p)
{
    bool by_source = listings[p->type].by_source;
    return (struct feature){
        .name = by_source ? p->source_name : p->name,
        .version = by_source ? p->source_version : p->version,
        .source_name = p->source_name,
        .source_version = p->source_version,
        .arch = p->arch,
        .module = p->module,
        .repositories = p->repositories,
        .origin = p->origin,
        .format = str_of(listings[p->type].format),
        .unjudged = p->residual,
    };
}

static bool is_valid(const struct package *p, struct str version)
{
    const struct version_scheme *scheme = version_scheme_find(str_of(listings[p->type].scheme));
    return scheme && scheme->valid(version);
}

/* Like the parent's feature of the same name and version, else new here. */
static int place(struct feature *f, const struct feature *before, struct str namespace, unsigned depth,
                 struct error *err)
{
    f->depth = before ? before->depth : depth;
    f->namespace = before ? before->namespace : namespace;
    return f->namespace.len
               ? 0
               : error_set(err, E_UNSUPPORTED, "no file tells which distribution the packages are of");
}

static int inherit(const struct feature_list *parent, struct arena *arena, struct feature_list *ret,
                   struct error *err)
{
    for (size_t i = 0; parent && i < parent->items.len; i++) {
        struct feature *f = vec_push(&ret->items, arena);
        if (!f)
            return no_room(err);
        *f = parent->items.ptr[i];
    }
    return 0;
}

int features_of(const struct merged *merged, struct str namespace, const struct feature_list *parent,
                unsigned depth, struct arena *arena, struct feature_list *ret, struct error *err)
{
    struct map before = map_make(arena), seen = map_make(arena);
    *ret = (struct feature_list){0};
    /* A database that names nothing was emptied to save room: what it named is still there. */
    if (!merged->packages.len && merged->databases)
        return inherit(parent, arena, ret, err);
    if (index_parent(parent, &before, arena) < 0)
        return no_room(err);
    vec_each (&merged->packages, p) {
        struct feature f = from_package(p);
        if (!is_valid(p, f.version))
            continue;
        struct str key = make_key(f.name, f.version, arena);
        void **known = key.ptr ? map_at(&seen, key) : NULL;
        if (!known)
            return no_room(err);
        if (*known)
            continue;
        struct feature *kept = vec_push(&ret->items, arena);
        if (!kept)
            return no_room(err);
        int rc = place(&f, map_get(&before, key), namespace, depth, err);
        if (rc < 0)
            return rc;
        *kept = f;
        *known = kept;
    }
    return 0;
}

const struct version_scheme *feature_scheme(struct str namespace, struct str format)
{
    static const struct str apk[] = {STR_INIT("alpine:"), STR_INIT("wolfi:"), STR_INIT("chainguard:"),
                                     STR_INIT("minimos:")};
    for (size_t i = 0; i < sizeof apk / sizeof *apk; i++)
        if (str_starts(namespace, apk[i]))
            return version_scheme_find(STR("apk"));
    if (str_starts(namespace, STR("arch:")))
        return version_scheme_find(STR("pacman"));
    return version_scheme_find(format);
}

/* ---- in the store ---- */

enum { TEXTS = 8 };

static struct str *const *texts_of(struct feature *f, struct str *ret[TEXTS])
{
    ret[0] = &f->namespace;
    ret[1] = &f->name;
    ret[2] = &f->version;
    ret[3] = &f->source_name;
    ret[4] = &f->source_version;
    ret[5] = &f->format;
    ret[6] = &f->arch;
    ret[7] = &f->module;
    return ret;
}

/* Repositories and origins stand behind the features, a number for each: none, a text that follows, or one of those that went
   before; nothing where no feature has any, as there was nothing before features had them. Most have one of few. */
enum { TEXT_NONE, TEXT_FOLLOWS, TEXTS_BEFORE, TEXTS_KEPT = 64 };

struct shared_texts {
    struct str kept[TEXTS_KEPT];
    size_t count;
};

static void keep_text(struct shared_texts *texts, struct str text)
{
    if (texts->count < TEXTS_KEPT)
        texts->kept[texts->count++] = text;
}

static void pack_text(struct shared_texts *texts, struct str text, struct buf *ret)
{
    for (size_t i = 0; i < texts->count; i++)
        if (str_eq(texts->kept[i], text)) {
            wire_put_num(ret, TEXTS_BEFORE + i);
            return;
        }
    wire_put_num(ret, text.len ? TEXT_FOLLOWS : TEXT_NONE);
    if (!text.len)
        return;
    wire_put_str(ret, text);
    keep_text(texts, text);
}

static void pack_repositories(const struct feature_list *features, struct buf *ret)
{
    struct shared_texts texts = {.count = 0};
    bool any = false;
    vec_each (&features->items, f)
        any |= f->repositories.len || f->origin.len;
    if (!any)
        return;
    vec_each (&features->items, f) {
        pack_text(&texts, f->repositories, ret);
        pack_text(&texts, f->origin, ret);
    }
}

static struct str unpack_text(struct shared_texts *texts, struct wire *w)
{
    uint64_t number = wire_num(w, TEXTS_BEFORE + TEXTS_KEPT - 1);
    struct str text = {0};
    if (number >= TEXTS_BEFORE && number - TEXTS_BEFORE < texts->count)
        return texts->kept[number - TEXTS_BEFORE];
    w->failed |= number > TEXT_FOLLOWS;
    if (number == TEXT_FOLLOWS)
        keep_text(texts, text = wire_str(w, STORE_VALUE_MAX));
    return text;
}

static void unpack_repositories(struct feature_list *features, struct wire *w)
{
    struct shared_texts texts = {.count = 0};
    vec_each (&features->items, f) {
        f->repositories = unpack_text(&texts, w);
        f->origin = unpack_text(&texts, w);
    }
    w->failed |= !texts.count;
}

void features_pack(const struct feature_list *list, struct buf *ret)
{
    wire_put_num(ret, list->items.len);
    vec_each (&list->items, item) {
        struct str *texts[TEXTS];
        struct feature f = *item;
        texts_of(&f, texts);
        for (size_t i = 0; i < TEXTS; i++)
            wire_put_str(ret, *texts[i]);
        wire_put_num(ret, f.depth);
        wire_put_num(ret, f.unjudged);
    }
    pack_repositories(list, ret);
}

int features_unpack(struct str packed, struct arena *arena, struct feature_list *ret, struct error *err)
{
    struct wire w = wire_make(packed);
    uint64_t n = wire_num(&w, LAYER_PACKAGES_MAX);
    *ret = (struct feature_list){0};
    for (uint64_t i = 0; i < n && !w.failed; i++) {
        struct str *texts[TEXTS];
        struct feature *f = vec_push(&ret->items, arena);
        if (!f)
            return no_room(err);
        texts_of(f, texts);
        for (size_t t = 0; t < TEXTS; t++)
            *texts[t] = wire_str(&w, INVENTORY_TEXT_MAX);
        f->depth = (unsigned)wire_num(&w, UINT16_MAX);
        f->unjudged = wire_num(&w, 1) != 0;
    }
    if (wire_more(&w))
        unpack_repositories(ret, &w);
    return w.failed || w.left.len
               ? error_set(err, E_BAD_INPUT, "the features of a layer are damaged in the database")
               : 0;
}
