#include "image/registry_lookup.h"

#include "base/limits.h"
#include "image/document.h"

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
    bool as_of_old;
    struct oci_descriptor what; /* what it must be; a digest of "" becomes what the registry says it is */
};

static int get_document(struct registry_lookup *l, struct registry_endpoint *e, struct wish *wish,
                        struct arena *arena, struct str *ret, struct error *err)
{
    const struct registry_query query = {.path = wish->path,
                                         .headers =
                                             wish->manifest && !wish->as_of_old ? manifest_headers : NULL,
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
static int get_anywhere(struct registry_lookup *l, struct wish *wish, struct arena *arena, struct str *ret,
                        struct error *err)
{
    const struct registry_access *a = l->access;
    struct error trouble = {0};
    char mirrors[200] = "";
    int r = -1;
    for (size_t i = l->endpoint; i < a->endpoints_count; i++) {
        r = get_document(l, &a->endpoints[i], wish, arena, ret, &trouble);
        if (r == 0) {
            l->endpoint = i;
            return 0;
        }
        if (a->endpoints[i].mirror && !*mirrors)
            snprintf(mirrors, sizeof mirrors, " (mirror %.60s: %.120s)", a->endpoints[i].name, trouble.text);
    }
    *err = trouble;
    return *mirrors ? error_set(err, trouble.code, "%.290s%s", trouble.text, mirrors) : r;
}

/* How resolve.h asks for documents. */
struct asker {
    struct resolver resolver; /* its first member, for fetch() */
    struct registry_lookup *lookup;
};

static int fetch(struct resolver *resolver, const struct oci_descriptor *what, bool manifest,
                 struct arena *arena, struct str *ret, struct error *err)
{
    char path[DIGEST_TEXT_SIZE + 16];
    struct wish wish = {.path = path, .manifest = manifest, .what = *what};
    if (!what->digest.text[0])
        return error_set(err, E_UNSUPPORTED,
                         "the index names a manifest by a digest of an unknown algorithm");
    snprintf(path, sizeof path, "%s/%s", manifest ? "manifests" : "blobs", what->digest.text);
    return get_anywhere(((struct asker *)resolver)->lookup, &wish, arena, ret, err);
}

/* A registry that can give it only under another media type refuses with one status or another; who must not see it,
   and what cannot be reached, stays so. */
static bool worth_asking_again(int r, const struct registry_lookup *l)
{
    return r < 0 && r != -E_DENIED && l->access->refused.status;
}

static int get_named(struct registry_lookup *l, struct wish *wish, struct arena *arena, struct str *ret,
                     struct error *err)
{
    struct error trouble = {0};
    wish->as_of_old = l->as_of_old && !wish->what.digest.text[0];
    if (wish->as_of_old) {
        int r = get_anywhere(l, wish, arena, ret, &trouble);
        if (!worth_asking_again(r, l)) {
            if (r < 0)
                *err = trouble;
            return r;
        }
        wish->as_of_old = false;
        l->access->refused = (struct registry_refused){0};
    }
    return get_anywhere(l, wish, arena, ret, err);
}

int registry_lookup_run(struct registry_lookup *l, const struct reference *reference, struct worker *worker,
                        struct image_info *info, struct error *err)
{
    struct asker asker = {.resolver = {.fetch = fetch,
                                       .worker = worker,
                                       .platform = l->access->options->platform,
                                       .every_step = l->as_of_old,
                                       .layers_only = l->layers_only},
                          .lookup = l};
    struct arena arena = arena_make(2 * OCI_DOCUMENT_MAX);
    char path[DIGEST_TEXT_SIZE + REFERENCE_TAG_MAX];
    struct wish wish = {.path = path, .manifest = true, .what = {.digest = reference->digest}};
    const struct digest *digest = &wish.what.digest;
    struct str document = {NULL, 0};
    snprintf(path, sizeof path, "manifests/%s", digest->text[0] ? digest->text : reference->tag);
    int r = registry_client_take(&l->client, l->access, worker, err);
    if (r == 0) {
        r = get_named(l, &wish, &arena, &document, err);
        if (r == 0)
            r = resolve_image(&asker.resolver, document, digest->text[0] ? digest : NULL, info, err);
        registry_client_give(STEAL(l->client));
    }
    arena_done(&arena);
    return r;
}
