/* deb-version(7), and what dpkg 1.21 does beyond it: blanks around a version are ignored, an epoch may have a
   plus sign, and blanks before it. */
#include <limits.h>

#include "version/runs.h"
#include "version/version.h"

struct parts {
    long epoch; /* -1: the text before the first colon is no epoch */
    struct str upstream, revision;
    bool has_revision;
};

static inline bool blank(char c)
{
    return c == ' ' || c == '\t';
}

/* What C's isspace() and so strtol(3) passes over. */
static inline bool space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A number as strtol(3) reads it, from 0 to INT_MAX, or -1. */
static long epoch(struct str s)
{
    uint64_t n = 0;
    while (s.len && space(*s.ptr))
        s = str_skip(s, 1);
    bool negative = s.len && *s.ptr == '-';
    if (negative || (s.len && *s.ptr == '+'))
        s = str_skip(s, 1);
    size_t zeros = 0;
    while (zeros < s.len && s.ptr[zeros] == '0')
        zeros++;
    if (!s.len || (zeros < s.len && str_u64(str_skip(s, zeros), INT_MAX, &n) < 0))
        return -1;
    return negative && n ? -1 : (long)n;
}

static struct parts split(struct str s)
{
    struct parts p = {0};
    while (s.len && blank(*s.ptr))
        s = str_skip(s, 1);
    while (s.len && blank(s.ptr[s.len - 1]))
        s.len--;
    size_t colon = str_find(s, ':');
    if (colon < s.len) {
        p.epoch = epoch((struct str){s.ptr, colon});
        if (p.epoch >= 0)
            s = str_skip(s, colon + 1);
    }
    size_t hyphen = str_find_last(s, '-');
    p.has_revision = hyphen < s.len;
    p.upstream = (struct str){s.ptr, hyphen};
    p.revision = str_skip(s, hyphen + p.has_revision);
    return p;
}

static bool dpkg_valid(struct str version)
{
    struct parts p = split(version);
    return p.epoch >= 0 && p.upstream.len && digit(*p.upstream.ptr) && all_of(p.upstream, ".-+~:") &&
           (!p.has_revision || p.revision.len) && all_of(p.revision, ".+~");
}

/* Where c sorts outside of numbers: a tilde before the end, the end before letters, letters before the rest. */
static inline int weight(char c)
{
    if (digit(c))
        return 0;
    if (c == '~')
        return -1;
    return letter(c) ? c : (unsigned char)c + 256;
}

/* The weight of the byte at i; past the end it is that of a digit. */
static inline int weight_at(struct str s, size_t i)
{
    return i < s.len ? weight(s.ptr[i]) : 0;
}

static inline bool digit_at(struct str s, size_t i)
{
    return i < s.len && digit(s.ptr[i]);
}

static size_t pass_zeros(struct str s, size_t i)
{
    while (i < s.len && s.ptr[i] == '0')
        i++;
    return i;
}

/* Compares upstream versions or revisions: by turns what is no number, byte by byte, and numbers, by value. */
static int compare_part(struct str a, struct str b)
{
    size_t i = 0, k = 0;
    while (i < a.len || k < b.len) {
        for (; (i < a.len && !digit(a.ptr[i])) || (k < b.len && !digit(b.ptr[k])); i++, k++) {
            int difference = weight_at(a, i) - weight_at(b, k);
            if (difference)
                return difference;
        }
        int first = 0;
        i = pass_zeros(a, i);
        k = pass_zeros(b, k);
        for (; digit_at(a, i) && digit_at(b, k); i++, k++)
            first = first ? first : a.ptr[i] - b.ptr[k];
        if (digit_at(a, i) != digit_at(b, k))
            return digit_at(a, i) ? 1 : -1; /* more digits, a larger number */
        if (first)
            return first;
    }
    return 0;
}

static int dpkg_compare(struct str a, struct str b)
{
    struct parts x = split(a), y = split(b);
    if (x.epoch != y.epoch)
        return x.epoch > y.epoch ? 1 : -1;
    int upstream = compare_part(x.upstream, y.upstream);
    return upstream ? upstream : compare_part(x.revision, y.revision);
}

const struct version_scheme version_dpkg = {"dpkg", dpkg_compare, dpkg_valid};
