/* Findings become text. A reporter is a const struct and a line in reports.c; it writes into a buffer and
   knows neither files nor terminals. */
#pragma once
#include "base/buf.h"
#include "model/scan_result.h"

struct report_options {
    bool color;     /* ANSI colours: the caller knows whether it is a terminal */
    int64_t now;    /* seconds since 1970, to tell ages */
    bool inventory; /* packages instead of findings */
};

struct reporter {
    const char *name; /* of --format */
    const char *help;
    void (*write)(struct buf *out, const struct scan_result *results, size_t count,
                  const struct report_options *o);
};

extern const struct reporter *const reporters[];           /* of findings; ends with NULL */
extern const struct reporter *const compare_reporters[];   /* of counts */
extern const struct reporter *const inventory_reporters[]; /* of packages */
const struct reporter *reporter_find(const struct reporter *const *table, struct str name);

/* Findings by severity: counts[severity]. Gives how many of them have a fix. */
size_t report_count(const struct scan_result *r, size_t counts[SEVERITY_COUNT]);
/* SGR parameters such as "31" */
const char *report_color(enum severity s);
/* "no fix yet", "upgrade" */
struct str report_status(const struct finding *f);
/* Whether CISA lists it as exploited. */
static inline bool report_exploited(const struct finding *f)
{
    return f->about && f->about->kev.len;
}
/* "94.38 %", the probability of exploitation; "" unknown. */
struct report_percent {
    char text[16];
};
struct report_percent report_epss(const struct finding *f);
/* What of this is known of any finding, and how many have a severity that is not their feed's. */
struct report_known {
    bool exploited, epss;
    size_t severities;
};
struct report_known report_known(const struct scan_result *r);
/* "3 hours", "12 days" */
void report_age(struct buf *out, int64_t seconds);
