#include "format/xml.h"

#include "stream/reader.h"

static int refuse(struct xml *x, enum error_code code, const char *text)
{
    error_fill(x->err, code, "xml: offset %ju: %s", (uintmax_t)reader_position(x->in), text);
    return x->failed = -(int)code;
}

static int bad(struct xml *x, const char *text)
{
    return refuse(x, E_BAD_INPUT, text);
}

/* ---- bytes ---- */

/* The next byte, which stays; -1: the end, or the reader's error, which is in x->failed. */
static int peek(struct xml *x)
{
    int more = reader_more(x->in);
    if (more < 0)
        x->failed = more;
    return more > 0 ? *x->in->ptr : -1;
}

static int get(struct xml *x)
{
    int c = peek(x);
    if (c >= 0)
        x->in->ptr++;
    else if (!x->failed)
        bad(x, "the document ends too early");
    return c;
}

static bool is_space(int c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_name(int c)
{
    return c > ' ' && !strchr("<>/=\"'&?!", c) && c != 0x7f;
}

static void skip_space(struct xml *x)
{
    while (is_space(peek(x)))
        x->in->ptr++;
}

static int expect(struct xml *x, const char *text)
{
    for (; *text; text++)
        if (get(x) != (unsigned char)*text)
            return x->failed ? x->failed : bad(x, "no markup that is known");
    return 0;
}

/* Passes over what ends with `end`, which is one character repeated and then another. */
static int skip_past(struct xml *x, const char *end, struct buf *keep)
{
    size_t n = strlen(end), matched = 0;
    while (matched < n) {
        int c = get(x);
        if (c < 0)
            return x->failed;
        if (c == end[matched]) {
            matched++;
            continue;
        }
        if (keep && c != end[0]) /* "--->" ends what "-->" ends */
            buf_add(keep, (struct str){end, matched});
        if (keep)
            buf_add_char(keep, (char)c);
        matched = c == end[0] ? matched : 0;
    }
    return 0;
}

/* ---- text ---- */

static void add_code(struct buf *b, uint32_t c)
{
    if (c < 0x80) {
        buf_add_char(b, (char)c);
        return;
    }
    unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char first[] = {0, 0xc0, 0xe0, 0xf0};
    buf_add_char(b, (char)(first[more] | c >> (6 * more)));
    while (more--)
        buf_add_char(b, (char)(0x80 | (c >> (6 * more) & 0x3f)));
}

/* "#38" or "#x26": 0 is none. */
static uint32_t code_of(struct str digits)
{
    uint32_t c = 0, base = 10;
    if (digits.len && *digits.ptr == 'x') {
        base = 16;
        digits = str_skip(digits, 1);
    }
    for (size_t i = 0; i < digits.len; i++) {
        int value = str_hex_digit(digits.ptr[i]);
        if (value < 0 || (uint32_t)value >= base)
            return 0;
        c = c * base + (uint32_t)value;
        if (c > 0x10ffff)
            return 0;
    }
    return c >= 0xd800 && c < 0xe000 ? 0 : c;
}

/* Behind an ampersand. */
static int reference(struct xml *x, struct buf *to)
{
    static const struct {
        const char *name;
        char c;
    } known[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
    char name[12];
    size_t n = 0;
    int c;
    while ((c = get(x)) != ';' && c >= 0 && n < sizeof name)
        name[n++] = (char)c;
    if (c < 0)
        return x->failed;
    struct str word = {name, n};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (c == ';' && str_eq(word, str_of(known[i].name))) {
            buf_add_char(to, known[i].c);
            return 0;
        }
    uint32_t code = c == ';' && n > 1 && name[0] == '#' ? code_of(str_skip(word, 1)) : 0;
    if (!code)
        return bad(x, "a reference to no character");
    add_code(to, code);
    return 0;
}

static bool is_utf8(struct str s)
{
    uint32_t code;
    while (s.len) {
        size_t n = (unsigned char)*s.ptr < 0x80 ? 1 : str_utf8_char(s, &code);
        if (!n)
            return false;
        s = str_skip(s, n);
    }
    return true;
}

static int check(struct xml *x, const struct buf *b, const char *what)
{
    if (b->failed)
        return refuse(x, E_LIMIT, what);
    return is_utf8(buf_str(b)) ? 0 : bad(x, "text that is not UTF-8");
}

/* Up to the next markup; text outside of the root is white. */
static int read_text(struct xml *x)
{
    int c;
    while ((c = peek(x)) != '<' && c >= 0) {
        if (!x->depth && !is_space(c))
            return bad(x, "text outside of the root element");
        x->in->ptr++;
        if (c == '&') {
            if (reference(x, &x->text) < 0)
                return x->failed;
        } else if (x->depth) {
            buf_add_char(&x->text, (char)c);
        }
    }
    return x->failed;
}

/* ---- tags ---- */

static struct str without_prefix(struct str name)
{
    size_t colon = str_find_last(name, ':');
    return colon < name.len ? str_skip(name, colon + 1) : name;
}

static int read_name(struct xml *x, struct buf *to)
{
    size_t before = to->len;
    while (is_name(peek(x)))
        buf_add_char(to, (char)*x->in->ptr++);
    if (x->failed)
        return x->failed;
    return to->failed          ? refuse(x, E_LIMIT, "a tag of more than 65536 bytes")
           : to->len == before ? bad(x, "a name is missing")
                               : 0;
}

static int read_attribute(struct xml *x)
{
    if (x->attributes == XML_ATTRIBUTES_MAX)
        return refuse(x, E_LIMIT, "more than 64 attributes");
    size_t name = x->tag.len;
    int rc = read_name(x, &x->tag);
    skip_space(x);
    if (rc == 0)
        rc = expect(x, "=");
    skip_space(x);
    int quote = rc == 0 ? get(x) : rc, c;
    if (quote != '"' && quote != '\'')
        return x->failed ? x->failed : bad(x, "an attribute without quotes");
    size_t value = x->tag.len;
    while ((c = get(x)) != quote && c >= 0) {
        if (c == '<')
            return bad(x, "'<' within an attribute");
        if (c == '&' && reference(x, &x->tag) < 0)
            return x->failed;
        if (c != '&')
            buf_add_char(&x->tag, (char)c);
        if (x->tag.failed)
            return refuse(x, E_LIMIT, "a tag of more than 65536 bytes");
    }
    if (c < 0)
        return x->failed;
    x->attribute[x->attributes].name = name;
    x->attribute[x->attributes].value = value;
    x->attribute[x->attributes++].end = x->tag.len;
    return 0;
}

static int push_name(struct xml *x, struct str name)
{
    if (x->depth == XML_DEPTH_MAX)
        return refuse(x, E_LIMIT, "elements more than 64 levels deep");
    x->names[x->depth++] = x->path.len;
    buf_add(&x->path, name);
    return x->path.failed ? refuse(x, E_LIMIT, "names of open elements of more than 65536 bytes") : 0;
}

static struct str top_name(const struct xml *x)
{
    return str_skip(buf_str(&x->path), x->names[x->depth - 1]);
}

static int read_open(struct xml *x)
{
    if (x->over)
        return bad(x, "a second root element");
    buf_clear(&x->tag);
    x->attributes = 0;
    if (read_name(x, &x->tag) < 0 || push_name(x, buf_str(&x->tag)) < 0)
        return x->failed;
    for (;;) {
        int before = peek(x);
        skip_space(x);
        int c = peek(x);
        if (c == '>' || c == '/')
            break;
        if (c >= 0 && !is_space(before))
            return bad(x, "attributes without a blank between");
        if (read_attribute(x) < 0)
            return x->failed;
    }
    x->empty = peek(x) == '/';
    if (x->empty)
        x->in->ptr++;
    if (expect(x, ">") < 0 || check(x, &x->tag, "a tag of more than 65536 bytes") < 0)
        return x->failed;
    x->name = without_prefix(top_name(x));
    buf_clear(&x->text);
    return XML_OPEN;
}

/* The element stays on the path until the next call, whose business its end is. */
static int closed(struct xml *x)
{
    if (check(x, &x->text, "an element with more than 1048576 bytes of text") < 0)
        return x->failed;
    x->name = without_prefix(top_name(x));
    x->content = x->empty ? STR("") : buf_str(&x->text);
    x->empty = false;
    x->closing = true;
    return XML_CLOSE;
}

static int read_close(struct xml *x)
{
    buf_clear(&x->tag);
    if (read_name(x, &x->tag) < 0)
        return x->failed;
    skip_space(x);
    if (expect(x, ">") < 0)
        return x->failed;
    if (!x->depth || !str_eq(buf_str(&x->tag), top_name(x)))
        return bad(x, "the end of an element that is not open");
    return closed(x);
}

/* Behind "<!". */
static int read_declaration(struct xml *x)
{
    int c = get(x);
    if (c == '-')
        return expect(x, "-") < 0 ? x->failed : skip_past(x, "-->", NULL);
    if (c == 'D')
        return refuse(x, E_UNSUPPORTED, "a document type declaration");
    if (c != '[' || !x->depth)
        return x->failed ? x->failed : bad(x, "no markup that is known");
    return expect(x, "CDATA[") < 0 ? x->failed : skip_past(x, "]]>", &x->text);
}

static void leave(struct xml *x)
{
    x->path.len = x->names[--x->depth];
    x->over = !x->depth;
    buf_clear(&x->text);
    x->content = STR("");
    x->closing = false;
}

static int token(struct xml *x)
{
    for (;;) {
        if (read_text(x) < 0)
            return x->failed;
        if (peek(x) < 0)
            return x->failed ? x->failed : x->over ? XML_END : bad(x, "the document ends too early");
        x->in->ptr++;
        int c = peek(x), rc;
        if (c != '/' && c != '!' && c != '?')
            return c < 0 ? (get(x), x->failed) : read_open(x);
        x->in->ptr++;
        if (c == '/')
            return read_close(x);
        rc = c == '?' ? skip_past(x, "?>", NULL) : read_declaration(x);
        if (rc < 0)
            return rc;
    }
}

int xml_next(struct xml *x)
{
    if (x->failed)
        return x->failed;
    if (x->empty)
        return closed(x);
    if (x->closing)
        leave(x);
    return token(x);
}

int xml_skip(struct xml *x)
{
    unsigned depth = x->depth;
    int rc;
    while ((rc = xml_next(x)) > 0)
        if (rc == XML_CLOSE && x->depth == depth)
            return 0;
    return rc;
}

struct str xml_attribute(const struct xml *x, const char *name)
{
    for (size_t i = 0; i < x->attributes; i++) {
        size_t at = x->attribute[i].name, value = x->attribute[i].value;
        if (str_eq(without_prefix((struct str){x->tag.ptr + at, value - at}), str_of(name)))
            return (struct str){x->tag.ptr + value, x->attribute[i].end - value};
    }
    return STR("");
}

void xml_open(struct xml *x, struct reader *in, struct error *err)
{
    memset(x, 0, sizeof *x);
    x->in = in;
    x->err = err;
    x->tag = buf_make(XML_TAG_MAX);
    x->path = buf_make(XML_TAG_MAX);
    x->text = buf_make(XML_TEXT_MAX);
    if (peek(x) == 0xef)
        expect(x, "\xef\xbb\xbf"); /* the mark that some begin UTF-8 with */
}

void xml_close(struct xml *x)
{
    buf_done(&x->tag);
    buf_done(&x->path);
    buf_done(&x->text);
}
