#include "net/challenge.h"

#include "base/limits.h"

/* tchar, RFC 9110, 5.6.2 */
static bool token_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool token68_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("-._~+/", c));
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct str skip_blanks(struct str s)
{
    while (s.len && blank(*s.ptr))
        s = str_skip(s, 1);
    return s;
}

/* Empty elements of a list mean nothing: RFC 9110, 5.6.1.2. */
static struct str skip_commas(struct str s)
{
    while (s.len && (blank(*s.ptr) || *s.ptr == ','))
        s = str_skip(s, 1);
    return s;
}

static struct str take(struct str *s, bool (*is)(char))
{
    size_t n = 0;
    while (n < s->len && is(s->ptr[n]))
        n++;
    struct str head = {s->ptr, n};
    *s = str_skip(*s, n);
    return head;
}

struct parser {
    struct str left;
    size_t len; /* of the whole header */
    struct arena *arena;
    struct error *err;
};

static int broken(struct parser *p, const char *wanted)
{
    size_t offset = p->len - p->left.len;
    if (!p->left.len)
        return error_set(p->err, E_BAD_INPUT, "WWW-Authenticate: ends at offset %zu where %s should stand",
                         offset, wanted);
    return error_set(p->err, E_BAD_INPUT, "WWW-Authenticate: byte 0x%02x at offset %zu where %s should stand",
                     (unsigned char)*p->left.ptr, offset, wanted);
}

static int quoted(struct parser *p, struct str *ret)
{
    struct str body = str_skip(p->left, 1);
    size_t end = 0, escapes = 0;
    while (end < body.len && body.ptr[end] != '"') {
        bool escape = body.ptr[end] == '\\' && end + 1 < body.len;
        escapes += escape;
        end += escape ? 2 : 1;
    }
    if (end >= body.len) {
        p->left = str_skip(body, body.len);
        return broken(p, "'\"'");
    }
    p->left = str_skip(body, end + 1);
    *ret = (struct str){body.ptr, end};
    if (!escapes)
        return 0;
    char *text = arena_alloc(p->arena, end, 1);
    if (!text)
        return error_set(p->err, E_LIMIT, "WWW-Authenticate: more text than this request may keep");
    size_t n = 0;
    for (size_t i = 0; i < end; i++)
        text[n++] = body.ptr[body.ptr[i] == '\\' ? ++i : i];
    *ret = (struct str){text, n};
    return 0;
}

/* Whether name BWS "=" follows, and no second '=' right behind it, as a token68's padding would have. */
static bool param_ahead(struct str s)
{
    struct str name = take(&s, token_char);
    s = skip_blanks(s);
    if (!name.len || !s.len || *s.ptr != '=')
        return false;
    s = skip_blanks(str_skip(s, 1));
    return s.len && (*s.ptr == '"' || token_char(*s.ptr));
}

static int param(struct parser *p, struct challenge *c)
{
    struct str name = take(&p->left, token_char), value = {"", 0};
    p->left = skip_blanks(str_skip(skip_blanks(p->left), 1));
    if (*p->left.ptr == '"') {
        int r = quoted(p, &value);
        if (r < 0)
            return r;
    } else {
        value = take(&p->left, token_char);
    }
    if (c->params.len == CHALLENGE_PARAMS_MAX)
        return error_set(p->err, E_LIMIT, "WWW-Authenticate: more than %d parameters at offset %zu",
                         CHALLENGE_PARAMS_MAX, p->len - p->left.len);
    struct challenge_param *added = vec_push(&c->params, p->arena);
    if (!added)
        return error_set(p->err, E_LIMIT, "WWW-Authenticate: more text than this request may keep");
    *added = (struct challenge_param){name, value};
    return 0;
}

/* A comma or the end must follow a parameter or a challenge without any. */
static int separator(struct parser *p)
{
    p->left = skip_blanks(p->left);
    return !p->left.len || *p->left.ptr == ',' ? 0 : broken(p, "',' or the end");
}

static int params(struct parser *p, struct challenge *c)
{
    for (;;) {
        int r = param(p, c);
        if (r < 0 || (r = separator(p)) < 0)
            return r;
        struct str next = skip_commas(p->left);
        if (!param_ahead(next))
            return 0;
        p->left = next;
    }
}

static int rest_of_challenge(struct parser *p, struct challenge *c)
{
    if (!p->left.len || *p->left.ptr == ',')
        return 0;
    if (!blank(*p->left.ptr))
        return broken(p, "a blank");
    p->left = skip_blanks(p->left);
    if (param_ahead(p->left))
        return params(p, c);
    c->token68 = take(&p->left, token68_char);
    while (c->token68.len && p->left.len && *p->left.ptr == '=') {
        c->token68.len++;
        p->left = str_skip(p->left, 1);
    }
    return separator(p);
}

int challenge_next(struct str *header, struct arena *arena, struct challenge *ret, struct error *err)
{
    struct parser p = {.left = skip_commas(*header), .len = header->len, .arena = arena, .err = err};
    struct challenge c = {.token68 = {"", 0}};
    int r = 0;
    if (p.left.len) {
        c.scheme = take(&p.left, token_char);
        r = c.scheme.len ? rest_of_challenge(&p, &c) : broken(&p, "a scheme");
        if (r == 0)
            r = 1;
    }
    *header = p.left;
    if (r > 0)
        *ret = c;
    return r;
}

struct str challenge_param(const struct challenge *c, struct str name)
{
    vec_each (&c->params, p)
        if (str_eq_nocase(p->name, name))
            return p->value;
    return (struct str){"", 0};
}
