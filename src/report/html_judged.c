/* Who judged, what could not be judged and why: never silent. And the layers that findings speak of. */
#include "report/html.h"

enum { COMMAND_WHOLE = 8000 };

static void begin_item(struct buf *out, const char *title)
{
    buf_printf(out, "<li><strong>%s</strong> ", title);
}

static void write_unjudged(const struct html *h)
{
    const struct scan_result *r = h->result;
    struct buf *out = h->out;
    if (r->server.len) {
        begin_item(out, "Unknown:");
        html_raw(out, "what the server ");
        html_text(out, r->server);
        html_raw(out, " could not judge, and how old its data are: it does not tell.</li>\n");
    }
    if (r->unjudged) {
        begin_item(out, "Not judged:");
        html_number(out, r->unjudged);
        html_raw(out, " of ");
        html_count(out, r->packages.len, "package");
        html_raw(out, r->unjudged_why.len ? ": " : "");
        html_text(out, r->unjudged_why);
        html_raw(out, ".</li>\n");
    }
    if (r->rejected) {
        begin_item(out, "Left out:");
        html_count(out, r->rejected, "finding");
        html_raw(out, " of ids that were rejected.</li>\n");
    }
    if (r->foreign) {
        begin_item(out, "Foreign:");
        html_number(out, r->foreign);
        html_raw(out, " of ");
        html_count(out, r->packages.len, "package");
        html_raw(out, " are not the distribution's (");
        html_text(out, r->foreign_from);
        html_raw(out, "): their versions are their own, so look at a finding of one twice.</li>\n");
    }
    if (r->undetermined) {
        begin_item(out, "Open questions:");
        html_raw(out, "the feed has not decided about ");
        html_number(out, r->undetermined);
        html_raw(out, " more that concern installed packages.</li>\n");
    }
}

static void write_age(const struct html *h)
{
    struct buf *out = h->out;
    vec_each (&h->result->feeds, f) {
        if (!f->stale || f->enriches)
            continue;
        begin_item(out, "Old data:");
        html_text(out, f->title.len ? f->title : f->name);
        html_raw(out, " is ");
        report_age(out, h->options->now - (f->published ? f->published : f->fetched));
        html_raw(out, " old, older than its publisher's cadence. What was published since is missing; "
                      "<code>limpid update</code> fetches it.</li>\n");
    }
    if (h->result->end_of_life.len) {
        begin_item(out, "End of life:");
        html_raw(out, "nobody has looked at this release since ");
        html_text(out, h->result->end_of_life);
        html_raw(out, ".</li>\n");
    }
}

static void write_problems(const struct html *h)
{
    struct buf *out = h->out;
    vec_each (&h->result->problems, p) {
        begin_item(out, "Problem:");
        html_text(out, p->where);
        html_raw(out, p->where.len ? ": " : "");
        html_text(out, p->text);
        html_raw(out, ".</li>\n");
    }
    if (h->result->weakness) {
        begin_item(out, "Sandbox:");
        html_text(out, str_of(h->result->weakness));
        html_raw(out, ".</li>\n");
    }
    if (h->result->hidden) {
        begin_item(out, "Left out:");
        html_count(out, h->result->hidden, "finding");
        html_raw(out, " by the filters of this run.</li>\n");
    }
}

static void put_day(struct buf *out, int64_t seconds)
{
    char day[16];
    struct tm parts;
    time_t t = (time_t)seconds;
    if (seconds && gmtime_r(&t, &parts) && strftime(day, sizeof day, "%Y-%m-%d", &parts))
        html_raw(out, day);
    else
        html_raw(out, "unknown");
}

static void write_feeds(const struct html *h)
{
    struct buf *out = h->out;
    if (!h->result->feeds.len)
        return;
    html_raw(out, "<div class=\"wide\"><table class=\"plain\"><caption>Judged by</caption>\n<thead><tr>"
                  "<th scope=\"col\">Feed</th><th scope=\"col\">Packages</th><th scope=\"col\">Published</th>"
                  "<th scope=\"col\">Fetched</th></tr></thead>\n<tbody>\n");
    vec_each (&h->result->feeds, f) {
        html_raw(out, "<tr><th scope=\"row\">");
        html_text(out, f->title.len ? f->title : f->name);
        html_raw(out, f->snapshot ? ", read from a file</th><td>" : "</th><td>");
        if (f->enriches)
            html_raw(out, "tells of ids");
        else
            html_number(out, f->packages);
        html_raw(out, "</td><td>");
        put_day(out, f->published);
        html_raw(out, f->stale ? "</td><td class=\"warn\">" : "</td><td>");
        put_day(out, f->fetched);
        html_raw(out, "</td></tr>\n");
    }
    html_raw(out, "</tbody></table></div>\n");
}

void html_judged(const struct html *h)
{
    struct buf *out = h->out;
    html_heading(h, "judged", "What could not be judged");
    html_raw(out, "<ul class=\"judged\">\n");
    size_t before = out->len;
    write_unjudged(h);
    write_age(h);
    write_problems(h);
    if (out->len == before)
        html_raw(out, h->result->judged
                          ? "<li>Nothing: every package was judged, every layer was read.</li>\n"
                          : "<li>There was no package to judge.</li>\n");
    html_raw(out, "</ul>\n");
    write_feeds(h);
}

static void put_size(struct buf *out, uint64_t bytes)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB"};
    size_t unit = 0;
    uint64_t tenths = bytes * 10;
    for (; tenths >= 10000 && unit < 3; unit++)
        tenths /= 1000;
    if (unit && tenths < 1000)
        buf_printf(out, "%ju.%ju %s", (uintmax_t)(tenths / 10), (uintmax_t)(tenths % 10), units[unit]);
    else
        buf_printf(out, "%ju %s", (uintmax_t)(tenths / 10), units[unit]);
}

void html_layers(const struct html *h)
{
    const struct scan_result *r = h->result;
    struct buf *out = h->out;
    size_t *findings = arena_array(h->arena, size_t, r->layers.len + 1);
    if (!r->layers.len || !findings)
        return;
    vec_each (&r->findings, f)
        if (f->package->introduced < r->layers.len)
            findings[f->package->introduced]++;
    html_heading(h, "layers", "Layers");
    html_raw(out, "<ol class=\"layers\">\n");
    for (unsigned i = 0; i < r->layers.len; i++) {
        const struct result_layer *l = &r->layers.ptr[i];
        buf_printf(out, "<li id=\"i%u-l%u\"><p>", h->number, i + 1);
        html_command(h, i, COMMAND_WHOLE);
        html_raw(out, "</p><p class=\"of\">");
        if (findings[i])
            html_raw(out, "<b>");
        html_count(out, findings[i], "finding");
        html_raw(out, findings[i] ? "</b> · " : " · ");
        put_size(out, l->size);
        html_raw(out, l->digest.text[0] || l->diff_id.text[0] ? " · " : "");
        html_text(out, digest_str(l->digest.text[0] ? &l->digest : &l->diff_id));
        html_raw(out, "</p></li>\n");
    }
    html_raw(out, "</ol>\n");
}
