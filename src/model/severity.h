/* How bad a vulnerability is, in Clair's words, since its clients know those. */
#pragma once
#include "base/str.h"

enum severity { /* lowest first */
                SEVERITY_UNKNOWN,
                SEVERITY_NEGLIGIBLE,
                SEVERITY_LOW,
                SEVERITY_MEDIUM,
                SEVERITY_HIGH,
                SEVERITY_CRITICAL,
                SEVERITY_DEFCON1,
};
#define SEVERITY_COUNT 7

/* "Negligible"; what is no severity is "Unknown". */
const char *severity_name(enum severity severity);
/* In any case; -1: no such word. */
int severity_parse(struct str word, enum severity *ret);
/* The same with the words that distributions have beside: moderate, important (Red Hat and those that follow it), unimportant
   (Debian), urgent; Unknown for all others. */
enum severity severity_of(struct str word);
