/* What changed, for whoever wants to hear: a vulnerability was added (no old one), changed, or deleted (no new one). A
   webhook is told, until the notification is deleted. */
#pragma once
#include "store/store.h"

struct store_notification {
    struct str name;                              /* a UUID */
    int64_t created, notified, deleted;           /* seconds since 1970; 0: not yet */
    int64_t old_vulnerability, new_vulnerability; /* ids; 0: none */
};

/* 1, or 0: unknown. */
int store_notification_get(struct store *s, struct str name, struct arena *arena,
                           struct store_notification *ret, struct error *err);
/* 1, or 0: unknown. Marked, not removed; again is the same. */
int store_notification_delete(struct store *s, struct str name, int64_t now, struct error *err);
/* One that was never told, or not since `before`, and that nobody holds: 1, with its name, held until `until`; 0: none.
   Several servers may ask at once. */
int store_notification_next(struct store *s, int64_t now, int64_t before, int64_t until, struct arena *arena,
                            struct str *ret, struct error *err);
/* Holds on to one that is held until `held`: 1; 0 when it is not, since somebody else took it after that time, or when it was
   deleted. */
int store_notification_hold(struct store *s, struct str name, int64_t held, int64_t until, struct error *err);
/* It was told (or not, `notified` 0), and is held until `until` (0: free). */
int store_notification_release(struct store *s, struct str name, int64_t notified, int64_t until,
                               struct error *err) __attribute__((warn_unused_result));
