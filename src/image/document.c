#include "image/document.h"

#include <unistd.h>

#include "base/limits.h"
#include "base/wire.h"
#include "os/fd.h"
#include "os/file.h"
#include "stream/decompress.h"
#include "stream/digest.h"

/* ---- in the worker ---- */

static int answer(struct worker_call *call, struct buf *b, int rc, struct error *err)
{
    if (rc == 0)
        rc = buf_finish(b, "document: answer", err);
    if (rc == 0)
        rc = worker_reply(call, buf_str(b), err);
    buf_done(b);
    return rc;
}

static int document_job(struct worker_call *call, struct error *err)
{
    struct arena arena = arena_make(OCI_ARENA_MAX);
    struct buf b = buf_make(OCI_WIRE_MAX);
    struct oci_document doc = {0};
    struct wire args = wire_make(str_skip(call->args, 1));
    enum oci_kind expected = (enum oci_kind)wire_num(&args, OCI_KINDS - 1);
    int rc = oci_read(call->in, expected, &arena, &doc, err);
    if (rc == 0)
        oci_encode(&doc, &b);
    rc = answer(call, &b, rc, err);
    arena_done(&arena);
    return rc;
}

/* The job's reader is a struct fd_reader: os/worker_serve.c makes it. */
static int leap(void *ctx, uint64_t n, struct error *err)
{
    (void)err;
    return fd_reader_leap(ctx, n) ? 0 : 1;
}

static int archive_job(struct worker_call *call, struct error *err)
{
    struct arena arena = arena_make(OCI_ARENA_MAX);
    struct buf b = buf_make(ARCHIVE_INDEX_MAX);
    struct archive_index index = {0};
    const struct archive_leap leaper = {leap, call->in};
    int rc = archive_index_read(call->in, &leaper, &arena, &index, err);
    if (rc == 0)
        archive_index_encode(&index, &b);
    rc = answer(call, &b, rc, err);
    arena_done(&arena);
    return rc;
}

static int unpack_job(struct worker_call *call, struct error *err)
{
    struct reader *plain = NULL;
    int rc = decompress_open(&plain, call->in, ARCHIVE_UNPACKED_MAX, err);
    int more = 0;
    while (rc == 0 && (more = reader_more(plain)) > 0) {
        rc = worker_reply(call, reader_window(plain), err);
        plain->ptr = plain->end;
    }
    reader_close(plain);
    return rc < 0 ? rc : more;
}

const struct worker_reader document_jobs[] = {
    {"document", document_job}, {"archive-index", archive_job}, {"unpack", unpack_job}, {NULL, NULL}};

/* ---- in the parent ---- */

int document_read(struct worker *worker, struct str bytes, enum oci_kind expected, struct arena *arena,
                  struct oci_document *ret, struct error *err)
{
    CLEANUP(buf_done) struct buf reply = buf_make(OCI_WIRE_MAX), args = buf_make(16);
    if (bytes.len > OCI_DOCUMENT_MAX)
        return error_set(err, E_LIMIT, "%s of %zu bytes, more than %zu", oci_kind_name(expected), bytes.len,
                         (size_t)OCI_DOCUMENT_MAX);
    int fd = file_memory(bytes, err);
    if (fd < 0)
        return fd;
    buf_add_char(&args, 0);
    wire_put_num(&args, expected);
    const struct worker_job job = {
        .reader = "document", .args = buf_str(&args), .fd = fd, .reply_max = OCI_WIRE_MAX};
    int rc = worker_run(worker, &job, &reply, err);
    close(fd);
    return rc < 0 ? rc : oci_decode(buf_str(&reply), arena, ret, err);
}

struct digest document_digest(struct str bytes, const struct digest *like)
{
    uint8_t hash[DIGEST_BYTES_MAX];
    if (!digest_is_sha512(like)) {
        sha256_of(bytes, hash);
        return digest_of_bytes(hash, 32);
    }
    sha512_of(bytes, hash);
    return digest_of_bytes(hash, 64);
}

int document_verify(struct str bytes, const struct oci_descriptor *expected, struct error *err)
{
    if (expected->size_known && expected->size != bytes.len)
        return error_set(err, E_BAD_INPUT, "%s: it has %zu bytes, its descriptor says %ju",
                         expected->digest.text, bytes.len, (uintmax_t)expected->size);
    if (!expected->digest.text[0])
        return 0;
    struct digest got = document_digest(bytes, &expected->digest);
    if (!digest_eq(&got, &expected->digest))
        return error_set(err, E_BAD_INPUT, "%s: its bytes have the digest %s", expected->digest.text,
                         got.text);
    return 0;
}
