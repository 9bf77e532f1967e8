/* What to do first: the upgrades that mend most. */
#include "report/html.h"

enum { FIRST_SHOWN = 8, PACKAGES_SHOWN = 6 };

/* "openssl, libssl3 and more": the binary packages, each once. */
static void put_packages(const struct html *h, const struct upgrade *u)
{
    const struct package *shown[PACKAGES_SHOWN];
    size_t n = 0, i;
    bool more = false;
    for (i = 0; i < u->findings_count && !more; i++) {
        const struct package *p = u->findings[i]->package;
        size_t at = 0;
        while (at < n && !str_eq(shown[at]->name, p->name))
            at++;
        more = at == PACKAGES_SHOWN;
        if (at < n || more)
            continue;
        html_raw(h->out, n ? ", " : "");
        html_text(h->out, p->name);
        shown[n++] = p;
    }
    html_raw(h->out, more ? " and more" : "");
}

static void put_layers(const struct html *h, const struct upgrade *u)
{
    unsigned first = u->findings[0]->package->introduced, last = first;
    for (size_t i = 1; i < u->findings_count; i++) {
        unsigned layer = u->findings[i]->package->introduced;
        first = layer < first ? layer : first;
        last = layer > last ? layer : last;
    }
    if (last >= h->result->layers.len)
        return;
    html_raw(h->out, " · ");
    html_layer(h, first);
    if (first != last) {
        html_raw(h->out, last == first + 1 ? " and " : " to ");
        html_layer(h, last);
    }
}

static void write_upgrade(const struct html *h, const struct upgrade *u)
{
    struct buf *out = h->out;
    const char *separator = "";
    buf_printf(out, "<li><p class=\"up\"><a href=\"#i%u-findings\" data-find=\"", h->number);
    html_attribute(out, u->source);
    html_raw(out, "\">");
    html_text(out, u->source);
    html_raw(out, "</a></p><p class=\"step\"><span class=\"from\">");
    html_text(out, u->installed);
    html_raw(out, "</span> <span class=\"arrow\">→</span> <span class=\"to\">");
    html_text(out, u->fixed);
    html_raw(out, "</span></p><p class=\"why\">mends ");
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--) {
        if (!u->counts[s])
            continue;
        buf_printf(out, "%s<span class=\"sev s%d\">%zu %s</span>", separator, s, u->counts[s],
                   severity_name((enum severity)s));
        separator = ", ";
    }
    if (u->exploited)
        buf_printf(out, " <b class=\"kev\">%zu exploited</b>", u->exploited);
    html_raw(out, "</p><p class=\"in\">in ");
    put_packages(h, u);
    put_layers(h, u);
    html_raw(out, "</p></li>\n");
}

static void write_upgrades(const struct html *h, size_t first, size_t end)
{
    buf_printf(h->out, "<ol class=\"first\" start=\"%zu\">\n", first + 1);
    for (size_t i = first; i < end; i++)
        write_upgrade(h, &h->upgrades.list.ptr[i]);
    html_raw(h->out, "</ol>\n");
}

/* Packages of the base are best mended by a newer base. */
static void write_base_hint(const struct html *h)
{
    size_t base = 0, all = 0;
    vec_each (&h->result->findings, f) {
        all += f->fixed_version.len > 0;
        base += f->fixed_version.len && !f->package->introduced;
    }
    if (h->result->layers.len < 2 || base * 2 < all || !base)
        return;
    html_raw(h->out, "<p class=\"hint\">");
    if (base < all) {
        html_number(h->out, base);
        html_raw(h->out, " of the ");
    } else {
        html_raw(h->out, "All ");
    }
    html_count(h->out, all, "finding");
    html_raw(h->out, " with a fix came with ");
    html_layer(h, 0);
    html_raw(h->out, ", the base of the image: a newer base image may have their fixes.</p>\n");
}

void html_first(const struct html *h)
{
    size_t n = h->upgrades.list.len, shown = n < FIRST_SHOWN + 2 ? n : FIRST_SHOWN;
    if (!h->result->findings.len)
        return;
    html_heading(h, "first", "What to do first");
    if (!n) {
        html_raw(h->out, "<p>No upgrade mends any of the findings yet.</p>\n");
        return;
    }
    write_base_hint(h);
    write_upgrades(h, 0, shown);
    if (shown < n) {
        html_raw(h->out, "<details class=\"rest\"><summary>");
        html_count(h->out, n - shown, "more upgrade");
        html_raw(h->out, "</summary>\n");
        write_upgrades(h, shown, n);
        html_raw(h->out, "</details>\n");
    }
}
