#include "base/wire.h"

void wire_put_num(struct buf *b, uint64_t n)
{
    char bytes[10];
    size_t len = 0;
    do {
        bytes[len++] = (char)((n & 0x7f) | (n > 0x7f ? 0x80 : 0));
        n >>= 7;
    } while (n);
    buf_add(b, (struct str){bytes, len});
}

void wire_put_str(struct buf *b, struct str s)
{
    wire_put_num(b, s.len);
    buf_add(b, s);
}

static uint64_t wire_fail(struct wire *w)
{
    w->failed = true;
    w->left.len = 0;
    return 0;
}

uint64_t wire_num(struct wire *w, uint64_t max)
{
    uint64_t n = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (!w->left.len)
            return wire_fail(w);
        unsigned char byte = (unsigned char)*w->left.ptr;
        w->left = str_skip(w->left, 1);
        if (shift == 63 && byte > 1)
            return wire_fail(w);
        n |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return n > max ? wire_fail(w) : n;
    }
    return wire_fail(w);
}

struct str wire_str(struct wire *w, size_t max)
{
    size_t len = (size_t)wire_num(w, max);
    if (len > w->left.len)
        wire_fail(w);
    if (w->failed)
        return (struct str){"", 0};
    struct str s = {w->left.ptr, len};
    w->left = str_skip(w->left, len);
    return s;
}
