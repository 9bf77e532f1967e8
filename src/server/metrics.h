/* Counters of one server, in Prometheus' text form 0.0.4, under Clair's names and limpid's own. Any thread. */
#pragma once
#include "base/buf.h"
#include "store/garbage.h"

struct metrics;

enum metric {
    METRIC_DATABASE_ERRORS,
    METRIC_UPDATER_ERRORS,
    METRIC_UPDATER_NOTES,
    METRIC_NOTIFIER_ERRORS,
    METRIC_NOTIFICATIONS_SENT,
    METRIC_LAYERS_READ,
    METRIC_LAYERS_REFUSED,
    METRIC_COUNT,
};

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);
void metrics_count(struct metrics *m, enum metric which);
/* So many rows that nothing referred to were removed. */
void metrics_removed(struct metrics *m, enum garbage kind, uint64_t rows);
/* How long the last update took. */
void metrics_updated(struct metrics *m, double seconds);
/* The database answered a question so fast. */
void metrics_asked(struct metrics *m, double milliseconds);
/* A notification reached its receiver so long after it was made. */
void metrics_notified(struct metrics *m, double milliseconds);
/* A request of the API; `route` < METRIC_ROUTES_MAX names it. */
enum { METRIC_ROUTES_MAX = 16 };
void metrics_observe(struct metrics *m, size_t route, const char *name, unsigned status,
                     uint64_t nanoseconds);
void metrics_write(struct metrics *m, struct buf *out);
