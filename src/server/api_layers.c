#include "base/limits.h"
#include "os/log.h"
#include "server/clair1.h"
#include "server/verdict.h"
#include "store/layer.h"

/* ---- POST ---- */

/* A header's line as it is sent; what would break the request is left out by refusing the layer. */
static bool is_header(const struct clair_header *h)
{
    for (size_t i = 0; i < h->name.len; i++)
        if (h->name.ptr[i] <= ' ' || h->name.ptr[i] == ':' || h->name.ptr[i] >= 0x7f)
            return false;
    for (size_t i = 0; i < h->value.len; i++)
        if ((unsigned char)h->value.ptr[i] < ' ' || h->value.ptr[i] == 0x7f)
            return false;
    return h->name.len > 0;
}

static const char *text_of(struct call *c, struct str s)
{
    char *text = arena_alloc(&c->arena, s.len + 1, 1);
    if (!text || memchr(s.len ? s.ptr : "", 0, s.len))
        return NULL;
    if (s.len)
        memcpy(text, s.ptr, s.len);
    text[s.len] = 0;
    return text;
}

/* The client's headers for the download; < 0: one of them is none. */
static int set_headers(struct call *c, const struct clair_layer *l, struct posted_layer *posted)
{
    const char **lines = arena_array(&c->arena, const char *, l->headers.len + 1);
    size_t n = 0;
    vec_each (&l->headers, h) {
        if (!is_header(h))
            return -1;
        if (str_eq_nocase(h->name, STR("Authorization"))) {
            posted->authorization = text_of(c, h->value);
            continue;
        }
        size_t size = h->name.len + 2 + h->value.len + 1;
        char *line = arena_alloc(&c->arena, size, 1);
        if (!lines || !line)
            return -1;
        snprintf(line, size, "%.*s: %.*s", STR_ARG(h->name), STR_ARG(h->value));
        lines[n++] = line;
    }
    posted->headers = lines;
    return 0;
}

static void refuse(struct call *c, const struct clair_layer *l, enum posted_failure why)
{
    static const struct {
        unsigned status;
        const char *message;
    } answers[] = {
        [POSTED_NO_PARENT] = {400, "worker: parent layer is unknown, it must be processed first"},
        [POSTED_NOT_FOUND] = {400, "could not find layer"},
        [POSTED_BAD_NAME] = {400, "could not process a layer whose name is too long"},
        [POSTED_UNREADABLE] = {422, "tarutil: could not extract the archive"},
        [POSTED_FILE_TOO_BIG] =
            {422, "tarutil: could not extract one or more files from the archive: file too big"},
        [POSTED_UNSUPPORTED] = {422, "worker: OS and/or package manager are not supported"},
    };
    metrics_count(c->api->metrics, METRIC_LAYERS_REFUSED);
    log_event(LOG_WARNING, "layer refused", LOG_STR("layer", l->name), LOG_STR("error", str_of(c->err.text)),
              LOG_END);
    if (why == POSTED_FAILED)
        api_broken(c);
    else
        api_fail(c, answers[why].status, answers[why].message, c->err.text);
}

/* 0, or < 0 with the answer made. A format is only looked at when the layer could be had. */
static int read_it(struct call *c, const struct clair_layer *l)
{
    struct posted_layer posted = {.name = l->name, .parent = l->parent, .path = text_of(c, l->path)};
    if (!posted.path || set_headers(c, l, &posted) < 0) {
        api_fail(c, 400, "could not find layer",
                 "the path or a header holds characters that no request may have");
        return -1;
    }
    bool known = str_eq_nocase(l->format, STR("docker")) || str_eq_nocase(l->format, STR("aci"));
    posted.probe = !known;
    enum posted_failure failed =
        scan_posted(&posted, &c->api->posted, c->store, c->thread->worker, &c->arena, &c->err);
    if (failed == POSTED_OK && posted.probe) {
        CLEANUP(buf_done) struct buf message = buf_make(KIB(8));
        buf_printf(&message, "unsupported image format '%.*s'", STR_ARG(l->format));
        api_fail_str(c, 400, buf_str(&message), NULL);
        return -1;
    }
    if (failed != POSTED_OK) {
        refuse(c, l, failed);
        return -1;
    }
    metrics_count(c->api->metrics, METRIC_LAYERS_READ);
    return 0;
}

static const char *missing(const struct clair_layer *l)
{
    if (!l->name.len)
        return "could not process a layer which does not have a name";
    if (!l->path.len)
        return "could not process a layer which does not have a path";
    return l->format.len ? NULL : "could not process a layer which does not have a format";
}

void api_post_layer(struct call *c)
{
    struct clair_layer l;
    struct store_layer known;
    int rc = clair_read_layer(c, &l);
    if (rc < 0)
        return;
    if (rc == 0) {
        api_fail(c, 400, "failed to provide layer", NULL);
        return;
    }
    if (missing(&l)) {
        api_fail(c, 400, missing(&l), NULL);
        return;
    }
    rc = store_layer_get(c->store, l.name, &c->arena, &known, &c->err);
    if (rc < 0) {
        api_broken(c);
        return;
    }
    if (rc == 0 && read_it(c, &l) < 0)
        return;
    struct json_writer w = api_begin(c);
    json_write_key(&w, STR("Layer"));
    clair_write_layer(&w, &l);
    api_end(c, &w, 201);
}

/* ---- GET ---- */

static void write_verdict(struct json_writer *w, const struct verdict *v)
{
    const struct store_vulnerability *s = v->vulnerability;
    const struct clair_vulnerability shown = {.name = s->name,
                                              .namespace = s->namespace,
                                              .description = s->description,
                                              .link = s->link,
                                              .severity = str_of(severity_name(s->severity)),
                                              .metadata = s->metadata,
                                              .fixed_by = v->fixed_by};
    clair_write_vulnerability(w, &shown);
}

static void write_feature(struct json_writer *w, const struct feature *f, const struct verdict_list *verdicts,
                          struct str added_by)
{
    json_write_object(w);
    clair_write_member(w, STR("Name"), f->name);
    clair_write_member(w, STR("NamespaceName"), f->namespace);
    clair_write_member(w, STR("VersionFormat"), f->format);
    clair_write_member(w, STR("Version"), f->version);
    if (verdicts && verdicts->items.len) {
        json_write_key(w, STR("Vulnerabilities"));
        json_write_array(w);
        vec_each (&verdicts->items, v)
            write_verdict(w, v);
        json_write_array_end(w);
    }
    clair_write_member(w, STR("AddedBy"), added_by);
    json_write_object_end(w);
}

struct shown {
    struct store_layer layer;
    struct feature_list features;
    struct store_layer *chain; /* lowest first */
    size_t depth;
    struct verdict_list *verdicts; /* one a feature; NULL: not asked for */
};

static int load(struct call *c, struct shown *s)
{
    bool vulnerabilities = api_flag(c, "vulnerabilities"),
         features = vulnerabilities || api_flag(c, "features");
    int rc = store_layer_get(c->store, c->params[0], &c->arena, &s->layer, &c->err);
    if (rc <= 0 || !features)
        return rc;
    rc = features_unpack(s->layer.features, &c->arena, &s->features, &c->err);
    if (rc == 0)
        rc = store_layer_chain(c->store, c->params[0], &c->arena, &s->chain, &s->depth, &c->err);
    if (rc > 0 && vulnerabilities)
        rc = verdicts_of(c, &s->features, &s->verdicts) < 0 ? -(int)c->err.code : 1;
    return rc;
}

void api_get_layer(struct call *c)
{
    struct shown s = {0};
    int rc = load(c, &s);
    if (rc <= 0) {
        if (rc < 0)
            api_broken(c);
        else
            api_not_found(c);
        return;
    }
    struct json_writer w = api_begin(c);
    json_write_key(&w, STR("Layer"));
    json_write_object(&w);
    clair_write_member(&w, STR("Name"), s.layer.name);
    clair_write_member(&w, STR("NamespaceName"), s.layer.namespace);
    clair_write_member(&w, STR("ParentName"), s.layer.parent);
    json_write_key(&w, STR("IndexedByVersion"));
    json_write_i64(&w, s.layer.engine_version);
    if (s.features.items.len) {
        json_write_key(&w, STR("Features"));
        json_write_array(&w);
        for (size_t i = 0; i < s.features.items.len; i++) {
            const struct feature *f = &s.features.items.ptr[i];
            write_feature(&w, f, s.verdicts ? &s.verdicts[i] : NULL,
                          f->depth < s.depth ? s.chain[f->depth].name : s.layer.name);
        }
        json_write_array_end(&w);
    }
    json_write_object_end(&w);
    api_end(c, &w, 200);
}

/* ---- DELETE ---- */

void api_delete_layer(struct call *c)
{
    api_deleted(c, store_layer_delete(c->store, c->params[0], &c->err));
}
