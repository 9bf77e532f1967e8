#include <math.h>

#include "client/answer.h"
#include "format/json.h"

/* ---- texts: ASCII only, as json.dumps() has it by default ---- */

/* The character at the start of s; its length in s. */
static size_t put_special(struct buf *out, struct str s)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    uint32_t code = 0;
    size_t len = str_utf8_char(s, &code);
    const char *found = code ? memchr(from, (int)code, code < 0x80 ? sizeof from - 1 : 0) : NULL;
    if (found)
        buf_add(out, (struct str){(char[]){'\\', to[found - from]}, 2});
    else if (code < 0x10000)
        buf_printf(out, "\\u%04x", (unsigned)code);
    else
        buf_printf(out, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (code >> 10)),
                   (unsigned)(0xdc00 + (code & 0x3ff)));
    return len ? len : 1; /* the JSON reader lets only UTF-8 through */
}

static void put_string(struct buf *out, struct str s)
{
    buf_add_char(out, '"');
    while (s.len) {
        size_t plain = 0;
        while (plain < s.len && s.ptr[plain] >= ' ' && s.ptr[plain] < 0x7f && s.ptr[plain] != '"' &&
               s.ptr[plain] != '\\')
            plain++;
        buf_add(out, (struct str){s.ptr, plain});
        s = str_skip(s, plain);
        if (s.len)
            s = str_skip(s, put_special(out, s));
    }
    buf_add_char(out, '"');
}

/* ---- numbers: integers as they are, others as Python's repr() ---- */

/* The digits of n, without sign, dot and exponent, and the power of ten of the first. */
static int shortest(double n, char digits[32])
{
    char text[40];
    for (int precision = 0; precision < 17; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, n);
        if (strtod(text, NULL) == n)
            break;
    }
    size_t len = 0;
    const char *p = text;
    for (; *p != 'e'; p++)
        if (*p >= '0' && *p <= '9')
            digits[len++] = *p;
    while (len > 1 && digits[len - 1] == '0')
        len--;
    digits[len] = 0;
    return (int)strtol(p + 1, NULL, 10);
}

static void put_float(struct buf *out, double n)
{
    char digits[32];
    int power = shortest(n, digits), len = (int)strlen(digits);
    if (signbit(n))
        buf_add_char(out, '-');
    if (power < -4 || power >= 16)
        buf_printf(out, "%c%s%se%c%02d", digits[0], len > 1 ? "." : "", digits + 1, power < 0 ? '-' : '+',
                   abs(power));
    else if (power < 0)
        buf_printf(out, "0.%.*s%s", -power - 1, "000", digits);
    else if (len <= power + 1)
        buf_printf(out, "%s%.*s.0", digits, power + 1 - len, "0000000000000000");
    else
        buf_printf(out, "%.*s.%s", power + 1, digits, digits + power + 1);
}

static void put_number(struct buf *out, struct str number)
{
    char text[400];
    bool integer = true;
    for (size_t i = 0; i < number.len; i++)
        integer &= number.ptr[i] != '.' && number.ptr[i] != 'e' && number.ptr[i] != 'E';
    double n = integer || str_copy(number, text, sizeof text) < 0 ? HUGE_VAL : strtod(text, NULL);
    if (integer && str_eq(number, STR("-0")))
        buf_add_char(out, '0');
    else if (isfinite(n))
        put_float(out, n);
    else
        buf_add(out, number); /* longer or larger than a double: nothing that JSON could say better */
}

/* ---- the document ---- */

struct reprint {
    struct json json;
    struct buf *out;
    bool begun[JSON_DEPTH_MAX + 1]; /* a level: it has something */
    bool after_key;
};

static void put_token(struct reprint *r, int kind)
{
    static const char *const words[] = {
        [JSON_OBJECT] = "{",  [JSON_OBJECT_END] = "}", [JSON_ARRAY] = "[",  [JSON_ARRAY_END] = "]",
        [JSON_TRUE] = "true", [JSON_FALSE] = "false",  [JSON_NULL] = "null"};
    if (kind == JSON_STRING || kind == JSON_KEY)
        put_string(r->out, r->json.text);
    else if (kind == JSON_NUMBER)
        put_number(r->out, r->json.text);
    else
        buf_add(r->out, str_of(words[kind]));
}

static void put_separated(struct reprint *r, int kind)
{
    bool ends = kind == JSON_OBJECT_END || kind == JSON_ARRAY_END,
         begins = kind == JSON_OBJECT || kind == JSON_ARRAY;
    unsigned level = r->json.depth - begins; /* in which it stands */
    if (!ends && !r->after_key) {
        if (r->begun[level])
            buf_add(r->out, STR(", "));
        r->begun[level] = true;
    }
    put_token(r, kind);
    r->after_key = kind == JSON_KEY;
    if (r->after_key)
        buf_add(r->out, STR(": "));
    if (begins)
        r->begun[r->json.depth] = false;
}

int answer_reprint(struct reader *in, struct buf *out, struct error *err)
{
    struct reprint r = {.out = out};
    int kind;
    json_open(&r.json, in, err);
    while ((kind = json_next(&r.json)) > JSON_END && !out->failed)
        put_separated(&r, kind);
    json_close(&r.json);
    return kind < 0 ? kind : buf_finish(out, "the server's answer", err);
}
