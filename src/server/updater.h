/* Keeps the feeds up to date while a server runs: every interval, one server of a database at a time, feeds side by side. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

struct feed;
struct metrics;
struct updater;

struct updater_options { /* borrowed */
    const char *database, *cache_dir;
    const char *ca_file;       /* NULL: the system's only */
    unsigned stall_seconds;    /* of a download; 0: the default */
    unsigned interval_seconds; /* between two updates of all feeds */
    /* Whether a feed is wanted, and where it is ("": at its publisher). */
    bool (*wanted)(void *ctx, const struct feed *feed, struct str *ret_url);
    void *ctx;
    /* Notifications may have been made. */
    void (*changed)(void *ctx);
    void *changed_ctx;
    bool accept_shrink; /* see update/update.h */
    struct metrics *metrics;
};

int updater_start(struct updater **ret, const struct updater_options *o, struct error *err);
/* Ends it, also in the middle of a load, which is undone. NULL is fine. */
void updater_stop(struct updater *u);
