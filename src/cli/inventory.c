#include "cli/images.h"
#include "cli/terminal.h"

extern const struct command inventory_command;

static int inventory_run(struct options *o, struct error *err)
{
    CLEANUP(store_closep) struct store *store = NULL;
    CLEANUP(images_done) struct images im = {0};
    terminal_catch_signals();
    int rc = images_open_store(o, &store, err);
    if (rc == 0)
        rc = images_scan(&im, o, store, true, err);
    if (rc == 0 && (im.count || !im.failed))
        rc = images_write(&im, inventory_reporters, err);
    if (rc < 0)
        return rc;
    bool problems = false;
    for (size_t i = 0; i < im.count; i++)
        problems |= im.results[i].problems.len > 0;
    return im.failed ? images_failure(&im) : problems ? EXIT_UNJUDGED : EXIT_NOTHING;
}

static const struct command_example examples[] = {
    {"limpid inventory nginx:1.27", "which packages an image has, and which layer brought each"},
    {"limpid inventory --format json oci:layout:tag", "the same for programs"},
    {NULL, NULL},
};

const struct command inventory_command = {
    .name = "inventory",
    .options = FOR_INVENTORY,
    .operands = "SOURCE…",
    .summary = "list the packages of images",
    .about = "Prints the packages that an image has: name, version, architecture, source package, the file "
             "that says "
             "so, and the layer that brought it. Sources are written as for limpid scan.\n"
             "\n"
             "Exit status: 0; 2 usage; 3 something could not be read; 4 no result.\n",
    .examples = examples,
    .run = inventory_run,
};
