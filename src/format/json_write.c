#include "format/json_write.h"

void json_writer_init(struct json_writer *w, struct buf *out, unsigned indent)
{
    *w = (struct json_writer){.out = out, .indent = indent};
}

static void new_line(struct json_writer *w)
{
    static const char sixteen[] = "                ";
    struct str blanks = {sixteen, w->indent < sizeof sixteen ? w->indent : sizeof sixteen - 1};
    if (!w->indent)
        return;
    buf_add_char(w->out, '\n');
    for (unsigned i = 0; i < w->depth; i++)
        buf_add(w->out, blanks);
}

/* What stands before a key, or before a value without one. */
static void separate(struct json_writer *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (!w->depth)
        return;
    if (w->levels[w->depth - 1].any)
        buf_add_char(w->out, ',');
    w->levels[w->depth - 1].any = true;
    new_line(w);
}

static void begin(struct json_writer *w, bool array)
{
    separate(w);
    if (w->depth == JSON_WRITE_DEPTH_MAX) {
        w->out->failed = true;
        return;
    }
    buf_add_char(w->out, array ? '[' : '{');
    w->levels[w->depth].array = array;
    w->levels[w->depth++].any = false;
}

void json_write_object(struct json_writer *w)
{
    begin(w, false);
}

void json_write_array(struct json_writer *w)
{
    begin(w, true);
}

static void end(struct json_writer *w, bool array)
{
    if (!w->depth || w->after_key || w->levels[w->depth - 1].array != array) {
        w->out->failed = true;
        return;
    }
    w->depth--;
    if (w->levels[w->depth].any)
        new_line(w);
    buf_add_char(w->out, array ? ']' : '}');
}

void json_write_object_end(struct json_writer *w)
{
    end(w, false);
}

void json_write_array_end(struct json_writer *w)
{
    end(w, true);
}

/* Control characters, marks that turn the direction of text, and what ends lines for JavaScript: JSON is read
   in terminals too. */
static bool is_escaped(uint32_t code)
{
    return code < ' ' || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

static bool is_markup(char c)
{
    return c == '<' || c == '>' || c == '&';
}

/* The character at the start of s, as JSON writes it; its length in s. */
static size_t put_special(struct json_writer *w, struct str s)
{
    struct buf *b = w->out;
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    uint32_t code;
    char c = *s.ptr;
    size_t len = str_utf8_char(s, &code);
    if (!len) {
        buf_add(b, STR("\xef\xbf\xbd")); /* U+FFFD */
        return 1;
    }
    const char *found = c ? strchr(from, c) : NULL;
    if (found)
        buf_add(b, (struct str){(char[]){'\\', to[found - from]}, 2});
    else if (is_escaped(code) || (w->html && is_markup(c)))
        buf_printf(b, "\\u%04x", (unsigned)code);
    else
        buf_add(b, (struct str){s.ptr, len});
    return len;
}

static bool is_plain(const struct json_writer *w, char c)
{
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\' && !(w->html && is_markup(c));
}

static void put_string(struct json_writer *w, struct str s)
{
    buf_add_char(w->out, '"');
    while (s.len) {
        size_t plain = 0;
        while (plain < s.len && is_plain(w, s.ptr[plain]))
            plain++;
        buf_add(w->out, (struct str){s.ptr, plain});
        s = str_skip(s, plain);
        if (s.len)
            s = str_skip(s, put_special(w, s));
    }
    buf_add_char(w->out, '"');
}

void json_write_key(struct json_writer *w, struct str key)
{
    separate(w);
    put_string(w, key);
    buf_add(w->out, w->indent ? STR(": ") : STR(":"));
    w->after_key = true;
}

void json_write_string(struct json_writer *w, struct str s)
{
    separate(w);
    put_string(w, s);
}

void json_write_raw(struct json_writer *w, struct str json)
{
    separate(w);
    buf_add(w->out, json);
}

void json_write_u64(struct json_writer *w, uint64_t n)
{
    separate(w);
    buf_printf(w->out, "%ju", (uintmax_t)n);
}

void json_write_i64(struct json_writer *w, int64_t n)
{
    separate(w);
    buf_printf(w->out, "%jd", (intmax_t)n);
}

void json_write_bool(struct json_writer *w, bool value)
{
    json_write_raw(w, value ? STR("true") : STR("false"));
}

void json_write_null(struct json_writer *w)
{
    json_write_raw(w, STR("null"));
}
