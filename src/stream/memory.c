#include "stream/memory.h"

static int memory_fill(struct reader *r)
{
    struct memory_reader *m = (struct memory_reader *)r;
    size_t n = m->step && m->step < m->left.len ? m->step : m->left.len;
    if (!n)
        return 0;
    r->ptr = (const uint8_t *)m->left.ptr;
    r->end = r->ptr + n;
    m->left = str_skip(m->left, n);
    return 1;
}

static const struct reader_ops memory_ops = {.name = "memory", .fill = memory_fill};

struct reader *memory_reader_init(struct memory_reader *m, struct str bytes, size_t step, struct error *err)
{
    *m = (struct memory_reader){
        .r = {.ops = &memory_ops, .limit = UINT64_MAX, .err = err}, .left = bytes, .step = step};
    return &m->r;
}
