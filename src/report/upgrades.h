/* What to do first: findings that an upgrade mends, grouped by the source package whose new version mends
   them. */
#pragma once
#include "base/arena.h"
#include "model/scan_result.h"

struct upgrade {
    struct str source, installed; /* the source package and its version in the image */
    struct str fixed; /* the version that mends all of them: the newest of those that advisories name */
    const struct finding *const *findings; /* by id, then package */
    size_t findings_count;
    size_t counts[SEVERITY_COUNT]; /* vulnerabilities, each once however many packages have it */
    size_t total;                  /* their sum */
    size_t exploited;              /* those that CISA lists as exploited */
};

struct upgrades {
    VEC(struct upgrade) list; /* exploited ones first, then those that mend the worst, then by name */
    const struct finding **sorted;
};

/* Everything is of the arena. -1: over its limit. */
int upgrades_of(const struct scan_result *r, struct arena *arena, struct upgrades *ret);
