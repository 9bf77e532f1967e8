#include "format/json.h"

#include "base/memory.h"
#include "stream/reader.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Behind the window's bytes stand so many NULs: a scan stops there by itself, and may load a whole vector. */
#define PADDING 16

enum { VALUE, FIRST_KEY, FIRST_ITEM, COLON, MORE, NOTHING };

void json_open(struct json *j, struct reader *in, struct error *err)
{
    *j = (struct json){.in = in, .err = err, .cap = JSON_WINDOW, .buf = memory_new(JSON_WINDOW + PADDING)};
    j->ptr = j->end = j->buf;
}

void json_close(struct json *j)
{
    free(j->buf);
    j->buf = j->ptr = j->end = NULL;
    j->failed = j->failed ? j->failed : -(int)E_BAD_INPUT;
}

/* ---- the window ---- */

static int fail_at(struct json *j, const char *at, enum error_code code, const char *text)
{
    uintmax_t offset = (uintmax_t)(j->base + (uint64_t)(at - j->buf));
    return j->failed = error_set(j->err, code, "json: offset %ju: %s", offset, text);
}

static int fail_limit(struct json *j, const char *what, size_t max)
{
    char text[100];
    snprintf(text, sizeof text, "%s %zu", what, max);
    return fail_at(j, j->ptr, E_LIMIT, text);
}

int json_fail(struct json *j, const char *text)
{
    return j->failed ? j->failed : fail_at(j, j->ptr, E_BAD_INPUT, text);
}

/* Makes room behind the bytes from ptr on: by moving them to the front, or, when a token fills most of the
   window, by growing it. */
static int make_room(struct json *j)
{
    size_t kept = (size_t)(j->end - j->ptr);
    if (kept > j->cap / 2 && j->cap < JSON_TOKEN_MAX) {
        size_t at = (size_t)(j->ptr - j->buf),
               cap = j->cap * 2 < JSON_TOKEN_MAX ? j->cap * 2 : JSON_TOKEN_MAX;
        j->buf = memory_resize(j->buf, cap + PADDING);
        j->cap = cap;
        j->ptr = j->buf + at;
        j->end = j->ptr + kept;
        return 0;
    }
    if (kept == j->cap)
        return fail_limit(j, "a token of more bytes than", JSON_TOKEN_MAX);
    if (kept)
        memmove(j->buf, j->ptr, kept);
    j->base += (uint64_t)(j->ptr - j->buf);
    j->ptr = j->buf;
    j->end = j->buf + kept;
    return 0;
}

/* Adds bytes behind end; those from ptr on stay, but may move: 1, 0 at the end of the document, < 0. */
static int refill(struct json *j)
{
    int more = reader_more(j->in);
    if (more < 0) {
        if (j->err != j->in->err)
            *j->err = *j->in->err;
        return j->failed = more;
    }
    if (!more) {
        j->ended = true;
        return 0;
    }
    if (j->ptr == j->end) {
        j->base += (uint64_t)(j->end - j->buf);
        j->ptr = j->end = j->buf;
    }
    if (j->end == j->buf + j->cap && make_room(j) < 0)
        return j->failed;
    size_t room = (size_t)(j->buf + j->cap - j->end), have = (size_t)(j->in->end - j->in->ptr);
    size_t take = have < room ? have : room;
    memcpy(j->end, j->in->ptr, take);
    j->in->ptr += take;
    j->end += take;
    memset(j->end, 0, PADDING);
    return 1;
}

static int unexpected(struct json *j, const char *wanted)
{
    unsigned char c = j->ptr < j->end ? (unsigned char)*j->ptr : 0;
    char text[100];
    if (j->ptr == j->end)
        snprintf(text, sizeof text, "expected %s, found the end", wanted);
    else if (c > ' ' && c < 0x7f)
        snprintf(text, sizeof text, "expected %s, found '%c'", wanted, c);
    else
        snprintf(text, sizeof text, "expected %s, found byte 0x%02x", wanted, c);
    return fail_at(j, j->ptr, E_BAD_INPUT, text);
}

static inline bool blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* The next byte that is no white space, which stays: 1 to 255, 0 at the end, < 0. */
static int peek_slow(struct json *j)
{
    for (;;) {
        while (blank(*j->ptr))
            j->ptr++;
        if (j->ptr < j->end)
            return *j->ptr ? (unsigned char)*j->ptr : unexpected(j, "a token");
        int more = refill(j);
        if (more <= 0)
            return more;
    }
}

static inline int peek(struct json *j)
{
    unsigned char c = (unsigned char)*j->ptr;
    return c > ' ' ? c : peek_slow(j);
}

/* ---- strings ---- */

/* The first byte from p on that is no plain ASCII: quote, backslash, control byte, or part of a longer
   character. */
static inline char *plain_end(char *p)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(' ');
    for (;; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i special =
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash)),
                         _mm_cmplt_epi8(v, space)); /* signed: 0x80 and above are below it too */
        int mask = _mm_movemask_epi8(special);
        if (mask)
            return p + __builtin_ctz((unsigned)mask);
    }
#else
    while ((unsigned char)*p >= ' ' && (unsigned char)*p < 0x80 && *p != '"' && *p != '\\')
        p++;
    return p;
#endif
}

/* Adds bytes to the string that begins at ptr, and keeps *at on its byte. */
static int string_refill(struct json *j, char **at)
{
    size_t offset = (size_t)(*at - j->ptr);
    int more = refill(j);
    if (more == 0)
        return fail_at(j, j->ptr, E_BAD_INPUT, "a string does not end");
    *at = j->ptr + offset;
    return more;
}

/* Passes the UTF-8 character at *at. */
static int string_utf8(struct json *j, char **at)
{
    size_t len;
    uint32_t code;
    while (!(len = str_utf8_char((struct str){*at, (size_t)(j->end - *at)}, &code))) {
        if (j->end - *at >= 4)
            return fail_at(j, *at, E_BAD_INPUT, "a string is not UTF-8");
        int more = string_refill(j, at);
        if (more < 0)
            return more;
    }
    *at += len;
    return 0;
}

/* Passes "XXXX" of an escape. */
static int string_hex4(struct json *j, char **at, uint32_t *ret)
{
    uint32_t code = 0;
    while (j->end - *at < 4) {
        int more = string_refill(j, at);
        if (more < 0)
            return more;
    }
    for (int i = 0; i < 4; i++) {
        int digit = str_hex_digit((*at)[i]);
        if (digit < 0)
            return fail_at(j, *at + i, E_BAD_INPUT, "\\u is not followed by four hexadecimal digits");
        code = code << 4 | (uint32_t)digit;
    }
    *at += 4;
    *ret = code;
    return 0;
}

/* Passes what follows "\u": RFC 8259 section 7, surrogates in pairs only. */
static int string_unicode(struct json *j, char **at, uint32_t *ret)
{
    uint32_t low;
    int rc = string_hex4(j, at, ret);
    if (rc < 0 || (*ret & 0xf800) != 0xd800)
        return rc;
    while (j->end - *at < 2) {
        int more = string_refill(j, at);
        if (more < 0)
            return more;
    }
    if (*ret >= 0xdc00 || (*at)[0] != '\\' || (*at)[1] != 'u')
        return fail_at(j, *at, E_BAD_INPUT, "a surrogate without its pair");
    *at += 2;
    if ((rc = string_hex4(j, at, &low)) < 0)
        return rc;
    if ((low & 0xfc00) != 0xdc00)
        return fail_at(j, *at - 4, E_BAD_INPUT, "a surrogate without its pair");
    *ret = 0x10000 + ((*ret & 0x3ff) << 10 | (low & 0x3ff));
    return 0;
}

static size_t utf8_put(char *out, uint32_t code)
{
    if (code < 0x80)
        return out[0] = (char)code, 1;
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)((0xf00U >> len & 0xff) | code);
    return len;
}

/* Passes the escape at *at, writes its character to out and its length to *len. */
static int string_escape(struct json *j, char **at, char *out, size_t *len)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    while (j->end - *at < 2) {
        int more = string_refill(j, at);
        if (more < 0)
            return more;
    }
    char c = (*at)[1];
    const char *found = c ? strchr(from, c) : NULL;
    if (found) {
        *at += 2;
        *out = to[found - from];
        *len = 1;
        return 0;
    }
    if (c != 'u')
        return fail_at(j, *at, E_BAD_INPUT, "an unknown escape");
    uint32_t code = 0;
    *at += 2;
    int rc = string_unicode(j, at, &code);
    if (rc == 0)
        *len = utf8_put(out, code);
    return rc;
}

/* Passes what plain_end() stopped at; *len gets the length of the character in out when it was an escape. 1:
   it was the closing quote. */
static int string_special(struct json *j, char **at, char *out, size_t *len)
{
    unsigned char c = (unsigned char)**at;
    *len = 0;
    if (c == '"')
        return 1;
    if (c == '\\')
        return string_escape(j, at, out, len);
    if (c >= 0x80)
        return string_utf8(j, at);
    if (*at < j->end)
        return fail_at(j, *at, E_BAD_INPUT, "a control byte in a string");
    int more = string_refill(j, at);
    return more < 0 ? more : 0;
}

/* The string at ptr from its first special byte on; unescaped in place, since no escape is shorter than its
   meaning. */
static int string_slow(struct json *j, char *at)
{
    size_t done = (size_t)(at - j->ptr); /* so much of it, counted from ptr, is final */
    for (;;) {
        char escaped[4];
        size_t len, from = (size_t)(at - j->ptr);
        int rc = string_special(j, &at, escaped, &len);
        if (rc < 0)
            return rc;
        if (rc > 0)
            break;
        if (len) {
            memcpy(j->ptr + done, escaped, len);
            done += len;
            from = (size_t)(at - j->ptr);
        }
        at = plain_end(at);
        size_t run = (size_t)(at - j->ptr) - from;
        if (done != from)
            memmove(j->ptr + done, j->ptr + from, run);
        done += run;
    }
    j->text = (struct str){j->ptr + 1, done - 1};
    j->ptr = at + 1;
    return 0;
}

static inline int string(struct json *j)
{
    char *at = plain_end(j->ptr + 1);
    if (*at != '"')
        return string_slow(j, at);
    j->text = (struct str){j->ptr + 1, (size_t)(at - j->ptr - 1)};
    j->ptr = at + 1;
    return 0;
}

/* ---- other values ---- */

static inline bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *digits(const char *p)
{
    while (digit(*p))
        p++;
    return p;
}

/* The end of the number at p by the grammar of RFC 8259 section 6, or NULL. A byte that is part of no number
   follows. */
static const char *number_end(const char *p)
{
    p += *p == '-';
    if (!digit(*p))
        return NULL;
    p = *p == '0' ? p + 1 : digits(p);
    if (*p == '.') {
        if (!digit(p[1]))
            return NULL;
        p = digits(p + 1);
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '+' || *p == '-';
        if (!digit(*p))
            return NULL;
        p = digits(p);
    }
    return p;
}

static inline bool in_array(const struct json *j)
{
    return j->arrays[(j->depth - 1) / 64] >> ((j->depth - 1) % 64) & 1;
}

static inline bool of_number(char c)
{
    return digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* A number that the document's end cuts off inside an object or array is none: the whole may have had more
   digits. */
static int number(struct json *j)
{
    size_t len = 1;
    int more = 1;
    while (more) {
        while (of_number(j->ptr[len]))
            len++;
        if (j->ptr + len < j->end)
            break;
        if ((more = refill(j)) < 0)
            return more;
    }
    if (number_end(j->ptr) != j->ptr + len)
        return fail_at(j, j->ptr, E_BAD_INPUT, "not a number as JSON writes it");
    j->text = (struct str){j->ptr, len};
    j->ptr += len;
    return more || !j->depth ? 0 : unexpected(j, in_array(j) ? "',' or ']'" : "',' or '}'");
}

static int literal(struct json *j, struct str word)
{
    while ((size_t)(j->end - j->ptr) < word.len) {
        int more = refill(j);
        if (more < 0)
            return more;
        if (!more)
            break;
    }
    if (memcmp(j->ptr, word.ptr, word.len) != 0) /* at the end of the document the padding is compared */
        return unexpected(j, "a value");
    j->ptr += word.len;
    return 0;
}

/* ---- grammar ---- */

static int enter(struct json *j, bool array)
{
    if (j->depth == JSON_DEPTH_MAX)
        return fail_limit(j, "nested deeper than", JSON_DEPTH_MAX);
    uint64_t bit = UINT64_C(1) << (j->depth % 64), *word = &j->arrays[j->depth / 64];
    *word = array ? *word | bit : *word & ~bit;
    j->depth++;
    j->ptr++;
    j->expect = array ? FIRST_ITEM : FIRST_KEY;
    return array ? JSON_ARRAY : JSON_OBJECT;
}

static inline int leave(struct json *j, int kind)
{
    j->ptr++;
    j->expect = --j->depth ? MORE : NOTHING;
    return kind;
}

static inline int key(struct json *j, int c)
{
    if (c != '"')
        return c < 0 ? c : unexpected(j, "a name");
    j->expect = COLON;
    int rc = string(j);
    return rc < 0 ? rc : JSON_KEY;
}

static inline int scalar(struct json *j, int rc, int kind)
{
    j->expect = j->depth ? MORE : NOTHING;
    return rc < 0 ? rc : kind;
}

static int value(struct json *j, int c)
{
    switch (c) {
    case '"':
        return scalar(j, string(j), JSON_STRING);
    case '{':
        return enter(j, false);
    case '[':
        return enter(j, true);
    case 't':
        return scalar(j, literal(j, STR("true")), JSON_TRUE);
    case 'f':
        return scalar(j, literal(j, STR("false")), JSON_FALSE);
    case 'n':
        return scalar(j, literal(j, STR("null")), JSON_NULL);
    default:
        if (c == '-' || digit((char)c))
            return scalar(j, number(j), JSON_NUMBER);
        return c < 0 ? c : unexpected(j, "a value");
    }
}

/* What follows a value inside an object or array. */
static inline int after_value(struct json *j, int c)
{
    bool array = in_array(j);
    if (c == ',') {
        j->ptr++;
        return array ? value(j, peek(j)) : key(j, peek(j));
    }
    if (c == (array ? ']' : '}'))
        return leave(j, array ? JSON_ARRAY_END : JSON_OBJECT_END);
    return c < 0 ? c : unexpected(j, array ? "',' or ']'" : "',' or '}'");
}

int json_next(struct json *j)
{
    if (j->failed)
        return j->failed;
    int c = peek(j);
    switch (j->expect) {
    case COLON:
        if (c != ':')
            return c < 0 ? c : unexpected(j, "':'");
        j->ptr++;
        return value(j, peek(j));
    case MORE:
        return after_value(j, c);
    case FIRST_KEY:
        return c == '}' ? leave(j, JSON_OBJECT_END) : key(j, c);
    case FIRST_ITEM:
        return c == ']' ? leave(j, JSON_ARRAY_END) : value(j, c);
    case NOTHING:
        return c > 0 ? unexpected(j, "the end") : c < 0 ? c : JSON_END;
    default:
        return value(j, c);
    }
}

int json_key(struct json *j, struct str *ret)
{
    if (j->expect == COLON) {
        int rc = json_skip(j);
        if (rc < 0)
            return rc;
    }
    int kind = json_next(j);
    if (kind < 0)
        return kind;
    *ret = kind == JSON_KEY ? j->text : (struct str){0};
    return kind == JSON_KEY;
}

int json_item(struct json *j)
{
    if (j->expect == VALUE && !j->failed) {
        int rc = json_skip(j);
        if (rc < 0)
            return rc;
    }
    if (j->failed)
        return j->failed;
    int c = peek(j);
    if (c == ']' || c < 0)
        return c < 0 ? c : (leave(j, JSON_ARRAY_END), 0);
    if (j->expect == MORE) {
        if (c != ',')
            return unexpected(j, "',' or ']'");
        j->ptr++;
    }
    j->expect = VALUE;
    return 1;
}

int json_end(struct json *j)
{
    int kind = json_next(j);
    return kind < 0 ? kind : kind == JSON_END ? 0 : json_fail(j, "expected the end of the document");
}
