/* A template's text, and the lines and blocks of code in it. */
#include "base/limits.h"
#include "report/template_source.h"

#define SUPPORTED \
    "a template may have for, if, elif, else, end, break, continue, pass, assignments and setdefault()"

/* What ends a body. */
enum ending { ENDING_SOURCE, ENDING_END, ENDING_ELIF, ENDING_ELSE };

static int parse_body(struct parser *p, struct steps *ret, enum ending *ending);

static int step_new(struct parser *p, struct steps *steps, enum step_kind kind, struct step **ret)
{
    *ret = vec_push(&steps->list, p->template->arena);
    if (!*ret)
        return template_no_memory(p->template, p->line);
    (*ret)->kind = kind;
    (*ret)->line = p->line;
    return 0;
}

/* ---- text ---- */

static struct str left(const struct parser *p)
{
    return str_skip(p->source, p->at);
}

static int put_text(struct parser *p, struct steps *steps, struct str text)
{
    struct step *s;
    int rc = text.len ? step_new(p, steps, STEP_TEXT, &s) : 0;
    if (rc == 0 && text.len)
        s->text = text;
    return rc;
}

static void begin_code(struct parser *p, size_t skip, size_t length)
{
    p->at += skip;
    p->end = p->at + length;
    p->brackets = 0;
    p->code = true;
}

/* "{{expression}}" at p->at. Line feeds within mean nothing. */
static int parse_print(struct parser *p, struct steps *steps)
{
    struct step *s = NULL;
    int rc = step_new(p, steps, STEP_PRINT, &s);
    bool raw = str_starts(left(p), STR("{{!"));
    begin_code(p, raw ? 3 : 2, 0);
    p->end = p->source.len;
    p->brackets = 1;
    if (rc == 0)
        s->raw = raw;
    if (rc == 0)
        rc = parser_next(p);
    if (rc == 0)
        rc = parser_expression(p, &s->value);
    if (rc == 0 && !(parser_is(p, "}") && p->at < p->source.len && p->source.ptr[p->at] == '}'))
        rc = parser_unexpected(p, "\"}}\"");
    p->at++;
    p->code = false;
    return rc;
}

/* The line without its feed; with "\\" at its end also the feed is no part of the page. */
static size_t text_end(struct str line, size_t *skip)
{
    size_t end = str_find(line, '\n');
    bool feed = end < line.len;
    *skip = end + feed;
    if (feed && end >= 2 && str_ends((struct str){line.ptr, end}, STR("\\\\")))
        return end - 2;
    return end + feed;
}

/* Text up to the end of the line, or to the code in it. */
static int parse_text(struct parser *p, struct steps *steps)
{
    struct str rest = left(p);
    size_t skip, end = text_end(rest, &skip);
    for (size_t i = 0; i + 1 < end; i++) {
        bool print = rest.ptr[i] == '{' && rest.ptr[i + 1] == '{';
        if (!print && !(rest.ptr[i] == '<' && rest.ptr[i + 1] == '%'))
            continue;
        p->at += i;
        return put_text(p, steps, (struct str){rest.ptr, i});
    }
    int rc = put_text(p, steps, (struct str){rest.ptr, end});
    p->at += skip;
    p->line += skip && rest.ptr[skip - 1] == '\n';
    return rc;
}

/* At the start of a line: "% code", or "%%" and "\%" for a sign that is none. 1: code begins. */
static int begin_line(struct parser *p, struct steps *steps)
{
    struct str line = left(p);
    size_t blanks = 0;
    while (blanks < line.len && (line.ptr[blanks] == ' ' || line.ptr[blanks] == '\t'))
        blanks++;
    struct str rest = str_skip(line, blanks);
    if (str_starts(rest, STR("%%")) || str_starts(rest, STR("\\%")) || str_starts(rest, STR("\\<%"))) {
        size_t sign = rest.ptr[1] == '<' ? 3 : 2;
        int rc = put_text(p, steps, (struct str){line.ptr, blanks});
        p->at += blanks + sign;
        return rc < 0 ? rc : put_text(p, steps, (struct str){rest.ptr + 1, sign - 1});
    }
    if (!str_starts(rest, STR("%")) || str_starts(rest, STR("%>")))
        return 0;
    begin_code(p, blanks + 1, str_find(str_skip(rest, 1), '\n'));
    return 1;
}

/* "<%" at p->at; its end is the next "%>". */
static int begin_block(struct parser *p)
{
    struct str block = str_skip(left(p), 2);
    for (size_t i = 0; i + 1 < block.len; i++)
        if (block.ptr[i] == '%' && block.ptr[i + 1] == '>') {
            begin_code(p, 2, i);
            return 0;
        }
    return template_fail(p->template, E_BAD_INPUT, p->line, "\"<%%\" without \"%%>\"");
}

/* Behind the code: the line's feed, or the block's "%>" and what follows it when that is nothing but a feed. */
static void end_code(struct parser *p)
{
    p->at = p->end;
    if (str_starts(left(p), STR("%>")))
        p->at += 2;
    if (str_starts(left(p), STR("\r\n")))
        p->at++;
    if (str_starts(left(p), STR("\n"))) {
        p->at++;
        p->line++;
    }
    p->code = false;
}

/* Text until code begins: 1; 0 at the end of the source. */
static int read_text(struct parser *p, struct steps *steps)
{
    while (p->at < p->source.len) {
        bool start = !p->at || p->source.ptr[p->at - 1] == '\n';
        int rc = start ? begin_line(p, steps) : 0;
        if (rc)
            return rc;
        if (str_starts(left(p), STR("<%"))) {
            rc = begin_block(p);
            return rc < 0 ? rc : 1;
        }
        rc = str_starts(left(p), STR("{{")) ? parse_print(p, steps) : parse_text(p, steps);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* ---- statements ---- */

/* Nothing more may stand in this statement. */
static int finish(struct parser *p)
{
    bool end = p->token.kind == TOKEN_END || p->token.kind == TOKEN_NEWLINE || parser_is(p, ";");
    return end ? 0 : parser_unexpected(p, "the end of the statement");
}

/* The ":" that a body follows. */
static int finish_head(struct parser *p)
{
    int rc = parser_is(p, ":") ? parser_next(p) : parser_unexpected(p, "\":\"");
    if (rc == 0 && finish(p) < 0)
        rc = template_fail(p->template, E_UNSUPPORTED, p->line,
                           "a statement behind \":\"; write it in a line of its own");
    return rc;
}

static int parse_for(struct parser *p, struct steps *steps)
{
    struct step *s = NULL;
    enum ending ending;
    unsigned line = p->line;
    int rc = step_new(p, steps, STEP_FOR, &s);
    if (rc == 0)
        rc = parser_next(p);
    if (rc == 0)
        rc = parser_targets(p, &s->targets);
    if (rc == 0)
        rc = parser_is(p, "in") ? parser_next(p) : parser_unexpected(p, "\"in\"");
    if (rc == 0)
        rc = parser_expression(p, &s->value);
    if (rc == 0)
        rc = finish_head(p);
    if (rc < 0)
        return rc;
    struct branch *body = vec_push(&s->branches, p->template->arena);
    if (!body)
        return template_no_memory(p->template, line);
    p->loops++;
    rc = parse_body(p, &body->body, &ending);
    p->loops--;
    if (rc == 0 && ending != ENDING_END)
        rc = template_fail(p->template, E_BAD_INPUT, line, "this \"for\" has no \"end\"");
    return rc;
}

/* From "if" or "elif" or "else" on: its head and body. */
static int parse_branch(struct parser *p, struct step *s, bool conditional, enum ending *ending)
{
    struct node *condition = NULL;
    int rc = parser_next(p);
    if (rc == 0 && conditional)
        rc = parser_expression(p, &condition);
    if (rc == 0)
        rc = finish_head(p);
    if (rc < 0)
        return rc;
    struct branch *b = vec_push(&s->branches, p->template->arena);
    if (!b)
        return template_no_memory(p->template, p->line);
    b->condition = condition;
    return parse_body(p, &b->body, ending);
}

static int parse_if(struct parser *p, struct steps *steps)
{
    struct step *s = NULL;
    unsigned line = p->line;
    int rc = step_new(p, steps, STEP_IF, &s);
    enum ending ending = ENDING_ELIF;
    while (rc == 0 && ending == ENDING_ELIF)
        rc = parse_branch(p, s, true, &ending);
    if (rc == 0 && ending == ENDING_ELSE)
        rc = parse_branch(p, s, false, &ending);
    if (rc == 0 && ending != ENDING_END)
        rc = template_fail(p->template, E_BAD_INPUT, line, "this \"if\" has no \"end\"");
    return rc;
}

/* The value of "target += value" is that of "target + value". */
static int parse_augmented(struct parser *p, struct step *s, enum operator op)
{
    struct node *sum = arena_new(p->template->arena, struct node), *right = NULL;
    struct node_part *children = arena_array(p->template->arena, struct node_part, 2);
    if (!sum || !children)
        return template_no_memory(p->template, p->line);
    int rc = parser_next(p);
    if (rc == 0)
        rc = parser_expression(p, &right);
    if (rc < 0)
        return rc;
    children[0].node = s->target;
    children[1].node = right;
    *sum = (struct node){.kind = NODE_BINARY, .op = op, .line = s->line, .children = {children, 2, 2}};
    s->value = sum;
    return 0;
}

static int parse_assignment(struct parser *p, struct steps *steps)
{
    struct step *s = NULL;
    struct node *first = NULL;
    int rc = parser_expression(p, &first);
    if (rc == 0)
        rc = step_new(p, steps, STEP_EXPRESSION, &s);
    if (rc)
        return rc;
    s->value = first;
    bool add = parser_is(p, "+="), subtract = parser_is(p, "-="), plain = parser_is(p, "=");
    if (!add && !subtract && !plain)
        return first->kind == NODE_NAME && p->token.kind == TOKEN_NAME
                   ? template_fail(p->template, E_UNSUPPORTED, s->line,
                                   "\"%.*s\" is not supported; " SUPPORTED, STR_ARG(first->name))
                   : finish(p);
    if (first->kind != NODE_NAME && first->kind != NODE_INDEX)
        return template_fail(p->template, E_BAD_INPUT, s->line,
                             "an assignment to something that is neither a name nor an item");
    s->kind = STEP_ASSIGN;
    s->target = first;
    if (plain && (rc = parser_next(p)) == 0)
        rc = parser_expression(p, &s->value);
    if (!plain)
        rc = parse_augmented(p, s, add ? OP_ADD : OP_SUBTRACT);
    return rc < 0 ? rc : finish(p);
}

/* "break", "continue", "pass" */
static int parse_word(struct parser *p, struct steps *steps)
{
    struct step *s;
    if (!p->loops && !parser_is(p, "pass"))
        return template_fail(p->template, E_BAD_INPUT, p->line, "\"%.*s\" outside of a loop",
                             STR_ARG(p->token.text));
    int rc =
        parser_is(p, "pass") ? 0 : step_new(p, steps, parser_is(p, "break") ? STEP_BREAK : STEP_CONTINUE, &s);
    if (rc == 0)
        rc = parser_next(p);
    return rc < 0 ? rc : finish(p);
}

static int refuse_keyword(struct parser *p)
{
    static const char *const words[] = {"import", "from",    "def",    "class",  "while", "try",
                                        "except", "finally", "raise",  "return", "with",  "lambda",
                                        "del",    "global",  "assert", "yield",  "async", "await"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (parser_is(p, words[i]))
            return template_fail(p->template, E_UNSUPPORTED, p->line, "\"%s\" is not supported; " SUPPORTED,
                                 words[i]);
    return 0;
}

static int parse_statement(struct parser *p, struct steps *steps)
{
    int rc = refuse_keyword(p);
    if (rc < 0)
        return rc;
    if (parser_is(p, "for") || parser_is(p, "if")) {
        rc = parser_enter(p);
        if (rc == 0)
            rc = parser_is(p, "for") ? parse_for(p, steps) : parse_if(p, steps);
        parser_leave(p);
        return rc;
    }
    if (parser_is(p, "break") || parser_is(p, "continue") || parser_is(p, "pass"))
        return parse_word(p, steps);
    return parse_assignment(p, steps);
}

/* 1: this statement ends a body, and in which way. */
static int parse_ending(struct parser *p, enum ending *ret)
{
    if (parser_is(p, "end")) {
        *ret = ENDING_END;
        int rc = parser_next(p);
        return rc < 0 || (rc = finish(p)) < 0 ? rc : 1;
    }
    bool elif = parser_is(p, "elif");
    if (!elif && !parser_is(p, "else"))
        return 0;
    *ret = elif ? ENDING_ELIF : ENDING_ELSE;
    return 1;
}

/* Statements of the present line or block of code. 1: one of them ended the body. */
static int read_code(struct parser *p, struct steps *steps, enum ending *ending)
{
    int rc = 0;
    do {
        rc = parser_next(p);
        if (rc < 0 || p->token.kind == TOKEN_END)
            break;
        if (p->token.kind == TOKEN_NEWLINE)
            continue;
        rc = parse_ending(p, ending);
        if (rc == 0)
            rc = parse_statement(p, steps);
    } while (rc == 0);
    if (rc == 0)
        end_code(p);
    return rc;
}

/* Until what ends it; in code that goes on behind it the parser stays where it is. */
static int parse_body(struct parser *p, struct steps *ret, enum ending *ending)
{
    int rc;
    *ending = ENDING_SOURCE;
    for (;;) {
        if (p->code) {
            rc = read_code(p, ret, ending);
            if (rc)
                return rc < 0 ? rc : 0;
        }
        rc = read_text(p, ret);
        if (rc <= 0)
            return rc;
    }
}

int template_parse(struct template *t, struct str source)
{
    struct parser p = {.template = t, .source = source, .line = 1};
    enum ending ending;
    int rc = parse_body(&p, &t->steps, &ending);
    if (rc == 0 && ending != ENDING_SOURCE)
        rc = template_fail(t, E_BAD_INPUT, p.line, "%s without its \"if\" or \"for\"",
                           ending == ENDING_END    ? "\"end\""
                           : ending == ENDING_ELIF ? "\"elif\""
                                                   : "\"else\"");
    return rc;
}
