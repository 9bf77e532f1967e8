#include "base/limits.h"
#include "base/memory.h"
#include "cli/filter.h"
#include "cli/remote.h"
#include "cli/terminal.h"
#include "report/report.h"

extern const struct command analyse_command;

/* What is kept of each image until all are there, for they share one report. */
struct analyses {
    struct images images;
    struct filter filter;
    struct batch_item *kept;
    size_t count;
    struct buf json; /* the servers' answers, a line each */
};

static int keep(struct remote *r, struct batch_item *item, struct error *err)
{
    struct analyses *a = r->ctx;
    if (r->batch.as_json) {
        buf_add(&a->json, buf_str(&item->json));
        buf_add_char(&a->json, '\n');
    }
    filter_apply(&a->filter, &item->result);
    a->images.results[a->images.count++] = item->result;
    batch_item_move(item, &a->kept[a->count++]);
    return buf_finish(&a->json, "the report", err);
}

static void analyses_done(struct analyses *a)
{
    for (size_t i = 0; i < a->count; i++)
        batch_item_release(&a->kept[i]);
    free(a->kept);
    images_done(&a->images);
    buf_done(&a->json);
}

static int write_report(const struct remote *r, struct analyses *a, struct error *err)
{
    if (r->batch.as_json)
        return images_write_text(r->options, buf_str(&a->json), err);
    return a->images.count || !r->failed ? images_write(&a->images, reporters, err) : 0;
}

static int analyse_run(struct options *o, struct error *err)
{
    CLEANUP(remote_done) struct remote r = {0};
    CLEANUP(analyses_done) struct analyses a = {.images.options = o, .json = buf_make(REPORT_MAX)};
    const char *format = o->values[OPTION_FORMAT];
    if (format && !reporter_find(reporters, str_of(format)))
        return error_set(err, E_USAGE, "--format: no format \"%s\"; see --help", format);
    int rc = filter_make(o, &a.filter, err);
    if (rc == 0)
        rc = remote_make(o, BATCH_ANALYSE, &r, err);
    if (rc < 0)
        return rc;
    size_t count = (size_t)o->operands_count;
    a.kept = memory_new(count * sizeof *a.kept);
    a.images.results = memory_new(count * sizeof *a.images.results);
    r.batch.as_result = true; /* also beside the JSON: the exit status depends on it */
    r.batch.as_json = format && strcmp(format, "json") == 0;
    r.batch.target.commands = !format || strcmp(format, "table") == 0 || strcmp(format, "html") == 0;
    r.take = keep;
    r.ctx = &a;
    rc = remote_run(&r, err);
    a.images.failed = r.failed;
    a.images.misused = r.misused;
    if (rc == 0)
        rc = write_report(&r, &a, err);
    return rc < 0 ? rc : filter_status(&a.filter, &a.images);
}

static const struct command_example examples[] = {
    {"limpid analyse --server http://clair.example.com:6060 registry.example.com/team/app:1",
     "what the server knows of an image that was pushed"},
    {"limpid analyse --only-fixed --format stats nginx redis",
     "with LIMPID_SERVER set: what an upgrade would mend"},
    {"limpid analyse --format html --output report.html nginx", "a page for people"},
    {NULL, NULL},
};

const struct command analyse_command = {
    .name = "analyse",
    .options = FOR_ANALYSE,
    .operands = "IMAGE…",
    .summary = "tell what a Clair server knows of images",
    .about = "Asks a Clair server, limpid's or another, which vulnerabilities it knows in images that were "
             "pushed to it, "
             "and reports them as limpid scan does. With --format json the server's own answer is passed on, "
             "an image a "
             "line; filters do not change it.\n"
             "\n"
             "Exit status: 0 nothing found that counts; 1 (or --exit-code) found at or above --fail-on; 2 "
             "usage; 3 the "
             "server could not judge the image; 4 no result.\n",
    .examples = examples,
    .run = analyse_run,
};
