/* NAME[:TAG][@DIGEST]: an image in a registry. The documents are read by the worker, the layers come by
   registry_layer.h. */
#include "base/limits.h"
#include "base/memory.h"
#include "image/document.h"
#include "image/registry_layer.h"
#include "image/resolve.h"
#include "image/sources.h"

struct registry_stream {
    struct registry_layer *layer; /* NULL: not open */
};

struct registry {
    struct image image;
    struct registry_access access;
    size_t endpoint;                /* that gave the manifest */
    struct registry_stream *layers; /* one for each of the image's */
};

/* How documents are asked for while the image is opened. */
struct lookup {
    struct resolver resolver; /* its first member, for fetch() */
    struct registry *registry;
    struct registry_client *client;
};

static const char *const manifest_headers[] = {
    "Accept: application/vnd.oci.image.index.v1+json",
    "Accept: application/vnd.oci.image.manifest.v1+json",
    "Accept: application/vnd.docker.distribution.manifest.list.v2+json",
    "Accept: application/vnd.docker.distribution.manifest.v2+json",
    "Accept: application/vnd.docker.distribution.manifest.v1+prettyjws",
    "Accept: application/vnd.docker.distribution.manifest.v1+json",
    NULL,
};

/* A signed schema 1 manifest is named by the digest of what is signed, without the signatures: what the registry says
   cannot be checked here, so it is not repeated. */
static bool signed_schema1(const struct http_response *response)
{
    return str_starts(http_header(response, STR("content-type")),
                      STR("application/vnd.docker.distribution.manifest.v1+prettyjws"));
}

/* What the registry says of its answer: *ret_digest is "" when it says nothing. */
static int check_answer(const struct registry_endpoint *e, const struct http_response *response,
                        struct digest *ret_digest, struct error *err)
{
    struct str type = http_header(response, STR("content-type"));
    struct str claimed = http_header(response, STR("docker-content-digest"));
    *ret_digest = (struct digest){""};
    if (str_starts(type, STR("text/html")))
        return error_set(err, E_NETWORK,
                         "%s answers with a web page where a manifest should be: is it a registry?", e->name);
    if (!claimed.len || signed_schema1(response) || digest_parse(claimed, ret_digest) < 0)
        return 0;
    struct digest got = document_digest(buf_str(&response->body), ret_digest);
    if (!digest_eq(&got, ret_digest))
        return error_set(err, E_BAD_INPUT, "%s says that the manifest has the digest %s, its bytes have %s",
                         e->name, ret_digest->text, got.text);
    return 0;
}

/* What is asked for. */
struct wish {
    const char *path;
    bool manifest;
    struct oci_descriptor what; /* what it must be; a digest of "" becomes what the registry says it is */
};

static int get_document(struct lookup *l, struct registry_endpoint *e, struct wish *wish, struct arena *arena,
                        struct str *ret, struct error *err)
{
    const struct registry_query query = {.path = wish->path,
                                         .headers = wish->manifest ? manifest_headers : NULL,
                                         .body_max = OCI_DOCUMENT_MAX};
    struct http_response response = {0};
    struct digest claimed = {""};
    int r = registry_get(l->client, e, &query, &response, err);
    if (r == 0 && wish->manifest)
        r = check_answer(e, &response, &claimed, err);
    if (r == 0)
        r = document_verify(buf_str(&response.body), &wish->what, err);
    if (r == 0 && !wish->what.digest.text[0])
        wish->what.digest = claimed;
    if (r == 0 && arena_str(arena, buf_str(&response.body), ret) < 0)
        r = error_set(err, E_LIMIT, "%s: more than this unit of work may keep", wish->path);
    http_response_done(&response);
    return r;
}

/* From the endpoint that gave the manifest (the first before), else from those behind it. What mirrors said is told
   only when the registry fails, too. */
static int get_anywhere(struct lookup *l, struct wish *wish, struct arena *arena, struct str *ret,
                        struct error *err)
{
    const struct registry_access *a = &l->registry->access;
    struct error trouble = {0};
    char mirrors[200] = "";
    int r = -1;
    for (size_t i = l->registry->endpoint; i < a->endpoints_count; i++) {
        r = get_document(l, &a->endpoints[i], wish, arena, ret, &trouble);
        if (r == 0) {
            l->registry->endpoint = i;
            return 0;
        }
        if (a->endpoints[i].mirror && !*mirrors)
            snprintf(mirrors, sizeof mirrors, " (mirror %.60s: %.120s)", a->endpoints[i].name, trouble.text);
    }
    *err = trouble;
    return *mirrors ? error_set(err, trouble.code, "%.290s%s", trouble.text, mirrors) : r;
}

static int fetch(struct resolver *resolver, const struct oci_descriptor *what, bool manifest,
                 struct arena *arena, struct str *ret, struct error *err)
{
    char path[DIGEST_TEXT_SIZE + 16];
    struct wish wish = {.path = path, .manifest = manifest, .what = *what};
    if (!what->digest.text[0])
        return error_set(err, E_UNSUPPORTED,
                         "the index names a manifest by a digest of an unknown algorithm");
    snprintf(path, sizeof path, "%s/%s", manifest ? "manifests" : "blobs", what->digest.text);
    return get_anywhere((struct lookup *)resolver, &wish, arena, ret, err);
}

static int resolve(struct registry *g, const struct reference *reference, struct worker *worker,
                   struct error *err)
{
    struct lookup l = {
        .resolver = {.fetch = fetch, .worker = worker, .platform = g->access.options->platform},
        .registry = g};
    struct arena arena = arena_make(2 * OCI_DOCUMENT_MAX);
    char path[DIGEST_TEXT_SIZE + REFERENCE_TAG_MAX];
    struct wish wish = {.path = path, .manifest = true, .what = {.digest = reference->digest}};
    const struct digest *digest = &wish.what.digest;
    struct str document = {NULL, 0};
    snprintf(path, sizeof path, "manifests/%s", digest->text[0] ? digest->text : reference->tag);
    int r = registry_client_take(&l.client, &g->access, worker, err);
    if (r == 0) {
        r = get_anywhere(&l, &wish, &arena, &document, err);
        if (r == 0)
            r = resolve_image(&l.resolver, document, digest->text[0] ? digest : NULL, &g->image.info, err);
        registry_client_give(l.client);
    }
    arena_done(&arena);
    return r;
}

static int registry_open(struct image **ret, const char *name, const struct image_options *options,
                         struct worker *worker, struct error *err)
{
    struct reference reference;
    char text[REFERENCE_TEXT_SIZE];
    int r = reference_parse(str_of(name), &reference, err);
    if (r < 0)
        return r;
    struct registry *g = image_new(&registry_source, sizeof *g);
    g->image.info.reference = memory_text(reference_text(&reference, text, sizeof text));
    r = registry_access_init(&g->access, &reference, options, err);
    if (r == 0)
        r = resolve(g, &reference, worker, err);
    if (r < 0) {
        image_free(&g->image);
        return r;
    }
    size_t count = g->image.info.layers_count;
    g->layers = memory_new((count ? count : 1) * sizeof *g->layers);
    *ret = &g->image;
    return 0;
}

static int layer_open(struct image *image, size_t i, int *ret_fd, uint64_t *ret_offset, uint64_t *ret_length,
                      struct error *err)
{
    struct registry *g = (struct registry *)image;
    int r = registry_layer_open(&g->layers[i].layer, &g->access, g->endpoint, &image->info.layers[i], err);
    if (r < 0)
        return r;
    *ret_fd = registry_layer_fd(g->layers[i].layer);
    *ret_offset = 0;
    *ret_length = UINT64_MAX;
    return 0;
}

static uint64_t layer_progress(struct image *image, size_t i)
{
    return registry_layer_progress(((struct registry *)image)->layers[i].layer);
}

static int layer_close(struct image *image, size_t i, struct error *err)
{
    struct registry *g = (struct registry *)image;
    return registry_layer_close(STEAL(g->layers[i].layer), err);
}

static void registry_free(struct image *image)
{
    struct registry *g = (struct registry *)image;
    registry_access_done(&g->access);
    free(g->layers);
}

const struct image_source registry_source = {
    .scheme = "docker",
    .open = registry_open,
    .layer_open = layer_open,
    .layer_progress = layer_progress,
    .layer_close = layer_close,
    .free = registry_free,
};
