/* Tokens of a template's code: names, numbers, texts, operators, the ends of lines. */
#include "base/limits.h"
#include "report/template_source.h"

static char peek(const struct parser *p, size_t ahead)
{
    return p->at + ahead < p->end ? p->source.ptr[p->at + ahead] : 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

/* Blanks and comments; line feeds too where they mean nothing. */
static void skip_blanks(struct parser *p)
{
    for (; p->at < p->end; p->at++) {
        char c = peek(p, 0);
        if (c == '#')
            while (p->at + 1 < p->end && peek(p, 1) != '\n')
                p->at++;
        else if (c == '\n' && p->brackets)
            p->line++;
        else if (c != ' ' && c != '\t' && c != '\r')
            return;
    }
}

/* A decimal number of at most 18 digits before its point. */
static int read_number(struct parser *p)
{
    size_t from = p->at;
    double real = 0, scale = 1;
    uint64_t whole = 0;
    while (is_digit(peek(p, 0)))
        p->at++;
    int rc = str_u64((struct str){p->source.ptr + from, p->at - from}, 999999999999999999U, &whole);
    bool fraction = rc == 0 && peek(p, 0) == '.' && is_digit(peek(p, 1));
    for (p->at += fraction; fraction && is_digit(peek(p, 0)); p->at++) {
        scale /= 10;
        real += scale * (peek(p, 0) - '0');
    }
    if (rc < 0 || is_name(peek(p, 0)))
        return template_fail(p->template, E_UNSUPPORTED, p->line, "a number that is neither 12 nor 1.5");
    p->token.kind = TOKEN_LITERAL;
    p->token.text = (struct str){p->source.ptr + from, p->at - from};
    p->token.literal = fraction ? value_float((double)whole + real) : value_int((int64_t)whole);
    return 0;
}

/* What a backslash and this character mean; 0: nothing that is known here. */
static char escaped(char c)
{
    static const char from[] = "ntr\\'\"0", to[] = "\n\t\r\\'\"";
    const char *at = c ? strchr(from, c) : NULL;
    return at ? to[at - from] : 0;
}

/* Between its quotes, with escapes replaced in a copy. */
static int take_text(struct parser *p, struct str raw)
{
    char *copy = str_find(raw, '\\') < raw.len ? arena_alloc(p->template->arena, raw.len, 1) : NULL;
    size_t n = 0;
    p->token.literal = value_text(raw);
    if (str_find(raw, '\\') == raw.len)
        return 0;
    if (!copy)
        return template_no_memory(p->template, p->line);
    for (size_t i = 0; i < raw.len; i++) {
        bool escape = raw.ptr[i] == '\\' && i + 1 < raw.len;
        i += escape;
        copy[n++] = escape ? escaped(raw.ptr[i]) : raw.ptr[i];
        if (escape && !copy[n - 1] && raw.ptr[i] != '0')
            return template_fail(p->template, E_UNSUPPORTED, p->line, "the escape \"\\%c\" in a text",
                                 raw.ptr[i] > ' ' && raw.ptr[i] < 0x7f ? raw.ptr[i] : '?');
    }
    p->token.literal = value_text((struct str){copy, n});
    return 0;
}

static int read_text(struct parser *p)
{
    char quote = peek(p, 0);
    size_t from = ++p->at;
    while (p->at < p->end && peek(p, 0) != quote && peek(p, 0) != '\n')
        p->at += peek(p, 0) == '\\' && p->at + 1 < p->end && peek(p, 1) != '\n' ? 2 : 1;
    if (peek(p, 0) != quote || p->at >= p->end)
        return template_fail(p->template, E_BAD_INPUT, p->line, "a text that does not end in its line");
    struct str raw = {p->source.ptr + from, p->at++ - from};
    p->token.kind = TOKEN_LITERAL;
    p->token.text = raw;
    return take_text(p, raw);
}

static int read_name(struct parser *p)
{
    size_t from = p->at;
    while (is_name(peek(p, 0)))
        p->at++;
    p->token.kind = TOKEN_NAME;
    p->token.text = (struct str){p->source.ptr + from, p->at - from};
    return 0;
}

static int read_operator(struct parser *p)
{
    static const char *const operators[] = {"==", "!=", "<=", ">=", "//", "+=", "-=", "+", "-",
                                            "*",  "/",  "%",  "<",  ">",  "=",  "(",  ")", "[",
                                            "]",  "{",  "}",  ",",  ":",  ".",  ";"};
    struct str left = {p->source.ptr + p->at, p->end - p->at};
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        struct str text = str_of(operators[i]);
        if (!str_starts(left, text))
            continue;
        p->token.kind = TOKEN_OPERATOR;
        p->token.text = (struct str){left.ptr, text.len};
        p->at += text.len;
        if (strchr("([{", *text.ptr))
            p->brackets++;
        else if (strchr(")]}", *text.ptr) && p->brackets)
            p->brackets--;
        return 0;
    }
    char safe[8];
    return template_fail(p->template, E_BAD_INPUT, p->line, "\"%s\" in an expression",
                         str_printable((struct str){left.ptr, 1}, safe, sizeof safe));
}

int parser_next(struct parser *p)
{
    skip_blanks(p);
    p->token = (struct token){.kind = TOKEN_END, .text = {p->source.ptr + p->at, 0}};
    char c = peek(p, 0);
    if (p->at >= p->end)
        return 0;
    if (c == '\n') {
        p->token.kind = TOKEN_NEWLINE;
        p->line++;
        p->at++;
        return 0;
    }
    if (is_digit(c))
        return read_number(p);
    if (c == '\'' || c == '"')
        return read_text(p);
    return is_name(c) ? read_name(p) : read_operator(p);
}

bool parser_is(const struct parser *p, const char *text)
{
    return (p->token.kind == TOKEN_NAME || p->token.kind == TOKEN_OPERATOR) &&
           str_eq(p->token.text, str_of(text));
}

int parser_unexpected(const struct parser *p, const char *expected)
{
    char safe[40];
    bool end = p->token.kind == TOKEN_END || p->token.kind == TOKEN_NEWLINE;
    return template_fail(p->template, E_BAD_INPUT, p->line - (p->token.kind == TOKEN_NEWLINE),
                         "%s is expected where \"%s\" stands", expected,
                         end ? "the end" : str_printable(p->token.text, safe, sizeof safe));
}

int parser_enter(struct parser *p)
{
    if (++p->depth > TEMPLATE_DEPTH_MAX)
        return template_fail(p->template, E_LIMIT, p->line, "blocks and brackets more than %d deep",
                             TEMPLATE_DEPTH_MAX);
    return 0;
}
