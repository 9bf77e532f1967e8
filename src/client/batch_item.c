#include "client/batch_item.h"

#include "base/limits.h"
#include "client/answer.h"
#include "net/url.h"

struct job {
    struct batch_item *item;
    const struct batch_options *options;
    struct clair *clair;
    struct worker *worker;
    struct target *target;
    struct batch_counters *counters;
};

/* ---- push ---- */

/* The first layer that the server lacks. It has either none of an image's layers or, after an interruption, the lowest
   ones; and the last one only when it has all. */
static int first_missing(struct job *j, size_t *ret)
{
    const struct target *t = j->target;
    struct batch_item *item = j->item;
    *ret = 0;
    if (j->options->all_layers)
        return 0;
    int rc = clair_knows(j->clair, t, t->layers.len - 1, &item->trouble, &item->err);
    if (rc > 0)
        *ret = t->layers.len;
    else if (rc == 0 && t->layers.len > 1 && !j->options->clair.v3)
        while ((rc = clair_knows(j->clair, t, *ret, &item->trouble, &item->err)) > 0)
            if (++*ret == t->layers.len - 1)
                break;
    return rc < 0 ? rc : 0;
}

static int push(struct job *j)
{
    struct target *t = j->target;
    struct batch_item *item = j->item;
    size_t first;
    atomic_fetch_add(&j->counters->total, t->layers.len);
    int rc = first_missing(j, &first);
    if (rc < 0)
        return rc;
    atomic_fetch_add(&j->counters->done, first);
    if (j->options->clair.v3 && first < t->layers.len) {
        rc = clair_post_ancestry(j->clair, t, &item->trouble, &item->err);
        atomic_fetch_add(&j->counters->done, t->layers.len - first);
        return rc;
    }
    for (size_t i = first; i < t->layers.len && rc == 0; i++) {
        rc = clair_post_layer(j->clair, t, i, &item->trouble, &item->err);
        if (rc < 0)
            return error_in(&item->err, "layer %zu of %zu", i + 1, t->layers.len);
        atomic_fetch_add(&j->counters->done, 1);
    }
    return rc;
}

/* ---- analyse and delete ---- */

static int delete (struct job *j)
{
    struct batch_item *item = j->item;
    int rc = 0;
    for (size_t i = j->target->layers.len; i && rc == 0; i--)
        rc = clair_delete(j->clair, j->target, i - 1, &item->trouble, &item->err);
    return rc;
}

/* Without password. */
static int name_server(struct job *j, struct str *ret)
{
    struct batch_item *item = j->item;
    struct url url;
    char shown[300];
    if (url_parse(str_of(j->options->clair.url), &url, &item->err) < 0)
        return -(int)item->err.code;
    url_printable(&url, shown, sizeof shown);
    return arena_str(&item->arena, str_of(shown), ret) < 0 ? error_set(&item->err, E_LIMIT, "no memory") : 0;
}

static int read_result(struct job *j, struct str answer)
{
    struct batch_item *item = j->item;
    struct answer a;
    item->arena = arena_make(CLAIR_MEMORY_MAX);
    int rc = answer_findings(j->worker, answer, &item->arena, &item->text, &a, &item->err);
    if (rc == 0)
        rc = answer_result(&a, j->target, &item->arena, &item->result, &item->err);
    return rc < 0 ? rc : name_server(j, &item->result.server);
}

static int analyse(struct job *j)
{
    struct batch_item *item = j->item;
    CLEANUP(buf_done) struct buf answer = buf_make(0);
    int rc = clair_analysis(j->clair, j->target, &answer, &item->trouble, &item->err);
    item->json = buf_make(REPORT_MAX);
    item->text = buf_make(REPORT_MAX);
    if (rc == 0 && j->options->as_json)
        rc = answer_json(j->worker, buf_str(&answer), &item->json, &item->err);
    if (rc == 0 && j->options->as_result)
        rc = read_result(j, buf_str(&answer));
    item->analysed = rc == 0;
    return rc == 0 && j->options->then_delete ? delete (j) : rc;
}

int batch_item_run(struct batch_item *item, const struct batch_options *o, struct clair *clair,
                   struct worker *worker, struct batch_counters *counters)
{
    struct job j = {.item = item, .options = o, .clair = clair, .worker = worker, .counters = counters};
    int rc = target_open(&j.target, item->host, &o->target, worker, &item->trouble, &item->err);
    if (rc < 0)
        return rc;
    rc = o->verb == BATCH_PUSH ? push(&j) : o->verb == BATCH_DELETE ? delete (&j) : analyse(&j);
    target_hang_up(j.target);
    item->target = j.target;
    return rc;
}

void batch_item_move(struct batch_item *from, struct batch_item *to)
{
    *to = *from;
    from->target = NULL;
    from->json = from->text = buf_make(0);
    from->arena = arena_make(0);
}

void batch_item_release(struct batch_item *item)
{
    if (item->target)
        target_free(item->target);
    item->target = NULL;
    buf_done(&item->json);
    buf_done(&item->text);
    arena_done(&item->arena);
    item->result = (struct scan_result){0};
}
