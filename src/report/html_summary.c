/* The top of an image: what it is, what must be known before all else, how bad it is. */
#include "report/html.h"

static void put_fact(const struct html *h, const char *name, struct str value)
{
    if (!value.len)
        return;
    buf_printf(h->out, "<div><dt>%s</dt><dd>", name);
    html_text(h->out, value);
    html_raw(h->out, "</dd></div>\n");
}

/* How many feeds are older than their publisher's cadence. */
static size_t stale_feeds(const struct scan_result *r)
{
    size_t n = 0;
    vec_each (&r->feeds, f)
        n += f->stale && !f->enriches;
    return n;
}

/* What could not be judged is told before what was found. */
static void write_notices(const struct html *h)
{
    const struct scan_result *r = h->result;
    struct buf *out = h->out;
    size_t stale = stale_feeds(r);
    if (r->end_of_life.len) {
        html_raw(out, "<p class=\"notice dead\"><strong>Support of this release ended on ");
        html_text(out, r->end_of_life);
        html_raw(out, ".</strong> What was found since then may not be known here. Move to a supported "
                      "release before anything else.</p>\n");
    }
    if (!r->unjudged && !r->problems.len && !stale)
        return;
    bool whole = !r->unjudged && !r->problems.len;
    html_raw(out, whole ? "<p class=\"notice warn\"><strong>The data are older than they should be.</strong> "
                        : "<p class=\"notice warn\"><strong>Not everything could be judged.</strong> ");
    if (r->unjudged) {
        html_number(out, r->unjudged);
        html_raw(out, " of ");
        html_count(out, r->packages.len, "package");
        html_raw(out, r->unjudged == 1 ? " was not judged. " : " were not judged. ");
    }
    if (r->problems.len) {
        html_count(out, r->problems.len, "problem");
        html_raw(out, " on the way. ");
    }
    if (stale && !whole)
        html_raw(out, "The data are older than they should be. ");
    buf_printf(out, "<a href=\"#i%u-judged\">What is missing</a></p>\n", h->number);
}

void html_title(const struct html *h)
{
    const struct scan_result *r = h->result;
    buf_printf(h->out, "<h%d id=\"i%u-title\" class=\"title\">", h->level - 1, h->number);
    html_reference(h->out, r->reference.len ? r->reference : STR("Image without a name"));
    buf_printf(h->out, "</h%d>\n<dl class=\"image-facts\">\n", h->level - 1);
    put_fact(h, "Distribution", r->distribution.len ? r->distribution : r->namespace);
    put_fact(h, "Platform", r->platform);
    put_fact(h, "Digest", digest_str(&r->digest));
    html_raw(h->out, "</dl>\n");
    write_notices(h);
}

/* ---- bars ---- */

/* A bar in two parts, as shares of the longest one: SVG, since the policy allows no style attributes. */
static void put_bar(struct buf *out, size_t fixable, size_t all, size_t longest)
{
    unsigned has = (unsigned)(fixable * 1000 / longest), whole = (unsigned)(all * 1000 / longest);
    if (all && whole < 6)
        whole = 6;
    if (fixable == all)
        has = whole;
    buf_printf(
        out,
        "<svg aria-hidden=\"true\" width=\"100%%\" height=\"12\"><rect class=\"has\" width=\"%u.%u%%\" "
        "height=\"12\"/><rect class=\"no\" x=\"%u.%u%%\" width=\"%u.%u%%\" height=\"12\"/></svg>",
        has / 10, has % 10, has / 10, has % 10, (whole - has) / 10, (whole - has) % 10);
}

static void write_bars(const struct html *h, const size_t counts[SEVERITY_COUNT])
{
    struct buf *out = h->out;
    size_t fixable[SEVERITY_COUNT] = {0}, longest = 1;
    vec_each (&h->result->findings, f)
        fixable[f->severity] += f->fixed_version.len > 0;
    for (size_t s = 0; s < SEVERITY_COUNT; s++)
        longest = counts[s] > longest ? counts[s] : longest;
    html_raw(out,
             "<table class=\"bars\"><caption>Findings by severity</caption>\n<thead><tr><th scope=\"col\">"
             "Severity</th><td></td><th scope=\"col\">Findings</th><th scope=\"col\">With a fix</th></tr>"
             "</thead>\n<tbody>\n");
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--) {
        if (s == SEVERITY_DEFCON1 && !counts[s]) /* Clair's word for what nobody has seen yet */
            continue;
        buf_printf(out, "<tr class=\"s%d%s\"><th scope=\"row\">%s</th><td>", s, counts[s] ? "" : " zero",
                   severity_name((enum severity)s));
        put_bar(out, fixable[s], counts[s], longest);
        html_raw(out, "</td><td>");
        html_number(out, counts[s]);
        html_raw(out, "</td><td>");
        html_number(out, fixable[s]);
        html_raw(out, "</td></tr>\n");
    }
    html_raw(out, "</tbody></table>\n");
}

/* ---- figures ---- */

static int by_id(const void *x, const void *y)
{
    return str_cmp((*(const struct finding *const *)x)->id, (*(const struct finding *const *)y)->id);
}

static int by_package(const void *x, const void *y)
{
    uintptr_t a = (uintptr_t)(*(const struct finding *const *)x)->package;
    uintptr_t b = (uintptr_t)(*(const struct finding *const *)y)->package;
    return (a > b) - (a < b);
}

struct figures {
    size_t fixable, vulnerabilities, packages, exploited, counts[SEVERITY_COUNT];
};

static size_t count_distinct(const struct finding **list, size_t n, int (*order)(const void *, const void *))
{
    size_t distinct = n > 0;
    qsort(list, n, sizeof(const struct finding *), order);
    for (size_t i = 1; i < n; i++)
        distinct += order(&list[i - 1], &list[i]) != 0;
    return distinct;
}

static struct figures figures_of(const struct html *h)
{
    const struct scan_result *r = h->result;
    struct figures ret = {0};
    const struct finding **list = arena_array(h->arena, const struct finding *, r->findings.len + 1);
    ret.fixable = report_count(r, ret.counts);
    for (size_t i = 0; list && i < r->findings.len; i++)
        list[i] = &r->findings.ptr[i];
    if (!list)
        return ret;
    ret.packages = count_distinct(list, r->findings.len, by_package);
    ret.vulnerabilities = count_distinct(list, r->findings.len, by_id);
    for (size_t i = 0; i < r->findings.len; i++)
        ret.exploited += report_exploited(list[i]) && (!i || by_id(&list[i - 1], &list[i]));
    return ret;
}

static void begin_figure(const struct html *h, const char *name, const char *class, uint64_t n)
{
    buf_printf(h->out, "<div class=\"figure %s\"><dt>%s</dt><dd><b>", class, name);
    html_number(h->out, n);
    html_raw(h->out, "</b> ");
}

static void write_data_age(const struct html *h)
{
    struct buf *out = h->out;
    const struct result_feed *oldest = NULL;
    vec_each (&h->result->feeds, f)
        if (!f->enriches && (!oldest || (f->published ? f->published : f->fetched) <
                                            (oldest->published ? oldest->published : oldest->fetched)))
            oldest = f;
    if (!oldest)
        return;
    buf_printf(out, "<div class=\"figure %s\"><dt>Age of the data</dt><dd><b>",
               oldest->stale ? "warn" : "fresh");
    report_age(out, h->options->now - (oldest->published ? oldest->published : oldest->fetched));
    html_raw(out, "</b> ");
    html_text(out, oldest->title.len ? oldest->title : oldest->name);
    html_raw(out, "</dd></div>\n");
}

static void write_figures(const struct html *h, const struct figures *n)
{
    const struct scan_result *r = h->result;
    struct buf *out = h->out;
    html_raw(out, "<dl class=\"figures\">\n");
    begin_figure(h, "Findings", "all", r->findings.len);
    if (r->findings.len) {
        html_number(out, n->vulnerabilities);
        html_raw(out, n->vulnerabilities == 1 ? " vulnerability in " : " vulnerabilities in ");
        html_count(out, n->packages, "package");
    }
    html_raw(out, "</dd></div>\n");
    if (h->upgrades.list.len) {
        begin_figure(h, "With a fix", "good", n->fixable);
        html_raw(out, "by ");
        html_count(out, h->upgrades.list.len, "upgrade");
        html_raw(out, "</dd></div>\n");
    }
    if (n->exploited) {
        begin_figure(h, "Known to be exploited", "kev", n->exploited);
        html_raw(out, "listed by CISA</dd></div>\n");
    }
    begin_figure(h, "Judged", r->unjudged ? "warn" : "all", r->judged);
    html_raw(out, "of ");
    html_count(out, r->packages.len, "package");
    html_raw(out, "</dd></div>\n");
    write_data_age(h);
    html_raw(out, "</dl>\n");
}

/* Instead of bars: silence means safe only when it is. */
static void write_nothing_found(const struct html *h)
{
    const struct scan_result *r = h->result;
    bool sure = r->judged && !r->unjudged && !r->problems.len && !stale_feeds(r) && !r->end_of_life.len;
    html_raw(h->out, sure ? "<p class=\"verdict good\">No known vulnerability" : "<p class=\"verdict\">");
    if (!sure)
        html_raw(h->out,
                 r->judged ? "No known vulnerability in what could be judged" : "Nothing could be judged");
    if (r->hidden) {
        html_raw(h->out, ", apart from ");
        html_count(h->out, r->hidden, "finding");
        html_raw(h->out, " left out by the filters of this run");
    }
    html_raw(h->out, "</p>\n");
}

void html_overview(const struct html *h)
{
    const struct figures n = figures_of(h);
    html_raw(h->out, "<div class=\"overview\">\n");
    if (h->result->findings.len)
        write_bars(h, n.counts);
    else
        write_nothing_found(h);
    write_figures(h, &n);
    html_raw(h->out, "</div>\n");
}
