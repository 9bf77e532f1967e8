#include "base/map.h"
#include "format/yaml.h"
#include "format/yaml_events.h"

struct tree {
    struct yaml_events events;
    struct arena *arena;
    struct map anchors; /* name to struct yaml_node */
    struct error *err;
};

static int full(struct tree *t)
{
    return error_set(t->err, E_LIMIT, "YAML: more than %zu bytes of memory", t->arena->limit);
}

static int keep(struct tree *t, struct str text, struct str *ret)
{
    char *copy = arena_alloc_zero(t->arena, text.len + 1, 1, 1);
    if (!copy)
        return full(t);
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    *ret = (struct str){copy, text.len};
    return 0;
}

static struct yaml_node *new_node(struct tree *t, enum yaml_kind kind, const yaml_event_t *at)
{
    struct yaml_node *n = arena_new(t->arena, struct yaml_node);
    if (!n) {
        full(t);
        return NULL;
    }
    n->kind = kind;
    n->line = (unsigned)(at->start_mark.line + 1);
    return n;
}

static int read_node(struct tree *t, const yaml_event_t *event, unsigned depth, struct yaml_node **ret);

/* The next event as an item's value. */
static int read_item(struct tree *t, struct yaml_node *n, struct str key, const yaml_event_t *event,
                     unsigned depth)
{
    struct yaml_node *value = NULL;
    int rc = read_node(t, event, depth + 1, &value);
    if (rc < 0)
        return rc;
    struct yaml_item *item = vec_push(&n->items, t->arena);
    if (!item)
        return full(t);
    *item = (struct yaml_item){key, value};
    return 0;
}

static int read_pair(struct tree *t, struct yaml_node *n, const yaml_event_t *event, unsigned depth)
{
    struct str key;
    yaml_event_t next;
    if (event->type != YAML_SCALAR_EVENT)
        return yaml_events_refuse(&t->events, event, "a key must be a plain word");
    int rc = keep(t, yaml_events_text(event), &key);
    if (rc < 0 || (rc = yaml_events_next(&t->events, &next)) < 0)
        return rc;
    rc = read_item(t, n, key, &next, depth);
    yaml_event_delete(&next);
    return rc;
}

static int read_items(struct tree *t, struct yaml_node *n, unsigned depth)
{
    bool map = n->kind == YAML_MAP, end = false;
    yaml_event_t event;
    int rc = 0;
    while (!end && rc == 0 && (rc = yaml_events_next(&t->events, &event)) == 0) {
        end = event.type == (map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT);
        if (!end)
            rc = map ? read_pair(t, n, &event, depth) : read_item(t, n, STR(""), &event, depth);
        yaml_event_delete(&event);
    }
    return rc;
}

/* ---- "<<": what stands in other maps, too, before the map's own ---- */

static int append(struct tree *t, struct yaml_node *n, const struct yaml_node *from)
{
    bool map = from->kind == YAML_MAP;
    for (size_t i = 0; map && i < from->items.len; i++) {
        struct yaml_item *item = vec_push(&n->items, t->arena);
        if (!item)
            return full(t);
        *item = from->items.ptr[i];
    }
    return map ? 0 : error_set(t->err, E_BAD_INPUT, "line %u: only maps can be merged", from->line);
}

static bool merges(const struct yaml_item *item)
{
    return str_eq(item->key, STR("<<"));
}

static int merge(struct tree *t, struct yaml_node *n)
{
    struct yaml_node whole = {.kind = YAML_MAP, .line = n->line};
    bool any = false;
    int rc = 0;
    vec_each (&n->items, item) {
        const struct yaml_node *v = item->value;
        if (!merges(item))
            continue;
        any = true;
        if (v->kind != YAML_LIST)
            rc = append(t, &whole, v);
        for (size_t i = v->kind == YAML_LIST ? v->items.len : 0; i && rc == 0; i--) /* the first counts */
            rc = append(t, &whole, v->items.ptr[i - 1].value);
        if (rc < 0)
            return rc;
    }
    for (size_t i = 0; any && i < n->items.len; i++) {
        struct yaml_item *item = merges(&n->items.ptr[i]) ? NULL : vec_push(&whole.items, t->arena);
        if (item)
            *item = n->items.ptr[i];
        else if (!merges(&n->items.ptr[i]))
            return full(t);
    }
    if (any)
        *n = whole;
    return 0;
}

/* What an alias means is complete, so that nothing holds itself. */
static int follow(struct tree *t, const yaml_event_t *event, struct yaml_node **ret)
{
    *ret = map_get(&t->anchors, str_of((const char *)event->data.alias.anchor));
    return *ret ? 0 : yaml_events_refuse(&t->events, event, "an alias of nothing");
}

static int name(struct tree *t, const yaml_char_t *anchor, struct yaml_node *n)
{
    struct str key;
    if (!anchor)
        return 0;
    int rc = keep(t, str_of((const char *)anchor), &key);
    void **place = rc < 0 ? NULL : map_at(&t->anchors, key);
    if (place)
        *place = n;
    return place ? 0 : full(t);
}

static int read_node(struct tree *t, const yaml_event_t *event, unsigned depth, struct yaml_node **ret)
{
    const yaml_char_t *anchor = NULL;
    int rc = 0;
    if (depth > YAML_DEPTH_MAX)
        return yaml_events_refuse(&t->events, event, "nested too deeply");
    if (event->type == YAML_ALIAS_EVENT)
        return follow(t, event, ret);
    bool list = event->type == YAML_SEQUENCE_START_EVENT, map = event->type == YAML_MAPPING_START_EVENT;
    struct yaml_node *n = new_node(t, list ? YAML_LIST : map ? YAML_MAP : YAML_TEXT, event);
    if (!n)
        return -E_LIMIT;
    if (list || map) {
        anchor = list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor;
        rc = read_items(t, n, depth);
        if (rc == 0 && map)
            rc = merge(t, n);
    } else {
        anchor = event->data.scalar.anchor;
        n->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        rc = keep(t, yaml_events_text(event), &n->text);
    }
    *ret = n;
    return rc < 0 ? rc : name(t, anchor, n);
}

/* Only the first document counts, but the rest must be YAML. */
static int read_stream(struct tree *t, struct yaml_node **ret)
{
    for (;;) {
        yaml_event_t event;
        struct yaml_node *node = NULL;
        int rc = yaml_events_next(&t->events, &event);
        if (rc < 0)
            return rc;
        yaml_event_type_t type = event.type;
        if (type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT ||
            type == YAML_MAPPING_START_EVENT || type == YAML_ALIAS_EVENT)
            rc = read_node(t, &event, 0, &node);
        yaml_event_delete(&event);
        if (rc < 0 || type == YAML_STREAM_END_EVENT)
            return rc;
        if (!*ret)
            *ret = node;
    }
}

int yaml_load(struct str text, struct arena *arena, struct yaml_node **ret, struct error *err)
{
    struct tree t = {.arena = arena, .anchors = map_make(arena), .err = err};
    struct yaml_node *root = NULL;
    int rc = yaml_events_open(&t.events, text, err);
    if (rc < 0)
        return rc;
    rc = read_stream(&t, &root);
    yaml_events_close(&t.events);
    if (rc == 0)
        *ret = root;
    return rc;
}

/* ---- what is in it ---- */

const struct yaml_node *yaml_get(const struct yaml_node *map, struct str key)
{
    for (size_t i = map && map->kind == YAML_MAP ? map->items.len : 0; i; i--)
        if (str_eq(map->items.ptr[i - 1].key, key))
            return map->items.ptr[i - 1].value;
    return NULL;
}

bool yaml_is_null(const struct yaml_node *node)
{
    return !node ||
           (node->kind == YAML_TEXT && !node->quoted &&
            (!node->text.len || str_eq(node->text, STR("~")) || str_eq_nocase(node->text, STR("null"))));
}

int yaml_bool(const struct yaml_node *node, bool *ret)
{
    static const struct str words[2][3] = {{STR_INIT("false"), STR_INIT("no"), STR_INIT("off")},
                                           {STR_INIT("true"), STR_INIT("yes"), STR_INIT("on")}};
    for (int truth = 0; truth < 2 && node && node->kind == YAML_TEXT && !node->quoted; truth++)
        for (int i = 0; i < 3; i++)
            if (str_eq_nocase(node->text, words[truth][i])) {
                *ret = truth;
                return 0;
            }
    return -1;
}
