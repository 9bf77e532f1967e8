/* Images pushed to a server, analysed or deleted there, some of them at once. */
#pragma once
#include "client/clair.h"
#include "model/scan_result.h"

enum batch_verb { BATCH_PUSH, BATCH_ANALYSE, BATCH_DELETE };

struct batch_options {
    enum batch_verb verb;
    struct target_options target;
    struct clair_options clair;
    bool as_json;       /* analyse: the server's answer as a text is wanted */
    bool as_result;     /* analyse: a result is */
    bool then_delete;   /* analyse, then delete */
    bool all_layers;    /* push: also those that the server has */
    bool stop_at_first; /* what fails ends it: what has not begun stays so */
    unsigned lanes;     /* images at once; 0: BATCH_LANES */
};

struct batch_item {
    const char *host;
    enum { ITEM_WAITING, ITEM_RUNNING, ITEM_GOOD, ITEM_BAD } state;
    struct error err; /* of ITEM_BAD */
    struct trouble trouble;
    bool analysed; /* also when the deletion behind it failed */
    struct buf json;
    struct buf text;       /* what the result's texts lie in */
    struct arena arena;    /* of the result */
    struct target *target; /* as far as the result needs it */
    struct scan_result result;
};

struct batch_progress {
    size_t images_done, images_total;
    size_t layers_done, layers_total; /* of the images begun; push only */
};

struct batch {
    const struct batch_options *options;
    struct batch_item *items;
    size_t count;
    /* Called by the thread that runs the batch: once an item is done and all before it are, in their order; what it is
       given is released behind it. And about ten times a second; < 0 with *err set ends it. Both may be NULL. */
    int (*done)(void *ctx, struct batch_item *item, struct error *err);
    int (*tick)(void *ctx, const struct batch_progress *p, struct error *err);
    void *ctx;
};

/* Keeps an item beyond done(): *to gets what *from had, and is released by whoever has it. */
void batch_item_move(struct batch_item *from, struct batch_item *to);
void batch_item_release(struct batch_item *item);

/* Hosts become items. */
void batch_init(struct batch *b, const struct batch_options *options, char *const *hosts, size_t count);
/* 0, also when items failed: each says so itself; < 0: what a callback said, or that no thread could be had. */
int batch_run(struct batch *b, struct error *err);
void batch_done(struct batch *b);
