/* The report for people: findings in aligned columns, worst first, then where they come from, and a verdict
   that is never a silent OK. */
#include "report/columns.h"
#include "report/report.h"

static void put_safe(struct buf *out, struct str s)
{
    char safe[1024];
    buf_add(out, str_of(str_printable(s, safe, sizeof safe)));
}

static void write_heading(struct buf *out, const struct scan_result *r, bool color)
{
    buf_add(out, str_of(color ? "\033[1m" : ""));
    put_safe(out, r->reference);
    buf_add(out, str_of(color ? "\033[0m" : ""));
    const struct str facts[] = {r->distribution, r->namespace, r->platform};
    bool any = false;
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        if (!facts[i].len)
            continue;
        buf_add(out, any ? STR(", ") : STR("  "));
        put_safe(out, facts[i]);
        any = true;
    }
    buf_add_char(out, '\n');
    if (r->digest.text[0])
        buf_printf(out, "%s\n", r->digest.text);
    buf_add_char(out, '\n');
}

/* A package stands once for all findings of a severity that follow each other. */
static void write_finding(struct columns *c, const struct finding *f, const struct finding *before,
                          const struct report_known *known)
{
    bool same_severity = before && before->severity == f->severity;
    bool same = same_severity && before->package == f->package;
    char layer[16];
    snprintf(layer, sizeof layer, "%u", f->package->introduced + 1);
    columns_add(c, same_severity ? STR("") : str_of(severity_name(f->severity)), report_color(f->severity));
    columns_add(c, same ? STR("") : f->package->name, NULL);
    columns_add(c, same ? STR("") : f->package->version, NULL);
    columns_add(c, f->fixed_version.len ? f->fixed_version : STR("-"), f->fixed_version.len ? "32" : NULL);
    columns_add(c, f->id, NULL);
    if (known->exploited)
        columns_add(c, report_exploited(f) ? STR("exploited") : STR(""), "1;31");
    if (known->epss)
        columns_add(c, str_of(report_epss(f).text), NULL);
    columns_add(c, report_status(f), NULL);
    columns_add(c, same ? STR("") : str_of(layer), NULL);
}

/* KEV and EPSS have columns where something is known of them. */
static void write_findings(struct buf *out, const struct scan_result *r, const struct report_options *o)
{
    const struct report_known known = report_known(r);
    const char *const titles[] = {"SEVERITY",
                                  "PACKAGE",
                                  "INSTALLED",
                                  "FIXED IN",
                                  "VULNERABILITY",
                                  known.exploited ? "KEV" : NULL,
                                  known.epss ? "EPSS" : NULL,
                                  "STATUS",
                                  "LAYER"};
    struct columns c = columns_make(7 + (size_t)known.exploited + (size_t)known.epss);
    if (known.epss)
        c.right = 1U << (5 + known.exploited);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (titles[i])
            columns_add(&c, str_of(titles[i]), "1");
    const struct finding *before = NULL;
    vec_each (&r->findings, f) {
        write_finding(&c, f, before, &known);
        before = f;
    }
    columns_write(&c, out, "", o->color);
    columns_done(&c);
    buf_add_char(out, '\n');
}

/* Which layers brought what is vulnerable, and the command that made them. */
static void write_layers(struct buf *out, const struct scan_result *r)
{
    for (size_t i = 0; i < r->layers.len; i++) {
        size_t n = 0;
        vec_each (&r->findings, f)
            n += f->package->introduced == i;
        if (!n)
            continue;
        const struct result_layer *l = &r->layers.ptr[i];
        char command[100];
        str_printable(l->created_by, command, sizeof command);
        buf_printf(out, "Layer %zu: %zu finding%s%s%s\n", i + 1, n, n == 1 ? "" : "s", command[0] ? "; " : "",
                   command);
    }
    if (r->findings.len)
        buf_add_char(out, '\n');
}

static void write_counts(struct buf *out, const struct scan_result *r, bool color)
{
    size_t counts[SEVERITY_COUNT], fixable = report_count(r, counts);
    const char *separator = ": ";
    buf_printf(out, "%zu finding%s", r->findings.len, r->findings.len == 1 ? "" : "s");
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--) {
        if (!counts[s])
            continue;
        buf_printf(out, color ? "%s\033[%sm%zu %s\033[0m" : "%s%.0s%zu %s", separator,
                   report_color((enum severity)s), counts[s], severity_name((enum severity)s));
        separator = ", ";
    }
    buf_printf(out, "%s.", fixable == r->findings.len && fixable ? "; all have a fix" : "");
    if (fixable && fixable < r->findings.len)
        buf_printf(out, " %zu can be mended by an upgrade.", fixable);
    if (r->hidden)
        buf_printf(out, " %zu more are hidden by your filters.", r->hidden);
    buf_add_char(out, '\n');
}

static void write_feeds(struct buf *out, const struct scan_result *r, const struct report_options *o)
{
    vec_each (&r->feeds, f) {
        if (f->enriches)
            buf_add(out, STR("Enriched: by the feed "));
        else
            buf_printf(out, "Judged: %zu of %zu packages, by the feed ", f->packages, r->packages.len);
        put_safe(out, f->name);
        buf_add(out, STR(" ("));
        put_safe(out, f->title);
        buf_add(out, f->snapshot ? STR("; read from a file, data ") : STR("; data "));
        report_age(out, o->now - (f->published ? f->published : f->fetched));
        buf_add(out, STR(" old"));
        buf_add(out, f->stale ? STR(", STALE: run limpid update).\n") : STR(").\n"));
    }
    if (r->server.len) {
        buf_printf(out, "Judged: %zu packages, by the server ", r->judged);
        put_safe(out, r->server);
        buf_add(out, STR(", which tells neither what it could not judge nor how old its data are.\n"));
    }
    size_t severities = report_known(r).severities;
    if (severities)
        buf_printf(out, "Severities: %zu are those of scores, since the distribution gives none.\n",
                   severities);
    if (r->rejected)
        buf_printf(out, "Left out: %zu finding%s of ids that were rejected.\n", r->rejected,
                   r->rejected == 1 ? "" : "s");
    if (r->undetermined)
        buf_printf(out, "Open questions: the feed has not decided %zu more about installed packages.\n",
                   r->undetermined);
    if (r->foreign) {
        buf_printf(out, "Foreign: %zu of %zu packages are not the distribution's (", r->foreign,
                   r->packages.len);
        put_safe(out, r->foreign_from);
        buf_add(out, STR("): their versions are their own, look at a finding of one twice.\n"));
    }
    if (r->unjudged) {
        buf_printf(out, "Not judged: %zu of %zu packages", r->unjudged, r->packages.len);
        if (r->unjudged_why.len)
            buf_add(out, STR(": "));
        put_safe(out, r->unjudged_why);
        buf_add(out, STR(".\n"));
    }
}

static void write_problems(struct buf *out, const struct scan_result *r, bool color)
{
    vec_each (&r->problems, p) {
        buf_printf(out, "%sProblem%s: ", color ? "\033[33m" : "", color ? "\033[0m" : "");
        put_safe(out, p->where);
        buf_add(out, p->where.len ? STR(": ") : STR(""));
        put_safe(out, p->text);
        buf_add_char(out, '\n');
    }
}

static void write_table(struct buf *out, const struct scan_result *results, size_t count,
                        const struct report_options *o)
{
    for (size_t i = 0; i < count; i++) {
        const struct scan_result *r = &results[i];
        if (i)
            buf_add_char(out, '\n');
        write_heading(out, r, o->color);
        if (r->end_of_life.len)
            buf_printf(
                out, "Support of this release ended on %.*s: what was found later may not be known here.\n\n",
                STR_ARG(r->end_of_life));
        if (r->findings.len)
            write_findings(out, r, o);
        write_layers(out, r);
        write_counts(out, r, o->color);
        write_feeds(out, r, o);
        write_problems(out, r, o->color);
    }
}

const struct reporter table_reporter = {"table", "aligned columns for people (default)", write_table};

static void write_inventory(struct buf *out, const struct scan_result *results, size_t count,
                            const struct report_options *o)
{
    static const char *const titles[] = {"PACKAGE",        "VERSION", "ARCH", "SOURCE",
                                         "SOURCE VERSION", "LAYER",   "FILE"};
    for (size_t i = 0; i < count; i++) {
        const struct scan_result *r = &results[i];
        struct columns c = columns_make(7);
        if (i)
            buf_add_char(out, '\n');
        write_heading(out, r, o->color);
        for (size_t t = 0; t < 7; t++)
            columns_add(&c, str_of(titles[t]), "1");
        vec_each (&r->packages, p) {
            char layer[16];
            snprintf(layer, sizeof layer, "%u", p->introduced + 1);
            const struct str cells[] = {p->name,           p->version,    p->arch, p->source_name,
                                        p->source_version, str_of(layer), p->path};
            for (size_t t = 0; t < 7; t++)
                columns_add(&c, cells[t], NULL);
        }
        columns_write(&c, out, "", o->color);
        columns_done(&c);
        buf_printf(out, "\n%zu packages.\n", r->packages.len);
        write_problems(out, r, o->color);
    }
}

const struct reporter inventory_table_reporter = {"table", "aligned columns for people (default)",
                                                  write_inventory};
