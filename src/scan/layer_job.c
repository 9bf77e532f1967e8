#include "scan/layer_job.h"

#include "base/limits.h"
#include "base/wire.h"
#include "os/ahead.h"
#include "stream/decompress.h"
#include "stream/digest.h"

void layer_job_put(struct buf *args, const struct layer_job *job)
{
    buf_add_char(args, (char)(job->index < 255 ? job->index : 255));
    wire_put_num(args, job->spread);
    wire_put_num(args, job->tar_max);
    wire_put_num(args, job->blob_sha512);
    wire_put_num(args, job->diff_sha512);
    wire_put_num(args, job->blob_only);
    for (size_t i = 0; i < job->aliases_count; i++) {
        wire_put_str(args, job->aliases[i].path);
        wire_put_str(args, job->aliases[i].wanted);
        wire_put_str(args, job->aliases[i].as);
    }
}

static int get_args(struct str args, struct arena *arena, struct layer_job *ret, struct error *err)
{
    VEC(struct layer_alias) aliases = {0};
    struct wire w = wire_make(str_skip(args, 1));
    ret->spread = wire_num(&w, 1);
    ret->tar_max = wire_num(&w, LAYER_TAR_MAX);
    ret->blob_sha512 = wire_num(&w, 1);
    ret->diff_sha512 = wire_num(&w, 1);
    ret->blob_only = wire_num(&w, 1);
    while (wire_more(&w)) {
        struct layer_alias *a = vec_push(&aliases, arena);
        if (!a)
            return error_set(err, E_LIMIT, "layer: too many aliases");
        a->path = wire_str(&w, INVENTORY_TEXT_MAX);
        a->wanted = wire_str(&w, INVENTORY_TEXT_MAX);
        a->as = wire_str(&w, INVENTORY_TEXT_MAX);
    }
    ret->aliases = aliases.ptr;
    ret->aliases_count = aliases.len;
    return w.failed ? error_set(err, E_BAD_INPUT, "layer: broken arguments") : 0;
}

/* ---- results on their way to the parent ---- */

struct answer {
    struct sink sink;
    struct worker_call *call;
    struct buf out;
    size_t files, packages, repositories, origins, problems;
    struct error *err;
};

static int flush(struct answer *a, size_t at_least)
{
    if (a->out.len < at_least)
        return 0;
    int rc = buf_finish(&a->out, "layer: answer", a->err);
    if (rc == 0)
        rc = worker_reply(a->call, buf_str(&a->out), a->err);
    buf_clear(&a->out);
    return rc;
}

static int put_file(struct sink *s, const struct inventory_file *f)
{
    struct answer *a = (struct answer *)s;
    if (++a->files > LAYER_FILES_MAX)
        return error_set(a->err, E_LIMIT, "more than %d files that matter", LAYER_FILES_MAX);
    inventory_put_file(&a->out, f);
    return flush(a, KIB(32));
}

static int put_release(struct sink *s, const struct release *r)
{
    struct answer *a = (struct answer *)s;
    inventory_put_release(&a->out, r);
    return flush(a, KIB(32));
}

static int put_package(struct sink *s, const struct package *p)
{
    struct answer *a = (struct answer *)s;
    if (++a->packages > LAYER_PACKAGES_MAX)
        return error_set(a->err, E_LIMIT, "more than %d packages", LAYER_PACKAGES_MAX);
    inventory_put_package(&a->out, p);
    return flush(a, KIB(32));
}

static int put_repository(struct sink *s, struct str name)
{
    struct answer *a = (struct answer *)s;
    if (++a->repositories > LAYER_REPOSITORIES_MAX)
        return error_set(a->err, E_LIMIT, "more than %d repositories", LAYER_REPOSITORIES_MAX);
    inventory_put_repository(&a->out, name);
    return flush(a, KIB(32));
}

static int put_origin(struct sink *s, const struct origin *o)
{
    struct answer *a = (struct answer *)s;
    if (++a->origins > LAYER_PACKAGES_MAX)
        return error_set(a->err, E_LIMIT, "more than %d packages", LAYER_PACKAGES_MAX);
    inventory_put_origin(&a->out, o);
    return flush(a, KIB(32));
}

static int put_problem(struct sink *s, const struct problem *p)
{
    struct answer *a = (struct answer *)s;
    if (++a->problems <= LAYER_PROBLEMS_MAX)
        inventory_put_problem(&a->out, p);
    return flush(a, KIB(32));
}

/* ---- the chain of readers ---- */

struct chain {
    struct digest_stage blob, diff;
    struct reader *blob_ahead, *tar_ahead, *plain;
    struct reader *tar;                   /* what is read: the last of them */
    struct error blob_error, plain_error; /* of the stages that run in threads of their own */
};

/* What is behind inflating. */
static int tar_open(struct chain *c, const struct layer_job *job, struct error *err)
{
    int rc = 0;
    c->tar = c->plain;
    if (job->spread) {
        rc = ahead_open(&c->tar_ahead, c->tar, err);
        c->tar = c->tar_ahead;
    }
    if (rc < 0 || job->blob_only)
        return rc;
    rc = digest_stage_init(&c->diff, c->tar, job->diff_sha512, err);
    c->tar = &c->diff.r;
    return rc;
}

static int chain_open(struct chain *c, struct reader *in, const struct layer_job *job, struct error *err)
{
    struct error *plain_error = job->spread ? &c->plain_error : err;
    if (job->spread)
        in->err = &c->blob_error;
    int rc = digest_stage_init(&c->blob, in, job->blob_sha512, in->err);
    struct reader *r = &c->blob.r;
    if (rc < 0 && in->err != err)
        *err = *in->err;
    if (rc < 0)
        return rc;
    if (job->spread)
        rc = ahead_open(&c->blob_ahead, r, plain_error);
    if (rc == 0)
        rc = decompress_open(&c->plain, job->spread ? c->blob_ahead : r,
                             job->tar_max ? job->tar_max : LAYER_TAR_MAX, plain_error);
    if (rc < 0 && plain_error != err)
        *err = *plain_error;
    return rc == 0 ? tar_open(c, job, err) : rc;
}

static struct digest final_digest(struct digest_stage *stage)
{
    uint8_t bytes[64];
    size_t len = 0;
    struct error ignored;
    if (digest_stage_final(stage, bytes, &len, &ignored) < 0)
        return (struct digest){0};
    return digest_of_bytes(bytes, len);
}

/* Ends the threads and reads what is left of the blob: its digest tells whether damage came with it or on the
   way. */
static void chain_close(struct chain *c, struct layer_totals *totals)
{
    if (totals->complete && c->diff.r.ops)
        totals->diff_id = final_digest(&c->diff);
    totals->tar_bytes = c->tar ? c->tar->offset : 0;
    reader_close(c->tar_ahead);
    reader_close(c->plain);
    struct reader *rest = c->blob_ahead ? c->blob_ahead : &c->blob.r;
    bool whole = reader_drain(rest) == 0;
    reader_close(c->blob_ahead);
    totals->blob_bytes = c->blob.r.offset;
    if (whole)
        totals->digest = final_digest(&c->blob);
    totals->complete &= whole;
    if (c->diff.r.ops)
        reader_close(&c->diff.r);
    reader_close(&c->blob.r);
}

static int layer_answer(struct answer *a, const struct layer_job *job, struct reader *in)
{
    struct chain chain = {0};
    struct layer_totals totals = {0};
    const struct layer_request request = {.aliases = job->aliases, .aliases_count = job->aliases_count};
    int rc = chain_open(&chain, in, job, a->err);
    if (rc == 0) {
        rc = layer_read(chain.tar, &request, &a->sink, &totals.entries, a->err);
        totals.complete = rc == 0;
    }
    struct error failure = *a->err;
    if (chain.blob.r.ops)
        chain_close(&chain, &totals);
    if (a->problems > LAYER_PROBLEMS_MAX) {
        char text[64];
        snprintf(text, sizeof text, "%zu more problems", a->problems - LAYER_PROBLEMS_MAX);
        inventory_put_problem(&a->out, &(struct problem){.code = E_LIMIT, .text = str_of(text)});
    }
    inventory_put_totals(&a->out, &totals);
    int sent = flush(a, 0);
    if (rc < 0)
        *a->err = failure;
    return rc < 0 ? rc : sent;
}

int layer_job(struct worker_call *call, struct error *err)
{
    struct arena arena = arena_make(MIB(1));
    struct layer_job job;
    struct answer answer = {
        .sink = {.file = put_file,
                 .release = put_release,
                 .package = put_package,
                 .repository = put_repository,
                 .origin = put_origin,
                 .problem = put_problem},
        .call = call,
        .out = buf_make(MIB(1)),
        .err = err,
    };
    int rc = get_args(call->args, &arena, &job, err);
    if (rc == 0)
        rc = layer_answer(&answer, &job, call->in);
    buf_done(&answer.out);
    arena_done(&arena);
    return rc;
}
