/* What a feed's worker may send, whole and in pieces: the parent decodes both alike. */
#include "base/limits.h"
#include "update/feed_job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_row(void *ctx, const struct advisory_row *row, struct error *err)
{
    (void)err;
    *(size_t *)ctx += 1 + row->namespace.len + row->package.len + row->packed.len;
    return 0;
}

static int on_problem(void *ctx, const struct problem *problem, struct error *err)
{
    (void)err;
    *(size_t *)ctx += 1 + problem->where.len + problem->text.len;
    return 0;
}

static int on_about(void *ctx, const struct vulnerability *v, struct error *err)
{
    (void)err;
    *(size_t *)ctx += 1 + v->id.len + v->description.len;
    return 0;
}

static int on_more(void *ctx, struct str url, struct error *err)
{
    (void)err;
    *(size_t *)ctx += 1 + url.len;
    return 0;
}

static int on_text(void *ctx, struct str text, struct error *err)
{
    (void)err;
    *(size_t *)ctx += 3 + text.len;
    return 0;
}

static int on_repository(void *ctx, struct str name, struct str products, struct error *err)
{
    (void)err;
    *(size_t *)ctx += 5 + name.len + products.len;
    return 0;
}

static int run(struct str bytes, size_t step, size_t *ret_told)
{
    struct error err = {0};
    int rc = 0;
    CLEANUP(feed_answer_done) struct feed_answer answer = feed_answer_make();
    answer.row = on_row;
    answer.problem = on_problem;
    answer.about = on_about;
    answer.more = on_more;
    answer.subject = on_text;
    answer.remember = on_text;
    answer.repository = on_repository;
    answer.ctx = ret_told;
    while (rc == 0 && bytes.len) {
        size_t n = bytes.len < step ? bytes.len : step;
        rc = feed_answer_take(&answer, (struct str){bytes.ptr, n}, &err);
        bytes = str_skip(bytes, n);
    }
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct str bytes = {(const char *)data, size};
    size_t whole = 0, pieces = 0;
    int whole_rc = run(bytes, size + 1, &whole), pieces_rc = run(bytes, 3, &pieces);
    if (whole_rc != pieces_rc || whole != pieces)
        __builtin_trap();
    return 0;
}
