/* Reports of analyses: where PAClair puts them, under the names that it gives them. */
#pragma once
#include "cli/paclair_args.h"
#include "cli/paclair_log.h"
#include "client/batch.h"

struct paclair_report {
    enum { PACLAIR_JSON, PACLAIR_STATS, PACLAIR_HTML } format;
    bool unwritable; /* a failure was that of the folder, and has been told */

    /* of paclair_report.c */
    const struct paclair_args *args;
    const struct config *config;
    const struct paclair_log *log;
    struct buf template;
    size_t put; /* so many so far */
};

/* Looks whether reports can be written, and reads the template. < 0: it has told why not. */
int paclair_report_open(struct paclair_report *r, const struct paclair_args *args,
                        const struct config *config, const struct paclair_log *log);
/* Writes the item's. */
int paclair_report_put(struct paclair_report *r, struct batch_item *item, struct error *err);
void paclair_report_done(struct paclair_report *r);
