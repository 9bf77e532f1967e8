/* Removes what nothing refers to any more (store/garbage.h) while a server runs: once a day, one server of a database at a
   time, also when no feed is updated. */
#pragma once
#include "base/error.h"

struct collector;
struct metrics;

/* `database` and `metrics` are borrowed. */
int collector_start(struct collector **ret, const char *database, struct metrics *metrics, struct error *err);
/* Ends it after the batch that it is at. NULL is fine. */
void collector_stop(struct collector *c);
