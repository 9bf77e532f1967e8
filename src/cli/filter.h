/* Which findings are shown, and which decide the exit status: what scan and analyse have in common. */
#pragma once
#include "cli/images.h"

struct filter {
    bool shown[SEVERITY_COUNT];
    bool only_fixed;
    uint64_t status; /* of the program when something is found; 0: findings do not count */
    enum severity
        from; /* they do from here on; SEVERITY_COUNT: whatever it is, the severity does not make them count */
    bool kev;                                   /* what CISA lists counts */
    double epss;                                /* what is as probable counts; above 1: nothing is */
    int (*order)(const void *a, const void *b); /* of pointers to findings; NULL: as they come, worst first */
};

/* --severity, --only-fixed, --fail-on, --min-epss, --exit-code, --sort */
int filter_make(const struct options *o, struct filter *ret, struct error *err);
/* Takes out what is not shown, and puts the rest into its order. */
void filter_apply(const struct filter *f, struct scan_result *r);
/* The exit status of a run with these results. */
int filter_status(const struct filter *f, const struct images *im);
