/* Values of documents whose shape is known; the grammar is in json.c. */
#include "format/json.h"

int json_skip_rest(struct json *j, int kind)
{
    unsigned depth = j->depth - 1;
    if (kind != JSON_OBJECT && kind != JSON_ARRAY)
        return kind < 0 ? kind : 0;
    while (j->depth > depth) {
        int rc = json_next(j);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int json_skip(struct json *j)
{
    return json_skip_rest(j, json_next(j));
}

/* ---- documents of a known shape ---- */

static int take(struct json *j, int wanted)
{
    int kind = json_next(j);
    return kind == wanted ? 1 : json_skip_rest(j, kind);
}

int json_object(struct json *j)
{
    return take(j, JSON_OBJECT);
}

int json_array(struct json *j)
{
    return take(j, JSON_ARRAY);
}

int json_string(struct json *j, struct str *ret)
{
    int rc = take(j, JSON_STRING);
    if (rc > 0)
        *ret = j->text;
    return rc;
}

int json_bool(struct json *j, bool *ret)
{
    int kind = json_next(j);
    if (kind != JSON_TRUE && kind != JSON_FALSE)
        return json_skip_rest(j, kind);
    *ret = kind == JSON_TRUE;
    return 1;
}

int json_u64(struct json *j, uint64_t max, uint64_t *ret)
{
    int rc = take(j, JSON_NUMBER);
    return rc <= 0 ? rc : str_u64(j->text, max, ret) == 0;
}

int json_number(struct json *j, struct str *ret)
{
    int rc = take(j, JSON_NUMBER);
    if (rc > 0)
        *ret = j->text;
    return rc;
}
