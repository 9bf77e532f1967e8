/* A command is a const struct and a line in commands.c; --help, completion and the man pages are made from
   it. */
#pragma once
#include "base/buf.h"
#include "base/error.h"
#include "cli/options.h"

/* Exit statuses; also in limpid(1). */
enum exit_status {
    EXIT_NOTHING = 0,  /* done, and nothing found that counts */
    EXIT_FOUND = 1,    /* found at or above the threshold: the default of --exit-code */
    EXIT_USAGE = 2,    /* the command line or configuration makes no sense */
    EXIT_UNJUDGED = 3, /* something could not be judged; the rest was */
    EXIT_FAILED = 4,   /* no result */
};

struct command_example {
    const char *command, *meaning;
};

struct command {
    const char *name;
    unsigned options;                       /* FOR_SCAN …: which of option_defs it takes */
    const char *operands;                   /* "SOURCE…" */
    const char *summary;                    /* for the list of commands: a line */
    const char *about;                      /* paragraphs, separated by blank lines */
    const struct command_example *examples; /* ends with NULL */
    /* < 0: *err is told and decides the status; else the status. */
    int (*run)(struct options *o, struct error *err);
    int (*main)(int argc, char **argv); /* instead of run: it reads its own command line */
};

extern const struct command *const commands[]; /* ends with NULL */
const struct command *command_find(const char *name);

void help_write(struct buf *out, const struct command *command); /* NULL: of limpid itself */
void man_write(struct buf *out, const struct command *command);  /* roff, man(7) */
