/* PAClair's statistics: "Severity: N" a line, worst first, without a line feed behind the last. */
#pragma once
#include "model/scan_result.h"

/* One for each package and vulnerability; only those with a fix unless `all`. Nothing to count gives nothing. */
void stats_put(struct buf *out, const struct scan_result *r, bool all);
/* Takes the findings out that the user knows of: those whose id is one of the names. */
void stats_forget(struct scan_result *r, const struct str *names, size_t count);
