/* What push, analyse and delete have in common: a server, images of registries, and some of them at once. */
#pragma once
#include "cli/command.h"
#include "cli/terminal.h"
#include "client/batch.h"

struct remote {
    const struct options *options;
    struct image_options image;
    struct batch_options batch;
    char **hosts;
    struct progress_line line;
    size_t failed;
    bool misused;
    /* Takes an item that is good. */
    int (*take)(struct remote *r, struct batch_item *item, struct error *err);
    void *ctx;
};

/* From the options and operands; the rest of *ret is the command's. */
int remote_make(const struct options *o, enum batch_verb verb, struct remote *ret, struct error *err);
/* Runs it: what fails is told on standard error and counted. */
int remote_run(struct remote *r, struct error *err);
/* The exit status when something failed, else EXIT_NOTHING. */
int remote_status(const struct remote *r);
void remote_done(struct remote *r);
