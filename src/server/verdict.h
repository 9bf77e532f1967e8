/* Which vulnerabilities the features of a layer have: its features against all advisories of their namespaces, with few
   questions to the database. */
#pragma once
#include "scan/features.h"
#include "server/api.h"

struct verdict {
    const struct store_vulnerability *vulnerability;
    struct str fixed_by; /* "": not fixed */
};

/* One list a feature, in their order, each worst first; all of the call's arena. < 0: c->err. */
struct verdict_list {
    VEC(struct verdict) items;
};
int verdicts_of(struct call *c, const struct feature_list *features, struct verdict_list **ret);
