/* What scan and inventory have in common: sources, their options, results one after the other. */
#pragma once
#include "cli/command.h"
#include "report/report.h"
#include "scan/scan.h"
#include "store/store.h"

struct images {
    const struct options *options;
    struct arena arena; /* of the results */
    struct scan_result *results;
    size_t count;
    size_t failed; /* sources without a result; each was told on standard error */
    bool misused;  /* one of them because of how it was named or of an option */
};

int images_open_store(const struct options *o, struct store **ret, struct error *err);
/* "…/limpid" of --cache-dir or XDG, made if need be. */
int images_cache_dir(const struct options *o, char *ret, size_t size, struct error *err);
/* Scans all operands. E_CANCELLED and errors of the options end it; a source that fails is told and counted. */
int images_scan(struct images *im, const struct options *o, struct store *store, bool packages_only,
                struct error *err);
/* The exit status when a source failed. */
int images_failure(const struct images *im);
void images_done(struct images *im);
/* Writes the report that --format names in a table of report/report.h, to --output or standard output. */
int images_write(const struct images *im, const struct reporter *const *table, struct error *err);
/* So a text that is a report already. */
int images_write_text(const struct options *o, struct str text, struct error *err);
/* What --db names, or the file in the cache directory. */
int images_database(const struct options *o, char *ret, size_t size, struct error *err);
