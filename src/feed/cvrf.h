/* The Common Vulnerability Reporting Framework, http://docs.oasis-open.org/csaf/csaf-cvrf/v1.2/: a document has a tree of
   products (releases, and the packages that were built for them) and vulnerabilities with the releases in which these are
   fixed. Source packages are taken; what releases are called here is the feed's. */
#pragma once
#include "feed/feed.h"

struct cvrf_source {
    /* The namespace of the release "cpe:/a:openEuler:openEuler:22.03-LTS-SP3" in ret: 1; 0: it is left out. */
    int (*namespace)(struct str cpe, struct buf *ret);
};

int cvrf_parse(const struct feed *feed, const struct cvrf_source *source, struct reader *in,
               struct feed_sink *sink, struct error *err);
