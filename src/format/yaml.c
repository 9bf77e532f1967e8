#include "format/yaml.h"

#include <yaml.h>

#include "base/buf.h"
#include "base/limits.h"

struct yaml {
    yaml_parser_t parser;
    int (*take)(void *ctx, struct str key, struct str value);
    void *ctx;
    struct buf key, list;
    struct error *err;
};

static int next_event(struct yaml *y, yaml_event_t *event)
{
    if (yaml_parser_parse(&y->parser, event))
        return 0;
    return error_set(y->err, E_BAD_INPUT, "line %zu, column %zu: %s", y->parser.problem_mark.line + 1,
                     y->parser.problem_mark.column + 1, y->parser.problem ? y->parser.problem : "no YAML");
}

static int refuse(struct yaml *y, const yaml_event_t *event, const char *what)
{
    return error_set(y->err, E_BAD_INPUT, "line %zu, column %zu: %s", event->start_mark.line + 1,
                     event->start_mark.column + 1, what);
}

static struct str scalar(const yaml_event_t *event)
{
    return (struct str){(const char *)event->data.scalar.value, event->data.scalar.length};
}

/* A key or list that did not fit would be told as another one. */
static int tell(struct yaml *y, struct str value)
{
    int rc = buf_finish(&y->key, "key", y->err);
    if (rc == 0)
        rc = buf_finish(&y->list, "list", y->err);
    return rc < 0 ? rc : y->take(y->ctx, buf_str(&y->key), value);
}

static int read_value(struct yaml *y, const yaml_event_t *event, unsigned depth);

static int read_sequence(struct yaml *y)
{
    yaml_event_t event;
    int rc;
    buf_clear(&y->list);
    while ((rc = next_event(y, &event)) == 0) {
        bool end = event.type == YAML_SEQUENCE_END_EVENT;
        if (event.type == YAML_SCALAR_EVENT) {
            buf_add(&y->list, y->list.len ? STR(",") : STR(""));
            buf_add(&y->list, scalar(&event));
        } else if (!end) {
            rc = refuse(y, &event, "only plain values may stand in a list");
        }
        yaml_event_delete(&event);
        if (end)
            return tell(y, buf_str(&y->list));
        if (rc < 0)
            break;
    }
    return rc;
}

static int read_mapping(struct yaml *y, unsigned depth)
{
    yaml_event_t event;
    int rc = 0;
    while (rc == 0 && (rc = next_event(y, &event)) == 0) {
        size_t outer = y->key.len;
        bool end = event.type == YAML_MAPPING_END_EVENT;
        if (event.type == YAML_SCALAR_EVENT) {
            buf_add(&y->key, outer ? STR(".") : STR(""));
            buf_add(&y->key, scalar(&event));
        } else if (!end) {
            rc = refuse(y, &event, "a key must be a plain word");
        }
        yaml_event_delete(&event);
        if (end)
            return 0;
        if (rc == 0 && (rc = next_event(y, &event)) == 0) {
            rc = read_value(y, &event, depth);
            yaml_event_delete(&event);
        }
        y->key.len = outer;
    }
    return rc;
}

static int read_value(struct yaml *y, const yaml_event_t *event, unsigned depth)
{
    if (depth >= YAML_DEPTH_MAX)
        return refuse(y, event, "nested too deeply");
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return tell(y, scalar(event));
    case YAML_SEQUENCE_START_EVENT:
        return read_sequence(y);
    case YAML_MAPPING_START_EVENT:
        return read_mapping(y, depth + 1);
    default:
        return refuse(y, event, "aliases are not read");
    }
}

static int read_document(struct yaml *y)
{
    yaml_event_t event;
    int rc;
    for (;;) {
        rc = next_event(y, &event);
        if (rc < 0)
            return rc;
        yaml_event_type_t type = event.type;
        if (type == YAML_MAPPING_START_EVENT)
            rc = read_mapping(y, 0);
        else if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
                 type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT)
            rc = refuse(y, &event, "expected keys and values");
        yaml_event_delete(&event);
        if (rc < 0 || type == YAML_STREAM_END_EVENT)
            return rc;
    }
}

int yaml_read(struct str text, int (*take)(void *ctx, struct str key, struct str value), void *ctx,
              struct error *err)
{
    struct yaml y = {
        .take = take, .ctx = ctx, .key = buf_make(CONFIG_MAX), .list = buf_make(CONFIG_MAX), .err = err};
    if (!yaml_parser_initialize(&y.parser))
        return error_set(err, E_LIMIT, "no memory for YAML");
    yaml_parser_set_input_string(&y.parser, (const unsigned char *)(text.len ? text.ptr : ""), text.len);
    int rc = read_document(&y);
    yaml_parser_delete(&y.parser);
    buf_done(&y.key);
    buf_done(&y.list);
    return rc;
}
