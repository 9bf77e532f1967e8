#include "cli/images.h"

#include "base/limits.h"
#include "base/memory.h"
#include "cli/feeds.h"
#include "cli/terminal.h"
#include "detect/detector.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/worker.h"
#include "report/report.h"

int images_cache_dir(const struct options *o, char *ret, size_t size, struct error *err)
{
    int rc = 0;
    if (!o->values[OPTION_CACHE_DIR])
        rc = file_home("XDG_CACHE_HOME", ".cache", ret, size, err);
    else if (str_copy(str_of(o->values[OPTION_CACHE_DIR]), ret, size) < 0)
        rc = error_set(err, E_USAGE, "--cache-dir: path too long");
    return rc < 0 ? rc : file_make_folders(ret, err);
}

int images_database(const struct options *o, char *ret, size_t size, struct error *err)
{
    if (o->values[OPTION_DB])
        return str_copy(str_of(o->values[OPTION_DB]), ret, size) < 0
                   ? error_set(err, E_USAGE, "--db: too long")
                   : 0;
    int rc = images_cache_dir(o, ret, size - 16, err);
    size_t n = rc < 0 ? 0 : strlen(ret);
    snprintf(ret + n, size - n, "/limpid.db");
    return rc;
}

int images_open_store(const struct options *o, struct store **ret, struct error *err)
{
    char db[4096];
    bool rebuilt = false;
    int rc = images_database(o, db, sizeof db, err);
    if (rc == 0)
        rc = store_open(ret, db, &rebuilt, err);
    if (rc == 0 && rebuilt)
        terminal_note(o, "the database was damaged; it is set aside as %s.damaged and made anew", db);
    return rc;
}

struct watcher {
    struct progress_line line;
    uint64_t started;
};

static int watch(void *ctx, const struct scan_progress *p, struct error *err)
{
    struct watcher *w = ctx;
    if (terminal_interrupted())
        return error_set(err, E_CANCELLED, "interrupted");
    if (!progress_line_due(&w->line))
        return 0;
    char done[32], total[32], rate[32];
    uint64_t ms = clock_ms() - w->started;
    progress_line_show(&w->line, "%.30s: layer %u of %u, %s of %s, %s/s", p->reference,
                       p->layers_known + p->layers_done + 1 < p->layers_total
                           ? p->layers_known + p->layers_done + 1
                           : p->layers_total,
                       p->layers_total, size_text(p->bytes_done, done, sizeof done),
                       size_text(p->bytes_total, total, sizeof total),
                       size_text(p->bytes_done * 1000 / (ms ? ms : 1), rate, sizeof rate));
    return 0;
}

static int fill_options(const struct options *o, struct scan_options *s, const char *cache_dir,
                        struct error *err)
{
    static const struct want *wants[DETECTORS_MAX + 1];
    uint64_t n = 0;
    unsigned stall = 0, worker_stall = 0;
    for (size_t i = 0; i < DETECTORS_MAX && detectors[i]; i++)
        wants[i] = detectors[i]->wants;
    s->image = (struct image_options){
        .platform = o->values[OPTION_PLATFORM],
        .wants = wants,
        .insecure = o->values[OPTION_INSECURE],
        .ca_file = o->values[OPTION_CA_FILE],
        .client_cert = o->values[OPTION_CLIENT_CERT],
        .client_key = o->values[OPTION_CLIENT_KEY],
        .mirrors = o->values[OPTION_MIRROR],
        .auth_file = o->values[OPTION_AUTH_FILE],
        .cache_dir = cache_dir,
        .interrupted = &terminal_interruption,
    };
    s->fresh = option_on(o, OPTION_FRESH);
    int rc = option_timeouts(o, &stall, &worker_stall, err);
    s->image.timeout_seconds = (int)stall;
    worker_set_stall(worker_stall);
    if (rc == 0)
        rc = option_number(o, OPTION_WORKERS, 1, 256, 0, &n, err);
    s->workers = (unsigned)n;
    if (rc == 0)
        rc = option_number(o, OPTION_MAX_LAYER_SIZE, 1, LAYER_TAR_MAX, 0, &s->layer_tar_max, err);
    return rc;
}

static int scan_one(struct images *im, const char *source, struct scan_options *s, struct store *store,
                    struct error *err)
{
    struct watcher watcher = {.line = progress_line_make(im->options), .started = clock_ms()};
    struct scan_progress progress = {.tick = watch, .ctx = &watcher};
    struct scan_result *r = &im->results[im->count];
    static bool weakness_told;
    s->progress = &progress;
    int rc = scan_image(source, s, store, &im->arena, r, err);
    s->progress = NULL;
    progress_line_clear(&watcher.line);
    if (rc == -E_CANCELLED)
        return rc;
    if (rc < 0) {
        char safe[sizeof err->text];
        fprintf(stderr, "limpid: %s: %s\n", source, str_printable(str_of(err->text), safe, sizeof safe));
        im->failed++;
        im->misused |= rc == -E_USAGE;
        return 0;
    }
    im->count++;
    if (r->platform_chosen)
        terminal_note(im->options, "%s: took the image for %.*s", source, STR_ARG(r->platform));
    if (r->weakness && !weakness_told)
        terminal_note(im->options, "%s", r->weakness);
    weakness_told |= r->weakness != NULL;
    return 0;
}

/* scan_options.before_judging */
static int refresh(void *ctx, struct str namespace, struct error *err)
{
    return feeds_refresh(ctx, namespace, err);
}

int images_scan(struct images *im, const struct options *o, struct store *store, bool packages_only,
                struct error *err)
{
    char cache_dir[4096];
    struct feeds_refreshing refreshing = {.options = o, .store = store};
    struct scan_options s = {
        .packages_only = packages_only, .before_judging = refresh, .before_judging_ctx = &refreshing};
    *im = (struct images){.options = o, .arena = arena_make(SCAN_MEMORY_MAX)};
    if (!o->operands_count)
        return error_set(err, E_USAGE,
                         "name an image, such as nginx:1.27 or docker-archive:image.tar; see --help");
    int rc = images_cache_dir(o, cache_dir, sizeof cache_dir, err);
    if (rc == 0)
        rc = fill_options(o, &s, cache_dir, err);
    im->results = memory_new((size_t)o->operands_count * sizeof *im->results);
    for (int i = 0; i < o->operands_count && rc == 0; i++)
        rc = scan_one(im, o->operands[i], &s, store, err);
    return rc;
}

int images_failure(const struct images *im)
{
    return im->misused ? EXIT_USAGE : EXIT_FAILED;
}

void images_done(struct images *im)
{
    free(im->results);
    arena_done(&im->arena);
}

int images_write_text(const struct options *o, struct str text, struct error *err)
{
    const char *output = o->values[OPTION_OUTPUT];
    return output ? file_write(output, text, err) : terminal_print(text, err);
}

int images_write(const struct images *im, const struct reporter *const *table, struct error *err)
{
    const struct options *o = im->options;
    const char *format = o->values[OPTION_FORMAT] ? o->values[OPTION_FORMAT] : "table";
    const struct reporter *reporter = reporter_find(table, str_of(format));
    if (!reporter)
        return error_set(err, E_USAGE, "--format: no format \"%s\"; see --help", format);
    CLEANUP(buf_done) struct buf text = buf_make(REPORT_MAX);
    const struct report_options ro = {.color = terminal_color(o, o->values[OPTION_OUTPUT] != NULL),
                                      .now = clock_seconds(),
                                      .inventory = table == inventory_reporters};
    reporter->write(&text, im->results, im->count, &ro);
    int rc = buf_finish(&text, "the report", err);
    return rc < 0 ? rc : images_write_text(o, buf_str(&text), err);
}
