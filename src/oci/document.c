#include "oci/document.h"

#include "base/limits.h"
#include "oci/parse.h"
#include "stream/reader.h"

/* Members of a document's object: which they are tells what it is. */
enum member {
    MEDIA_TYPE,
    MANIFESTS,
    CONFIG,
    LAYERS,
    FS_LAYERS,
    HISTORY,
    ARCHITECTURE,
    OS,
    VARIANT,
    ROOTFS,
    LAYOUT_VERSION,
    TOKEN,
    ACCESS_TOKEN,
    EXPIRES_IN,
    ERRORS,
    MESSAGE,
};
#define BIT(member) (1U << (member))

static int descriptors(struct parse *p, enum member which)
{
    bool index = which == MANIFESTS;
    size_t max = index ? OCI_MANIFESTS_MAX : OCI_LAYERS_MAX;
    int rc = json_array(&p->j);
    while (rc > 0 && (rc = json_item(&p->j)) > 0) {
        struct oci_document *doc = p->doc;
        if ((index ? doc->manifests.len : doc->layers.len) == max)
            return parse_full(p, index ? "manifests" : "layers", max);
        struct oci_descriptor *d =
            index ? vec_push(&doc->manifests, p->arena) : vec_push(&doc->layers, p->arena);
        if (!d)
            return parse_no_memory(p);
        if (parse_descriptor(p, index, d) < 0)
            return error_in(p->err, "%s %zu", index ? "manifest" : "layer",
                            index ? doc->manifests.len : doc->layers.len);
        rc = 1;
    }
    return rc;
}

static int config(struct parse *p, enum member which)
{
    (void)which;
    int rc = parse_descriptor(p, false, &p->doc->config);
    return rc < 0 ? error_in(p->err, "config") : rc;
}

static int fs_layers(struct parse *p, enum member which)
{
    (void)which;
    return schema1_layers(p);
}

static int history_entry(struct parse *p, struct oci_history *ret)
{
    struct str key, text;
    int rc = json_object(&p->j);
    while (rc > 0 && (rc = json_key(&p->j, &key)) > 0) {
        if (str_eq(key, STR("created_by")))
            rc = parse_text(p, &ret->created_by);
        else if (str_eq(key, STR("empty_layer")))
            rc = json_bool(&p->j, &ret->empty_layer);
        else if (str_eq(key, STR("v1Compatibility")) && (rc = json_string(&p->j, &text)) > 0)
            rc = schema1_history(p, text, ret);
        if (rc < 0)
            return rc;
        rc = 1;
    }
    return rc;
}

static int history(struct parse *p, enum member which)
{
    (void)which;
    int rc = json_array(&p->j);
    while (rc > 0 && (rc = json_item(&p->j)) > 0) {
        if (p->doc->history.len == OCI_HISTORY_MAX)
            return parse_full(p, "history entries", OCI_HISTORY_MAX);
        struct oci_history *h = vec_push(&p->doc->history, p->arena);
        if (!h)
            return parse_no_memory(p);
        if ((rc = history_entry(p, h)) < 0)
            return rc;
        rc = 1;
    }
    return rc;
}

static int diff_ids(struct parse *p)
{
    int rc = json_array(&p->j);
    while (rc > 0 && (rc = json_item(&p->j)) > 0) {
        if (p->doc->diff_ids.len == OCI_LAYERS_MAX)
            return parse_full(p, "diff_ids", OCI_LAYERS_MAX);
        struct digest *d = vec_push(&p->doc->diff_ids, p->arena);
        if (!d)
            return parse_no_memory(p);
        if ((rc = parse_digest(p, "diff_id", true, d)) < 0)
            return rc;
        rc = 1;
    }
    return rc;
}

static int rootfs(struct parse *p, enum member which)
{
    (void)which;
    struct str key;
    int rc = json_object(&p->j);
    while (rc > 0 && (rc = json_key(&p->j, &key)) > 0) {
        if (str_eq(key, STR("diff_ids")) && (rc = diff_ids(p)) < 0)
            return rc;
        rc = 1;
    }
    return rc;
}

static int text(struct parse *p, enum member which)
{
    struct oci_document *doc = p->doc;
    struct str *to = which == MEDIA_TYPE       ? &doc->media_type
                     : which == ARCHITECTURE   ? &doc->platform.architecture
                     : which == OS             ? &doc->platform.os
                     : which == VARIANT        ? &doc->platform.variant
                     : which == LAYOUT_VERSION ? &doc->version
                     : which == MESSAGE        ? &p->trouble
                                               : &doc->token;
    return parse_text(p, to);
}

static int expiry(struct parse *p, enum member which)
{
    (void)which;
    return json_u64(&p->j, UINT32_MAX, &p->doc->expires_in);
}

static int refusals(struct parse *p, enum member which)
{
    (void)which;
    struct str key;
    int rc = json_array(&p->j);
    while (rc > 0 && (rc = json_item(&p->j)) > 0) {
        if (p->doc->errors.len == OCI_ERRORS_MAX)
            return parse_full(p, "errors", OCI_ERRORS_MAX);
        struct oci_refusal *e = vec_push(&p->doc->errors, p->arena);
        if (!e)
            return parse_no_memory(p);
        rc = json_object(&p->j);
        while (rc > 0 && (rc = json_key(&p->j, &key)) > 0) {
            if (str_eq(key, STR("code")))
                rc = parse_text(p, &e->code);
            else if (str_eq(key, STR("message")))
                rc = parse_text(p, &e->message);
            if (rc < 0)
                return rc;
            rc = 1;
        }
        if (rc < 0)
            return rc;
        rc = 1;
    }
    return rc;
}

/* clang-format off */
static const struct { struct str name; enum member member; int (*read)(struct parse *p, enum member which); } members[] = {
    {STR_INIT("mediaType"), MEDIA_TYPE, text},
    {STR_INIT("manifests"), MANIFESTS, descriptors},
    {STR_INIT("config"), CONFIG, config},
    {STR_INIT("layers"), LAYERS, descriptors},
    {STR_INIT("fsLayers"), FS_LAYERS, fs_layers},
    {STR_INIT("history"), HISTORY, history},
    {STR_INIT("architecture"), ARCHITECTURE, text},
    {STR_INIT("os"), OS, text},
    {STR_INIT("variant"), VARIANT, text},
    {STR_INIT("rootfs"), ROOTFS, rootfs},
    {STR_INIT("imageLayoutVersion"), LAYOUT_VERSION, text},
    {STR_INIT("token"), TOKEN, text},
    {STR_INIT("access_token"), ACCESS_TOKEN, text},
    {STR_INIT("expires_in"), EXPIRES_IN, expiry},
    {STR_INIT("errors"), ERRORS, refusals},
    {STR_INIT("message"), MESSAGE, text},           /* the Docker and Podman engines */
    {STR_INIT("error_description"), MESSAGE, text}, /* RFC 6749, 5.2 */
    {STR_INIT("details"), MESSAGE, text},           /* Docker's token server */
};

static const struct { struct str name; enum oci_kind kind; } media_types[] = {
    {STR_INIT("application/vnd.oci.image.index.v1+json"), OCI_INDEX},
    {STR_INIT("application/vnd.docker.distribution.manifest.list.v2+json"), OCI_INDEX},
    {STR_INIT("application/vnd.oci.image.manifest.v1+json"), OCI_MANIFEST},
    {STR_INIT("application/vnd.docker.distribution.manifest.v2+json"), OCI_MANIFEST},
    {STR_INIT("application/vnd.docker.distribution.manifest.v1+json"), OCI_SCHEMA1},
    {STR_INIT("application/vnd.docker.distribution.manifest.v1+prettyjws"), OCI_SCHEMA1},
};
/* clang-format on */

const char *oci_kind_name(enum oci_kind kind)
{
    static const char *const names[OCI_KINDS] = {
        [OCI_ANY] = "an image's document",
        [OCI_INDEX] = "an image index",
        [OCI_MANIFEST] = "an image manifest",
        [OCI_SCHEMA1] = "a schema 1 manifest",
        [OCI_CONFIG] = "an image config",
        [OCI_LAYOUT] = "an oci-layout file",
        [OCI_SAVED] = "docker save's manifest.json",
        [OCI_REPOSITORIES] = "docker save's repositories file",
        [OCI_TOKEN] = "a token",
        [OCI_ERRORS] = "an error answer",
    };
    return names[kind];
}

static int object(struct parse *p)
{
    struct str key;
    int rc;
    while ((rc = json_key(&p->j, &key)) > 0) {
        for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
            if (!str_eq(key, members[i].name))
                continue;
            enum member m = members[i].member;
            if (p->seen & BIT(m) && m != MESSAGE)
                return error_set(p->err, E_BAD_INPUT, "image document: '%s' stands twice",
                                 members[i].name.ptr);
            if ((rc = members[i].read(p, m)) < 0)
                return rc;
            p->seen |= BIT(m);
            break;
        }
    }
    return rc;
}

static int texts(struct parse *p, const char *what, size_t max, struct oci_saved *s, bool tags)
{
    int rc = json_array(&p->j);
    while (rc > 0 && (rc = json_item(&p->j)) > 0) {
        if ((tags ? s->tags.len : s->layers.len) == max)
            return parse_full(p, what, max);
        struct str *to = tags ? vec_push(&s->tags, p->arena) : vec_push(&s->layers, p->arena);
        if (!to)
            return parse_no_memory(p);
        if ((rc = parse_text(p, to)) < 0)
            return rc;
        rc = 1;
    }
    return rc;
}

/* manifest.json of docker save: the array has begun. */
static int saved(struct parse *p)
{
    struct str key;
    int rc;
    while ((rc = json_item(&p->j)) > 0) {
        if (p->doc->saved.len == OCI_SAVED_MAX)
            return parse_full(p, "images", OCI_SAVED_MAX);
        struct oci_saved *s = vec_push(&p->doc->saved, p->arena);
        if (!s)
            return parse_no_memory(p);
        rc = json_object(&p->j);
        while (rc > 0 && (rc = json_key(&p->j, &key)) > 0) {
            if (str_eq(key, STR("Config")))
                rc = parse_text(p, &s->config);
            else if (str_eq(key, STR("RepoTags")))
                rc = texts(p, "tags", OCI_TAGS_MAX, s, true);
            else if (str_eq(key, STR("Layers")))
                rc = texts(p, "layers", OCI_LAYERS_MAX, s, false);
            if (rc < 0)
                return rc;
            rc = 1;
        }
        if (rc < 0)
            return rc;
        if (!s->config.len)
            return error_set(p->err, E_BAD_INPUT, "docker save's manifest.json: image %zu has no Config",
                             p->doc->saved.len);
    }
    return rc;
}

/* {"name": {"tag": "id"}}: the outer object has begun. */
static int repositories(struct parse *p)
{
    struct str key, name;
    int rc;
    while ((rc = json_key(&p->j, &key)) > 0) {
        if (arena_str(p->arena, key, &name) < 0)
            return parse_no_memory(p);
        rc = json_object(&p->j);
        while (rc > 0 && (rc = json_key(&p->j, &key)) > 0) {
            if (p->doc->tags.len == OCI_TAGS_MAX)
                return parse_full(p, "tags", OCI_TAGS_MAX);
            struct oci_tag *t = vec_push(&p->doc->tags, p->arena);
            if (!t || arena_str(p->arena, key, &t->tag) < 0)
                return parse_no_memory(p);
            t->name = name;
            if ((rc = parse_text(p, &t->id)) < 0)
                return rc;
            rc = 1;
        }
        if (rc < 0)
            return rc;
    }
    return rc;
}

/* What the members that were seen make of the document; OCI_ANY: nothing known. */
static enum oci_kind kind_of(const struct parse *p)
{
    unsigned seen = p->seen;
    if (seen & BIT(FS_LAYERS))
        return OCI_SCHEMA1;
    if (seen & BIT(MANIFESTS))
        return OCI_INDEX;
    if (seen & BIT(LAYERS))
        return OCI_MANIFEST;
    if (seen & BIT(ROOTFS) || (seen & BIT(ARCHITECTURE) && seen & BIT(OS)))
        return OCI_CONFIG;
    if (seen & BIT(LAYOUT_VERSION))
        return OCI_LAYOUT;
    if (seen & (BIT(TOKEN) | BIT(ACCESS_TOKEN)))
        return OCI_TOKEN;
    return seen & (BIT(ERRORS) | BIT(MESSAGE)) ? OCI_ERRORS : OCI_ANY;
}

static int check_media_type(struct parse *p)
{
    struct oci_document *doc = p->doc;
    bool image = doc->kind <= OCI_SCHEMA1;
    char shown[120];
    if (!image || !doc->media_type.len)
        return 0;
    for (size_t i = 0; i < sizeof media_types / sizeof *media_types; i++)
        if (str_eq(doc->media_type, media_types[i].name) && (doc->kind == media_types[i].kind))
            return 0;
        else if (str_eq(doc->media_type, media_types[i].name))
            return error_set(p->err, E_BAD_INPUT, "calls itself %s, but has the members of %s",
                             media_types[i].name.ptr, oci_kind_name(doc->kind));
    return error_set(p->err, E_UNSUPPORTED, "media type '%s' is none of a container image",
                     str_printable(doc->media_type, shown, sizeof shown));
}

static int check_manifest(struct parse *p)
{
    static const struct str known[] = {
        STR_INIT("application/vnd.oci.image.config.v1+json"),
        STR_INIT("application/vnd.docker.container.image.v1+json"),
        STR_INIT("application/octet-stream"), /* old pushes of Docker */
        STR_INIT(""),
    };
    const struct oci_descriptor *c = &p->doc->config;
    char shown[120];
    bool image = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        image |= str_eq(c->media_type, known[i]);
    if (!image)
        return error_set(p->err, E_UNSUPPORTED, "config of media type '%s': this is no container image",
                         str_printable(c->media_type, shown, sizeof shown));
    if (!c->digest.text[0])
        return error_set(p->err, E_BAD_INPUT, "image manifest: has no config");
    if (!c->size_known)
        return error_set(p->err, E_BAD_INPUT, "image manifest: config has no size");
    vec_each (&p->doc->layers, layer) {
        if (!layer->digest.text[0] || !layer->size_known)
            return error_set(p->err, E_BAD_INPUT, "image manifest: layer %zu has no %s",
                             (size_t)(layer - p->doc->layers.ptr) + 1,
                             layer->digest.text[0] ? "size" : "digest");
    }
    return 0;
}

/* A server that has a sentence of its own gets it shown. */
static int finish_errors(struct parse *p)
{
    if (!p->trouble.len || p->doc->errors.len)
        return 0;
    struct oci_refusal *e = vec_push(&p->doc->errors, p->arena);
    if (!e)
        return parse_no_memory(p);
    e->message = p->trouble;
    return 0;
}

/* All members are read: what is the document, and does it hold together? */
static int finish(struct parse *p)
{
    struct oci_document *doc = p->doc;
    doc->kind = kind_of(p);
    if ((p->seen & BIT(MANIFESTS)) && (p->seen & (BIT(LAYERS) | BIT(FS_LAYERS))))
        return error_set(p->err, E_BAD_INPUT, "image document: has both manifests and layers");
    int rc = check_media_type(p);
    if (rc < 0)
        return rc;
    switch (doc->kind) {
    case OCI_ANY:
        return error_set(p->err, E_UNSUPPORTED, "json: nothing in it describes an image");
    case OCI_MANIFEST:
        return check_manifest(p);
    case OCI_SCHEMA1:
        return schema1_finish(p);
    case OCI_ERRORS:
        return finish_errors(p);
    default:
        return 0;
    }
}

static int check_expected(const struct oci_document *doc, enum oci_kind expected, struct error *err)
{
    bool fits = expected == OCI_ANY ? doc->kind <= OCI_CONFIG : doc->kind == expected;
    return fits ? 0
                : error_set(err, E_UNSUPPORTED, "is %s, not %s", oci_kind_name(doc->kind),
                            oci_kind_name(expected));
}

int oci_read(struct reader *in, enum oci_kind expected, struct arena *arena, struct oci_document *ret,
             struct error *err)
{
    struct oci_document doc = {.expires_in = 60};
    struct parse p = {.arena = arena, .doc = &doc, .err = err};
    if (in->limit > OCI_DOCUMENT_MAX)
        in->limit = OCI_DOCUMENT_MAX;
    json_open(&p.j, in, err);
    int rc = json_next(&p.j);
    if (rc == JSON_ARRAY) {
        doc.kind = OCI_SAVED;
        rc = saved(&p);
    } else if (rc == JSON_OBJECT && expected == OCI_REPOSITORIES) {
        doc.kind = OCI_REPOSITORIES;
        rc = repositories(&p);
    } else if (rc == JSON_OBJECT) {
        rc = object(&p);
    } else if (rc >= 0) {
        rc = error_set(err, E_UNSUPPORTED, "json: neither an object nor an array");
    }
    if (rc >= 0)
        rc = json_end(&p.j);
    if (rc >= 0 && doc.kind == OCI_ANY)
        rc = finish(&p);
    json_close(&p.j);
    if (rc >= 0)
        rc = check_expected(&doc, expected, err);
    if (rc < 0)
        return rc;
    *ret = doc;
    return 0;
}

struct str oci_created_by(const struct oci_document *config, size_t i)
{
    vec_each (&config->history, h) {
        if (!h->empty_layer && i-- == 0)
            return h->created_by.len ? h->created_by : STR("");
    }
    return STR("");
}

bool oci_layer_readable(struct str media_type)
{
    static const struct str prefixes[] = {
        STR_INIT("application/vnd.oci.image.layer.v1.tar"),
        STR_INIT("application/vnd.oci.image.layer.nondistributable.v1.tar"),
        STR_INIT("application/vnd.docker.image.rootfs.diff.tar"),
        STR_INIT("application/vnd.docker.image.rootfs.foreign.diff.tar"),
    };
    static const struct str endings[] = {STR_INIT(""),     STR_INIT("+gzip"),  STR_INIT("+zstd"),
                                         STR_INIT("+xz"),  STR_INIT("+bzip2"), STR_INIT(".gzip"),
                                         STR_INIT(".zstd")};
    if (!media_type.len)
        return true;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (!str_starts(media_type, prefixes[i]))
            continue;
        struct str ending = str_skip(media_type, prefixes[i].len);
        for (size_t k = 0; k < sizeof endings / sizeof *endings; k++)
            if (str_eq(ending, endings[k]))
                return true;
    }
    return false;
}
