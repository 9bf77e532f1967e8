/* Whether an advisory applies to a package: its version against the advisory's range, by the order of the feed's scheme.
   Pure. What is decided and why: docs/accuracy.md. */
#pragma once
#include "base/arena.h"
#include "model/finding.h"
#include "version/version.h"

struct match_feed {
    struct str name;
    const struct version_scheme *scheme;
    bool binary;    /* it speaks of binary packages and their versions, not of the source's */
    bool sources;   /* beside these, of sources whose flaw is not fixed */
    bool of_source; /* the row is that of the package's source, which has another name */
};

/* The version that the feed speaks of. */
static inline struct str match_version(const struct match_feed *feed, const struct package *p)
{
    return feed->binary ? p->version : p->source_version;
}

struct matches {
    struct arena *arena; /* of the findings and their texts */
    VEC(struct finding) findings;
    size_t undetermined; /* advisories that the feed itself has not decided */
    size_t unreadable;   /* advisories with a version that the scheme cannot read: not judged */
};

/* Whether the version is in the advisory's range; not, when the scheme cannot read a bound. */
bool match_range(const struct version_scheme *scheme, struct str version, const struct advisory *a);
/* Adds the findings about *p (borrowed) that the packed row of a feed (model/advisory.h) gives. 0;
   E_BAD_INPUT for a broken row, E_LIMIT when the arena is full. */
int match_row(struct matches *m, const struct package *p, const struct match_feed *feed, struct str packed,
              struct error *err) __attribute__((warn_unused_result));

/* Makes one of several findings of one id among those from `first` on, which are all about one package: several
   streams, an incomplete fix, several feeds. The one whose fix is open to all comes before one for subscribers, one with a
   fix before one without, then the highest fix by `scheme`; the worst severity is kept. */
void matches_merge(struct matches *m, size_t first, const struct version_scheme *scheme);

/* Worst first; then by package, version, architecture, id: the order of every report. */
void matches_sort(struct matches *m);
