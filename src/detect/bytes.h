/* Numbers at a place of some bytes; 0 where these end before it. */
#pragma once
#include "base/str.h"

static inline uint32_t bytes_be(struct str s, size_t at, size_t width)
{
    uint32_t n = 0;
    if (at > s.len || s.len - at < width)
        return 0;
    for (size_t i = 0; i < width; i++)
        n = n << 8 | (unsigned char)s.ptr[at + i];
    return n;
}

static inline uint32_t bytes_le(struct str s, size_t at, size_t width)
{
    uint32_t n = 0;
    if (at > s.len || s.len - at < width)
        return 0;
    for (size_t i = width; i > 0; i--)
        n = n << 8 | (unsigned char)s.ptr[at + i - 1];
    return n;
}

static inline uint32_t bytes_be32(struct str s, size_t at)
{
    return bytes_be(s, at, 4);
}

static inline uint32_t bytes_le32(struct str s, size_t at)
{
    return bytes_le(s, at, 4);
}

/* n bytes from a place on, fewer where they end. */
static inline struct str bytes_part(struct str s, size_t at, size_t n)
{
    struct str rest = str_skip(s, at);
    return (struct str){rest.ptr, at > s.len ? 0 : rest.len < n ? rest.len : n};
}
