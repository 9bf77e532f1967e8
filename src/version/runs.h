/* What versions are made of: runs of digits, of letters, of what is neither. ASCII in every locale. */
#pragma once
#include "base/str.h"

static inline bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether s has only letters, digits and bytes of `others`. */
static inline bool all_of(struct str s, const char *others)
{
    for (size_t i = 0; i < s.len; i++)
        if (!digit(s.ptr[i]) && !letter(s.ptr[i]) && (!s.ptr[i] || !strchr(others, s.ptr[i])))
            return false;
    return true;
}

/* Cuts off *s the longest beginning whose bytes are all `member`s; it may be empty. */
static inline struct str run_cut(struct str *s, bool (*member)(char c))
{
    size_t n = 0;
    while (n < s->len && member(s->ptr[n]))
        n++;
    struct str run = {s->ptr, n};
    *s = str_skip(*s, n);
    return run;
}

/* Runs of digits of any length, by value. */
static inline int number_compare(struct str a, struct str b)
{
    while (a.len && *a.ptr == '0')
        a = str_skip(a, 1);
    while (b.len && *b.ptr == '0')
        b = str_skip(b, 1);
    return a.len != b.len ? (a.len > b.len ? 1 : -1) : str_cmp(a, b);
}
