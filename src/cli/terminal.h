/* What the user sees: standard output, notes on standard error, colour and progress only on a terminal. */
#pragma once
#include <stdatomic.h>

#include "cli/options.h"

bool terminal_color(const struct options *o, bool to_file); /* whether the report is to be coloured */
int terminal_print(struct str text, struct error *err);     /* to standard output, all of it */
/* "limpid: note" on standard error, unless --quiet. */
void terminal_note(const struct options *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A line on standard error that is written over, on a terminal only. */
struct progress_line {
    bool on;
    bool shown;
    uint64_t since, last; /* clock_ms() */
};
struct progress_line progress_line_make(const struct options *o);
/* Whether enough time has passed to draw again. */
bool progress_line_due(struct progress_line *p);
void progress_line_show(struct progress_line *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void progress_line_clear(struct progress_line *p);
/* "12.3 MB" in ret */
const char *size_text(uint64_t bytes, char *ret, size_t size);
/* Set by SIGINT and SIGTERM after terminal_catch_signals(); ticks turn it into E_CANCELLED. */
void terminal_catch_signals(void);
bool terminal_interrupted(void);
extern atomic_bool terminal_interruption; /* the flag itself, for what waits by itself */
