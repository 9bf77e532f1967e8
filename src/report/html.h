/* The page for people, in parts: a file each. Sizes of what is written are bounded by the buffer alone. */
#pragma once
#include "report/html_text.h"
#include "report/report.h"
#include "report/upgrades.h"

/* web/report.css, web/report.js and the page's icon; made at build time by scripts/make-assets. The policy
   lets nothing but these two run, and nothing be fetched. */
extern const struct str html_css, html_js, html_icon, html_policy;

/* A text of ours, which needs no escaping. */
static inline void html_raw(struct buf *out, const char *ours)
{
    buf_add(out, str_of(ours));
}

/* One image within the page. */
struct html {
    struct buf *out;
    const struct report_options *options;
    const struct scan_result *result;
    struct arena *arena;
    struct upgrades upgrades;
    struct report_known known;
    unsigned number; /* of the image, from 1: part of ids */
    int level;       /* of the headings within the image: 2 or 3 */
};

/* <h2 id="i1-first">…</h2> */
void html_heading(const struct html *h, const char *name, const char *text);
/* "1 finding", "2 findings" */
void html_count(struct buf *out, uint64_t n, const char *noun);
/* "s5", the class of a severity's colour. */
void html_severity_class(struct buf *out, enum severity s);
/* "layer 2", with a link to what made it; nothing for a layer that is unknown. */
void html_layer(const struct html *h, unsigned index);
/* The layer's command as its Dockerfile had it, or else the name that a server gives it, in a <code>, cut
   after max bytes. */
void html_command(const struct html *h, unsigned index, size_t max);

void html_title(const struct html *h);    /* what the image is, and what must be known before all else */
void html_overview(const struct html *h); /* bars and figures */
void html_first(const struct html *h);    /* what to do first */
void html_findings(const struct html *h); /* the table and its tools */
void html_details(const struct html *h, const struct finding *f); /* what a row unfolds to */
void html_judged(const struct html *h); /* who judged, and what could not be judged */
void html_layers(const struct html *h);
