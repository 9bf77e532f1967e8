/* A slice of text: never owns, never ends in NUL. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *ptr;
    size_t len;
};

/* clang-format off */
#define STR_INIT(lit) { "" lit, sizeof(lit) - 1 }  /* in static tables: gcc 12 refuses a compound literal there */
/* clang-format on */
#define STR(lit)   ((struct str)STR_INIT(lit)) /* in expressions */
#define STR_FMT    "%.*s"
#define STR_ARG(s) (int)((s).len < 4096 ? (s).len : 4096), (s).len ? (s).ptr : ""

/* The slice over a NUL-terminated text; NULL gives the empty slice. */
static inline struct str str_of(const char *text)
{
    return (struct str){text, text ? strlen(text) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len &&
           (suffix.len == 0 || memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

/* What is left of s after its first n bytes; n beyond the end gives an empty slice. */
static inline struct str str_skip(struct str s, size_t n)
{
    n = n < s.len ? n : s.len;
    return n ? (struct str){s.ptr + n, s.len - n} : s;
}

/* Offset of the first c, or s.len. */
static inline size_t str_find(struct str s, char c)
{
    const char *at = s.len ? memchr(s.ptr, c, s.len) : NULL;
    return at ? (size_t)(at - s.ptr) : s.len;
}

/* Offset of the last c, or s.len. */
static inline size_t str_find_last(struct str s, char c)
{
    const char *at = s.len ? memrchr(s.ptr, c, s.len) : NULL;
    return at ? (size_t)(at - s.ptr) : s.len;
}

/* Offset of the first part, or s.len. */
static inline size_t str_find_part(struct str s, struct str part)
{
    const char *at = s.len ? memmem(s.ptr, s.len, part.len ? part.ptr : "", part.len) : NULL;
    return at ? (size_t)(at - s.ptr) : s.len;
}

/* Whether part is anywhere in s. */
static inline bool str_has(struct str s, struct str part)
{
    return !part.len || str_find_part(s, part) < s.len;
}

/* Cuts *s at the first c: returns what is before it, leaves what follows. Without a c: all of *s, leaving it
   empty. */
static inline struct str str_cut(struct str *s, char c)
{
    size_t at = str_find(*s, c);
    struct str head = {s->ptr, at};
    *s = str_skip(*s, at + 1);
    return head;
}

/* Whether a list of words, "aarch64 x86_64", has the word. */
static inline bool str_has_word(struct str list, struct str word)
{
    while (list.len)
        if (str_eq(str_cut(&list, ' '), word))
            return true;
    return false;
}

/* The value of a hexadecimal digit, or -1. */
static inline int str_hex_digit(char c)
{
    char lower = (char)(c | 0x20);
    return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Cuts off the first character, or the three of "%41", and returns what it stands for; what is no escape stays. s is not
   empty. RFC 3986 section 2.1. */
char str_cut_percent(struct str *s);
/* Byte order; a prefix sorts before what it begins. */
int str_cmp(struct str a, struct str b);
bool str_eq_nocase(struct str a, struct str b); /* ASCII */
/* Without blanks, tabs, CR and LF at both ends. */
struct str str_trim(struct str s);
/* The next line without its LF (and CR); false at the end. */
bool str_line(struct str *text, struct str *ret);
/* The whole slice as a decimal number without sign and blanks; -1 when it is none or exceeds max. */
int str_u64(struct str s, uint64_t max, uint64_t *ret);
/* "9.8" with one place is 98, "10" is 100; more places are rounded. -1: no such number, or more than max. */
int str_decimal(struct str s, unsigned places, uint64_t max, uint64_t *ret);
/* Copies s to dst as a NUL-terminated text; -1 when it does not fit or holds a NUL. */
int str_copy(struct str s, char *dst, size_t size);
/* A copy of s that is safe on a terminal and in a log: control bytes, broken UTF-8, and characters that
   reorder or hide text become '?'. Cut to size - 1 bytes. Returns dst. */
const char *str_printable(struct str s, char *dst, size_t size);
/* Length of the valid UTF-8 character at the start of s (1 to 4), 0 when it is none. RFC 3629. */
size_t str_utf8_char(struct str s, uint32_t *ret_code);
/* Control characters, and what reorders text, breaks its line, or is there without being seen. */
bool str_is_deceptive(uint32_t code);
