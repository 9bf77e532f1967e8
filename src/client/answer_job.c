/* The worker's half and the parent's of answer.h. */
#include <unistd.h>

#include "base/limits.h"
#include "client/answer.h"
#include "os/file.h"

enum { FINDINGS = 'f', JSON = 'j', MESSAGE = 'm' };

static int findings(struct reader *in, struct buf *out, struct error *err)
{
    struct arena arena = arena_make(CLAIR_MEMORY_MAX);
    struct answer a;
    int rc = answer_read(in, &arena, &a, err);
    if (rc == 0)
        answer_encode(&a, out);
    arena_done(&arena);
    return rc;
}

static int message(struct reader *in, struct buf *out, struct error *err)
{
    struct arena arena = arena_make(CLAIR_MEMORY_MAX);
    struct str text;
    int rc = answer_message(in, &arena, &text, err);
    if (rc == 0)
        buf_add(out, text);
    arena_done(&arena);
    return rc;
}

static int answer_job(struct worker_call *call, struct error *err)
{
    struct buf out = buf_make(REPORT_MAX);
    char what = call->args.len > 1 ? call->args.ptr[1] : 0;
    int rc = what == FINDINGS ? findings(call->in, &out, err)
             : what == JSON   ? answer_reprint(call->in, &out, err)
                              : message(call->in, &out, err);
    if (rc == 0)
        rc = buf_finish(&out, "the server's answer", err);
    if (rc == 0)
        rc = worker_reply(call, buf_str(&out), err);
    buf_done(&out);
    return rc;
}

const struct worker_reader answer_jobs[] = {{"answer", answer_job}, {NULL, NULL}};

/* ---- in the parent ---- */

static int run(struct worker *worker, struct str bytes, char what, struct buf *reply, struct error *err)
{
    const char args[2] = {0, what};
    int fd = file_memory(bytes, err);
    if (fd < 0)
        return fd;
    const struct worker_job job = {
        .reader = "answer", .args = {args, sizeof args}, .fd = fd, .reply_max = REPORT_MAX};
    int rc = worker_run(worker, &job, reply, err);
    close(fd);
    return rc;
}

int answer_findings(struct worker *worker, struct str bytes, struct arena *arena, struct buf *reply,
                    struct answer *ret, struct error *err)
{
    int rc = run(worker, bytes, FINDINGS, reply, err);
    return rc < 0 ? rc : answer_decode(buf_str(reply), arena, ret, err);
}

int answer_json(struct worker *worker, struct str bytes, struct buf *ret, struct error *err)
{
    return run(worker, bytes, JSON, ret, err);
}

void answer_reason(struct worker *worker, struct str bytes, char *ret, size_t size)
{
    CLEANUP(buf_done) struct buf reply = buf_make(CLAIR_ANSWER_MAX);
    struct error ignored = {0};
    *ret = 0;
    if (str_starts(str_trim(bytes), STR("{")) && run(worker, bytes, MESSAGE, &reply, &ignored) == 0)
        str_printable(buf_str(&reply), ret, size);
}
