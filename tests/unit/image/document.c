#include "image/document.h"

#include "base/limits.h"
#include "make.h"
#include "test.h"

static const char *shown(const char *before, size_t repeat, const char *after, struct buf *text)
{
    buf_clear(text);
    buf_add(text, str_of(before));
    for (; repeat; repeat--)
        buf_add_char(text, 'x');
    buf_add(text, str_of(after));
    return text->ptr;
}

/* A text of almost the whole document passes; one that is told many times is more than an answer may have. */
TEST(document_long)
{
    CLEANUP(worker_freep) struct worker *worker = worker_new();
    CLEANUP(buf_done) struct buf text = buf_make(OCI_DOCUMENT_MAX + 1);
    struct arena arena = arena_make(OCI_ARENA_MAX);
    struct oci_document doc = {0};
    struct error err = {0};
    size_t long_name = OCI_DOCUMENT_MAX - 100;
    shown("{\"errors\":[{\"message\":\"", long_name, "\"}]}", &text);
    assert_int_equal(document_read(worker, buf_str(&text), OCI_ERRORS, &arena, &doc, &err), 0);
    assert_int_equal(doc.errors.len, 1);
    assert_int_equal(doc.errors.ptr[0].message.len, long_name);
    assert_int_equal(doc.errors.ptr[0].message.ptr[long_name - 1], 'x');

    shown("{\"", OCI_WIRE_MAX / 4, "\":{\"a\":\"\",\"b\":\"\",\"c\":\"\",\"d\":\"\"}}", &text);
    assert_int_equal(document_read(worker, buf_str(&text), OCI_REPOSITORIES, &arena, &doc, &err), -E_LIMIT);
    assert_string_equal(err.text, "document: answer: more than 8388608 bytes");
    shown("{\"", OCI_WIRE_MAX / 4, "\":{\"a\":\"\",\"b\":\"\",\"c\":\"\"}}", &text);
    assert_int_equal(document_read(worker, buf_str(&text), OCI_REPOSITORIES, &arena, &doc, &err), 0);
    assert_int_equal(doc.tags.len, 3);

    shown("[", OCI_DOCUMENT_MAX, "", &text);
    assert_int_equal(document_read(worker, buf_str(&text), OCI_INDEX, &arena, &doc, &err), -E_LIMIT);
    assert_string_equal(err.text, "an image index of 4194305 bytes, more than 4194304");
    arena_done(&arena);
}

/* The worker's refusal arrives in its words, and it goes on. */
TEST(document_refused)
{
    CLEANUP(worker_freep) struct worker *worker = worker_new();
    struct arena arena = arena_make(OCI_ARENA_MAX);
    struct oci_document doc = {.kind = OCI_KINDS};
    struct error err = {0};
    assert_int_equal(document_read(worker, STR("{"), OCI_ANY, &arena, &doc, &err), -E_BAD_INPUT);
    assert_string_equal(err.text, "json: offset 1: expected a name, found the end");
    assert_int_equal(document_read(worker, STR(""), OCI_ANY, &arena, &doc, &err), -E_BAD_INPUT);
    assert_string_equal(err.text, "json: offset 0: expected a value, found the end");
    assert_int_equal(document_read(worker, STR("{\"token\":\"t\"}"), OCI_ANY, &arena, &doc, &err),
                     -E_UNSUPPORTED);
    assert_string_equal(err.text, "is a token, not an image's document");
    assert_int_equal(doc.kind, OCI_KINDS);
    assert_int_equal(document_read(worker, STR("{\"token\":\"t\"}"), OCI_TOKEN, &arena, &doc, &err), 0);
    assert_str(doc.token, "t");
    struct arena small = arena_make(0);
    assert_int_equal(document_read(worker, STR("{\"token\":\"t\"}"), OCI_TOKEN, &small, &doc, &err),
                     -E_WORKER);
    assert_string_equal(err.text, "worker: answer is not the document that was asked for");
    arena_done(&arena);
}

TEST(document_digests)
{
    struct digest like = {0}, d = document_digest(STR("abc"), &like);
    assert_string_equal(d.text, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    d = document_digest(STR("abc"), &d);
    assert_string_equal(d.text, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    like = (struct digest){.text = "sha512:"};
    d = document_digest(STR("abc"), &like);
    assert_string_equal(d.text, "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(document_verified)
{
    struct error err = {0};
    struct oci_descriptor d = {.digest = digest_of(STR("abc")), .size = 3, .size_known = true};
    assert_int_equal(document_verify(STR("abc"), &d, &err), 0);
    assert_int_equal(document_verify(STR("abd"), &d, &err), -E_BAD_INPUT);
    assert_string_equal(err.text,
                        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad: its bytes "
                        "have the digest "
                        "sha256:a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9");
    d.size = 4;
    assert_int_equal(document_verify(STR("abc"), &d, &err), -E_BAD_INPUT);
    assert_string_equal(err.text,
                        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad: it has 3 "
                        "bytes, its descriptor says 4");
    d.size_known = false; /* only what is stated counts */
    assert_int_equal(document_verify(STR("abc"), &d, &err), 0);
    d = (struct oci_descriptor){0};
    assert_int_equal(document_verify(STR("abc"), &d, &err), 0);
    d.digest = document_digest(STR("abc"), &(struct digest){.text = "sha512:"});
    assert_int_equal(document_verify(STR("abc"), &d, &err), 0);
    assert_int_equal(document_verify(STR(""), &d, &err), -E_BAD_INPUT);
}
