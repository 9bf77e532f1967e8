#include "stream/part.h"

static int part_fill(struct reader *r)
{
    struct part *p = (struct part *)r;
    if (!p->left)
        return 0;
    int more = reader_more(p->in);
    if (more < 0)
        return more;
    if (!more)
        return error_set(r->err, E_BAD_INPUT, "%s: ends %ju bytes early, at offset %ju", r->ops->name,
                         (uintmax_t)p->left, (uintmax_t)r->offset);
    size_t have = (size_t)(p->in->end - p->in->ptr), take = have < p->left ? have : (size_t)p->left;
    r->ptr = p->in->ptr;
    r->end = r->ptr + take;
    p->in->ptr += take;
    p->left -= take;
    return 1;
}

static const struct reader_ops part_ops = {.name = "part", .fill = part_fill};

struct reader *part_init(struct part *p, struct reader *in, uint64_t length, struct error *err)
{
    *p = (struct part){.r = {.ops = &part_ops, .limit = UINT64_MAX, .err = err}, .in = in, .left = length};
    return &p->r;
}
