/* Of report/template.h alone: reading a template. */
#pragma once
#include "report/template_tree.h"

struct token {
    enum token_kind { TOKEN_END, TOKEN_NEWLINE, TOKEN_NAME, TOKEN_LITERAL, TOKEN_OPERATOR } kind;
    struct str text; /* of the source */
    struct value literal;
};

struct parser {
    struct template *template;
    struct str source;
    size_t at, end;    /* the next byte, and where the code ends that is being read */
    unsigned line;     /* of `at`, from 1 */
    unsigned brackets; /* that are open: line feeds within are blanks */
    unsigned depth;    /* of blocks and expressions within each other */
    unsigned loops;    /* around the present statement */
    bool code;         /* within a line or block of code */
    struct token token;
};

/* The next token of the code. */
int parser_next(struct parser *p);
/* Whether it is this operator or keyword. */
bool parser_is(const struct parser *p, const char *text);
/* "line 3: %s", with what stands there instead of what was expected. */
int parser_unexpected(const struct parser *p, const char *expected);
int parser_expression(struct parser *p, struct node **ret);
/* "item" or "key, value": names that take what a loop gives. */
int parser_targets(struct parser *p, struct targets *ret);
/* Deeper than TEMPLATE_DEPTH_MAX it fails; parser_leave() gives the depth back. */
int parser_enter(struct parser *p);
static inline void parser_leave(struct parser *p)
{
    p->depth--;
}
