#include "cli/scan.h"

extern const struct command compare_command;

static int compare_run(struct options *o, struct error *err)
{
    return scan_report(o, compare_reporters, err);
}

static const struct command_example examples[] = {
    {"limpid compare nginx:1.27 nginx:1.27-alpine golang:1.23 redis:7", "which of them has how many"},
    {"limpid compare --only-fixed app:old app:new", "what an upgrade would mend, before and after"},
    {"limpid compare --format json app:old app:new", "for programs: docs/compare.schema.json"},
    {NULL, NULL},
};

const struct command compare_command = {
    .name = "compare",
    .options = FOR_COMPARE,
    .operands = "SOURCE…",
    .summary = "count the known vulnerabilities of images side by side",
    .about =
        "Scans images and prints a line of counts for each: by severity, in all, and how many have a fix. "
        "What could not be judged stands in its own column, and why below the table. Sources are written "
        "as for limpid scan.\n"
        "\n"
        "Exit status: as of limpid scan.\n",
    .examples = examples,
    .run = compare_run,
};
