/* Expressions of a template: by their precedence, as Python has it. */
#include "base/limits.h"
#include "report/template_source.h"

static int parse_binary(struct parser *p, size_t level, struct node **ret);

static int node_new(struct parser *p, enum node_kind kind, struct node **ret)
{
    struct node *n = arena_new(p->template->arena, struct node);
    if (!n)
        return template_no_memory(p->template, p->line);
    n->kind = kind;
    n->line = p->line;
    n->depth = 1;
    *ret = n;
    return 0;
}

/* NULL is a part that was left out. */
static int node_add(struct parser *p, struct node *n, struct node *child)
{
    struct node_part *place = vec_push(&n->children, p->template->arena);
    if (!place)
        return template_no_memory(p->template, p->line);
    place->node = child;
    if (child && child->depth >= n->depth)
        n->depth = child->depth + 1;
    if (n->depth > TEMPLATE_DEPTH_MAX)
        return template_fail(p->template, E_LIMIT, p->line, "an expression more than %d deep",
                             TEMPLATE_DEPTH_MAX);
    return 0;
}

static int expect(struct parser *p, const char *text)
{
    char expected[16];
    snprintf(expected, sizeof expected, "\"%s\"", text);
    return parser_is(p, text) ? parser_next(p) : parser_unexpected(p, expected);
}

/* Another expression, as a child. */
static int add_expression(struct parser *p, struct node *n)
{
    struct node *child = NULL;
    int rc = parser_expression(p, &child);
    return rc < 0 ? rc : node_add(p, n, child);
}

int parser_targets(struct parser *p, struct targets *ret)
{
    *ret = (struct targets){0};
    bool bracket = parser_is(p, "(");
    int rc = bracket ? parser_next(p) : 0;
    while (rc == 0) {
        if (p->token.kind != TOKEN_NAME)
            return parser_unexpected(p, "a name");
        if (ret->count == TEMPLATE_TARGETS)
            return template_fail(p->template, E_UNSUPPORTED, p->line, "more than %d names at once",
                                 TEMPLATE_TARGETS);
        ret->slots[ret->count] = template_slot(p->template, p->token.text);
        if (ret->slots[ret->count++] == UINT32_MAX)
            return template_no_memory(p->template, p->line);
        rc = parser_next(p);
        if (rc < 0 || !parser_is(p, ","))
            break;
        rc = parser_next(p);
    }
    return rc == 0 && bracket ? expect(p, ")") : rc;
}

/* "element for target in iterable if condition", from "for" on. The iterable has no choice in it: its "if" is the
   comprehension's. */
static int parse_comprehension(struct parser *p, struct node *element, struct node **ret)
{
    struct node *n = NULL, *part = NULL;
    int rc = node_new(p, NODE_COMPREHENSION, &n);
    if (rc == 0)
        rc = node_add(p, n, element);
    if (rc == 0)
        rc = parser_next(p);
    if (rc == 0)
        rc = parser_targets(p, &n->targets);
    if (rc == 0)
        rc = expect(p, "in");
    if (rc == 0)
        rc = parse_binary(p, 0, &part);
    if (rc == 0)
        rc = node_add(p, n, part);
    part = NULL;
    if (rc == 0 && parser_is(p, "if") && (rc = parser_next(p)) == 0)
        rc = parse_binary(p, 0, &part);
    if (rc == 0)
        rc = node_add(p, n, part);
    *ret = n;
    return rc;
}

/* The rest of "[…]" or of a call's arguments; the token is the first within. */
static int parse_items(struct parser *p, struct node **list, const char *close)
{
    int rc = 0;
    while (rc == 0 && !parser_is(p, close)) {
        struct node *item = NULL;
        rc = parser_expression(p, &item);
        if (rc == 0 && parser_is(p, "for")) {
            struct node *owner = *list;
            rc = parse_comprehension(p, item, &item);
            if (rc == 0 && owner->kind == NODE_LIST && !owner->children.len) {
                *list = item;
                return expect(p, close);
            }
        }
        if (rc == 0)
            rc = node_add(p, *list, item);
        if (rc < 0 || !parser_is(p, ","))
            break;
        rc = parser_next(p);
    }
    return rc < 0 ? rc : expect(p, close);
}

static int parse_dict(struct parser *p, struct node *n)
{
    int rc = 0;
    while (rc == 0 && !parser_is(p, "}")) {
        rc = add_expression(p, n);
        if (rc == 0)
            rc = expect(p, ":");
        if (rc == 0)
            rc = add_expression(p, n);
        if (rc < 0 || !parser_is(p, ","))
            break;
        rc = parser_next(p);
    }
    return rc < 0 ? rc : expect(p, "}");
}

static int parse_bracketed(struct parser *p, struct node **ret)
{
    bool list = parser_is(p, "["), dict = parser_is(p, "{");
    int rc = parser_enter(p);
    if (rc == 0 && (list || dict))
        rc = node_new(p, list ? NODE_LIST : NODE_DICT, ret);
    if (rc == 0)
        rc = parser_next(p);
    if (rc == 0)
        rc = list ? parse_items(p, ret, "]") : dict ? parse_dict(p, *ret) : parser_expression(p, ret);
    if (rc == 0 && !list && !dict)
        rc = parser_is(p, ",") ? template_fail(p->template, E_UNSUPPORTED, p->line, "a tuple; write a list")
                               : expect(p, ")");
    parser_leave(p);
    return rc;
}

static bool is_reserved(struct str name)
{
    static const char *const words[] = {"and",  "or",  "not",    "in",   "is",  "if",
                                        "else", "for", "lambda", "elif", "end", "import"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(name, str_of(words[i])))
            return true;
    return false;
}

static int parse_name(struct parser *p, struct node **ret)
{
    struct str name = p->token.text;
    if (is_reserved(name))
        return parser_unexpected(p, "a value");
    int rc = node_new(p, NODE_NAME, ret);
    if (rc == 0)
        rc = parser_next(p);
    if (rc < 0)
        return rc;
    struct node *n = *ret;
    n->name = name;
    if (parser_is(p, "(")) {
        n->kind = NODE_CALL;
        rc = template_check_call(p->template, n);
        if (rc == 0)
            rc = parser_enter(p);
        if (rc == 0)
            rc = parser_next(p);
        if (rc == 0)
            rc = parse_items(p, &n, ")");
        parser_leave(p);
        return rc;
    }
    const bool truth = str_eq(name, STR("True"));
    if (truth || str_eq(name, STR("False")) || str_eq(name, STR("None"))) {
        n->kind = NODE_LITERAL;
        n->literal = str_eq(name, STR("None")) ? value_none() : value_bool(truth);
        return 0;
    }
    n->slot = template_slot(p->template, name);
    return n->slot == UINT32_MAX ? template_no_memory(p->template, p->line) : 0;
}

static int parse_atom(struct parser *p, struct node **ret)
{
    if (p->token.kind == TOKEN_NAME)
        return parse_name(p, ret);
    if (parser_is(p, "(") || parser_is(p, "[") || parser_is(p, "{"))
        return parse_bracketed(p, ret);
    if (p->token.kind != TOKEN_LITERAL)
        return parser_unexpected(p, "a value");
    int rc = node_new(p, NODE_LITERAL, ret);
    if (rc == 0) {
        (*ret)->literal = p->token.literal;
        rc = parser_next(p);
    }
    return rc;
}

/* "[at]" or "[from:to]" behind a value. */
static int parse_index(struct parser *p, struct node **ret)
{
    struct node *n = NULL, *parts[2] = {0};
    int rc = node_new(p, NODE_INDEX, &n);
    if (rc == 0)
        rc = node_add(p, n, *ret);
    if (rc == 0)
        rc = parser_next(p);
    if (rc == 0 && !parser_is(p, ":"))
        rc = parser_expression(p, &parts[0]);
    if (rc == 0 && parser_is(p, ":")) {
        n->kind = NODE_SLICE;
        rc = parser_next(p);
        if (rc == 0 && !parser_is(p, "]"))
            rc = parser_expression(p, &parts[1]);
    }
    for (int i = 0; rc == 0 && i < (n->kind == NODE_SLICE ? 2 : 1); i++)
        rc = node_add(p, n, parts[i]);
    *ret = n;
    return rc < 0 ? rc : expect(p, "]");
}

static int parse_method(struct parser *p, struct node **ret)
{
    struct node *n = NULL;
    int rc = node_new(p, NODE_METHOD, &n);
    if (rc == 0)
        rc = node_add(p, n, *ret);
    if (rc == 0)
        rc = parser_next(p);
    if (rc < 0)
        return rc;
    n->name = p->token.text;
    if (p->token.kind != TOKEN_NAME)
        return parser_unexpected(p, "the name of a method");
    rc = template_check_call(p->template, n);
    if (rc == 0)
        rc = parser_next(p);
    if (rc == 0)
        rc = expect(p, "(");
    *ret = n;
    return rc < 0 ? rc : parse_items(p, &n, ")");
}

static int parse_postfix(struct parser *p, struct node **ret)
{
    int rc = parse_atom(p, ret);
    while (rc == 0 && (parser_is(p, "[") || parser_is(p, "."))) {
        rc = parser_enter(p);
        if (rc == 0)
            rc = parser_is(p, "[") ? parse_index(p, ret) : parse_method(p, ret);
        parser_leave(p);
    }
    return rc;
}

static int parse_unary(struct parser *p, struct node **ret)
{
    if (!parser_is(p, "-"))
        return parse_postfix(p, ret);
    struct node *of = NULL;
    int rc = parser_enter(p);
    if (rc == 0)
        rc = node_new(p, NODE_MINUS, ret);
    if (rc == 0)
        rc = parser_next(p);
    if (rc == 0)
        rc = parse_unary(p, &of);
    parser_leave(p);
    return rc ? rc : node_add(p, *ret, of);
}

struct level_operator {
    size_t level;
    const char *text;
    enum node_kind kind;
    enum operator op;
};

enum { LEVEL_OR, LEVEL_AND, LEVEL_NOT, LEVEL_COMPARE, LEVEL_SUM, LEVEL_PRODUCT, LEVELS };

static const struct level_operator operators[] = {
    {LEVEL_OR, "or", NODE_OR, 0},
    {LEVEL_AND, "and", NODE_AND, 0},
    {LEVEL_COMPARE, "==", NODE_BINARY, OP_EQUAL},
    {LEVEL_COMPARE, "!=", NODE_BINARY, OP_UNEQUAL},
    {LEVEL_COMPARE, "<", NODE_BINARY, OP_LESS},
    {LEVEL_COMPARE, "<=", NODE_BINARY, OP_LESS_EQUAL},
    {LEVEL_COMPARE, ">", NODE_BINARY, OP_GREATER},
    {LEVEL_COMPARE, ">=", NODE_BINARY, OP_GREATER_EQUAL},
    {LEVEL_COMPARE, "in", NODE_BINARY, OP_IN},
    {LEVEL_COMPARE, "not", NODE_BINARY, OP_NOT_IN},
    {LEVEL_COMPARE, "is", NODE_BINARY, OP_IS},
    {LEVEL_SUM, "+", NODE_BINARY, OP_ADD},
    {LEVEL_SUM, "-", NODE_BINARY, OP_SUBTRACT},
    {LEVEL_PRODUCT, "*", NODE_BINARY, OP_MULTIPLY},
    {LEVEL_PRODUCT, "/", NODE_BINARY, OP_DIVIDE},
    {LEVEL_PRODUCT, "//", NODE_BINARY, OP_FLOOR},
    {LEVEL_PRODUCT, "%", NODE_BINARY, OP_MODULO},
};

static const struct level_operator *operator_here(const struct parser *p, size_t level)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (operators[i].level == level && parser_is(p, operators[i].text))
            return &operators[i];
    return NULL;
}

/* "not in" and "is not" are two words each. */
static int take_operator(struct parser *p, const struct level_operator *o, enum operator* ret)
{
    *ret = o->op;
    int rc = parser_next(p);
    if (rc == 0 && o->op == OP_NOT_IN && o->kind == NODE_BINARY)
        rc = expect(p, "in");
    if (rc == 0 && o->op == OP_IS && o->kind == NODE_BINARY && parser_is(p, "not")) {
        *ret = OP_IS_NOT;
        rc = parser_next(p);
    }
    return rc;
}

static int parse_not(struct parser *p, struct node **ret)
{
    struct node *of = NULL;
    int rc = parser_enter(p);
    if (rc == 0)
        rc = node_new(p, NODE_NOT, ret);
    if (rc == 0)
        rc = parser_next(p);
    if (rc == 0)
        rc = parse_binary(p, LEVEL_NOT, &of);
    parser_leave(p);
    return rc ? rc : node_add(p, *ret, of);
}

/* Operators of this level, and of those that bind closer. */
static int parse_binary(struct parser *p, size_t level, struct node **ret)
{
    if (level == LEVELS)
        return parse_unary(p, ret);
    if (level == LEVEL_NOT && parser_is(p, "not"))
        return parse_not(p, ret);
    int rc = parse_binary(p, level + 1, ret);
    const struct level_operator *o;
    bool compared = false;
    while (rc == 0 && (o = operator_here(p, level))) {
        struct node *n = NULL, *right = NULL;
        if (compared)
            return template_fail(p->template, E_UNSUPPORTED, p->line,
                                 "a comparison of more than two; write \"and\"");
        compared = level == LEVEL_COMPARE;
        rc = node_new(p, o->kind, &n);
        if (rc == 0)
            rc = take_operator(p, o, &n->op);
        if (rc == 0)
            rc = node_add(p, n, *ret);
        if (rc == 0)
            rc = parse_binary(p, level + 1, &right);
        if (rc == 0)
            rc = node_add(p, n, right);
        *ret = n;
    }
    return rc;
}

int parser_expression(struct parser *p, struct node **ret)
{
    struct node *then = NULL, *n = NULL, *part = NULL;
    int rc = parser_enter(p);
    if (rc == 0)
        rc = parse_binary(p, LEVEL_OR, &then);
    if (rc == 0 && parser_is(p, "if")) {
        rc = node_new(p, NODE_CHOICE, &n);
        if (rc == 0)
            rc = parser_next(p);
        if (rc == 0)
            rc = parse_binary(p, LEVEL_OR, &part);
        if (rc == 0)
            rc = node_add(p, n, part);
        if (rc == 0)
            rc = node_add(p, n, then);
        if (rc == 0)
            rc = expect(p, "else");
        if (rc == 0)
            rc = add_expression(p, n);
        then = n;
    }
    parser_leave(p);
    *ret = then;
    return rc;
}
