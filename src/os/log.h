/* The log of a server: one event a line, with named values, in one write(2). As text
   `2026-11-24T23:40:01.123Z info Handled HTTP request method=GET status=200`, or as JSON with Clair's keys
   (Event, Level, Location, Time) among the fields', all in byte order. Values come from outside: no byte of them forges
   a line, a field or a terminal's sequence. */
#pragma once
#include <stdatomic.h>

#include "base/str.h"

enum log_level { LOG_FATAL, LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

enum log_kind { LOG_KIND_END, LOG_KIND_STR, LOG_KIND_URL, LOG_KIND_NUM };

struct log_field {
    enum log_kind kind;
    const char *name; /* of the program's own; blanks become '_' in text */
    struct str text;
    int64_t number;
};

#define LOG_STR(name, value) ((struct log_field){LOG_KIND_STR, (name), (value), 0})
/* Without what may be secret in a URL: user, password, query, fragment. */
#define LOG_URL(name, value) ((struct log_field){LOG_KIND_URL, (name), (value), 0})
#define LOG_NUM(name, value) ((struct log_field){LOG_KIND_NUM, (name), {"", 0}, (int64_t)(value)})
#define LOG_END              ((struct log_field){LOG_KIND_END, NULL, {"", 0}, 0})

struct log_options {
    int fd; /* standard error is 2; Clair writes to 1 */
    bool json;
    enum log_level level; /* what is less urgent is not written */
};

/* Before the first thread; without it: text to standard error from LOG_INFO on. */
void log_set(const struct log_options *o);
/* The level of that name; -1: none is called so. */
int log_level_of(struct str name, enum log_level *ret);
bool log_wants(enum log_level level);

/* log_event(LOG_INFO, "Handled HTTP request", LOG_STR("method", m), LOG_NUM("status", 200), LOG_END). Of any
   thread. A line has LOG_LINE_MAX bytes at most: values over LOG_VALUE_MAX are cut, fields that do not fit are left
   out. What cannot be written is lost. */
#define log_event(level, event, ...)                                     \
    log_write(&(struct log_place){(level), (event), __FILE__, __LINE__}, \
              (const struct log_field[]){__VA_ARGS__})

struct log_place {
    enum log_level level;
    const char *event, *file;
    int line;
};

void log_write(const struct log_place *place, const struct log_field *fields);
/* The line itself, with its line feed, in ret of LOG_LINE_MAX bytes: its length. */
size_t log_line(char *ret, bool json, const struct log_place *place, const struct log_field *fields,
                const struct timespec *when);
