#include "base/buf.h"

#include <stdarg.h>

#include "base/memory.h"

void buf_done(struct buf *b)
{
    free(b->ptr);
    *b = (struct buf){.max = b->max};
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
}

char *buf_room(struct buf *b, size_t n)
{
    if (b->failed || n > b->max - b->len) {
        b->failed = true;
        return NULL;
    }
    if (n > b->cap - b->len || !b->ptr) {
        size_t want = b->len + n, cap = b->cap < 128 ? 128 : b->cap;
        while (cap < want)
            cap += cap / 2;
        if (cap > b->max)
            cap = b->max;
        b->ptr = memory_resize(b->ptr, cap);
        b->cap = cap;
    }
    return b->ptr + b->len;
}

void buf_add(struct buf *b, struct str s)
{
    char *room = s.len ? buf_room(b, s.len) : NULL;
    if (!room)
        return;
    memcpy(room, s.ptr, s.len);
    b->len += s.len;
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, (struct str){&c, 1});
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    char *room = n < 0 ? NULL : buf_room(b, (size_t)n + 1);
    if (room) {
        vsnprintf(room, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
    va_end(args);
}

int buf_finish(const struct buf *b, const char *what, struct error *err)
{
    if (b->failed)
        return error_set(err, E_LIMIT, "%s: more than %zu bytes", what, b->max);
    return 0;
}
