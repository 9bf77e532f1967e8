/* Functions and methods of templates: a line in the table each. */
#include "base/limits.h"
#include "report/template_tree.h"

struct call {
    struct template *template;
    const struct node *node;
    struct value *arguments;
    size_t count;
};

struct callable {
    const char *name;
    enum value_kind of; /* of a method's object */
    bool method;
    size_t least, most; /* arguments, without the object */
    int (*run)(const struct call *c, struct value *ret);
};

static int no_memory(const struct call *c)
{
    return template_no_memory(c->template, c->node->line);
}

/* The argument at `at` must be a text. */
static int need_text(const struct call *c, size_t at)
{
    if (c->arguments[at].kind == VALUE_TEXT)
        return 0;
    return template_fail(c->template, E_BAD_INPUT, c->node->line, "%.*s() of %s", STR_ARG(c->node->name),
                         value_kind_name(c->arguments[at]));
}

/* ---- functions ---- */

static int run_len(const struct call *c, struct value *ret)
{
    const struct value *v = c->arguments;
    size_t n = 0;
    if (v->kind == VALUE_TEXT)
        for (size_t i = 0; i < v->text.len; i++)
            n += ((unsigned char)v->text.ptr[i] & 0xc0) != 0x80;
    else if (v->kind == VALUE_LIST)
        n = v->list->items.len;
    else if (v->kind == VALUE_DICT)
        n = v->dict->pairs.len;
    else
        return need_text(c, 0);
    *ret = value_int((int64_t)n);
    return template_spend(c->template, c->node->line, v->kind == VALUE_TEXT ? v->text.len : 0);
}

static int run_str(const struct call *c, struct value *ret)
{
    CLEANUP(buf_done) struct buf text = buf_make(64);
    if (c->arguments->kind == VALUE_TEXT) {
        *ret = *c->arguments;
        return 0;
    }
    *ret = value_text(STR("None"));
    if (c->arguments->kind == VALUE_NONE)
        return 0;
    if (value_put(&text, *c->arguments) < 0)
        return need_text(c, 0);
    return arena_str(c->template->arena, buf_str(&text), &ret->text) < 0 ? no_memory(c) : 0;
}

/* Of a number, or of a text that is one without sign. */
static int run_int(const struct call *c, struct value *ret)
{
    const struct value *v = c->arguments;
    uint64_t n = 0;
    *ret = value_int(v->number);
    if (v->kind == VALUE_INT || v->kind == VALUE_BOOL)
        return 0;
    bool fits = v->kind == VALUE_FLOAT && v->real > -9e18 && v->real < 9e18;
    if (fits)
        *ret = value_int((int64_t)v->real);
    else if (v->kind == VALUE_TEXT && str_u64(str_trim(v->text), INT64_MAX, &n) == 0)
        *ret = value_int((int64_t)n);
    else
        return template_fail(c->template, E_BAD_INPUT, c->node->line, "int() of %s that is no whole number",
                             value_kind_name(*v));
    return 0;
}

static int run_bool(const struct call *c, struct value *ret)
{
    *ret = value_bool(value_true(*c->arguments));
    return 0;
}

/* Adds [a, b] to a list. */
static int add_pair(const struct call *c, struct value list, struct value a, struct value b)
{
    struct value pair = value_new_list(c->template->arena);
    bool kept = pair.kind == VALUE_LIST && value_append(pair, a, c->template->arena) == 0 &&
                value_append(pair, b, c->template->arena) == 0 &&
                value_append(list, pair, c->template->arena) == 0;
    return kept ? 0 : no_memory(c);
}

static int new_list(const struct call *c, struct value *ret)
{
    *ret = value_new_list(c->template->arena);
    return ret->kind == VALUE_LIST ? 0 : no_memory(c);
}

static int run_enumerate(const struct call *c, struct value *ret)
{
    struct value_list *items;
    int64_t from = c->count > 1 && c->arguments[1].kind == VALUE_INT ? c->arguments[1].number : 0;
    int rc = template_iterate(c->template, c->arguments[0], c->node->line, &items);
    if (rc == 0)
        rc = new_list(c, ret);
    for (size_t i = 0; rc == 0 && i < items->items.len; i++)
        rc = add_pair(c, *ret, value_int((int64_t)((uint64_t)from + i)), items->items.ptr[i]);
    return rc;
}

static int run_range(const struct call *c, struct value *ret)
{
    int64_t ends[2] = {0, 0};
    for (size_t i = 0; i < c->count; i++) {
        if (c->arguments[i].kind != VALUE_INT)
            return need_text(c, i) < 0
                       ? -(int)c->template->err->code
                       : template_fail(c->template, E_BAD_INPUT, c->node->line, "range() of a text");
        ends[c->count == 1 ? 1 : i] = c->arguments[i].number;
    }
    int rc = new_list(c, ret);
    for (int64_t n = ends[0]; n < ends[1] && rc == 0; n++)
        rc = value_append(*ret, value_int(n), c->template->arena) < 0 ? no_memory(c) : 0;
    return rc;
}

/* Adds up, or keeps the least or the greatest, by the operators' own rules. */
static int fold(const struct call *c, enum operator op, struct value *ret)
{
    struct value_list *items;
    struct node n = {.kind = NODE_BINARY, .op = op, .line = c->node->line};
    int rc = template_iterate(c->template, c->arguments[0], c->node->line, &items);
    size_t first = op != OP_ADD;
    if (rc == 0 && first && !items->items.len)
        return template_fail(c->template, E_BAD_INPUT, c->node->line, "%.*s() of nothing",
                             STR_ARG(c->node->name));
    if (rc == 0)
        *ret = first ? items->items.ptr[0] : value_int(0);
    for (size_t i = first; rc == 0 && i < items->items.len; i++) {
        struct value item = items->items.ptr[i], result;
        rc = op == OP_ADD ? template_operate(c->template, &n, *ret, item, &result)
                          : template_operate(c->template, &n, item, *ret, &result);
        if (rc == 0 && (op == OP_ADD || value_true(result)))
            *ret = op == OP_ADD ? result : item;
    }
    return rc;
}

static int run_sum(const struct call *c, struct value *ret)
{
    return fold(c, OP_ADD, ret);
}

static int run_min(const struct call *c, struct value *ret)
{
    return fold(c, OP_LESS, ret);
}

static int run_max(const struct call *c, struct value *ret)
{
    return fold(c, OP_GREATER, ret);
}

static struct variable *variable_named(const struct call *c)
{
    vec_each (&c->template->variables, v)
        if (str_eq(v->name, c->arguments->text))
            return v;
    return NULL;
}

static int run_defined(const struct call *c, struct value *ret)
{
    int rc = need_text(c, 0);
    struct variable *v = rc == 0 ? variable_named(c) : NULL;
    *ret = value_bool(v && v->defined);
    return rc;
}

static int run_get(const struct call *c, struct value *ret)
{
    int rc = need_text(c, 0);
    struct variable *v = rc == 0 ? variable_named(c) : NULL;
    *ret = v && v->defined ? v->value : c->count > 1 ? c->arguments[1] : value_none();
    return rc;
}

/* A name that the template never uses needs no default. */
static int run_setdefault(const struct call *c, struct value *ret)
{
    int rc = need_text(c, 0);
    struct variable *v = rc == 0 ? variable_named(c) : NULL;
    if (v && !v->defined) {
        v->defined = true;
        v->value = c->arguments[1];
    }
    *ret = value_none();
    return rc;
}

/* ---- methods of texts ---- */

static int change_case(const struct call *c, char first, char last, struct value *ret)
{
    int rc = template_spend(c->template, c->node->line, c->arguments->text.len);
    struct str s = c->arguments->text;
    char *text = arena_alloc(c->template->arena, s.len, 1);
    if (rc < 0 || !text)
        return rc < 0 ? rc : no_memory(c);
    for (size_t i = 0; i < s.len; i++)
        text[i] = s.ptr[i] >= first && s.ptr[i] <= last ? (char)(s.ptr[i] ^ 0x20) : s.ptr[i];
    *ret = value_text((struct str){text, s.len});
    return 0;
}

static int run_lower(const struct call *c, struct value *ret)
{
    return change_case(c, 'A', 'Z', ret);
}

static int run_upper(const struct call *c, struct value *ret)
{
    return change_case(c, 'a', 'z', ret);
}

static int run_strip(const struct call *c, struct value *ret)
{
    *ret = value_text(str_trim(c->arguments->text));
    return template_spend(c->template, c->node->line, c->arguments->text.len);
}

static int run_startswith(const struct call *c, struct value *ret)
{
    int rc = need_text(c, 1);
    *ret = value_bool(rc == 0 && str_starts(c->arguments[0].text, c->arguments[1].text));
    return rc;
}

static int run_endswith(const struct call *c, struct value *ret)
{
    int rc = need_text(c, 1);
    *ret = value_bool(rc == 0 && str_ends(c->arguments[0].text, c->arguments[1].text));
    return rc;
}

/* Where the next `what` is in s; s.len: nowhere. */
static size_t find_text(struct str s, struct str what)
{
    return what.len ? str_find_part(s, what) : s.len;
}

static int keep_text(const struct call *c, struct buf *text, struct value *ret)
{
    *ret = value_text(STR(""));
    if (text->failed || arena_str(c->template->arena, buf_str(text), &ret->text) < 0)
        return no_memory(c);
    return template_spend(c->template, c->node->line, text->len);
}

static int run_replace(const struct call *c, struct value *ret)
{
    int rc = need_text(c, 1);
    if (rc == 0)
        rc = need_text(c, 2);
    if (rc == 0)
        rc = template_spend(c->template, c->node->line, c->arguments[0].text.len);
    if (rc < 0)
        return rc;
    struct str left = c->arguments[0].text, what = c->arguments[1].text;
    if (!what.len)
        return template_fail(c->template, E_UNSUPPORTED, c->node->line, "replace() of an empty text");
    CLEANUP(buf_done) struct buf text = buf_make(TEMPLATE_MEMORY_MAX);
    for (;;) {
        size_t at = find_text(left, what);
        buf_add(&text, (struct str){left.ptr, at});
        if (at == left.len)
            break;
        buf_add(&text, c->arguments[2].text);
        left = str_skip(left, at + what.len);
    }
    return keep_text(c, &text, ret);
}

static int run_split(const struct call *c, struct value *ret)
{
    int rc = need_text(c, 1);
    if (rc == 0)
        rc = template_spend(c->template, c->node->line, c->arguments[0].text.len);
    if (rc == 0 && !c->arguments[1].text.len)
        rc = template_fail(c->template, E_UNSUPPORTED, c->node->line, "split() at an empty text");
    if (rc == 0)
        rc = new_list(c, ret);
    struct str left = c->arguments[0].text, at_text = c->arguments[1].text;
    for (bool more = true; rc == 0 && more;) {
        size_t at = find_text(left, at_text);
        more = at < left.len;
        if (value_append(*ret, value_text((struct str){left.ptr, at}), c->template->arena) < 0)
            rc = no_memory(c);
        left = str_skip(left, at + at_text.len);
    }
    return rc;
}

static int run_join(const struct call *c, struct value *ret)
{
    struct value_list *items;
    int rc = template_iterate(c->template, c->arguments[1], c->node->line, &items);
    CLEANUP(buf_done) struct buf text = buf_make(TEMPLATE_MEMORY_MAX);
    for (size_t i = 0; rc == 0 && i < items->items.len; i++) {
        const struct value *item = &items->items.ptr[i];
        if (item->kind != VALUE_TEXT)
            rc = template_fail(c->template, E_BAD_INPUT, c->node->line, "join() of %s",
                               value_kind_name(*item));
        buf_add(&text, i ? c->arguments[0].text : STR(""));
        if (rc == 0)
            buf_add(&text, item->text);
    }
    return rc < 0 ? rc : keep_text(c, &text, ret);
}

/* ---- methods of dicts and lists ---- */

static int run_dict_get(const struct call *c, struct value *ret)
{
    int rc = need_text(c, 1);
    struct value *found = rc == 0 ? value_find(c->arguments[0], c->arguments[1].text) : NULL;
    *ret = found ? *found : c->count > 2 ? c->arguments[2] : value_none();
    return rc;
}

/* Of each pair its key, its value, or both. */
static int list_pairs(const struct call *c, bool keys, bool values, struct value *ret)
{
    int rc = new_list(c, ret);
    for (size_t i = 0; rc == 0 && i < c->arguments->dict->pairs.len; i++) {
        const struct value_pair *p = &c->arguments->dict->pairs.ptr[i];
        if (keys && values)
            rc = add_pair(c, *ret, value_text(p->key), p->value);
        else if (value_append(*ret, keys ? value_text(p->key) : p->value, c->template->arena) < 0)
            rc = no_memory(c);
    }
    return rc;
}

static int run_items(const struct call *c, struct value *ret)
{
    return list_pairs(c, true, true, ret);
}

static int run_keys(const struct call *c, struct value *ret)
{
    return list_pairs(c, true, false, ret);
}

static int run_values(const struct call *c, struct value *ret)
{
    return list_pairs(c, false, true, ret);
}

static int run_append(const struct call *c, struct value *ret)
{
    *ret = value_none();
    return value_append(c->arguments[0], c->arguments[1], c->template->arena) < 0 ? no_memory(c) : 0;
}

static const struct callable callables[] = {
    {"len", 0, false, 1, 1, run_len},
    {"str", 0, false, 1, 1, run_str},
    {"int", 0, false, 1, 1, run_int},
    {"bool", 0, false, 1, 1, run_bool},
    {"enumerate", 0, false, 1, 2, run_enumerate},
    {"range", 0, false, 1, 2, run_range},
    {"sum", 0, false, 1, 1, run_sum},
    {"min", 0, false, 1, 1, run_min},
    {"max", 0, false, 1, 1, run_max},
    {"defined", 0, false, 1, 1, run_defined},
    {"get", 0, false, 1, 2, run_get},
    {"setdefault", 0, false, 2, 2, run_setdefault},
    {"lower", VALUE_TEXT, true, 0, 0, run_lower},
    {"upper", VALUE_TEXT, true, 0, 0, run_upper},
    {"strip", VALUE_TEXT, true, 0, 0, run_strip},
    {"startswith", VALUE_TEXT, true, 1, 1, run_startswith},
    {"endswith", VALUE_TEXT, true, 1, 1, run_endswith},
    {"replace", VALUE_TEXT, true, 2, 2, run_replace},
    {"split", VALUE_TEXT, true, 1, 1, run_split},
    {"join", VALUE_TEXT, true, 1, 1, run_join},
    {"get", VALUE_DICT, true, 1, 2, run_dict_get},
    {"items", VALUE_DICT, true, 0, 0, run_items},
    {"keys", VALUE_DICT, true, 0, 0, run_keys},
    {"values", VALUE_DICT, true, 0, 0, run_values},
    {"append", VALUE_LIST, true, 1, 1, run_append},
};
enum { CALLABLES = sizeof callables / sizeof *callables };

int template_check_call(struct template *t, const struct node *n)
{
    char known[300];
    size_t used = 0;
    bool method = n->kind == NODE_METHOD;
    for (size_t i = 0; i < CALLABLES; i++) {
        if (callables[i].method != method)
            continue;
        if (str_eq(n->name, str_of(callables[i].name)))
            return 0;
        int wrote = snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", callables[i].name);
        used += wrote > 0 && (size_t)wrote < sizeof known - used ? (size_t)wrote : 0;
    }
    return template_fail(t, E_UNSUPPORTED, n->line, "there is no %s %.*s(); there are %s",
                         method ? "method" : "function", n->name.len < 60 ? (int)n->name.len : 60,
                         n->name.ptr, known);
}

int template_call(struct template *t, const struct node *n, struct value *arguments, size_t count,
                  struct value *ret)
{
    bool method = n->kind == NODE_METHOD;
    const struct call c = {t, n, arguments, count};
    for (size_t i = 0; i < CALLABLES; i++) {
        const struct callable *f = &callables[i];
        if (f->method != method || !str_eq(n->name, str_of(f->name)) || (method && f->of != arguments->kind))
            continue;
        if (count - method < f->least || count - method > f->most)
            return template_fail(t, E_BAD_INPUT, n->line, "%s() takes %zu to %zu arguments, not %zu", f->name,
                                 f->least, f->most, count - method);
        return f->run(&c, ret);
    }
    return template_fail(t, E_BAD_INPUT, n->line, "%s has no method %.*s()", value_kind_name(*arguments),
                         STR_ARG(n->name));
}
