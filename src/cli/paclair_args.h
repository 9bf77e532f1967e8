/* PAClair's command line, as Python's argparse reads it: options may be shortened, and stand anywhere before the command. */
#pragma once
#include "base/buf.h"

enum paclair_verb { PACLAIR_NONE, PACLAIR_PUSH, PACLAIR_DELETE, PACLAIR_ANALYSE };

struct paclair_args {
    bool debug, syslog;
    const char *conf;
    const char *plugin;
    char **hosts;
    size_t hosts_count;
    enum paclair_verb verb;
    /* of analyse */
    const char *format; /* NULL: json, which the log gets */
    const char *report; /* NULL: the log; "file", "term" */
    const char *dir;
    bool then_delete, all;
};

/* 0: it is to be done. 1: `out` is the help that was asked for. -1: `out` says what is wrong, as exit status 2 does. Hosts
   are part of argv, whose order changes. */
int paclair_args_read(int argc, char **argv, struct paclair_args *ret, struct buf *out);
void paclair_help(struct buf *out);
