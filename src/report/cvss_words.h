/* The aspects of a CVSS vector in words. https://www.first.org/cvss/v2/guide, /v3.1/specification-document,
   /v4.0/specification-document: base metrics. */
#pragma once
#include "base/str.h"

struct cvss_value {
    char letter;      /* 0 ends the list */
    const char *word; /* "Adjacent" */
};

struct cvss_metric {
    const char *key;             /* "AV"; NULL ends a table */
    const char *name;            /* "Attack vector" */
    struct cvss_value values[5]; /* the mildest first */
};

extern const struct cvss_metric cvss2_metrics[], cvss3_metrics[], cvss4_metrics[];

/* Which of the metric's values a vector such as "AV:N/AC:L/…" or "CVSS:3.1/AV:N/…" has; -1: it does not
   tell. */
int cvss_value_of(struct str vector, const struct cvss_metric *metric);
/* The rating of a score in tenths ("Critical" of 98) by the scale that versions 3 and 4 define; "" of an
   unknown one. */
const char *cvss_rating(int score);
