/* What nothing shows or refers to any more, and its removal: in batches of GARBAGE_BATCH rows, each a transaction of its own,
   so that nobody waits for long. */
#pragma once
#include "store/store.h"

enum garbage {
    GARBAGE_NOTIFICATIONS,     /* that were deleted NOTIFICATION_KEPT seconds ago */
    GARBAGE_OLD_NOTIFICATIONS, /* that nobody has deleted in NOTIFICATION_LIFE seconds */
    GARBAGE_VULNERABILITIES,   /* that were deleted or replaced, and that no notification shows */
    GARBAGE_FEATURE_SETS,      /* that no layer has, with their lines in feature_introduced */
    GARBAGE_FEATURES,          /* that no set introduces */
    GARBAGE_INVENTORIES,       /* that no layer was made from, INVENTORY_LIFE seconds after they were read */
    GARBAGE_KINDS,
};

/* How one kind is found and removed. The statements of `look` give keys that come after $1, at most $2 of them, of what is
   older than $3 (with a life); those of `remove` look again at what they remove, since a key may have come into use. */
struct garbage_kind {
    const char *name; /* in metrics and the log: "feature_sets" */
    const char *look;
    const char *remove;
    const char *locked; /* the table into which nobody may write meanwhile; NULL: none */
    int64_t life;       /* seconds; 0: nothing has to be old */
    bool by_inventory;  /* keys are those of the inventories, not ids */
};
extern const struct garbage_kind garbage_kinds[GARBAGE_KINDS];

/* Where a search is. Zeroed, but for `now`, before the first batch of a kind. */
struct garbage_search {
    int64_t now; /* seconds since 1970 */
    int64_t at;
    uint64_t removed; /* so far */
};

/* Removes one batch. 1: there may be more; 0: there was no more; < 0: E_TIMEOUT when somebody writes for too long. */
int store_garbage_remove(struct store *s, enum garbage which, struct garbage_search *search,
                         struct error *err) __attribute__((warn_unused_result));
