/* Where PAClair's messages go: standard error, or the system's log. */
#pragma once
#include <syslog.h>

#include "base/str.h"

struct paclair_log {
    bool debug, system;
    char user[64]; /* for the system's log */
};

struct paclair_log paclair_log_open(bool debug, bool system);
/* One message; LOG_INFO, LOG_ERR, or LOG_DEBUG, which only --debug shows. Control bytes in it become '?'. */
void paclair_log_say(const struct paclair_log *l, int priority, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A report, of several lines and as it is. */
void paclair_log_text(const struct paclair_log *l, struct str text);
