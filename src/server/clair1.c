#include "server/clair1.h"

#include <stdlib.h>

#include "server/go_json.h"

/* ---- reading ---- */

static bool is(struct str key, const char *name)
{
    return str_eq_nocase(key, str_of(name));
}

/* The members of one object; takes what it knows. 1: taken; 0: to be skipped; < 0. */
typedef int take_member(struct go_reader *g, struct str key, void *ret);

static int read_members(struct go_reader *g, take_member *take, void *ret)
{
    struct str key;
    int rc;
    while ((rc = go_key(g, &key)) > 0)
        if ((rc = take(g, key, ret)) < 0)
            return rc;
    return rc;
}

/* What fails here is the client's: its words are Go's where they are the same for all versions of Go. */
static int read_envelope(struct call *c, const char *name, take_member *take, void *ret)
{
    struct go_reader g;
    struct str key;
    bool found = false;
    go_open(&g, c->request->body, &c->arena, &c->err);
    int rc = go_object(&g);
    while (rc > 0 && (rc = go_key(&g, &key)) > 0) {
        if (!is(key, name))
            continue;
        int object = go_object(&g);
        found |= object > 0;
        rc = object > 0 ? read_members(&g, take, ret) : object;
        rc = rc < 0 ? rc : 1;
    }
    if (rc == 0)
        rc = go_end(&g);
    if (rc < 0)
        api_fail_str(c, 400, go_message(&g), NULL);
    go_done(&g);
    return rc < 0 ? rc : found;
}

/* 1 when the key is one of these texts. */
struct text_member {
    const char *name;
    struct str *place;
};

static int take_text(struct go_reader *g, struct str key, const struct text_member *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is(key, texts[i].name)) {
            int rc = go_string(g, texts[i].place);
            return rc < 0 ? rc : 1;
        }
    return 0;
}
#define TAKE_TEXT(g, key, texts) take_text((g), (key), (texts), sizeof(texts) / sizeof *(texts))

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct clair_header *)a)->name, ((const struct clair_header *)b)->name);
}

static int take_headers(struct go_reader *g, struct clair_layer *l)
{
    struct str key;
    int rc = go_object(g);
    while (rc > 0 && (rc = go_key(g, &key)) > 0) {
        struct clair_header *h = vec_push(&l->headers, g->arena);
        if (!h)
            return error_set(g->err, E_LIMIT, "too many headers");
        h->name = key;
        rc = go_string(g, &h->value);
        rc = rc < 0 ? rc : 1;
    }
    if (rc == 0 && l->headers.len)
        qsort(l->headers.ptr, l->headers.len, sizeof *l->headers.ptr, by_name);
    return rc;
}

/* What only an answer has is checked for its type and forgotten. */
static int take_ignored(struct go_reader *g, struct str key)
{
    struct str ignored;
    if (is(key, "NamespaceName"))
        return go_string(g, &ignored);
    return 0;
}

static int take_layer_member(struct go_reader *g, struct str key, void *ret)
{
    struct clair_layer *l = ret;
    const struct text_member texts[] = {
        {"Name", &l->name}, {"Path", &l->path}, {"ParentName", &l->parent}, {"Format", &l->format}};
    int rc = TAKE_TEXT(g, key, texts);
    if (rc != 0)
        return rc;
    return is(key, "Headers") ? take_headers(g, l) : take_ignored(g, key);
}

static int take_fix_member(struct go_reader *g, struct str key, void *ret)
{
    struct clair_fix *f = ret;
    const struct text_member texts[] = {{"Name", &f->name},
                                        {"NamespaceName", &f->namespace},
                                        {"VersionFormat", &f->format},
                                        {"Version", &f->version}};
    return TAKE_TEXT(g, key, texts);
}

static int take_fixes(struct go_reader *g, struct clair_vulnerability *v)
{
    int rc = go_array(g);
    if (rc > 0)
        v->has_fixes = true;
    while (rc > 0 && (rc = json_item(&g->j)) > 0) {
        struct clair_fix *f = vec_push(&v->fixes, g->arena);
        if (!f)
            return error_set(g->err, E_LIMIT, "too many fixes");
        rc = go_object(g);
        if (rc > 0)
            rc = read_members(g, take_fix_member, f);
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

static int take_vulnerability_member(struct go_reader *g, struct str key, void *ret)
{
    struct clair_vulnerability *v = ret;
    const struct text_member texts[] = {
        {"Name", &v->name}, {"NamespaceName", &v->namespace}, {"Description", &v->description},
        {"Link", &v->link}, {"Severity", &v->severity},       {"FixedBy", &v->fixed_by}};
    int rc = TAKE_TEXT(g, key, texts);
    if (rc != 0)
        return rc;
    if (is(key, "Metadata"))
        return go_any(g, &v->metadata);
    return is(key, "FixedIn") ? take_fixes(g, v) : 0;
}

int clair_read_layer(struct call *c, struct clair_layer *ret)
{
    *ret = (struct clair_layer){0};
    return read_envelope(c, "Layer", take_layer_member, ret);
}

int clair_read_vulnerability(struct call *c, struct clair_vulnerability *ret)
{
    *ret = (struct clair_vulnerability){0};
    return read_envelope(c, "Vulnerability", take_vulnerability_member, ret);
}

int clair_read_fix(struct call *c, struct clair_fix *ret)
{
    *ret = (struct clair_fix){0};
    return read_envelope(c, "Feature", take_fix_member, ret);
}

/* ---- writing ---- */

void clair_write_member(struct json_writer *w, struct str key, struct str value)
{
    if (value.len)
        json_write_member(w, key, value);
}

void clair_write_layer(struct json_writer *w, const struct clair_layer *l)
{
    json_write_object(w);
    clair_write_member(w, STR("Name"), l->name);
    clair_write_member(w, STR("Path"), l->path);
    if (l->headers.len) {
        json_write_key(w, STR("Headers"));
        json_write_object(w);
        vec_each (&l->headers, h)
            json_write_member(w, h->name, h->value);
        json_write_object_end(w);
    }
    clair_write_member(w, STR("ParentName"), l->parent);
    clair_write_member(w, STR("Format"), l->format);
    json_write_key(w, STR("IndexedByVersion"));
    json_write_u64(w, API_ENGINE_VERSION);
    json_write_object_end(w);
}

void clair_write_fix(struct json_writer *w, const struct clair_fix *f)
{
    json_write_object(w);
    clair_write_member(w, STR("Name"), f->name);
    clair_write_member(w, STR("NamespaceName"), f->namespace);
    clair_write_member(w, STR("VersionFormat"), f->format);
    clair_write_member(w, STR("Version"), f->version);
    json_write_object_end(w);
}

void clair_write_vulnerability(struct json_writer *w, const struct clair_vulnerability *v)
{
    json_write_object(w);
    clair_write_member(w, STR("Name"), v->name);
    clair_write_member(w, STR("NamespaceName"), v->namespace);
    clair_write_member(w, STR("Description"), v->description);
    clair_write_member(w, STR("Link"), v->link);
    clair_write_member(w, STR("Severity"), v->severity);
    if (v->metadata.len && !str_eq(v->metadata, STR("{}"))) {
        json_write_key(w, STR("Metadata"));
        json_write_raw(w, v->metadata);
    }
    clair_write_member(w, STR("FixedBy"), v->fixed_by);
    if (v->fixes.len) {
        json_write_key(w, STR("FixedIn"));
        json_write_array(w);
        vec_each (&v->fixes, f)
            clair_write_fix(w, f);
        json_write_array_end(w);
    }
    json_write_object_end(w);
}

/* ---- from the store ---- */

struct str clair_format_of(struct call *c, struct str namespace)
{
    struct str format = {0};
    struct error ignored;
    return store_namespace_get(c->store, namespace, &c->arena, &format, &ignored) > 0 && format.len
               ? format
               : STR("dpkg");
}

/* What is stored without saying that a package is affected, API v1 has no word for. */
static bool is_told(const struct advisory *a)
{
    return a->status != ADVISORY_NOT_AFFECTED && a->status != ADVISORY_UNDETERMINED;
}

int clair_of_stored(struct call *c, const struct store_vulnerability *stored, bool fixes,
                    struct clair_vulnerability *ret)
{
    struct wire w = wire_make(stored->fixes);
    struct advisory a;
    int rc = 0;
    *ret = (struct clair_vulnerability){
        .name = stored->name,
        .namespace = stored->namespace,
        .description = stored->description,
        .link = stored->link,
        .severity = str_of(severity_name(stored->severity)),
        .metadata = stored->metadata,
    };
    struct str format = fixes ? clair_format_of(c, stored->namespace) : STR("");
    while (fixes && (rc = advisory_unpack(&w, &a, &c->err)) > 0) {
        struct clair_fix *f = is_told(&a) ? vec_push(&ret->fixes, &c->arena) : NULL;
        if (!f && is_told(&a))
            return error_set(&c->err, E_LIMIT, "more fixes than one answer may hold");
        if (f)
            *f = (struct clair_fix){a.id, stored->namespace, format,
                                    a.fixed_version.len ? a.fixed_version : STR("None")};
    }
    return rc;
}
