/* Of report/template.h alone: a template as a tree, and the values that it computes with. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"

enum { TEMPLATE_TARGETS = 4 };

/* ---- values ---- */

enum value_kind { VALUE_NONE, VALUE_BOOL, VALUE_INT, VALUE_FLOAT, VALUE_TEXT, VALUE_LIST, VALUE_DICT };

struct value {
    enum value_kind kind;
    union {
        int64_t number; /* also of VALUE_BOOL */
        double real;
        struct str text;
        struct value_list *list;
        struct value_dict *dict;
    };
};

struct value_list {
    VEC(struct value) items;
};

struct value_pair {
    struct str key;
    struct value value;
};

struct value_dict {
    VEC(struct value_pair) pairs; /* in the order in which they were added */
    struct map index;             /* key to place + 1, once there are many */
};

static inline struct value value_none(void)
{
    return (struct value){.kind = VALUE_NONE};
}
static inline struct value value_text(struct str s)
{
    return (struct value){.kind = VALUE_TEXT, .text = s};
}
static inline struct value value_int(int64_t n)
{
    return (struct value){.kind = VALUE_INT, .number = n};
}
static inline struct value value_bool(bool b)
{
    return (struct value){.kind = VALUE_BOOL, .number = b};
}
static inline struct value value_float(double d)
{
    return (struct value){.kind = VALUE_FLOAT, .real = d};
}

/* ---- the tree ---- */

enum operator{
    OP_ADD,
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_FLOOR,
    OP_MODULO,
    OP_EQUAL,
    OP_UNEQUAL,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_IN,
    OP_NOT_IN,
    OP_IS,
    OP_IS_NOT,
    OPERATORS,
};

enum node_kind {
    NODE_LITERAL,
    NODE_NAME,
    NODE_LIST, /* of its children */
    NODE_DICT, /* key, value, key, value … */
    NODE_NOT,
    NODE_MINUS,
    NODE_AND,
    NODE_OR,
    NODE_BINARY,
    NODE_CHOICE,        /* condition, then, otherwise */
    NODE_INDEX,         /* of, at */
    NODE_SLICE,         /* of, from, to; NULL where left out */
    NODE_CALL,          /* of a function; its arguments */
    NODE_METHOD,        /* of the first child; arguments */
    NODE_COMPREHENSION, /* element, iterable, condition or NULL */
    NODE_KINDS,
};

struct targets {
    unsigned slots[TEMPLATE_TARGETS], count;
};

struct node_part {
    struct node *node; /* NULL: left out */
};

struct node {
    enum node_kind kind;
    unsigned line, depth;
    enum operator op;
    struct value literal;
    struct str name;        /* of a variable, function or method */
    unsigned slot;          /* of a variable */
    struct targets targets; /* of a comprehension */
    VEC(struct node_part) children;
};

enum step_kind {
    STEP_TEXT,
    STEP_PRINT,
    STEP_FOR,
    STEP_IF,
    STEP_ASSIGN,
    STEP_EXPRESSION,
    STEP_BREAK,
    STEP_CONTINUE
};

struct steps {
    VEC(struct step) list;
};

struct branch {
    const struct node *condition; /* NULL: else */
    struct steps body;
};

struct step {
    enum step_kind kind;
    unsigned line;
    bool raw;            /* of STEP_PRINT: not escaped */
    struct str text;     /* of STEP_TEXT */
    struct node *target; /* of STEP_ASSIGN: NODE_NAME or NODE_INDEX */
    struct node *value;  /* printed, assigned, or the iterable */
    struct targets targets;
    VEC(struct branch) branches; /* of STEP_IF; the body of STEP_FOR is the only one */
};

struct variable {
    struct str name;
    bool defined;
    struct value value;
};

struct template
{
    struct arena *arena;
    struct error *err;
    struct steps steps;
    VEC(struct variable) variables; /* a node's slot is its place here */
    struct buf *out;
    uint64_t spent; /* of TEMPLATE_STEPS_MAX */
};

/* ---- its parts ---- */

int template_parse(struct template *t, struct str source);
unsigned template_slot(struct template *t, struct str name); /* UINT32_MAX: over the arena's limit */

/* Fails with the line before the text. */
#define template_fail(t, code, line, fmt, ...) \
    error_set((t)->err, code, "line %u: " fmt, (line), ##__VA_ARGS__)
#define template_no_memory(t, line) \
    template_fail(t, E_LIMIT, line, "this takes more than %zu bytes of memory", TEMPLATE_MEMORY_MAX)
/* Each piece of work costs; E_LIMIT when all is spent. */
int template_spend(struct template *t, unsigned line, size_t bytes);

int template_evaluate(struct template *t, const struct node *n, struct value *ret);
int template_assign(struct template *t, const struct targets *targets, struct value item, unsigned line);
/* What a for loop goes through: a list as it is, a dict's keys, a text's characters. */
int template_iterate(struct template *t, struct value of, unsigned line, struct value_list **ret);

/* E_UNSUPPORTED, with those that there are, when nothing is called so. */
int template_check_call(struct template *t, const struct node *n);
/* A call of n->name with count arguments; of a method the first is its object. */
int template_call(struct template *t, const struct node *n, struct value *arguments, size_t count,
                  struct value *ret);
int template_operate(struct template *t, const struct node *n, struct value a, struct value b,
                     struct value *ret);

bool value_true(struct value v);
bool value_equal(struct value a, struct value b);
const char *value_kind_name(struct value v);
/* As str() writes it; lists and dicts have no text: -1. */
int value_put(struct buf *out, struct value v);
struct value value_new_list(struct arena *a); /* VALUE_NONE: over the arena's limit; so are -1 below */
struct value value_new_dict(struct arena *a);
int value_append(struct value list, struct value item, struct arena *a);
struct value *value_find(struct value dict, struct str key); /* NULL: not there */
int value_set(struct value dict, struct str key, struct value value, struct arena *a);
