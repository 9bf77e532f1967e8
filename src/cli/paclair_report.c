#include "cli/paclair_report.h"

#include <unistd.h>

#include "base/limits.h"
#include "cli/terminal.h"
#include "client/stats.h"
#include "os/clock.h"
#include "os/file.h"
#include "report/report.h"
#include "report/template.h"

static const char *const names[] = {
    [PACLAIR_JSON] = "json", [PACLAIR_STATS] = "stats", [PACLAIR_HTML] = "html"};

static bool to(const struct paclair_report *r, const char *where)
{
    return r->args->report && strcmp(r->args->report, where) == 0;
}

static int unwritable(struct paclair_report *r)
{
    r->unwritable = true;
    paclair_log_say(r->log, LOG_ERR, "Can't write in directory: %s", r->args->dir);
    return -E_DENIED;
}

int paclair_report_open(struct paclair_report *r, const struct paclair_args *args,
                        const struct config *config, const struct paclair_log *log)
{
    struct error err = {0};
    *r =
        (struct paclair_report){.args = args, .config = config, .log = log, .template = buf_make(CONFIG_MAX)};
    for (unsigned i = 0; args->format && i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], args->format) == 0)
            r->format = i;
    if (args->verb == PACLAIR_ANALYSE && to(r, "file") && access(args->dir, W_OK | X_OK) < 0)
        return unwritable(r);
    if (r->format != PACLAIR_HTML || !config->html_template)
        return 0;
    int rc = file_read(config->html_template, &r->template, &err);
    if (rc < 0)
        paclair_log_say(log, LOG_ERR, "limpid: html_template: %s", err.text);
    return rc;
}

void paclair_report_done(struct paclair_report *r)
{
    buf_done(&r->template);
}

/* The page as the user's template has it. */
static int fill_template(const struct paclair_report *r, const struct scan_result *result, struct buf *out,
                         struct error *err)
{
    CLEANUP(arena_done) struct arena arena = arena_make(CLAIR_MEMORY_MAX);
    const struct template_row *rows = template_rows(result, &arena);
    if (!rows)
        return error_set(err, E_LIMIT, "html_template: more findings than a page can hold");
    int rc = template_render(buf_str(&r->template), rows, result->findings.len, out, err);
    return rc < 0 ? error_in(err, "%s", r->config->html_template) : 0;
}

/* The report in `out`, without a line feed at its end. */
static int make(struct paclair_report *r, struct batch_item *item, struct buf *out, struct error *err)
{
    const struct report_options o = {.now = clock_seconds()};
    const struct config *c = r->config;
    int rc = 0;
    if (r->format == PACLAIR_JSON) {
        buf_add(out, buf_str(&item->json));
        return buf_finish(out, "the report", err);
    }
    stats_forget(&item->result, c->cve_whitelist.ptr, c->cve_whitelist.len);
    if (r->format == PACLAIR_STATS)
        stats_put(out, &item->result, r->args->all);
    else if (c->html_template)
        rc = fill_template(r, &item->result, out, err);
    else
        reporter_find(reporters, STR("html"))->write(out, &item->result, 1, &o);
    if (rc == 0)
        rc = buf_finish(out, "the report", err);
    while (rc == 0 && out->len && out->ptr[out->len - 1] == '\n')
        out->len--;
    return rc;
}

/* DIR/host.format, with no folders in the host's name. */
static int put_file(struct paclair_report *r, const char *host, struct str text, struct error *err)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s.%s", r->args->dir, host, names[r->format]);
    if (n < 0 || (size_t)n >= sizeof path)
        return error_set(err, E_USAGE, "%s: too long a path", r->args->dir);
    for (char *p = path + strlen(r->args->dir) + 1; *p; p++)
        *p = *p == '/' ? '_' : *p;
    return file_write(path, text, err) < 0 ? unwritable(r) : 0;
}

/* Several images' statistics look alike: each gets a heading. */
static void put_heading(const struct paclair_report *r, const char *host, struct buf *out)
{
    if (r->format == PACLAIR_STATS && r->args->hosts_count > 1)
        buf_printf(out, "%s%s\n", r->put ? "\n" : "", host);
}

int paclair_report_put(struct paclair_report *r, struct batch_item *item, struct error *err)
{
    CLEANUP(buf_done) struct buf text = buf_make(REPORT_MAX);
    bool file = to(r, "file");
    if (!file)
        put_heading(r, item->host, &text);
    int rc = make(r, item, &text, err);
    r->put++;
    if (rc < 0)
        return error_in(err, "%s", item->host);
    if (file)
        return put_file(r, item->host, buf_str(&text), err);
    if (!to(r, "term")) {
        paclair_log_text(r->log, buf_str(&text));
        return 0;
    }
    buf_add_char(&text, '\n');
    rc = buf_finish(&text, "the report", err);
    return rc < 0 ? rc : terminal_print(buf_str(&text), err);
}
