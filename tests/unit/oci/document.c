#include "oci/document.h"

#include "base/limits.h"
#include "stream/memory.h"
#include "test.h"

#define D1                       "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define D2                       "sha256:2222222222222222222222222222222222222222222222222222222222222222"
#define D3                       "sha256:3333333333333333333333333333333333333333333333333333333333333333"
#define OCI                      "application/vnd.oci.image."
#define DOCKER                   "application/vnd.docker."
#define DESCRIPTOR(type, digest) "{\"mediaType\":\"" type "\",\"digest\":\"" digest "\",\"size\":7}"
#define MANIFEST                                                                                      \
    "{\"schemaVersion\":2,\"mediaType\":\"" OCI                                                       \
    "manifest.v1+json\",\"config\":" DESCRIPTOR(OCI "config.v1+json", D1) ",\"layers\":[" DESCRIPTOR( \
        OCI "layer.v1.tar+gzip", D2) "," DESCRIPTOR(OCI "layer.v1.tar+zstd", D3) "]}"
#define CONFIG                                                                                          \
    "{\"architecture\":\"arm64\",\"variant\":\"v8\",\"os\":\"linux\",\"config\":{\"Env\":[\"A=b\"]},"   \
    "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" D1 "\",\"" D2 "\"]},\"history\":["               \
    "{\"created_by\":\"ADD x\"},{\"created_by\":\"ENV A\",\"empty_layer\":true},{\"created_by\":\"RUN " \
    "y\"}]}"

static struct arena arena;
static struct oci_document doc;
static struct error err;

static int read_step(struct str text, enum oci_kind expected, size_t step)
{
    struct memory_reader in;
    arena_done(&arena);
    arena = arena_make(OCI_ARENA_MAX);
    err = (struct error){0};
    doc = (struct oci_document){0};
    return oci_read(memory_reader_init(&in, text, step, &err), expected, &arena, &doc, &err);
}

static int read_text(const char *text, enum oci_kind expected)
{
    return read_step(str_of(text), expected, 0);
}

static void refused(const char *text, enum oci_kind expected, enum error_code code, const char *why)
{
    int rc = read_text(text, expected);
    assert_string_equal(err.text, why);
    assert_int_equal(rc, -(int)code);
    arena_done(&arena);
}

#define assert_str(s, lit)                                      \
    do {                                                        \
        struct str s_ = (s);                                    \
        char text_[300];                                        \
        assert_int_equal(str_copy(s_, text_, sizeof text_), 0); \
        assert_string_equal(text_, lit);                        \
    } while (0)

TEST(oci_index)
{
    assert_int_equal(
        read_text("{\"schemaVersion\":2,\"manifests\":["
                  "{\"mediaType\":\"" OCI "manifest.v1+json\",\"digest\":\"" D1 "\",\"size\":5,\"platform\":"
                  "{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\",\"os.version\":\"1\"},"
                  "\"annotations\":{\"x\":\"y\",\"org.opencontainers.image.ref.name\":\"a:1\"}},"
                  "{\"digest\":\"blake3:00\",\"annotations\":{\"io.containerd.image.name\":\"b\","
                  "\"vnd.docker.reference.type\":\"attestation-manifest\"}}]}",
                  OCI_ANY),
        0);
    assert_int_equal(doc.kind, OCI_INDEX);
    assert_int_equal(doc.manifests.len, 2);
    const struct oci_descriptor *d = doc.manifests.ptr;
    assert_string_equal(d[0].digest.text, D1);
    assert_str(d[0].media_type, OCI "manifest.v1+json");
    assert_str(d[0].platform.os, "linux");
    assert_str(d[0].platform.architecture, "arm");
    assert_str(d[0].platform.variant, "v7");
    assert_str(d[0].name, "a:1");
    assert_true(d[0].size_known && d[0].size == 5 && !d[0].attestation);
    assert_string_equal(d[1].digest.text, "");
    assert_str(d[1].name, "b");
    assert_true(d[1].attestation && !d[1].size_known);
    arena_done(&arena);
}

TEST(oci_manifest)
{
    assert_int_equal(read_text(MANIFEST, OCI_ANY), 0);
    assert_int_equal(doc.kind, OCI_MANIFEST);
    assert_string_equal(doc.config.digest.text, D1);
    assert_int_equal(doc.layers.len, 2);
    assert_string_equal(doc.layers.ptr[1].digest.text, D3);
    assert_str(doc.layers.ptr[1].media_type, OCI "layer.v1.tar+zstd");
    assert_int_equal(
        read_text("{\"layers\":[],\"config\":" DESCRIPTOR(DOCKER "container.image.v1+json", D1) "}",
                  OCI_MANIFEST),
        0);
    arena_done(&arena);
}

TEST(oci_config)
{
    assert_int_equal(read_text(CONFIG, OCI_CONFIG), 0);
    assert_str(doc.platform.architecture, "arm64");
    assert_str(doc.platform.variant, "v8");
    assert_int_equal(doc.diff_ids.len, 2);
    assert_string_equal(doc.diff_ids.ptr[1].text, D2);
    assert_str(oci_created_by(&doc, 0), "ADD x");
    assert_str(oci_created_by(&doc, 1), "RUN y");
    assert_str(oci_created_by(&doc, 2), "");
    assert_str(oci_created_by(&doc, SIZE_MAX), "");
    arena_done(&arena);
}

TEST(oci_schema1)
{
    assert_int_equal(
        read_text("{\"schemaVersion\":1,\"architecture\":\"amd64\",\"fsLayers\":[{\"blobSum\":\"" D3 "\"},"
                  "{\"blobSum\":\"" D2 "\"},{\"blobSum\":\"" D1 "\"}],\"history\":["
                  "{\"v1Compatibility\":\"{\\\"os\\\":\\\"linux\\\",\\\"container_config\\\":{\\\"Cmd\\\":"
                  "[\\\"/bin/sh\\\",\\\"-c\\\",\\\"x\\\"]}}\"},"
                  "{\"v1Compatibility\":\"{\\\"throwaway\\\":true}\"},"
                  "{\"v1Compatibility\":\"{\\\"container_config\\\":{\\\"Cmd\\\":null}}\"}],"
                  "\"signatures\":[{}]}",
                  OCI_ANY),
        0);
    assert_int_equal(doc.kind, OCI_SCHEMA1);
    assert_int_equal(doc.layers.len, 2);
    assert_string_equal(doc.layers.ptr[0].digest.text, D1);
    assert_string_equal(doc.layers.ptr[1].digest.text, D3);
    assert_int_equal(doc.history.len, 3); /* the step without files has a blob, too */
    assert_true(doc.history.ptr[1].empty_layer);
    assert_string_equal(doc.history.ptr[1].blob.text, D2);
    assert_false(doc.layers.ptr[0].size_known);
    assert_str(doc.platform.os, "linux");
    assert_str(doc.platform.architecture, "amd64");
    assert_str(oci_created_by(&doc, 0), "");
    assert_str(oci_created_by(&doc, 1), "/bin/sh -c x");
    refused("{\"fsLayers\":[{\"blobSum\":\"" D3 "\"}],\"history\":[]}", OCI_ANY, E_BAD_INPUT,
            "schema 1 manifest: 1 layers, but a history of 0");
    refused("{\"fsLayers\":[{}],\"history\":[{}]}", OCI_ANY, E_BAD_INPUT,
            "schema 1 manifest: layer 1 has no blobSum");
    refused("{\"fsLayers\":[{\"blobSum\":\"" D3 "\"}],\"history\":[{\"v1Compatibility\":\"{\"}]}", OCI_ANY,
            E_BAD_INPUT, "v1Compatibility 1: json: offset 1: expected a name, found the end");
}

TEST(oci_saved)
{
    assert_int_equal(
        read_text("[{\"Config\":\"a.json\",\"RepoTags\":[\"a:1\",\"b:2\"],\"Layers\":[\"x/layer.tar\"]},"
                  "{\"Config\":\"b.json\",\"RepoTags\":null,\"Layers\":[],\"LayerSources\":{}}]",
                  OCI_SAVED),
        0);
    assert_int_equal(doc.saved.len, 2);
    assert_str(doc.saved.ptr[0].config, "a.json");
    assert_str(doc.saved.ptr[0].tags.ptr[1], "b:2");
    assert_str(doc.saved.ptr[0].layers.ptr[0], "x/layer.tar");
    assert_int_equal(doc.saved.ptr[1].tags.len, 0);
    refused("[{\"Layers\":[]}]", OCI_SAVED, E_BAD_INPUT,
            "docker save's manifest.json: image 1 has no Config");
    refused("[]", OCI_ANY, E_UNSUPPORTED, "is docker save's manifest.json, not an image's document");
}

TEST(oci_repositories)
{
    assert_int_equal(read_text("{\"a/b\":{\"1\":\"x\",\"2\":\"y\"},\"c\":{\"3\":\"z\"}}", OCI_REPOSITORIES),
                     0);
    assert_int_equal(doc.tags.len, 3);
    assert_str(doc.tags.ptr[1].name, "a/b");
    assert_str(doc.tags.ptr[1].tag, "2");
    assert_str(doc.tags.ptr[2].id, "z");
    arena_done(&arena);
}

TEST(oci_answers)
{
    assert_int_equal(read_text("{\"imageLayoutVersion\":\"1.0.0\"}", OCI_LAYOUT), 0);
    assert_str(doc.version, "1.0.0");
    assert_int_equal(read_text("{\"token\":\"abc\",\"expires_in\":300}", OCI_TOKEN), 0);
    assert_str(doc.token, "abc");
    assert_int_equal(doc.expires_in, 300);
    assert_int_equal(read_text("{\"access_token\":\"abc\"}", OCI_TOKEN), 0);
    assert_str(doc.token, "abc");
    assert_int_equal(doc.expires_in, 60);
    assert_int_equal(
        read_text("{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no\",\"detail\":[]}]}", OCI_ERRORS), 0);
    assert_str(doc.errors.ptr[0].code, "DENIED");
    assert_str(doc.errors.ptr[0].message, "no");
    assert_int_equal(read_text("{\"message\":\"No such image\"}", OCI_ERRORS), 0);
    assert_str(doc.errors.ptr[0].message, "No such image");
    assert_str(doc.errors.ptr[0].code, "");
    arena_done(&arena);
}

TEST(oci_refusals)
{
    refused("", OCI_ANY, E_BAD_INPUT, "json: offset 0: expected a value, found the end");
    refused("<html>", OCI_ANY, E_BAD_INPUT, "json: offset 0: expected a value, found '<'");
    refused("7", OCI_ANY, E_UNSUPPORTED, "json: neither an object nor an array");
    refused("{}", OCI_ANY, E_UNSUPPORTED, "json: nothing in it describes an image");
    refused("{} {}", OCI_ANY, E_BAD_INPUT, "json: offset 3: expected the end, found '{'");
    refused(MANIFEST, OCI_CONFIG, E_UNSUPPORTED, "is an image manifest, not an image config");
    refused("{\"token\":\"x\"}", OCI_ANY, E_UNSUPPORTED, "is a token, not an image's document");
    refused("{\"manifests\":[],\"layers\":[]}", OCI_ANY, E_BAD_INPUT,
            "image document: has both manifests and layers");
    refused("{\"layers\":[],\"layers\":[]}", OCI_ANY, E_BAD_INPUT, "image document: 'layers' stands twice");
    refused("{\"layers\":[]}", OCI_ANY, E_BAD_INPUT, "image manifest: has no config");
    refused("{\"layers\":[],\"config\":{\"digest\":\"" D1 "\"}}", OCI_ANY, E_BAD_INPUT,
            "image manifest: config has no size");
    refused("{\"layers\":[{}],\"config\":" DESCRIPTOR("", D1) "}", OCI_ANY, E_BAD_INPUT,
            "image manifest: layer 1 has no digest");
    refused("{\"layers\":[{\"digest\":\"" D1 "\"}],\"config\":" DESCRIPTOR("", D1) "}", OCI_ANY, E_BAD_INPUT,
            "image manifest: layer 1 has no size");
    refused("{\"layers\":[{\"digest\":\"sha256:../../etc\"}]}", OCI_ANY, E_UNSUPPORTED,
            "layer 1: descriptor: 'sha256:../../etc' is no sha256 or sha512 digest");
    refused("{\"layers\":[],\"mediaType\":\"application/vnd.foo+json\"}", OCI_ANY, E_UNSUPPORTED,
            "media type 'application/vnd.foo+json' is none of a container image");
    refused("{\"layers\":[],\"mediaType\":\"" OCI "index.v1+json\"}", OCI_ANY, E_BAD_INPUT,
            "calls itself " OCI "index.v1+json, but has the members of an image manifest");
    refused("{\"layers\":[],\"config\":" DESCRIPTOR("application/vnd.cncf.helm.config.v1+json", D1) "}",
            OCI_ANY, E_UNSUPPORTED,
            "config of media type 'application/vnd.cncf.helm.config.v1+json': this is no container image");
    refused("{\"rootfs\":{\"diff_ids\":[\"x\"]}}", OCI_ANY, E_UNSUPPORTED,
            "diff_id: 'x' is no sha256 or sha512 digest");
}

/* `n` times `item` in a list between head and tail. */
static int many(const char *head, const char *item, size_t n, const char *tail, enum oci_kind expected)
{
    CLEANUP(buf_done) struct buf b = buf_make(MIB(64));
    buf_add(&b, str_of(head));
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_char(&b, ',');
        buf_add(&b, str_of(item));
    }
    buf_add(&b, str_of(tail));
    int rc = read_step(buf_str(&b), expected, 4096);
    arena_done(&arena);
    return rc;
}

#define LAYER DESCRIPTOR("", D1)
TEST(oci_many_layers)
{
    const char *tail = "],\"config\":" LAYER "}";
    assert_int_equal(many("{\"layers\":[", LAYER, OCI_LAYERS_MAX, tail, OCI_ANY), 0);
    assert_int_equal(many("{\"layers\":[", LAYER, OCI_LAYERS_MAX + 1, tail, OCI_ANY), -E_LIMIT);
    assert_string_equal(err.text, "image document: more than 1024 layers");
    assert_int_equal(many("{\"layers\":[", "{}", 100000, tail, OCI_ANY), -E_LIMIT);
    assert_int_equal(many("{\"fsLayers\":[", "{}", OCI_LAYERS_MAX + 1, "]}", OCI_ANY), -E_LIMIT);
    assert_int_equal(many("{\"rootfs\":{\"diff_ids\":[", "\"" D1 "\"", OCI_LAYERS_MAX + 1, "]}}", OCI_ANY),
                     -E_LIMIT);
    assert_string_equal(err.text, "image document: more than 1024 diff_ids");
}

TEST(oci_many_manifests)
{
    assert_int_equal(many("{\"manifests\":[", "{}", OCI_MANIFESTS_MAX, "]}", OCI_ANY), 0);
    assert_int_equal(many("{\"manifests\":[", "{}", OCI_MANIFESTS_MAX + 1, "]}", OCI_ANY), -E_LIMIT);
    assert_string_equal(err.text, "image document: more than 8192 manifests");
}

TEST(oci_many_history)
{
    assert_int_equal(many("{\"rootfs\":{},\"history\":[", "{}", OCI_HISTORY_MAX, "]}", OCI_ANY), 0);
    assert_int_equal(many("{\"history\":[", "{}", OCI_HISTORY_MAX + 1, "]}", OCI_ANY), -E_LIMIT);
    assert_string_equal(err.text, "image document: more than 4096 history entries");
}

TEST(oci_many_saved)
{
    assert_int_equal(many("[", "{\"Config\":\"a\"}", OCI_SAVED_MAX, "]", OCI_SAVED), 0);
    assert_int_equal(many("[", "{\"Config\":\"a\"}", OCI_SAVED_MAX + 1, "]", OCI_SAVED), -E_LIMIT);
    assert_int_equal(many("[{\"Config\":\"a\",\"RepoTags\":[", "\"a\"", OCI_TAGS_MAX + 1, "]}]", OCI_SAVED),
                     -E_LIMIT);
    assert_string_equal(err.text, "image document: more than 1024 tags");
    assert_int_equal(many("[{\"Config\":\"a\",\"Layers\":[", "\"a\"", OCI_LAYERS_MAX + 1, "]}]", OCI_SAVED),
                     -E_LIMIT);
    assert_int_equal(many("{\"a\":{", "\"a\":\"b\"", OCI_TAGS_MAX + 1, "}}", OCI_REPOSITORIES), -E_LIMIT);
}

TEST(oci_many_errors)
{
    assert_int_equal(many("{\"errors\":[", "{}", OCI_ERRORS_MAX, "]}", OCI_ERRORS), 0);
    assert_int_equal(many("{\"errors\":[", "{}", OCI_ERRORS_MAX + 1, "]}", OCI_ERRORS), -E_LIMIT);
    assert_string_equal(err.text, "image document: more than 16 errors");
}

TEST(oci_huge)
{
    struct buf b = buf_make(MIB(8));
    buf_add(&b, STR(MANIFEST));
    memset(buf_room(&b, OCI_DOCUMENT_MAX), ' ', OCI_DOCUMENT_MAX);
    b.len = OCI_DOCUMENT_MAX;
    assert_int_equal(read_step(buf_str(&b), OCI_ANY, 65536), 0);
    buf_add_char(&b, ' ');
    assert_int_equal(read_step(buf_str(&b), OCI_ANY, 65536), -E_LIMIT);
    assert_string_equal(err.text, "memory: more than 4194304 bytes");
    buf_done(&b);
    arena_done(&arena);
}

TEST(oci_arena)
{
    struct memory_reader in;
    struct arena small = arena_make(64);
    err = (struct error){0};
    assert_int_equal(oci_read(memory_reader_init(&in, STR(MANIFEST), 0, &err), OCI_ANY, &small, &doc, &err),
                     -E_LIMIT);
    assert_string_equal(err.text, "config: image document: needs more memory than one document may have");
    arena_done(&small);
    /* The longest document there may be fits, whatever it consists of. */
    assert_int_equal(many("{\"manifests\":[",
                          "{\"annotations\":{\"org.opencontainers.image.ref.name\":\"x\"}}",
                          OCI_MANIFESTS_MAX, "]}", OCI_ANY),
                     0);
}

TEST(oci_deep)
{
    struct buf b = buf_make(MIB(1));
    for (int i = 0; i < 10000; i++)
        buf_add(&b, STR("{\"config\":"));
    assert_int_equal(read_step(buf_str(&b), OCI_ANY, 0), -E_LIMIT);
    buf_clear(&b);
    buf_add(&b, STR("{\"manifests\":"));
    for (int i = 0; i < 10000; i++)
        buf_add_char(&b, '[');
    assert_int_equal(read_step(buf_str(&b), OCI_ANY, 0), -E_LIMIT);
    buf_done(&b);
    arena_done(&arena);
}

static const char *const samples[] = {MANIFEST, CONFIG, "{\"manifests\":[" DESCRIPTOR("x", D1) "]}",
                                      "{\"errors\":[{\"code\":\"A\"}]}"};

TEST(oci_windows_and_truncation)
{
    for (size_t s = 0; s < sizeof samples / sizeof *samples; s++) {
        struct str whole = str_of(samples[s]);
        enum oci_kind kind = s == 3 ? OCI_ERRORS : OCI_ANY;
        struct buf first = buf_make(OCI_WIRE_MAX), again = buf_make(OCI_WIRE_MAX);
        for (size_t step = 0; step < 70; step++) {
            assert_int_equal(read_step(whole, kind, step), 0);
            buf_clear(&again);
            oci_encode(&doc, step ? &again : &first);
            if (step)
                assert_true(str_eq(buf_str(&first), buf_str(&again)));
        }
        for (size_t cut = 0; cut < whole.len; cut++) {
            assert_int_equal(read_step((struct str){whole.ptr, cut}, kind, 16), -E_BAD_INPUT);
            assert_non_null(strstr(err.text, "json: offset "));
        }
        buf_done(&first);
        buf_done(&again);
    }
    arena_done(&arena);
}

static int broken_fill(struct reader *r)
{
    return error_set(r->err, E_SYSTEM, "disk is gone");
}

TEST(oci_failing_read)
{
    static const struct reader_ops ops = {.name = "broken", .fill = broken_fill};
    struct reader in = {.ops = &ops, .limit = UINT64_MAX, .err = &err};
    assert_int_equal(oci_read(&in, OCI_ANY, &arena, &doc, &err), -E_SYSTEM);
    assert_string_equal(err.text, "disk is gone");
    arena_done(&arena);
}

TEST(oci_wire)
{
    struct buf wire = buf_make(OCI_WIRE_MAX), again = buf_make(OCI_WIRE_MAX);
    for (size_t s = 0; s < sizeof samples / sizeof *samples; s++) {
        struct oci_document back;
        assert_int_equal(read_text(samples[s], s == 3 ? OCI_ERRORS : OCI_ANY), 0);
        buf_clear(&wire);
        buf_clear(&again);
        oci_encode(&doc, &wire);
        assert_int_equal(oci_decode(buf_str(&wire), &arena, &back, &err), 0);
        assert_int_equal(back.kind, doc.kind);
        oci_encode(&back, &again);
        assert_true(str_eq(buf_str(&wire), buf_str(&again)));
        for (size_t cut = 0; cut < wire.len; cut++)
            assert_int_equal(oci_decode((struct str){wire.ptr, cut}, &arena, &back, &err), -E_WORKER);
        buf_add_char(&wire, 0);
        assert_int_equal(oci_decode(buf_str(&wire), &arena, &back, &err), -E_WORKER);
        assert_string_equal(err.text, "worker: answer is not the document that was asked for");
    }
    /* A digest that would lead out of blobs/, and more layers than there may be. */
    char hostile[] = "\x02\0\0\0\x10sha256:../../etc\0\0\0\0\0\0";
    assert_int_equal(oci_decode((struct str){hostile, sizeof hostile - 1}, &arena, &doc, &err), -E_WORKER);
    buf_done(&wire);
    buf_done(&again);
    arena_done(&arena);
}

TEST(oci_layer_media_types)
{
    static const char *const yes[] = {"",
                                      OCI "layer.v1.tar",
                                      OCI "layer.v1.tar+gzip",
                                      OCI "layer.v1.tar+zstd",
                                      OCI "layer.nondistributable.v1.tar+gzip",
                                      DOCKER "image.rootfs.diff.tar.gzip",
                                      DOCKER "image.rootfs.diff.tar",
                                      DOCKER "image.rootfs.foreign.diff.tar.gzip"};
    static const char *const no[] = {OCI "layer.v1.tar+gzip+encrypted", OCI "layer.v1.squashfs", "text/plain",
                                     OCI "layer.v1.tar+", "application/vnd.oci.empty.v1+json"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(oci_layer_readable(str_of(yes[i])));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(oci_layer_readable(str_of(no[i])));
}
