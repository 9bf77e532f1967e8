/* CVSS vectors: their aspects in words, and the base scores and ratings that follow from them.
   https://www.first.org/cvss/v2/guide, /v3.1/specification-document, /v4.0/specification-document: base metrics; what a
   vector says beside them (threat, environment) is left out. */
#pragma once
#include "model/severity.h"

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

/* 4 of "CVSS:4.0/…", 3 of "CVSS:3.0/…" and "CVSS:3.1/…", 2 of a vector without prefix; 0: of another version, or empty. */
int cvss_version(struct str vector);
/* The base score in tenths, 0 to 100; -1: a base metric is missing or has a value that there is not. */
int cvss_score(struct str vector);
/* The rating of a score in tenths ("Critical" of 98) by the scale that versions 3 and 4 define; "" of an
   unknown one. */
const char *cvss_rating(int score);
/* The same as a severity; version 2 ends with High, as NVD rates it. A score of 0 is Negligible, an unknown one Unknown. */
enum severity cvss_severity(int version, int score);
