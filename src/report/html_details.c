/* What a finding unfolds to: the description, the aspects of its CVSS vectors, where the package came from.
   */
#include "model/cvss.h"
#include "report/html.h"

enum { DESCRIPTION_LONG = 6000 };

static void begin_fact(struct buf *out, const char *name)
{
    buf_printf(out, "<dt>%s</dt><dd>", name);
}

static void end_fact(struct buf *out)
{
    html_raw(out, "</dd>");
}

/* "libssl3 3.0.11 for amd64, built from openssl 3.0.11, listed in var/lib/dpkg/status" */
static void write_package(struct buf *out, const struct package *p)
{
    html_text(out, p->name);
    buf_add_char(out, ' ');
    html_text(out, p->version);
    if (p->arch.len) {
        html_raw(out, " for ");
        html_text(out, p->arch);
    }
    if (p->source_name.len && !(str_eq(p->source_name, p->name) && str_eq(p->source_version, p->version))) {
        html_raw(out, ", built from ");
        html_text(out, p->source_name);
        buf_add_char(out, ' ');
        html_text(out, p->source_version);
    }
    if (p->path.len) {
        html_raw(out, ", listed in ");
        html_text(out, p->path);
    }
}

static void write_origin(const struct html *h, const struct finding *f)
{
    struct buf *out = h->out;
    const struct package *p = f->package;
    html_raw(out, "<p class=\"origin\">");
    write_package(out, p);
    if (p->introduced < h->result->layers.len) {
        html_raw(out, ". It came with ");
        html_layer(h, p->introduced);
        if (p->changed != p->introduced && p->changed < h->result->layers.len) {
            html_raw(out, ", this version with ");
            html_layer(h, p->changed);
        }
    }
    if (f->feed.len) {
        html_raw(out, ". The finding comes from the feed ");
        html_text(out, f->feed);
    }
    html_raw(out, ".</p>");
}

/* "CWE-79" leads to its page; anything else is text. */
static void put_weakness(struct buf *out, struct str cwe)
{
    char url[80];
    uint64_t number;
    bool known = str_starts(cwe, STR("CWE-")) && str_u64(str_skip(cwe, 4), 999999, &number) == 0;
    snprintf(url, sizeof url, "https://cwe.mitre.org/data/definitions/%ju.html",
             known ? (uintmax_t)number : 0);
    html_link(out, known ? str_of(url) : STR(""), cwe);
}

static void write_danger(struct buf *out, const struct vulnerability *v)
{
    if (v->kev.len || v->epss >= 0)
        begin_fact(out, "Exploitation");
    if (v->kev.len) {
        html_raw(out, "known, listed by CISA since ");
        html_text(out, v->kev);
        html_raw(out, v->epss >= 0 ? "; " : "");
    }
    if (v->epss >= 0)
        buf_printf(out, "%.*f %% likely within 30 days (EPSS)", v->epss < 0.1 ? 2 : 1, v->epss * 100);
    if (v->kev.len || v->epss >= 0)
        end_fact(out);
    if (v->cwe.len) {
        begin_fact(out, "Weakness");
        put_weakness(out, v->cwe);
        end_fact(out);
    }
}

/* The feed's own page is behind the id. */
static void write_link(struct buf *out, const struct finding *f)
{
    if (!f->about->link.len || str_eq(f->about->link, f->link))
        return;
    begin_fact(out, "Read on");
    html_link(out, f->about->link, f->about->link);
    end_fact(out);
}

/* All values that an aspect may have, the mildest first, and which one it has. */
static void write_aspect(struct buf *out, struct str vector, const struct cvss_metric *m)
{
    int at = cvss_value_of(vector, m);
    if (at < 0)
        return;
    begin_fact(out, m->name);
    for (int i = 0; m->values[i].letter; i++) {
        bool last = !m->values[i + 1].letter;
        if (i == at)
            buf_printf(out, "<mark class=\"v%d\">%s</mark> ", i == 0 ? 0 : last ? 2 : 1, m->values[i].word);
        else
            buf_printf(out, "%s ", m->values[i].word);
    }
    end_fact(out);
}

struct score {
    const char *title;
    struct str vector;
    int tenths;
    const struct cvss_metric *metrics;
};

static void write_score(struct buf *out, const struct score *s)
{
    buf_printf(out, "<p>%s", s->title);
    if (s->tenths >= 0)
        buf_printf(out, " <b>%d.%d</b> %s", s->tenths / 10, s->tenths % 10,
                   s->metrics == cvss2_metrics ? "" : cvss_rating(s->tenths));
    html_raw(out, " <code>");
    html_text(out, s->vector);
    html_raw(out, "</code></p>");
}

static void write_scores(struct buf *out, const struct vulnerability *v)
{
    const struct score scores[] = {
        {"CVSS 4.0", v->cvss4, v->score4, cvss4_metrics},
        {str_starts(v->cvss3, STR("CVSS:3.0")) ? "CVSS 3.0" : "CVSS 3.1", v->cvss3, v->score3, cvss3_metrics},
        {"CVSS 2", v->cvss2, v->score2, cvss2_metrics},
    };
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++) {
        if (!scores[i].vector.len)
            continue;
        html_raw(out, "<div class=\"cvss\">");
        write_score(out, &scores[i]);
        html_raw(out, "<dl>");
        for (const struct cvss_metric *m = scores[i].metrics; m->key; m++)
            write_aspect(out, scores[i].vector, m);
        html_raw(out, "</dl></div>");
    }
}

/* Most of a page's elements are here. Where the script runs, <noscript> keeps them one piece of text until
   somebody unfolds the row; where it does not, they are there. */
static void write_about(struct buf *out, const struct finding *f)
{
    html_raw(out, "<noscript><dl class=\"facts\">");
    write_danger(out, f->about);
    write_link(out, f);
    html_raw(out, "</dl>");
    write_scores(out, f->about);
    html_raw(out, "</noscript>");
}

void html_details(const struct html *h, const struct finding *f)
{
    struct buf *out = h->out;
    html_raw(out, "<div class=\"about\">");
    if (f->about && f->about->description.len) {
        html_raw(out, "<p class=\"what\">");
        html_prose(out, f->about->description, DESCRIPTION_LONG);
        html_raw(out, "</p>");
    }
    write_origin(h, f);
    if (f->about)
        write_about(out, f);
    html_raw(out, "</div>");
}
