#include "server/go_json.h"

#include <math.h>
#include <stdlib.h>

#include "base/limits.h"
#include "format/json_write.h"

void go_open(struct go_reader *g, struct str body, struct arena *arena, struct error *err)
{
    *g = (struct go_reader){.body = body, .arena = arena, .err = err};
    json_open(&g->j, memory_reader_init(&g->memory, body, 0, err), err);
}

void go_done(struct go_reader *g)
{
    json_close(&g->j);
}

struct str go_message(const struct go_reader *g)
{
    if (g->mismatch)
        return str_of(g->err->text);
    if (!str_trim(g->body).len)
        return STR("EOF");
    return g->j.ended ? STR("unexpected EOF") : str_of(g->err->text);
}

static const char *kind_name(int kind)
{
    switch (kind) {
    case JSON_OBJECT:
        return "object";
    case JSON_ARRAY:
        return "array";
    case JSON_STRING:
        return "string";
    case JSON_NUMBER:
        return "number";
    default:
        return "bool";
    }
}

/* A value that is not what its place takes: null is nothing, another type is remembered. */
static int other(struct go_reader *g, int kind, const char *wanted)
{
    int rc = kind < 0 ? kind : json_skip_rest(&g->j, kind);
    if (rc < 0 || kind == JSON_NULL || g->mismatch)
        return rc < 0 ? rc : 0;
    g->mismatch = true;
    (void)error_set(g->err, E_BAD_INPUT, "json: cannot unmarshal %s into Go value of type %s",
                    kind_name(kind), wanted);
    return 0;
}

int go_object(struct go_reader *g)
{
    int kind = json_next(&g->j);
    return kind == JSON_OBJECT ? 1 : other(g, kind, "struct");
}

int go_array(struct go_reader *g)
{
    int kind = json_next(&g->j);
    return kind == JSON_ARRAY ? 1 : other(g, kind, "slice");
}

int go_key(struct go_reader *g, struct str *ret)
{
    int rc = json_key(&g->j, ret);
    return rc > 0 && arena_str(g->arena, *ret, ret) < 0
               ? error_set(g->err, E_LIMIT, "a body with too much in it")
               : rc;
}

int go_string(struct go_reader *g, struct str *ret)
{
    int kind = json_next(&g->j);
    if (kind != JSON_STRING)
        return other(g, kind, "string");
    return arena_str(g->arena, g->j.text, ret) < 0 ? error_set(g->err, E_LIMIT, "a body with too much in it")
                                                   : 0;
}

int go_end(struct go_reader *g)
{
    return g->mismatch ? -(int)E_BAD_INPUT : 0;
}

/* ---- any value ---- */

struct member {
    struct str key, value;
};
struct members {
    VEC(struct member) list;
};

static int write_value(struct go_reader *g, int kind, unsigned depth, struct str *ret);

static int by_key(const void *a, const void *b)
{
    return str_cmp(((const struct member *)a)->key, ((const struct member *)b)->key);
}

/* Go keeps numbers as float64 and writes them with the fewest digits that give the same again: 0.000001, 1e-7. */
static void put_number(struct go_reader *g, struct buf *out, struct str digits)
{
    char text[400];
    int decimals = 0;
    if (str_copy(digits, text, sizeof text) < 0)
        text[0] = 0;
    double value = strtod(text, NULL), size = fabs(value);
    if (!isfinite(value)) {
        g->mismatch = true;
        (void)error_set(g->err, E_BAD_INPUT,
                        "json: cannot unmarshal number %.40s into Go value of type float64", text);
        value = size = 0;
    }
    do
        snprintf(text, sizeof text, "%.*e", decimals, value);
    while (decimals++ < 16 && strtod(text, NULL) != value);
    char *e = strchr(text, 'e');
    int exponent = e ? (int)strtol(e + 1, NULL, 10) : 0, fraction = decimals - 1 - exponent;
    if (value == 0 || (size >= 1e-6 && size < 1e21))
        snprintf(text, sizeof text, "%.*f", value != 0 && fraction > 0 ? fraction : 0, value);
    else if (e && e[2] == '0') /* C writes e-07 */
        memmove(e + 2, e + 3, strlen(e + 3) + 1);
    buf_add(out, str_of(text));
}

static int no_room(struct go_reader *g)
{
    return error_set(g->err, E_LIMIT, "a body with too much in it");
}

static int write_object(struct go_reader *g, unsigned depth, struct str *ret)
{
    CLEANUP(buf_done) struct buf out = buf_make(SERVER_BODY_MAX * 8);
    struct json_writer w;
    struct members members = {0};
    struct str key;
    int rc;
    while ((rc = go_key(g, &key)) > 0) {
        struct member *m = vec_push(&members.list, g->arena);
        if (!m)
            return no_room(g);
        *m = (struct member){.key = key};
        rc = write_value(g, json_next(&g->j), depth + 1, &m->value);
        if (rc < 0)
            return rc;
    }
    if (rc < 0)
        return rc;
    if (members.list.len)
        qsort(members.list.ptr, members.list.len, sizeof *members.list.ptr, by_key);
    json_writer_init(&w, &out, 0);
    w.html = true;
    json_write_object(&w);
    for (size_t i = 0; i < members.list.len; i++) {
        const struct member *m = &members.list.ptr[i];
        if (i + 1 < members.list.len && str_eq(m->key, m[1].key))
            continue; /* of doubles the last counts; qsort keeps no order, so any of them */
        json_write_key(&w, m->key);
        json_write_raw(&w, m->value);
    }
    json_write_object_end(&w);
    rc = buf_finish(&out, "metadata", g->err);
    return rc == 0 && arena_str(g->arena, buf_str(&out), ret) < 0 ? no_room(g) : rc;
}

static int write_array(struct go_reader *g, unsigned depth, struct str *ret)
{
    CLEANUP(buf_done) struct buf out = buf_make(SERVER_BODY_MAX * 8);
    int rc;
    buf_add_char(&out, '[');
    while ((rc = json_item(&g->j)) > 0) {
        struct str value = {0};
        rc = write_value(g, json_next(&g->j), depth + 1, &value);
        if (rc < 0)
            return rc;
        if (out.len > 1)
            buf_add_char(&out, ',');
        buf_add(&out, value);
    }
    buf_add_char(&out, ']');
    if (rc == 0)
        rc = buf_finish(&out, "metadata", g->err);
    return rc == 0 && arena_str(g->arena, buf_str(&out), ret) < 0 ? no_room(g) : rc;
}

static int write_scalar(struct go_reader *g, int kind, struct str *ret)
{
    CLEANUP(buf_done) struct buf out = buf_make(SERVER_BODY_MAX * 8);
    struct json_writer w;
    json_writer_init(&w, &out, 0);
    w.html = true;
    if (kind == JSON_STRING)
        json_write_string(&w, g->j.text);
    else if (kind == JSON_NUMBER)
        put_number(g, &out, g->j.text);
    else
        buf_add(&out, kind == JSON_TRUE ? STR("true") : kind == JSON_FALSE ? STR("false") : STR("null"));
    int rc = buf_finish(&out, "metadata", g->err);
    return rc == 0 && arena_str(g->arena, buf_str(&out), ret) < 0 ? no_room(g) : rc;
}

static int write_value(struct go_reader *g, int kind, unsigned depth, struct str *ret)
{
    if (kind < 0)
        return kind;
    if (depth > METADATA_DEPTH_MAX)
        return error_set(g->err, E_LIMIT, "metadata deeper than %d levels", METADATA_DEPTH_MAX);
    if (kind == JSON_OBJECT)
        return write_object(g, depth, ret);
    return kind == JSON_ARRAY ? write_array(g, depth, ret) : write_scalar(g, kind, ret);
}

int go_any(struct go_reader *g, struct str *ret)
{
    int kind = json_next(&g->j);
    int rc = write_value(g, kind, 0, ret);
    if (rc == 0 && kind == JSON_NULL)
        *ret = (struct str){0};
    return rc;
}
