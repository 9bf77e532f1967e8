/* Docker's schema 1 manifest: layers and history newest first, and each history entry a JSON text in a
   string. https://distribution.github.io/distribution/spec/deprecated-schema-v1/ */
#include "base/limits.h"
#include "oci/parse.h"
#include "stream/memory.h"

int schema1_layers(struct parse *p)
{
    struct str key;
    int rc = json_array(&p->j);
    while (rc > 0 && (rc = json_item(&p->j)) > 0) {
        if (p->doc->layers.len == OCI_LAYERS_MAX)
            return parse_full(p, "layers", OCI_LAYERS_MAX);
        struct oci_descriptor *d = vec_push(&p->doc->layers, p->arena);
        if (!d)
            return parse_no_memory(p);
        d->media_type = STR("application/vnd.docker.image.rootfs.diff.tar.gzip");
        rc = json_object(&p->j);
        while (rc > 0 && (rc = json_key(&p->j, &key)) > 0)
            if (str_eq(key, STR("blobSum")) && (rc = parse_digest(p, "blobSum", true, &d->digest)) < 0)
                return rc;
            else
                rc = 1;
        if (rc < 0)
            return rc;
        rc = 1;
    }
    return rc;
}

/* ["/bin/sh", "-c", "#(nop) CMD"] as one text. */
static int join_command(struct parse *p, struct str *ret)
{
    CLEANUP(buf_done) struct buf joined = buf_make(JSON_TOKEN_MAX);
    struct str word;
    int rc = json_array(&p->j);
    while (rc > 0 && (rc = json_item(&p->j)) > 0) {
        if ((rc = json_string(&p->j, &word)) < 0)
            return rc;
        if (rc && joined.len)
            buf_add_char(&joined, ' ');
        if (rc)
            buf_add(&joined, word);
        rc = 1;
    }
    if (rc < 0)
        return rc;
    return arena_str(p->arena, buf_str(&joined), ret) < 0 ? parse_no_memory(p) : 0;
}

static int container_config(struct parse *p, struct oci_history *ret)
{
    struct str key;
    int rc = json_object(&p->j);
    while (rc > 0 && (rc = json_key(&p->j, &key)) > 0) {
        if (str_eq(key, STR("Cmd")) && (rc = join_command(p, &ret->created_by)) < 0)
            return rc;
        rc = 1;
    }
    return rc;
}

static int compatibility(struct parse *p, struct oci_history *ret)
{
    struct oci_platform *platform = &p->doc->platform;
    struct str key;
    int rc = json_object(&p->j);
    while (rc > 0 && (rc = json_key(&p->j, &key)) > 0) {
        if (str_eq(key, STR("throwaway")))
            rc = json_bool(&p->j, &ret->empty_layer);
        else if (str_eq(key, STR("container_config")))
            rc = container_config(p, ret);
        else if (str_eq(key, STR("os")) && !platform->os.len)
            rc = parse_text(p, &platform->os);
        else if (str_eq(key, STR("architecture")) && !platform->architecture.len)
            rc = parse_text(p, &platform->architecture);
        else if (str_eq(key, STR("variant")) && !platform->variant.len)
            rc = parse_text(p, &platform->variant);
        if (rc < 0)
            return rc;
        rc = 1;
    }
    return rc < 0 ? rc : json_end(&p->j);
}

int schema1_history(struct parse *p, struct str text, struct oci_history *ret)
{
    struct parse inner = {.arena = p->arena, .doc = p->doc, .err = p->err};
    struct memory_reader in;
    json_open(&inner.j, memory_reader_init(&in, text, 0, p->err), p->err);
    int rc = compatibility(&inner, ret);
    json_close(&inner.j);
    return rc < 0 ? error_in(p->err, "v1Compatibility %zu", p->doc->history.len) : 0;
}

int schema1_finish(struct parse *p)
{
    struct oci_document *doc = p->doc;
    size_t n = doc->layers.len, kept = 0;
    if (n != doc->history.len)
        return error_set(p->err, E_BAD_INPUT, "schema 1 manifest: %zu layers, but a history of %zu", n,
                         doc->history.len);
    for (size_t i = 0; i < n / 2; i++) {
        struct oci_descriptor layer = doc->layers.ptr[i];
        struct oci_history history = doc->history.ptr[i];
        doc->layers.ptr[i] = doc->layers.ptr[n - 1 - i];
        doc->history.ptr[i] = doc->history.ptr[n - 1 - i];
        doc->layers.ptr[n - 1 - i] = layer;
        doc->history.ptr[n - 1 - i] = history;
    }
    for (size_t i = 0; i < n; i++) {
        if (!doc->layers.ptr[i].digest.text[0])
            return error_set(p->err, E_BAD_INPUT, "schema 1 manifest: layer %zu has no blobSum", i + 1);
        doc->history.ptr[i].blob = doc->layers.ptr[i].digest;
        if (!doc->history.ptr[i].empty_layer)
            doc->layers.ptr[kept++] = doc->layers.ptr[i];
    }
    doc->layers.len = kept;
    return 0;
}
