/* A task that the servers of one database share: one at a time does it, and when it was done last is noted there. */
#pragma once
#include "store/store.h"

struct turn {
    struct str name; /* of the note: "updater/last" */
    int64_t lock;    /* the key under which it is done */
    int64_t interval_seconds;
};

enum turn_taken { TURN_LATER, TURN_ELSEWHERE, TURN_OURS };

/* TURN_OURS: the task is due, and nobody else does it until turn_give(); TURN_LATER: in *ret_wait seconds; TURN_ELSEWHERE:
   another server is at it. < 0: the database. */
int turn_take(struct store *s, const struct turn *turn, int64_t *ret_wait, struct error *err)
    __attribute__((warn_unused_result));
/* It was done just now. */
int turn_done(struct store *s, const struct turn *turn, struct error *err)
    __attribute__((warn_unused_result));
/* Gives back what was taken. Passes on `rc`, how the task ended; of that error *err keeps telling. */
int turn_give(struct store *s, const struct turn *turn, int rc, struct error *err)
    __attribute__((warn_unused_result));
