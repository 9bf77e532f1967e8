/* Answers about layers, kept as long as the database is as it was when they were made. The database is asked for its
   version now and then; what this server changes itself makes all of them old at once. Any thread. */
#pragma once
#include "base/buf.h"

struct cache;
struct store;

struct cache *cache_new(void);
void cache_free(struct cache *c);
/* Whether there is an answer to this question, appended to *ret. *ret_epoch is what cache_put() wants to know. */
bool cache_get(struct cache *c, struct store *s, struct str question, struct buf *ret, uint64_t *ret_epoch);
/* Keeps an answer, unless something has changed since that epoch. */
void cache_put(struct cache *c, struct str question, struct str answer, uint64_t epoch);
/* Something has changed. */
void cache_forget(struct cache *c);
