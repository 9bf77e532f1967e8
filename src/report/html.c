/* A page for people: one file that needs no network, reads without its script, and is better with it. */
#include "report/html.h"

#include "base/limits.h"
#include "report/command.h"

void html_heading(const struct html *h, const char *name, const char *text)
{
    buf_printf(h->out, "<h%d id=\"i%u-%s\">%s</h%d>\n", h->level, h->number, name, text, h->level);
}

void html_count(struct buf *out, uint64_t n, const char *noun)
{
    html_number(out, n);
    buf_printf(out, n == 1 ? " %s" : " %ss", noun);
}

void html_severity_class(struct buf *out, enum severity s)
{
    buf_add_char(out, 's');
    buf_add_char(out, (char)('0' + s));
}

void html_layer(const struct html *h, unsigned index)
{
    if (index < h->result->layers.len)
        buf_printf(h->out, "<a href=\"#i%u-l%u\">layer %u</a>", h->number, index + 1, index + 1);
}

void html_command(const struct html *h, unsigned index, size_t max)
{
    static const struct result_layer none = {0};
    const struct result_layer *l = index < h->result->layers.len ? &h->result->layers.ptr[index] : &none;
    const struct layer_command c = layer_command_of(l->created_by.len ? l->created_by : l->name);
    if (!c.text.len)
        return;
    html_raw(h->out, "<code>");
    buf_add(h->out, c.instruction);
    html_prose(h->out, c.text, max);
    html_raw(h->out, "</code>");
}

static void write_moment(struct buf *out, int64_t seconds)
{
    char machine[40], people[60];
    struct tm parts;
    time_t t = (time_t)seconds;
    if (gmtime_r(&t, &parts) && strftime(machine, sizeof machine, "%Y-%m-%dT%H:%M:%SZ", &parts) &&
        strftime(people, sizeof people, "%d %B %Y, %H:%M UTC", &parts))
        buf_printf(out, "<time datetime=\"%s\">%s</time>", machine, people[0] == '0' ? people + 1 : people);
}

static void write_head(struct buf *out, const struct scan_result *results, size_t count)
{
    html_raw(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"");
    buf_add(out, html_policy);
    html_raw(out, "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n"
                  "<meta name=\"referrer\" content=\"no-referrer\">\n"
                  "<meta name=\"generator\" content=\"limpid " LIMPID_VERSION "\">\n"
                  "<link rel=\"icon\" href=\"");
    buf_add(out, html_icon);
    html_raw(out, "\">\n<title>");
    if (count == 1)
        html_attribute(out, results->reference);
    else
        html_count(out, count, "image");
    html_raw(out, ": vulnerabilities</title>\n<style>");
    buf_add(out, html_css);
    html_raw(out,
             "</style>\n</head>\n<body>\n<header class=\"top\"><p class=\"brand\">limpid</p><p>Written ");
}

/* Which severities a table of images needs columns for: those that any of them has. */
static void write_index_row(struct buf *out, const struct scan_result *r, size_t number, const bool *shown)
{
    size_t counts[SEVERITY_COUNT], fixable = report_count(r, counts);
    buf_printf(out, "<tr><th scope=\"row\"><a href=\"#i%zu\">", number);
    html_reference(out, r->reference.len ? r->reference : STR("without a name"));
    html_raw(out, "</a></th>");
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
        if (shown[s])
            buf_printf(out, "<td class=\"%s\">%zu</td>", counts[s] ? "some" : "none", counts[s]);
    buf_printf(out, "<td class=\"sum\">%zu</td><td>%zu</td>", r->findings.len, fixable);
    buf_printf(out, "<td class=\"%s\">%zu</td></tr>\n", r->unjudged ? "warn" : "none", r->unjudged);
}

static void write_index(struct buf *out, const struct scan_result *results, size_t count)
{
    bool shown[SEVERITY_COUNT] = {0};
    for (size_t i = 0; i < count; i++)
        vec_each (&results[i].findings, f)
            shown[f->severity] = true;
    html_raw(out, "<h1>Vulnerabilities in ");
    html_count(out, count, "image");
    html_raw(out,
             "</h1>\n<div class=\"wide\"><table class=\"plain index\"><caption class=\"vh\">Findings of each "
             "image by severity</caption>\n<thead><tr><th scope=\"col\">Image</th>");
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
        if (shown[s])
            buf_printf(out, "<th scope=\"col\">%s</th>", severity_name((enum severity)s));
    html_raw(out, "<th scope=\"col\">Findings</th><th scope=\"col\">With a fix</th>"
                  "<th scope=\"col\">Packages not judged</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < count; i++)
        write_index_row(out, &results[i], i + 1, shown);
    html_raw(out, "</tbody></table></div>\n");
}

static void write_image(struct html *h)
{
    h->known = report_known(h->result);
    if (upgrades_of(h->result, h->arena, &h->upgrades) < 0)
        h->out->failed = true;
    buf_printf(h->out, "<section class=\"image\" id=\"i%u\" aria-labelledby=\"i%u-title\">\n", h->number,
               h->number);
    html_title(h);
    html_overview(h);
    html_first(h);
    html_findings(h);
    html_judged(h);
    html_layers(h);
    html_raw(h->out, "</section>\n");
}

static void write_html(struct buf *out, const struct scan_result *results, size_t count,
                       const struct report_options *o)
{
    write_head(out, results, count);
    write_moment(out, o->now);
    html_raw(out, "</p></header>\n<main>\n");
    if (count != 1)
        write_index(out, results, count);
    for (size_t i = 0; i < count; i++) {
        struct arena arena = arena_make(REPORT_MAX);
        struct html h = {.out = out,
                         .options = o,
                         .result = &results[i],
                         .arena = &arena,
                         .number = (unsigned)i + 1,
                         .level = count == 1 ? 2 : 3};
        write_image(&h);
        arena_done(&arena);
    }
    html_raw(out,
             "</main>\n<footer><p>Written by limpid " LIMPID_VERSION
             ". This page is complete in itself: it fetches nothing, and only its links lead elsewhere.</p>"
             "</footer>\n<script>");
    buf_add(out, html_js);
    html_raw(out, "</script>\n</body>\n</html>\n");
}

const struct reporter html_reporter = {"html", "a page for people, in one file", write_html};
