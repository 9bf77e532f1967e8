/* What templates compute with. */
#include "report/template_tree.h"

enum { DICT_INDEXED = 12 }; /* so many pairs are looked through one by one */

bool value_true(struct value v)
{
    switch (v.kind) {
    case VALUE_NONE:
        return false;
    case VALUE_BOOL:
    case VALUE_INT:
        return v.number != 0;
    case VALUE_FLOAT:
        return v.real < 0 || v.real > 0;
    case VALUE_TEXT:
        return v.text.len > 0;
    case VALUE_LIST:
        return v.list->items.len > 0;
    default:
        return v.dict->pairs.len > 0;
    }
}

static bool is_number(struct value v)
{
    return v.kind == VALUE_BOOL || v.kind == VALUE_INT || v.kind == VALUE_FLOAT;
}

/* Lists and dicts are equal to themselves. */
bool value_equal(struct value a, struct value b)
{
    if (is_number(a) && is_number(b)) {
        double x = a.kind == VALUE_FLOAT ? a.real : (double)a.number;
        double y = b.kind == VALUE_FLOAT ? b.real : (double)b.number;
        return a.kind != VALUE_FLOAT && b.kind != VALUE_FLOAT ? a.number == b.number : x >= y && x <= y;
    }
    if (a.kind != b.kind)
        return false;
    if (a.kind == VALUE_TEXT)
        return str_eq(a.text, b.text);
    return a.kind == VALUE_NONE || (a.kind == VALUE_LIST ? a.list == b.list : a.dict == b.dict);
}

const char *value_kind_name(struct value v)
{
    static const char *const names[] = {"None",   "a truth value", "a number", "a number",
                                        "a text", "a list",        "a dict"};
    return names[v.kind];
}

/* The shortest of 15 or 17 digits, with a point. */
static void put_float(struct buf *out, double d)
{
    char text[40];
    snprintf(text, sizeof text, "%.15g", d);
    buf_add(out, str_of(text));
    if (!strpbrk(text, ".en"))
        buf_add(out, STR(".0"));
}

int value_put(struct buf *out, struct value v)
{
    if (v.kind == VALUE_LIST || v.kind == VALUE_DICT)
        return -1;
    if (v.kind == VALUE_TEXT)
        buf_add(out, v.text);
    else if (v.kind == VALUE_BOOL)
        buf_add(out, v.number ? STR("True") : STR("False"));
    else if (v.kind == VALUE_INT)
        buf_printf(out, "%jd", (intmax_t)v.number);
    else if (v.kind == VALUE_FLOAT)
        put_float(out, v.real);
    return 0;
}

struct value value_new_list(struct arena *a)
{
    struct value_list *list = arena_new(a, struct value_list);
    return list ? (struct value){.kind = VALUE_LIST, .list = list} : value_none();
}

struct value value_new_dict(struct arena *a)
{
    struct value_dict *dict = arena_new(a, struct value_dict);
    if (!dict)
        return value_none();
    dict->index = map_make(a);
    return (struct value){.kind = VALUE_DICT, .dict = dict};
}

int value_append(struct value list, struct value item, struct arena *a)
{
    struct value *place = vec_push(&list.list->items, a);
    if (place)
        *place = item;
    return place ? 0 : -1;
}

struct value *value_find(struct value dict, struct str key)
{
    struct value_dict *d = dict.dict;
    if (d->index.len) {
        uintptr_t place = (uintptr_t)map_get(&d->index, key);
        return place ? &d->pairs.ptr[place - 1].value : NULL;
    }
    vec_each (&d->pairs, p)
        if (str_eq(p->key, key))
            return &p->value;
    return NULL;
}

static int index_pair(struct value_dict *d, size_t place)
{
    void **slot = map_at(&d->index, d->pairs.ptr[place].key);
    if (slot)
        *slot = (void *)(uintptr_t)(place + 1);
    return slot ? 0 : -1;
}

int value_set(struct value dict, struct str key, struct value value, struct arena *a)
{
    struct value *known = value_find(dict, key);
    if (known) {
        *known = value;
        return 0;
    }
    struct value_dict *d = dict.dict;
    struct value_pair *p = vec_push(&d->pairs, a);
    if (!p)
        return -1;
    *p = (struct value_pair){key, value};
    int rc = 0;
    if (d->pairs.len == DICT_INDEXED)
        for (size_t i = 0; i < d->pairs.len && rc == 0; i++)
            rc = index_pair(d, i);
    else if (d->pairs.len > DICT_INDEXED)
        rc = index_pair(d, d->pairs.len - 1);
    return rc;
}
