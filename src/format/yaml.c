#include "format/yaml.h"

#include "base/buf.h"
#include "base/limits.h"
#include "format/yaml_events.h"

struct yaml {
    struct yaml_events events;
    int (*take)(void *ctx, struct str key, struct str value);
    void *ctx;
    struct buf key, list;
    struct error *err;
};

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
    while ((rc = yaml_events_next(&y->events, &event)) == 0) {
        bool end = event.type == YAML_SEQUENCE_END_EVENT;
        if (event.type == YAML_SCALAR_EVENT) {
            buf_add(&y->list, y->list.len ? STR(",") : STR(""));
            buf_add(&y->list, yaml_events_text(&event));
        } else if (!end) {
            rc = yaml_events_refuse(&y->events, &event, "only plain values may stand in a list");
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
    while (rc == 0 && (rc = yaml_events_next(&y->events, &event)) == 0) {
        size_t outer = y->key.len;
        bool end = event.type == YAML_MAPPING_END_EVENT;
        if (event.type == YAML_SCALAR_EVENT) {
            buf_add(&y->key, outer ? STR(".") : STR(""));
            buf_add(&y->key, yaml_events_text(&event));
        } else if (!end) {
            rc = yaml_events_refuse(&y->events, &event, "a key must be a plain word");
        }
        yaml_event_delete(&event);
        if (end)
            return 0;
        if (rc == 0 && (rc = yaml_events_next(&y->events, &event)) == 0) {
            rc = read_value(y, &event, depth);
            yaml_event_delete(&event);
        }
        y->key.len = outer;
    }
    return rc;
}

/* YAML's null, without quotes, is as good as no value. */
static struct str value_of(const yaml_event_t *event)
{
    struct str text = yaml_events_text(event);
    bool null = str_eq(text, STR("~")) || str_eq_nocase(text, STR("null"));
    return null && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? STR("") : text;
}

static int read_value(struct yaml *y, const yaml_event_t *event, unsigned depth)
{
    if (depth >= YAML_DEPTH_MAX)
        return yaml_events_refuse(&y->events, event, "nested too deeply");
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return tell(y, value_of(event));
    case YAML_SEQUENCE_START_EVENT:
        return read_sequence(y);
    case YAML_MAPPING_START_EVENT:
        return read_mapping(y, depth + 1);
    default:
        return yaml_events_refuse(&y->events, event, "aliases are not read");
    }
}

static int read_document(struct yaml *y)
{
    yaml_event_t event;
    int rc;
    for (;;) {
        rc = yaml_events_next(&y->events, &event);
        if (rc < 0)
            return rc;
        yaml_event_type_t type = event.type;
        if (type == YAML_MAPPING_START_EVENT)
            rc = read_mapping(y, 0);
        else if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
                 type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT)
            rc = yaml_events_refuse(&y->events, &event, "expected keys and values");
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
    int rc = yaml_events_open(&y.events, text, err);
    if (rc < 0)
        return rc;
    rc = read_document(&y);
    yaml_events_close(&y.events);
    buf_done(&y.key);
    buf_done(&y.list);
    return rc;
}
