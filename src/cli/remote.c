#include "cli/remote.h"

#include "base/limits.h"
#include "base/memory.h"

/* The server fetches layers itself: files and engines of this machine are out of its reach. */
static int take_operand(const char *operand, char **ret, struct error *err)
{
    union {
        const char *in;
        char *out;
    } rest = {.in = operand};
    if (image_is_local(operand))
        return error_set(
            err, E_USAGE,
            "%s: the server cannot reach it: name an image of a registry, or the http(s) URL of an archive",
            operand);
    if (strncmp(operand, "docker://", 9) == 0)
        rest.in += 9;
    *ret = rest.out;
    return 0;
}

static int take_operands(struct remote *r, struct error *err)
{
    const struct options *o = r->options;
    r->hosts = memory_new((size_t)(o->operands_count + 1) * sizeof *r->hosts);
    int rc = o->operands_count ? 0
                               : error_set(err, E_USAGE,
                                           "name an image, such as registry.example.com/team/app:1; see "
                                           "--help");
    for (int i = 0; i < o->operands_count && rc == 0; i++)
        rc = take_operand(o->operands[i], &r->hosts[i], err);
    return rc;
}

static int take_api(const struct options *o, bool *ret_v3, struct error *err)
{
    uint64_t version;
    int rc = option_number(o, OPTION_API, 1, 3, 1, &version, err);
    if (rc == 0 && version == 2)
        rc = error_set(err, E_USAGE, "--api: Clair had no API 2; there are 1 and 3");
    *ret_v3 = rc == 0 && version == 3;
    return rc;
}

int remote_make(const struct options *o, enum batch_verb verb, struct remote *ret, struct error *err)
{
    uint64_t n = 0;
    *ret = (struct remote){.options = o};
    ret->image = (struct image_options){.platform = o->values[OPTION_PLATFORM],
                                        .insecure = o->values[OPTION_INSECURE],
                                        .ca_file = o->values[OPTION_CA_FILE],
                                        .client_cert = o->values[OPTION_CLIENT_CERT],
                                        .client_key = o->values[OPTION_CLIENT_KEY],
                                        .auth_file = o->values[OPTION_AUTH_FILE],
                                        .interrupted = &terminal_interruption};
    ret->batch = (struct batch_options){.verb = verb,
                                        .clair = {.url = o->values[OPTION_SERVER],
                                                  .ca_file = o->values[OPTION_CA_FILE],
                                                  .client_cert = o->values[OPTION_CLIENT_CERT],
                                                  .client_key = o->values[OPTION_CLIENT_KEY],
                                                  .insecure = o->values[OPTION_INSECURE],
                                                  .interrupted = &terminal_interruption},
                                        .all_layers = option_on(o, OPTION_FRESH)};
    if (!ret->batch.clair.url)
        return error_set(err, E_USAGE,
                         "name the server: --server http://clair.example.com:6060, or LIMPID_SERVER");
    int rc = take_operands(ret, err);
    if (rc == 0)
        rc = take_api(o, &ret->batch.clair.v3, err);
    if (rc == 0)
        rc = option_number(o, OPTION_TIMEOUT, 1, 3600, 0, &n, err);
    ret->image.timeout_seconds = (int)n;
    if (rc == 0)
        rc = option_number(o, OPTION_WORKERS, 1, BATCH_LANES_MAX, BATCH_LANES, &n, err);
    ret->batch.lanes = (unsigned)n;
    return rc;
}

static void tell_failure(struct remote *r, const struct batch_item *item)
{
    char safe[sizeof item->err.text];
    fprintf(stderr, "limpid: %s: %s\n", item->host, str_printable(str_of(item->err.text), safe, sizeof safe));
    r->failed++;
    r->misused |= item->err.code == E_USAGE;
}

static int take_item(void *ctx, struct batch_item *item, struct error *err)
{
    struct remote *r = ctx;
    progress_line_clear(&r->line);
    if (item->state == ITEM_GOOD)
        return r->take(r, item, err);
    if (item->err.code == E_CANCELLED)
        return error_set(err, E_CANCELLED, "interrupted");
    tell_failure(r, item);
    return 0;
}

static int show_progress(void *ctx, const struct batch_progress *p, struct error *err)
{
    struct remote *r = ctx;
    if (terminal_interrupted())
        return error_set(err, E_CANCELLED, "interrupted");
    if (!progress_line_due(&r->line))
        return 0;
    if (p->layers_total)
        progress_line_show(&r->line, "image %zu of %zu, layer %zu of %zu", p->images_done + 1,
                           p->images_total, p->layers_done, p->layers_total);
    else
        progress_line_show(&r->line, "image %zu of %zu", p->images_done + 1, p->images_total);
    return 0;
}

int remote_run(struct remote *r, struct error *err)
{
    struct batch batch;
    r->line = progress_line_make(r->options);
    r->batch.target.image = &r->image;
    terminal_catch_signals();
    batch_init(&batch, &r->batch, r->hosts, (size_t)r->options->operands_count);
    batch.done = take_item;
    batch.tick = show_progress;
    batch.ctx = r;
    int rc = batch_run(&batch, err);
    progress_line_clear(&r->line);
    batch_done(&batch);
    return rc;
}

int remote_status(const struct remote *r)
{
    return !r->failed ? EXIT_NOTHING : r->misused ? EXIT_USAGE : EXIT_FAILED;
}

void remote_done(struct remote *r)
{
    free(r->hosts);
}
