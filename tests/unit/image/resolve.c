#include "image/resolve.h"

#include "base/limits.h"
#include "base/memory.h"
#include "image/document.h"
#include "make.h"
#include "test.h"

/* A registry of documents: each is found by its digest, or, with `same`, is whatever is asked for. */
struct shelf {
    struct resolver resolver;
    struct digest digests[16];
    struct str documents[16];
    size_t count, fetched;
    const char *same;
    bool last_was_manifest;
};

static int shelf_fetch(struct resolver *resolver, const struct oci_descriptor *what, bool manifest,
                       struct arena *arena, struct str *ret, struct error *err)
{
    struct shelf *s = (struct shelf *)resolver;
    (void)arena;
    s->fetched++;
    s->last_was_manifest = manifest;
    if (s->same) {
        *ret = str_of(s->same);
        return 0;
    }
    for (size_t i = 0; i < s->count; i++) {
        if (digest_eq(&s->digests[i], &what->digest)) {
            *ret = s->documents[i];
            return 0;
        }
    }
    return error_set(err, E_NOT_FOUND, "no such document");
}

static const char *put(struct shelf *s, const char *text)
{
    s->documents[s->count] = str_of(text);
    s->digests[s->count] = digest_of(str_of(text));
    return s->digests[s->count++].text;
}

struct outcome {
    int rc;
    struct error err;
    struct image_info info;
};

static struct outcome resolve(struct shelf *s, const char *document, const struct digest *digest)
{
    struct outcome o = {0};
    CLEANUP(worker_freep) struct worker *worker = worker_new();
    s->resolver.fetch = shelf_fetch;
    s->resolver.worker = worker;
    o.rc = resolve_image(&s->resolver, str_of(document), digest, &o.info, &o.err);
    return o;
}

static void outcome_done(struct outcome *o)
{
    for (size_t i = 0; i < o->info.layers_count; i++) {
        free(o->info.layers[i].created_by);
        free(o->info.layers[i].unreadable);
    }
    free(o->info.layers);
    free(o->info.platform);
}

#define assert_refused(o, error_code, message)       \
    do {                                             \
        struct outcome o_ = (o);                     \
        assert_int_equal(o_.rc, -(error_code));      \
        assert_string_equal(o_.err.text, (message)); \
        outcome_done(&o_);                           \
    } while (0)

#define SHA_A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define INDEX_OF_ITSELF                                                  \
    "{\"manifests\":[{\"digest\":\"" SHA_A "\",\"size\":1,\"platform\":" \
    "{\"os\":\"linux\",\"architecture\":\"amd64\"}}]}"

/* Indexes that lead to indexes for ever: so many are fetched, and no more. */
TEST(resolve_depth)
{
    struct shelf s = {.same = INDEX_OF_ITSELF, .resolver = {.platform = "linux/amd64"}};
    assert_refused(resolve(&s, INDEX_OF_ITSELF, NULL), E_LIMIT,
                   SHA_A ": indexes lead to indexes more than 4 times");
    assert_int_equal(s.fetched, OCI_DEPTH_MAX + 1);
}

static const char *manifest_of(const char *config, const char *layers)
{
    static char text[2000];
    snprintf(text, sizeof text, "{\"config\":{\"digest\":\"%s\",\"size\":2},\"layers\":[%s]}", config,
             layers);
    return text;
}

static const char *index_to(const char *digest)
{
    static char texts[8][400];
    static unsigned next;
    char *text = texts[next++ % 8];
    snprintf(text, sizeof texts[0], "{\"manifests\":[{\"digest\":\"%s\",\"size\":1}]}", digest);
    return text;
}

#define LAYER(digest) "{\"digest\":\"" digest "\",\"size\":7}"

TEST(resolve_through_indexes)
{
    struct shelf s = {.resolver = {.platform = "linux/arm/v7"}};
    const char *config = put(
        &s, "{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\",\"rootfs\":{\"diff_ids\":[\"" SHA_B
            "\"]},\"history\":[{\"empty_layer\":true,\"created_by\":\"ENV\"},{\"created_by\":\"COPY\"}]}");
    const char *manifest = put(&s, manifest_of(config, LAYER(SHA_A))), *document = NULL;
    const char *leads = manifest;
    for (int i = 0; i < OCI_DEPTH_MAX; i++) {
        document = index_to(leads);
        leads = put(&s, document);
    }
    struct outcome o = resolve(&s, document, NULL);
    assert_int_equal(o.rc, 0);
    assert_string_equal(o.info.digest.text, manifest);
    assert_string_equal(o.info.platform, "linux/arm/v7");
    assert_false(o.info.chosen);
    assert_int_equal(o.info.layers_count, 1);
    assert_string_equal(o.info.layers[0].digest.text, SHA_A);
    assert_string_equal(o.info.layers[0].diff_id.text, SHA_B);
    assert_string_equal(o.info.layers[0].created_by, "COPY");
    assert_int_equal(o.info.layers[0].size, 7);
    assert_true(o.info.layers[0].size_known);
    assert_false(s.last_was_manifest); /* the config is a blob */
    outcome_done(&o);
}

/* The digest that a reference pins is what the image is called, even when it is a sha512. */
TEST(resolve_digests)
{
    struct shelf s = {0};
    const char *config = put(&s, "{\"rootfs\":{}}");
    char text[2000];
    snprintf(text, sizeof text, "%s", manifest_of(config, ""));
    struct outcome o = resolve(&s, text, NULL);
    assert_int_equal(o.rc, 0);
    assert_string_equal(o.info.digest.text, digest_of(str_of(text)).text);
    assert_string_equal(o.info.platform, "");
    assert_int_equal(o.info.layers_count, 0);
    outcome_done(&o);
    struct digest pinned = document_digest(str_of(text), &(struct digest){.text = "sha512:"});
    o = resolve(&s, text, &pinned);
    assert_string_equal(o.info.digest.text, pinned.text);
    outcome_done(&o);
}

#define ENTRY(digest, os, architecture, more)                                                                \
    "{\"digest\":\"" digest "\",\"size\":1,\"platform\":{\"os\":\"" os "\",\"architecture\":\"" architecture \
    "\"" more "}}"

TEST(resolve_no_platform)
{
    struct shelf s = {.resolver = {.platform = "linux/s390x"}};
    const char *index = "{\"manifests\":[" ENTRY(SHA_A, "linux", "amd64", "") "," ENTRY(
        SHA_B, "linux", "arm64", ",\"variant\":\"v8\"") "," ENTRY(SHA_B, "unknown", "unknown", "") "]}";
    assert_refused(resolve(&s, index, NULL), E_NOT_FOUND,
                   "no image for the platform linux/s390x; there are: linux/amd64, linux/arm64/v8 (choose "
                   "one with --platform)");
    assert_refused(resolve(&s, "{\"manifests\":[]}", NULL), E_NOT_FOUND,
                   "no image for the platform linux/s390x; there are: none (choose one with --platform)");
    s.resolver.platform = "amd64";
    assert_refused(resolve(&s, index, NULL), E_USAGE,
                   "--platform: \"amd64\" is not OS/ARCH[/VARIANT], such as linux/arm64");
    assert_int_equal(s.fetched, 0);
    s.resolver.platform = "linux/arm64";
    assert_refused(resolve(&s, index, NULL), E_NOT_FOUND, "no such document");
    assert_int_equal(s.fetched, 1);
}

TEST(resolve_unknown_digest)
{
    struct shelf s = {0};
    assert_refused(resolve(&s, "{\"manifests\":[{\"digest\":\"sha1:00\",\"size\":1}]}", NULL), E_UNSUPPORTED,
                   "the image's digest is of an algorithm other than sha256 and sha512");
}

TEST(resolve_counts_differ)
{
    struct shelf s = {0};
    const char *config = put(&s, "{\"rootfs\":{\"diff_ids\":[\"" SHA_A "\",\"" SHA_B "\"]}}");
    struct outcome o = resolve(&s, manifest_of(config, LAYER(SHA_A)), &(struct digest){.text = SHA_A});
    assert_refused(o, E_BAD_INPUT, SHA_A ": the manifest has 1 layers, its config 2 diff_ids");
    o = resolve(&s, manifest_of(config, LAYER(SHA_A) "," LAYER(SHA_A) "," LAYER(SHA_B)),
                &(struct digest){.text = SHA_A});
    assert_refused(o, E_BAD_INPUT, SHA_A ": the manifest has 3 layers, its config 2 diff_ids");
}

TEST(resolve_unknown_layer)
{
    struct shelf s = {0};
    const char *config = put(&s, "{\"rootfs\":{\"diff_ids\":[\"" SHA_A "\",\"" SHA_B "\"]}}");
    struct outcome o =
        resolve(&s,
                manifest_of(config, LAYER(SHA_A) ",{\"digest\":\"" SHA_B "\",\"size\":1,\"mediaType\":"
                                                 "\"application/x\\u001by\"}"),
                &(struct digest){.text = SHA_A});
    assert_int_equal(o.rc, 0);
    assert_int_equal(o.info.layers_count, 2);
    assert_null(o.info.layers[0].unreadable); /* the others can be read */
    assert_string_equal(o.info.layers[1].unreadable,
                        "its media type \"application/x?y\" is of no tar archive");
    outcome_done(&o);
}

TEST(resolve_bad_config)
{
    struct shelf s = {0};
    assert_refused(resolve(&s, manifest_of(SHA_B, ""), &(struct digest){.text = SHA_A}), E_NOT_FOUND,
                   "config of " SHA_A ": no such document");
    const char *config = put(&s, "{\"rootfs\":");
    assert_refused(resolve(&s, manifest_of(config, ""), &(struct digest){.text = SHA_A}), E_BAD_INPUT,
                   "config of " SHA_A ": json: offset 10: expected a value, found the end");
    assert_refused(resolve(&s, "{\"rootfs\":{}}", &(struct digest){.text = SHA_A}), E_UNSUPPORTED,
                   SHA_A ": an image config stands where a manifest should be");
    assert_refused(resolve(&s, "[]", &(struct digest){.text = SHA_A}), E_UNSUPPORTED,
                   SHA_A ": is docker save's manifest.json, not an image's document");
}

TEST(resolve_schema1)
{
    struct shelf s = {0};
    struct outcome o =
        resolve(&s,
                "{\"fsLayers\":[{\"blobSum\":\"" SHA_A "\"},{\"blobSum\":\"" SHA_B "\"}],\"history\":["
                "{\"v1Compatibility\":\"{\\\"container_config\\\":{\\\"Cmd\\\":[\\\"upper\\\"]},"
                "\\\"os\\\":\\\"linux\\\",\\\"architecture\\\":\\\"amd64\\\"}\"},"
                "{\"v1Compatibility\":\"{}\"}]}",
                NULL);
    assert_int_equal(o.rc, 0);
    assert_int_equal(s.fetched, 0);
    assert_string_equal(o.info.platform, "linux/amd64");
    assert_int_equal(o.info.layers_count, 2);
    assert_string_equal(o.info.layers[0].digest.text, SHA_B);
    assert_string_equal(o.info.layers[1].digest.text, SHA_A);
    assert_string_equal(o.info.layers[1].created_by, "upper");
    assert_string_equal(o.info.layers[1].diff_id.text, "");
    assert_false(o.info.layers[1].size_known);
    outcome_done(&o);
}

TEST(resolve_this_machine)
{
    struct oci_platform p = {0};
    struct error err = {0};
    assert_int_equal(resolve_platform(NULL, &p, &err), 0);
    assert_str(p.os, "linux");
    assert_true(p.architecture.len > 0);
#if defined __x86_64__
    assert_str(p.architecture, "amd64");
    assert_str(p.variant, "");
#elif defined __aarch64__
    assert_str(p.architecture, "arm64");
#endif
    assert_int_equal(resolve_platform("windows/x86_64", &p, &err), 0);
    assert_str(p.os, "windows");
    assert_str(p.architecture, "amd64");
}
