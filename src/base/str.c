#include "base/str.h"

static inline char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

char str_cut_percent(struct str *s)
{
    int high = s->len > 2 && s->ptr[0] == '%' ? str_hex_digit(s->ptr[1]) : -1;
    int low = high < 0 ? -1 : str_hex_digit(s->ptr[2]);
    char c = low < 0 ? s->ptr[0] : (char)(high << 4 | low);
    *s = str_skip(*s, low < 0 ? 1 : 3);
    return c;
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int r = n ? memcmp(a.ptr, b.ptr, n) : 0;
    return r ? r : (a.len > b.len) - (a.len < b.len);
}

bool str_eq_nocase(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
    while (s.len && blank(*s.ptr))
        s = str_skip(s, 1);
    while (s.len && blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool str_line(struct str *text, struct str *ret)
{
    if (!text->len)
        return false;
    struct str line = str_cut(text, '\n');
    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    *ret = line;
    return true;
}

int str_u64(struct str s, uint64_t max, uint64_t *ret)
{
    uint64_t n = 0;
    if (!s.len)
        return -1;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned char)s.ptr[i] - (unsigned)'0';
        if (digit > 9 || __builtin_mul_overflow(n, 10U, &n) || __builtin_add_overflow(n, digit, &n) ||
            n > max)
            return -1;
    }
    *ret = n;
    return 0;
}

int str_decimal(struct str s, unsigned places, uint64_t max, uint64_t *ret)
{
    struct str fraction = s, whole = str_cut(&fraction, '.');
    uint64_t n;
    if (str_u64(whole, max, &n) < 0 || (whole.len < s.len && !fraction.len))
        return -1;
    for (size_t i = 0; i < fraction.len; i++)
        if (fraction.ptr[i] < '0' || fraction.ptr[i] > '9')
            return -1;
    for (unsigned i = 0; i < places && n <= max; i++)
        n = n * 10 + (i < fraction.len ? (unsigned)(fraction.ptr[i] - '0') : 0);
    n += fraction.len > places && fraction.ptr[places] >= '5';
    *ret = n;
    return n > max ? -1 : 0;
}

int str_copy(struct str s, char *dst, size_t size)
{
    if (s.len >= size || (s.len && memchr(s.ptr, 0, s.len)))
        return -1;
    if (s.len)
        memcpy(dst, s.ptr, s.len);
    dst[s.len] = 0;
    return 0;
}

/* Bytes of the character that begins so; 0: none does. */
static size_t utf8_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

size_t str_utf8_char(struct str s, uint32_t *ret_code)
{
    unsigned char first = s.len ? (unsigned char)s.ptr[0] : 0;
    size_t len = utf8_length(first);
    if (!len || len > s.len)
        return 0;
    uint32_t code = len == 1 ? first : first & (0xffU >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        unsigned char next = (unsigned char)s.ptr[i];
        if ((next & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (next & 0x3f);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return 0;
    *ret_code = code;
    return len;
}

bool str_is_deceptive(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},     {0x115f, 0x1160},
        {0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},   {0x3164, 0x3164},
        {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff9, 0xfffb}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

const char *str_printable(struct str s, char *dst, size_t size)
{
    size_t used = 0;
    while (s.len) {
        uint32_t code = 0;
        size_t n = str_utf8_char(s, &code);
        bool good = n && !str_is_deceptive(code);
        size_t take = good ? n : 1;
        if (used + take >= size)
            break;
        if (good)
            memcpy(dst + used, s.ptr, n);
        else
            dst[used] = '?';
        used += take;
        s = str_skip(s, n ? n : 1);
    }
    if (size)
        dst[used] = 0;
    return dst;
}
