/* Operators between two values. */
#include "base/limits.h"
#include "report/template_tree.h"

static int refuse(struct template *t, const struct node *n, struct value a, struct value b)
{
    static const char *const signs[OPERATORS] = {
        "+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"};
    return template_fail(t, E_BAD_INPUT, n->line, "\"%s\" between %s and %s", signs[n->op],
                         value_kind_name(a), value_kind_name(b));
}

static bool is_number(struct value v)
{
    return v.kind == VALUE_INT || v.kind == VALUE_FLOAT || v.kind == VALUE_BOOL;
}

static double real_of(struct value v)
{
    return v.kind == VALUE_FLOAT ? v.real : (double)v.number;
}

static int join_texts(struct template *t, const struct node *n, struct value a, struct value b,
                      struct value *ret)
{
    size_t len = a.text.len + b.text.len;
    char *text = arena_alloc(t->arena, len, 1);
    int rc = template_spend(t, n->line, len);
    if (rc < 0 || !text)
        return rc < 0 ? rc : template_no_memory(t, n->line);
    if (a.text.len)
        memcpy(text, a.text.ptr, a.text.len);
    if (b.text.len)
        memcpy(text + a.text.len, b.text.ptr, b.text.len);
    *ret = value_text((struct str){text, len});
    return 0;
}

static int join_lists(struct template *t, const struct node *n, struct value a, struct value b,
                      struct value *ret)
{
    bool kept = true;
    *ret = value_new_list(t->arena);
    kept = ret->kind == VALUE_LIST;
    for (int side = 0; side < 2 && kept; side++) {
        const struct value_list *from = side ? b.list : a.list;
        for (size_t i = 0, len = from->items.len; i < len && kept; i++)
            kept = value_append(*ret, from->items.ptr[i], t->arena) == 0;
    }
    return kept ? 0 : template_no_memory(t, n->line);
}

/* Towards less, as Python's "//" and "%" do. */
static bool divide(enum operator op, int64_t a, int64_t b, int64_t *ret)
{
    if (b == 0 || (a == INT64_MIN && b == -1))
        return false;
    int64_t quotient = a / b, rest = a % b;
    if (rest && (rest < 0) != (b < 0)) {
        quotient--;
        rest += b;
    }
    *ret = op == OP_FLOOR ? quotient : rest;
    return true;
}

static bool calculate_int(enum operator op, int64_t a, int64_t b, int64_t *ret)
{
    if (op == OP_ADD)
        return !__builtin_add_overflow(a, b, ret);
    if (op == OP_SUBTRACT)
        return !__builtin_sub_overflow(a, b, ret);
    if (op == OP_MULTIPLY)
        return !__builtin_mul_overflow(a, b, ret);
    return divide(op, a, b, ret);
}

static int calculate(struct template *t, const struct node *n, struct value a, struct value b,
                     struct value *ret)
{
    double x = real_of(a), y = real_of(b);
    bool whole = a.kind != VALUE_FLOAT && b.kind != VALUE_FLOAT && n->op != OP_DIVIDE;
    if (n->op == OP_DIVIDE && !value_true(b))
        return template_fail(t, E_BAD_INPUT, n->line, "a division by 0");
    if (whole) {
        *ret = value_int(0);
        return calculate_int(n->op, a.number, b.number, &ret->number)
                   ? 0
                   : template_fail(t, E_BAD_INPUT, n->line, "a division by 0, or a number too large");
    }
    if (n->op == OP_FLOOR || n->op == OP_MODULO)
        return refuse(t, n, a, b);
    *ret = value_float(n->op == OP_ADD        ? x + y
                       : n->op == OP_SUBTRACT ? x - y
                       : n->op == OP_MULTIPLY ? x * y
                                              : x / y);
    return 0;
}

static int order(struct template *t, const struct node *n, struct value a, struct value b, struct value *ret)
{
    int r;
    if (is_number(a) && is_number(b))
        r = (real_of(a) > real_of(b)) - (real_of(a) < real_of(b));
    else if (a.kind == VALUE_TEXT && b.kind == VALUE_TEXT)
        r = str_cmp(a.text, b.text);
    else
        return refuse(t, n, a, b);
    bool equal = n->op == OP_LESS_EQUAL || n->op == OP_GREATER_EQUAL;
    bool less = n->op == OP_LESS || n->op == OP_LESS_EQUAL;
    *ret = value_bool((equal && r == 0) || (less ? r < 0 : r > 0));
    return template_spend(t, n->line, a.kind == VALUE_TEXT ? a.text.len : 0);
}

static int look_in(struct template *t, const struct node *n, struct value what, struct value in,
                   struct value *ret)
{
    bool found = false;
    int rc = 0;
    if (in.kind == VALUE_TEXT && what.kind == VALUE_TEXT) {
        rc = template_spend(t, n->line, in.text.len);
        found = rc == 0 && str_has(in.text, what.text);
    } else if (in.kind == VALUE_LIST) {
        for (size_t i = 0; i < in.list->items.len && !found && rc == 0; i++) {
            found = value_equal(what, in.list->items.ptr[i]);
            rc = template_spend(t, n->line, what.kind == VALUE_TEXT ? what.text.len : 0);
        }
    } else if (in.kind == VALUE_DICT) {
        found = what.kind == VALUE_TEXT && value_find(in, what.text);
    } else {
        return refuse(t, n, what, in);
    }
    *ret = value_bool(found == (n->op == OP_IN));
    return rc;
}

static int add(struct template *t, const struct node *n, struct value a, struct value b, struct value *ret)
{
    if (a.kind == VALUE_TEXT && b.kind == VALUE_TEXT)
        return join_texts(t, n, a, b, ret);
    if (a.kind == VALUE_LIST && b.kind == VALUE_LIST)
        return join_lists(t, n, a, b, ret);
    return refuse(t, n, a, b);
}

static int compare(struct template *t, const struct node *n, struct value a, struct value b,
                   struct value *ret)
{
    *ret = value_bool(value_equal(a, b) == (n->op == OP_EQUAL || n->op == OP_IS));
    return template_spend(t, n->line, a.kind == VALUE_TEXT ? a.text.len : 0);
}

int template_operate(struct template *t, const struct node *n, struct value a, struct value b,
                     struct value *ret)
{
    static int (*const operations[OPERATORS])(struct template *, const struct node *, struct value,
                                              struct value, struct value *) = {
        [OP_EQUAL] = compare, [OP_UNEQUAL] = compare,  [OP_IS] = compare,    [OP_IS_NOT] = compare,
        [OP_LESS] = order,    [OP_LESS_EQUAL] = order, [OP_GREATER] = order, [OP_GREATER_EQUAL] = order,
        [OP_IN] = look_in,    [OP_NOT_IN] = look_in,
    };
    if (operations[n->op])
        return operations[n->op](t, n, a, b, ret);
    if (is_number(a) && is_number(b))
        return calculate(t, n, a, b, ret);
    return n->op == OP_ADD ? add(t, n, a, b, ret) : refuse(t, n, a, b);
}
