#include "format/yaml_events.h"

int yaml_events_open(struct yaml_events *y, struct str text, struct error *err)
{
    y->err = err;
    if (!yaml_parser_initialize(&y->parser))
        return error_set(err, E_LIMIT, "no memory for YAML");
    yaml_parser_set_input_string(&y->parser, (const unsigned char *)(text.len ? text.ptr : ""), text.len);
    return 0;
}

void yaml_events_close(struct yaml_events *y)
{
    yaml_parser_delete(&y->parser);
}

int yaml_events_next(struct yaml_events *y, yaml_event_t *ret)
{
    if (yaml_parser_parse(&y->parser, ret))
        return 0;
    return error_set(y->err, E_BAD_INPUT, "line %zu, column %zu: %s", y->parser.problem_mark.line + 1,
                     y->parser.problem_mark.column + 1, y->parser.problem ? y->parser.problem : "no YAML");
}

int yaml_events_refuse(struct yaml_events *y, const yaml_event_t *at, const char *what)
{
    return error_set(y->err, E_BAD_INPUT, "line %zu, column %zu: %s", at->start_mark.line + 1,
                     at->start_mark.column + 1, what);
}
