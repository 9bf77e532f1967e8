#include "report/html_text.h"

enum place { IN_TEXT, IN_PROSE, IN_ATTRIBUTE, IN_ANY };

/* Bytes that may not be copied as they are: markup, controls, and all beyond ASCII. */
static bool special(unsigned char c)
{
    return c < 0x20 || c > 0x7e || c == '&' || c == '<' || c == '>' || c == '"' || c == '\'';
}

static struct str reference(unsigned char c)
{
    switch (c) {
    case '&':
        return STR("&amp;");
    case '<':
        return STR("&lt;");
    case '>':
        return STR("&gt;");
    case '"':
        return STR("&quot;");
    default:
        return STR("&#39;");
    }
}

/* A character that nobody would see as what it is; a byte that is none at all. */
static void put_number(struct buf *out, bool character, uint32_t code, enum place place)
{
    bool element = place == IN_TEXT || place == IN_PROSE;
    buf_printf(out, character ? "%sU+%04X%s" : "%s\\x%02x%s", element ? "<span class=odd>" : "[", code,
               element ? "</span>" : "]");
}

/* One character or broken byte at the start of s; how many bytes it had. */
static size_t put_special(struct buf *out, struct str s, enum place place)
{
    uint32_t code = 0;
    unsigned char first = (unsigned char)s.ptr[0];
    size_t n = str_utf8_char(s, &code);
    if (!n)
        put_number(out, false, first, place);
    else if ((place == IN_PROSE || place == IN_ANY) && (first == '\n' || first == '\t'))
        buf_add_char(out, s.ptr[0]);
    else if (str_is_deceptive(code))
        put_number(out, true, code, place);
    else
        buf_add(out, n == 1 ? reference(first) : (struct str){s.ptr, n});
    return n ? n : 1;
}

static void put(struct buf *out, struct str s, enum place place)
{
    while (s.len) {
        size_t plain = 0;
        while (plain < s.len && !special((unsigned char)s.ptr[plain]))
            plain++;
        buf_add(out, (struct str){s.ptr, plain});
        s = str_skip(s, plain);
        if (s.len)
            s = str_skip(s, put_special(out, s, place));
    }
}

void html_text(struct buf *out, struct str s)
{
    put(out, s, IN_TEXT);
}

void html_attribute(struct buf *out, struct str s)
{
    put(out, s, IN_ATTRIBUTE);
}

void html_quoted(struct buf *out, struct str s)
{
    put(out, s, IN_ANY);
}

void html_prose(struct buf *out, struct str s, size_t max)
{
    bool cut = s.len > max;
    if (cut)
        s.len = max;
    while (cut && s.len && ((unsigned char)s.ptr[s.len] & 0xc0) == 0x80) /* not within a character */
        s.len--;
    put(out, s, IN_PROSE);
    if (cut)
        buf_add(out, STR("…"));
}

bool html_is_link(struct str url)
{
    struct str scheme = {url.ptr, str_find(url, ':')};
    if (!str_eq_nocase(scheme, STR("http")) && !str_eq_nocase(scheme, STR("https")))
        return false;
    if (!str_starts(str_skip(url, scheme.len), STR("://")) || url.len <= scheme.len + 3)
        return false;
    for (size_t i = 0; i < url.len; i++)
        if (url.ptr[i] <= 0x20 || url.ptr[i] > 0x7e || strchr("\"'<>`\\", url.ptr[i]))
            return false;
    return true;
}

void html_link(struct buf *out, struct str url, struct str text)
{
    bool link = html_is_link(url);
    if (link) {
        buf_add(out, STR("<a rel=noreferrer href=\""));
        html_attribute(out, url);
        buf_add(out, STR("\">"));
    }
    html_text(out, text);
    if (link)
        buf_add(out, STR("</a>"));
}

void html_reference(struct buf *out, struct str name)
{
    while (name.len) {
        size_t part = 0;
        while (part < name.len && (part == 0 || name.ptr[part - 1] != '/') &&
               (part == 0 || name.ptr[part] != '@'))
            part++;
        put(out, (struct str){name.ptr, part}, IN_TEXT);
        name = str_skip(name, part);
        if (name.len)
            buf_add(out, STR("<wbr>"));
    }
}

void html_number(struct buf *out, uint64_t n)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%ju", (uintmax_t)n);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            buf_add_char(out, ',');
        buf_add_char(out, text[i]);
    }
}
