/* The table of findings. Rows are grids of their own, in table bodies of ROWS_TOGETHER, so that a browser
   lays out only what is seen; roles keep it a table for those who listen to it. */
#include "report/command.h"
#include "report/html.h"

enum { ROWS_TOGETHER = 250, COMMAND_SHORT = 60, OPTION_LONG = 50 };

static void write_chip(const struct html *h, enum severity s, size_t n)
{
    if (!n)
        return;
    buf_printf(h->out,
               "<label class=\"chip s%d\"><input type=\"checkbox\" name=\"severity\" value=\"%d\">%s <b>",
               (int)s, (int)s, severity_name(s));
    html_number(h->out, n);
    html_raw(h->out, "</b></label>\n");
}

static void write_layer_choice(const struct html *h)
{
    struct buf *out = h->out;
    if (!h->result->layers.len)
        return;
    html_raw(out, "<label class=\"choice\"><span class=\"vh\">Layer</span><select name=\"layer\">"
                  "<option value=\"\">All layers</option>");
    for (unsigned i = 0; i < h->result->layers.len; i++) {
        const struct layer_command c = layer_command_of(h->result->layers.ptr[i].created_by);
        buf_printf(out, "<option value=\"%u\">Layer %u%s", i + 1, i + 1, c.text.len ? ": " : "");
        buf_add(out, c.instruction);
        html_attribute(out, c.text.len > OPTION_LONG ? (struct str){c.text.ptr, OPTION_LONG} : c.text);
        html_raw(out, "</option>");
    }
    html_raw(out, "</select></label>\n");
}

/* They need the script, which shows them. */
static void write_tools(const struct html *h, const size_t counts[SEVERITY_COUNT])
{
    struct buf *out = h->out;
    html_raw(
        out,
        "<form class=\"tools\" role=\"search\" hidden>\n<label class=\"search\"><span class=\"vh\">Search "
        "the findings</span><input type=\"search\" name=\"words\" placeholder=\"Search id, package, "
        "description…\" autocomplete=\"off\" spellcheck=\"false\"></label>\n"
        "<fieldset><legend class=\"vh\">Severity</legend>\n");
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
        write_chip(h, (enum severity)s, counts[s]);
    html_raw(out, "</fieldset>\n<label class=\"chip\"><input type=\"checkbox\" name=\"fixable\">Only with a "
                  "fix</label>\n");
    write_layer_choice(h);
    html_raw(out, "<button type=\"button\" name=\"unfold\">Unfold all</button>\n"
                  "<output class=\"shown\" aria-live=\"polite\"></output>\n</form>\n");
}

static void put_cell(struct buf *out, struct str text)
{
    html_raw(out, "<td role=\"cell\">");
    html_text(out, text);
    html_raw(out, "</td>");
}

static void put_layer_cell(const struct html *h, unsigned layer)
{
    if (layer >= h->result->layers.len) {
        html_raw(h->out, "<td role=\"cell\"></td>");
        return;
    }
    buf_printf(h->out, "<td role=\"cell\">%u ", layer + 1);
    html_command(h, layer, COMMAND_SHORT);
    html_raw(h->out, "</td>");
}

static void write_row(const struct html *h, const struct finding *f)
{
    struct buf *out = h->out;
    html_raw(out, "<tr role=\"row\" class=\"");
    html_severity_class(out, f->severity);
    html_raw(out, f->fixed_version.len ? " fix" : "");
    if (f->package->introduced < h->result->layers.len)
        buf_printf(out, "\" data-layer=\"%u", f->package->introduced + 1);
    html_raw(out, "\">");
    html_raw(out, "<td role=\"cell\">");
    html_raw(out, severity_name(f->severity));
    if (f->severity_from.len) {
        html_raw(out, " <small>by ");
        html_text(out, f->severity_from);
        html_raw(out, "</small>");
    }
    html_raw(out, "</td><th role=\"rowheader\" scope=\"row\">");
    html_link(out, f->link.len || !f->about ? f->link : f->about->link, f->id);
    if (report_exploited(f))
        html_raw(out, " <b class=\"kev\">exploited</b>");
    html_raw(out, "</th>");
    put_cell(out, f->package->name);
    put_cell(out, f->package->version);
    put_cell(out, f->fixed_version);
    put_layer_cell(h, f->package->introduced);
    put_cell(out, report_status(f));
    if (h->known.epss)
        put_cell(out, str_of(report_epss(f).text));
    html_raw(out, "<td role=\"cell\" class=\"more\"><details><summary>Details</summary>");
    html_details(h, f);
    html_raw(out, "</details></td></tr>\n");
}

static void write_table(const struct html *h)
{
    static const char *const columns[] = {"Vulnerability", "Package", "Installed",
                                          "Fixed in",      "Layer",   "Status"};
    struct buf *out = h->out;
    buf_printf(
        out,
        "<table role=\"table\" class=\"findings%s\" aria-describedby=\"i%u-findings\"><caption class=\"vh\">"
        "Findings, worst first; each row unfolds to its details</caption>\n"
        "<thead role=\"rowgroup\"><tr role=\"row\">"
        "<th role=\"columnheader\" scope=\"col\" aria-sort=\"descending\">Severity</th>",
        h->known.epss ? " scored" : "", h->number);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        buf_printf(out, "<th role=\"columnheader\" scope=\"col\">%s</th>", columns[i]);
    if (h->known.epss)
        html_raw(out, "<th role=\"columnheader\" scope=\"col\" data-first=\"descending\">EPSS</th>");
    html_raw(out, "<th role=\"columnheader\" scope=\"col\" class=\"vh\">Details</th></tr></thead>\n");
    for (size_t i = 0; i < h->result->findings.len; i++) {
        if (i % ROWS_TOGETHER == 0)
            html_raw(out, i ? "</tbody>\n<tbody role=\"rowgroup\">\n" : "<tbody role=\"rowgroup\">\n");
        write_row(h, &h->result->findings.ptr[i]);
    }
    html_raw(out, "</tbody></table>\n<p class=\"nothing\" hidden>No finding is like that.</p>\n");
}

void html_findings(const struct html *h)
{
    size_t counts[SEVERITY_COUNT];
    if (!h->result->findings.len)
        return;
    report_count(h->result, counts);
    html_heading(h, "findings", "Findings");
    write_tools(h, counts);
    write_table(h);
}
