/* Whether an advisory applies to a package: source name and source version against the fixed version, by the
   order of the feed's scheme. Pure. What is decided and why: docs/accuracy.md. */
#pragma once
#include "base/arena.h"
#include "model/finding.h"
#include "version/version.h"

struct matches {
    struct arena *arena; /* of the findings and their texts */
    VEC(struct finding) findings;
    size_t undetermined; /* advisories that the feed itself has not decided */
    size_t unreadable;   /* advisories whose fixed version the scheme cannot read: not judged */
};

/* Adds the findings about *p (borrowed) that the packed row of a feed (model/advisory.h) gives. 0;
   E_BAD_INPUT for a broken row, E_LIMIT when the arena is full. */
int match_row(struct matches *m, const struct package *p, const struct version_scheme *scheme,
              struct str feed, struct str packed, struct error *err) __attribute__((warn_unused_result));

/* Worst first; then by package, version, architecture, id: the order of every report. */
void matches_sort(struct matches *m);
