#include "base/limits.h"
#include "base/wire.h"
#include "oci/document.h"

/* A list in its wire form: its length, then its items, each by `one`. */
#define PUT_LIST(b, list, one)          \
    do {                                \
        wire_put_num((b), (list)->len); \
        vec_each (list, item_)          \
            one((b), item_);            \
    } while (0)

static void put_platform(struct buf *b, const struct oci_platform *p)
{
    wire_put_str(b, p->os);
    wire_put_str(b, p->architecture);
    wire_put_str(b, p->variant);
}

static void put_descriptor(struct buf *b, const struct oci_descriptor *d)
{
    wire_put_str(b, d->media_type);
    wire_put_str(b, digest_str(&d->digest));
    wire_put_num(b, d->size);
    wire_put_num(b, (d->size_known ? 1U : 0U) | (d->attestation ? 2U : 0U));
    put_platform(b, &d->platform);
    wire_put_str(b, d->name);
}

static void put_text(struct buf *b, const struct str *s)
{
    wire_put_str(b, *s);
}

static void put_digest(struct buf *b, const struct digest *d)
{
    wire_put_str(b, digest_str(d));
}

static void put_history(struct buf *b, const struct oci_history *h)
{
    wire_put_str(b, h->created_by);
    wire_put_num(b, h->empty_layer);
    put_digest(b, &h->blob);
}

static void put_saved(struct buf *b, const struct oci_saved *s)
{
    wire_put_str(b, s->config);
    PUT_LIST(b, &s->tags, put_text);
    PUT_LIST(b, &s->layers, put_text);
}

static void put_tag(struct buf *b, const struct oci_tag *t)
{
    wire_put_str(b, t->name);
    wire_put_str(b, t->tag);
    wire_put_str(b, t->id);
}

static void put_refusal(struct buf *b, const struct oci_refusal *e)
{
    wire_put_str(b, e->code);
    wire_put_str(b, e->message);
}

void oci_encode(const struct oci_document *doc, struct buf *b)
{
    wire_put_num(b, doc->kind);
    wire_put_str(b, doc->media_type);
    PUT_LIST(b, &doc->manifests, put_descriptor);
    put_descriptor(b, &doc->config);
    PUT_LIST(b, &doc->layers, put_descriptor);
    put_platform(b, &doc->platform);
    PUT_LIST(b, &doc->diff_ids, put_digest);
    PUT_LIST(b, &doc->history, put_history);
    PUT_LIST(b, &doc->saved, put_saved);
    PUT_LIST(b, &doc->tags, put_tag);
    PUT_LIST(b, &doc->errors, put_refusal);
    wire_put_str(b, doc->token);
    wire_put_num(b, doc->expires_in);
    wire_put_str(b, doc->version);
}

struct take {
    struct wire w;
    struct arena *arena;
};

/* Reads a list of at most max items, each by `one`; stops at the first that does not fit. */
#define TAKE_LIST(t, list, max, one)                                                        \
    do {                                                                                    \
        for (uint64_t left_ = wire_num(&(t)->w, (max)); left_ && !(t)->w.failed; left_--) { \
            void *item_ = vec_push((list), (t)->arena);                                     \
            if (item_)                                                                      \
                one((t), item_);                                                            \
            else                                                                            \
                (t)->w.failed = true;                                                       \
        }                                                                                   \
    } while (0)

static void take_text(struct take *t, struct str *ret)
{
    if (arena_str(t->arena, wire_str(&t->w, OCI_DOCUMENT_MAX), ret) < 0)
        t->w.failed = true;
}

static void take_digest(struct take *t, struct digest *ret)
{
    struct str text = wire_str(&t->w, DIGEST_TEXT_SIZE);
    if (text.len && digest_parse(text, ret) < 0)
        t->w.failed = true;
}

static void take_platform(struct take *t, struct oci_platform *ret)
{
    take_text(t, &ret->os);
    take_text(t, &ret->architecture);
    take_text(t, &ret->variant);
}

static void take_descriptor(struct take *t, struct oci_descriptor *ret)
{
    take_text(t, &ret->media_type);
    take_digest(t, &ret->digest);
    ret->size = wire_num(&t->w, INT64_MAX);
    uint64_t flags = wire_num(&t->w, 3);
    ret->size_known = flags & 1;
    ret->attestation = flags & 2;
    take_platform(t, &ret->platform);
    take_text(t, &ret->name);
}

static void take_history(struct take *t, struct oci_history *ret)
{
    take_text(t, &ret->created_by);
    ret->empty_layer = wire_num(&t->w, 1);
    take_digest(t, &ret->blob);
}

static void take_saved(struct take *t, struct oci_saved *ret)
{
    take_text(t, &ret->config);
    TAKE_LIST(t, &ret->tags, OCI_TAGS_MAX, take_text);
    TAKE_LIST(t, &ret->layers, OCI_LAYERS_MAX, take_text);
}

static void take_tag(struct take *t, struct oci_tag *ret)
{
    take_text(t, &ret->name);
    take_text(t, &ret->tag);
    take_text(t, &ret->id);
}

static void take_refusal(struct take *t, struct oci_refusal *ret)
{
    take_text(t, &ret->code);
    take_text(t, &ret->message);
}

int oci_decode(struct str bytes, struct arena *arena, struct oci_document *ret, struct error *err)
{
    struct take t = {.w = wire_make(bytes), .arena = arena};
    struct oci_document doc = {.kind = (enum oci_kind)wire_num(&t.w, OCI_KINDS - 1)};
    take_text(&t, &doc.media_type);
    TAKE_LIST(&t, &doc.manifests, OCI_MANIFESTS_MAX, take_descriptor);
    take_descriptor(&t, &doc.config);
    TAKE_LIST(&t, &doc.layers, OCI_LAYERS_MAX, take_descriptor);
    take_platform(&t, &doc.platform);
    TAKE_LIST(&t, &doc.diff_ids, OCI_LAYERS_MAX, take_digest);
    TAKE_LIST(&t, &doc.history, OCI_HISTORY_MAX, take_history);
    TAKE_LIST(&t, &doc.saved, OCI_SAVED_MAX, take_saved);
    TAKE_LIST(&t, &doc.tags, OCI_TAGS_MAX, take_tag);
    TAKE_LIST(&t, &doc.errors, OCI_ERRORS_MAX, take_refusal);
    take_text(&t, &doc.token);
    doc.expires_in = wire_num(&t.w, UINT32_MAX);
    take_text(&t, &doc.version);
    if (t.w.failed || t.w.left.len)
        return error_set(err, E_WORKER, "worker: answer is not the document that was asked for");
    *ret = doc;
    return 0;
}
