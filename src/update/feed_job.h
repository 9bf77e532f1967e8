/* The worker's jobs for feeds: bytes become rows of advisories. Both halves of the conversation. */
#pragma once
#include "feed/feed.h"
#include "model/problem.h"
#include "os/worker.h"

/* The worker's table entry "feed"; the arguments are the feed's name, that of the document, and what documents before
   remembered, a line each. */
int feed_job(struct worker_call *call, struct error *err);

/* What arrives at the parent; < 0 with *err set ends the job. */
struct feed_answer {
    int (*row)(void *ctx, const struct advisory_row *row, struct error *err);
    int (*problem)(void *ctx, const struct problem *problem, struct error *err);
    int (*more)(void *ctx, struct str url, struct error *err);
    int (*about)(void *ctx, const struct vulnerability *about, struct error *err);
    int (*subject)(void *ctx, struct str id, struct error *err);
    int (*remember)(void *ctx, struct str text, struct error *err);
    int (*repository)(void *ctx, struct str name, struct str products, struct error *err);
    void *ctx;
    struct buf pending; /* of a batch that has not wholly arrived */
};
struct feed_answer feed_answer_make(void);
void feed_answer_done(struct feed_answer *a);
/* worker_job.data, with the answer as its context. */
int feed_answer_take(void *answer, struct str piece, struct error *err);
