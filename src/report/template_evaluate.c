/* Expressions of a template become values. */
#include "base/limits.h"
#include "report/template_tree.h"

int template_spend(struct template *t, unsigned line, size_t bytes)
{
    t->spent += 1 + bytes / 64;
    if (t->spent > TEMPLATE_STEPS_MAX)
        return template_fail(t, E_LIMIT, line, "more than %d steps to get here", TEMPLATE_STEPS_MAX);
    return 0;
}

static int evaluate_name(struct template *t, const struct node *n, struct value *ret)
{
    const struct variable *v = &t->variables.ptr[n->slot];
    if (!v->defined)
        return template_fail(t, E_BAD_INPUT, n->line,
                             "there is no \"%.*s\"; a template has \"info\" and what it assigns",
                             STR_ARG(n->name));
    *ret = v->value;
    return 0;
}

static int evaluate_list(struct template *t, const struct node *n, struct value *ret)
{
    struct value list = value_new_list(t->arena), item = value_none();
    int rc = list.kind == VALUE_NONE ? template_no_memory(t, n->line) : 0;
    for (size_t i = 0; i < n->children.len && rc == 0; i++) {
        rc = template_evaluate(t, n->children.ptr[i].node, &item);
        if (rc == 0 && value_append(list, item, t->arena) < 0)
            rc = template_no_memory(t, n->line);
    }
    *ret = list;
    return rc;
}

static int evaluate_dict(struct template *t, const struct node *n, struct value *ret)
{
    struct value dict = value_new_dict(t->arena), key = value_none(), item = value_none();
    int rc = dict.kind == VALUE_NONE ? template_no_memory(t, n->line) : 0;
    for (size_t i = 0; i + 1 < n->children.len && rc == 0; i += 2) {
        rc = template_evaluate(t, n->children.ptr[i].node, &key);
        if (rc == 0)
            rc = template_evaluate(t, n->children.ptr[i + 1].node, &item);
        if (rc == 0 && key.kind != VALUE_TEXT)
            rc = template_fail(t, E_UNSUPPORTED, n->line, "a key of a dict that is %s; write a text",
                               value_kind_name(key));
        if (rc == 0 && value_set(dict, key.text, item, t->arena) < 0)
            rc = template_no_memory(t, n->line);
    }
    *ret = dict;
    return rc;
}

/* "and" and "or" give the side that decided. */
static int evaluate_logic(struct template *t, const struct node *n, struct value *ret)
{
    int rc = template_evaluate(t, n->children.ptr[0].node, ret);
    if (rc == 0 && value_true(*ret) == (n->kind == NODE_AND))
        rc = template_evaluate(t, n->children.ptr[1].node, ret);
    return rc;
}

static int evaluate_choice(struct template *t, const struct node *n, struct value *ret)
{
    int rc = template_evaluate(t, n->children.ptr[0].node, ret);
    return rc < 0 ? rc : template_evaluate(t, n->children.ptr[value_true(*ret) ? 1 : 2].node, ret);
}

static int evaluate_sign(struct template *t, const struct node *n, struct value *ret)
{
    int rc = template_evaluate(t, n->children.ptr[0].node, ret);
    if (rc < 0)
        return rc;
    if (n->kind == NODE_NOT)
        *ret = value_bool(!value_true(*ret));
    else if (ret->kind == VALUE_FLOAT)
        ret->real = -ret->real;
    else if (ret->kind != VALUE_INT || __builtin_sub_overflow((int64_t)0, ret->number, &ret->number))
        return template_fail(t, E_BAD_INPUT, n->line, "\"-\" before %s", value_kind_name(*ret));
    return 0;
}

static int evaluate_binary(struct template *t, const struct node *n, struct value *ret)
{
    struct value a = value_none(), b = value_none();
    int rc = template_evaluate(t, n->children.ptr[0].node, &a);
    if (rc == 0)
        rc = template_evaluate(t, n->children.ptr[1].node, &b);
    return rc < 0 ? rc : template_operate(t, n, a, b, ret);
}

/* Bytes of a text's character at `at`; a broken one has one. */
static size_t character(struct str s, size_t at)
{
    uint32_t code;
    size_t n = str_utf8_char(str_skip(s, at), &code);
    return n ? n : 1;
}

static size_t length_of(struct value v)
{
    if (v.kind == VALUE_LIST)
        return v.list->items.len;
    size_t n = 0;
    for (size_t at = 0; at < v.text.len; at += character(v.text, at))
        n++;
    return n;
}

/* From a number of the source to a place within the length: negative ones count from the end. */
static size_t place_of(int64_t n, size_t length)
{
    if (n < 0)
        n += (int64_t)length;
    return n < 0 ? 0 : (uint64_t)n > length ? length : (size_t)n;
}

static struct str text_part(struct str s, size_t from, size_t to)
{
    size_t begin = 0, end, n = 0;
    for (; n < from && begin < s.len; n++)
        begin += character(s, begin);
    for (end = begin; n < to && end < s.len; n++)
        end += character(s, end);
    return (struct str){s.ptr + begin, end - begin};
}

static int evaluate_index(struct template *t, const struct node *n, struct value *ret)
{
    struct value of = value_none(), at = value_none(), *found = NULL;
    int rc = template_evaluate(t, n->children.ptr[0].node, &of);
    if (rc == 0)
        rc = template_evaluate(t, n->children.ptr[1].node, &at);
    if (rc == 0)
        rc = template_spend(t, n->line, of.kind == VALUE_TEXT ? of.text.len : 0);
    if (rc < 0)
        return rc;
    if (of.kind == VALUE_DICT && at.kind == VALUE_TEXT) {
        found = value_find(of, at.text);
        if (!found)
            return template_fail(t, E_BAD_INPUT, n->line,
                                 "there is no item \"%.*s\"; .get('%.*s', '') would do", STR_ARG(at.text),
                                 STR_ARG(at.text));
        *ret = *found;
        return 0;
    }
    if ((of.kind != VALUE_LIST && of.kind != VALUE_TEXT) || at.kind != VALUE_INT)
        return template_fail(t, E_BAD_INPUT, n->line, "%s has no item that %s names", value_kind_name(of),
                             value_kind_name(at));
    size_t length = length_of(of), place = place_of(at.number, length);
    if (place >= length || (at.number < 0 && 0 - (uint64_t)at.number > length))
        return template_fail(t, E_BAD_INPUT, n->line, "item %jd of %zu", (intmax_t)at.number, length);
    *ret =
        of.kind == VALUE_LIST ? of.list->items.ptr[place] : value_text(text_part(of.text, place, place + 1));
    return 0;
}

static int slice_end(struct template *t, const struct node *n, const struct node *end, size_t length,
                     size_t *ret)
{
    struct value v = value_none();
    int rc = end ? template_evaluate(t, end, &v) : 0;
    if (rc == 0 && end && v.kind != VALUE_INT)
        rc = template_fail(t, E_BAD_INPUT, n->line, "a slice from or to %s", value_kind_name(v));
    if (rc == 0 && end)
        *ret = place_of(v.number, length);
    return rc;
}

static int evaluate_slice(struct template *t, const struct node *n, struct value *ret)
{
    struct value of = value_none();
    int rc = template_evaluate(t, n->children.ptr[0].node, &of);
    if (rc == 0 && of.kind != VALUE_LIST && of.kind != VALUE_TEXT)
        rc = template_fail(t, E_BAD_INPUT, n->line, "a slice of %s", value_kind_name(of));
    if (rc < 0)
        return rc;
    size_t length = length_of(of), from = 0, to = length;
    rc = template_spend(t, n->line, length);
    if (rc == 0)
        rc = slice_end(t, n, n->children.ptr[1].node, length, &from);
    if (rc == 0)
        rc = slice_end(t, n, n->children.ptr[2].node, length, &to);
    if (rc < 0)
        return rc;
    to = to < from ? from : to;
    if (of.kind == VALUE_TEXT) {
        *ret = value_text(text_part(of.text, from, to));
        return 0;
    }
    *ret = value_new_list(t->arena);
    if (ret->kind == VALUE_NONE)
        return template_no_memory(t, n->line);
    for (size_t i = from; i < to; i++)
        if (value_append(*ret, of.list->items.ptr[i], t->arena) < 0)
            return template_no_memory(t, n->line);
    return 0;
}

static int evaluate_call(struct template *t, const struct node *n, struct value *ret)
{
    struct value arguments[4];
    size_t count = n->children.len, most = sizeof arguments / sizeof *arguments;
    if (count > most)
        return template_fail(t, E_BAD_INPUT, n->line, "%.*s() with %zu arguments", STR_ARG(n->name), count);
    for (size_t i = 0; i < count; i++) {
        int rc = template_evaluate(t, n->children.ptr[i].node, &arguments[i]);
        if (rc < 0)
            return rc;
    }
    return template_call(t, n, arguments, count, ret);
}

int template_assign(struct template *t, const struct targets *targets, struct value item, unsigned line)
{
    if (targets->count > 1 && (item.kind != VALUE_LIST || item.list->items.len != targets->count))
        return template_fail(t, E_BAD_INPUT, line, "%s is not %u values", value_kind_name(item),
                             targets->count);
    for (unsigned i = 0; i < targets->count; i++) {
        struct variable *v = &t->variables.ptr[targets->slots[i]];
        v->value = targets->count > 1 ? item.list->items.ptr[i] : item;
        v->defined = true;
    }
    return 0;
}

/* One element of a comprehension, unless its condition leaves it out. */
static int comprehend(struct template *t, const struct node *n, struct value item, struct value list)
{
    const struct node *condition = n->children.ptr[2].node;
    struct value v = value_bool(true);
    int rc = template_assign(t, &n->targets, item, n->line);
    if (rc == 0 && condition)
        rc = template_evaluate(t, condition, &v);
    if (rc < 0 || !value_true(v))
        return rc;
    rc = template_evaluate(t, n->children.ptr[0].node, &v);
    if (rc == 0 && value_append(list, v, t->arena) < 0)
        rc = template_no_memory(t, n->line);
    return rc;
}

/* Its names are its own: what they were before they are again afterwards. */
static int evaluate_comprehension(struct template *t, const struct node *n, struct value *ret)
{
    struct variable saved[TEMPLATE_TARGETS];
    struct value_list *items = NULL;
    struct value of = value_none();
    int rc = template_evaluate(t, n->children.ptr[1].node, &of);
    if (rc == 0)
        rc = template_iterate(t, of, n->line, &items);
    if (rc)
        return rc;
    *ret = value_new_list(t->arena);
    if (ret->kind == VALUE_NONE)
        return template_no_memory(t, n->line);
    for (unsigned i = 0; i < n->targets.count; i++)
        saved[i] = t->variables.ptr[n->targets.slots[i]];
    for (size_t i = 0; i < items->items.len && rc == 0; i++)
        rc = comprehend(t, n, items->items.ptr[i], *ret);
    for (unsigned i = 0; i < n->targets.count; i++)
        t->variables.ptr[n->targets.slots[i]] = saved[i];
    return rc;
}

int template_iterate(struct template *t, struct value of, unsigned line, struct value_list **ret)
{
    if (of.kind == VALUE_LIST) {
        *ret = of.list;
        return 0;
    }
    if (of.kind != VALUE_DICT && of.kind != VALUE_TEXT)
        return template_fail(t, E_BAD_INPUT, line, "a loop through %s", value_kind_name(of));
    struct value list = value_new_list(t->arena);
    bool kept = true;
    if (list.kind != VALUE_LIST)
        return template_no_memory(t, line);
    if (of.kind == VALUE_DICT)
        vec_each (&of.dict->pairs, p)
            kept = kept && value_append(list, value_text(p->key), t->arena) == 0;
    for (size_t at = 0, n; of.kind == VALUE_TEXT && at < of.text.len && kept; at += n) {
        n = character(of.text, at);
        kept = value_append(list, value_text((struct str){of.text.ptr + at, n}), t->arena) == 0;
    }
    *ret = list.list;
    return kept ? 0 : template_no_memory(t, line);
}

static int evaluate_literal(struct template *t, const struct node *n, struct value *ret)
{
    (void)t;
    *ret = n->literal;
    return 0;
}

int template_evaluate(struct template *t, const struct node *n, struct value *ret)
{
    static int (*const kinds[NODE_KINDS])(struct template *, const struct node *, struct value *) = {
        [NODE_LITERAL] = evaluate_literal,
        [NODE_NAME] = evaluate_name,
        [NODE_LIST] = evaluate_list,
        [NODE_DICT] = evaluate_dict,
        [NODE_NOT] = evaluate_sign,
        [NODE_MINUS] = evaluate_sign,
        [NODE_AND] = evaluate_logic,
        [NODE_OR] = evaluate_logic,
        [NODE_BINARY] = evaluate_binary,
        [NODE_CHOICE] = evaluate_choice,
        [NODE_INDEX] = evaluate_index,
        [NODE_SLICE] = evaluate_slice,
        [NODE_CALL] = evaluate_call,
        [NODE_METHOD] = evaluate_call,
        [NODE_COMPREHENSION] = evaluate_comprehension,
    };
    int rc = template_spend(t, n->line, 0);
    return rc < 0 ? rc : kinds[n->kind](t, n, ret);
}
