/* libyaml's events, with errors that name line and column. */
#pragma once
#include <yaml.h>

#include "base/error.h"
#include "base/str.h"

struct yaml_events {
    yaml_parser_t parser;
    struct error *err;
};

int yaml_events_open(struct yaml_events *y, struct str text, struct error *err);
void yaml_events_close(struct yaml_events *y);
/* The caller deletes the event. */
int yaml_events_next(struct yaml_events *y, yaml_event_t *ret);
/* E_BAD_INPUT: "line 1, column 2: what". */
int yaml_events_refuse(struct yaml_events *y, const yaml_event_t *at, const char *what);
static inline struct str yaml_events_text(const yaml_event_t *scalar)
{
    return (struct str){(const char *)scalar->data.scalar.value, scalar->data.scalar.length};
}
