/* Tells a webhook about notifications, as Clair posts it: {"Notification":{"Name":"…"}}. Each is told until it is taken, at
   least once whatever dies; several servers share the work. */
#pragma once
#include <stdbool.h>

#include "base/error.h"

struct metrics;
struct notifier;

struct notifier_options { /* borrowed */
    const char *database;
    const char *endpoint;                            /* a URL */
    const char *certfile, *keyfile, *cafile, *proxy; /* NULL: none */
    unsigned attempts;                               /* in a row before a pause */
    unsigned renotify_seconds;                       /* told again after that, until it is deleted */
    bool affected_only;                              /* only what a known layer has */
    struct metrics *metrics;
};

int notifier_start(struct notifier **ret, const struct notifier_options *o, struct error *err);
/* There may be something new: looked for at once. Any thread. */
void notifier_wake(struct notifier *n);
/* Ends it; one that is being told is told again by the next. NULL is fine. */
void notifier_stop(struct notifier *n);
