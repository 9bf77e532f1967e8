#include "base/memory.h"
#include "stream/tar_format.h"

/* GNU tar manual, "Storing Sparse Files", and its old header's fields. */
enum {
    OLD_MAP = 386,
    OLD_MAP_LEN = 4,
    OLD_EXTENDED = 482,
    OLD_SIZE = 483,
    OLD_BLOCK_LEN = 21,
    OLD_BLOCK_EXTENDED = 504,
};

static int add_segment(struct tar *t, uint64_t offset, uint64_t size)
{
    struct tar_sparse *s = &t->sparse;
    if (s->len == s->cap) {
        if (s->len == TAR_SPARSE_MAX)
            return tar_refuse(t, E_LIMIT, "a sparse file of more than %d pieces", TAR_SPARSE_MAX);
        s->cap = s->cap ? s->cap * 2 : 16;
        s->segments = memory_resize(s->segments, s->cap * sizeof *s->segments);
    }
    s->segments[s->len++] = (struct tar_segment){offset, size};
    return 0;
}

/* "offset,size,offset,size": format 0.1. */
static int read_map(struct tar *t, struct str map)
{
    while (map.len) {
        uint64_t offset, size;
        int rc = tar_pax_number(t, STR("GNU.sparse.map"), str_cut(&map, ','), &offset);
        if (rc < 0 || (rc = tar_pax_number(t, STR("GNU.sparse.map"), str_cut(&map, ','), &size)) < 0 ||
            (rc = add_segment(t, offset, size)) < 0)
            return rc;
    }
    return 0;
}

int tar_sparse_record(struct tar *t, struct tar_pax *p, struct str key, struct str value)
{
    if (str_eq(key, STR("name"))) {
        p->sparse_has_name = true;
        tar_pax_path(p, value);
        return 0;
    }
    p->sparse = true;
    if (str_eq(key, STR("map")))
        return read_map(t, value);
    uint64_t n;
    int rc = tar_pax_number(t, key, value, &n);
    if (rc < 0)
        return rc;
    if (str_eq(key, STR("major"))) {
        p->sparse_major = n;
    } else if (str_eq(key, STR("minor"))) {
        p->sparse_minor = n;
    } else if (str_eq(key, STR("size")) || str_eq(key, STR("realsize"))) {
        p->sparse_has_size = true;
        t->sparse.size = n;
    } else if (str_eq(key, STR("offset"))) {
        p->sparse_has_offset = true;
        p->sparse_offset = n;
    } else if (str_eq(key, STR("numbytes"))) {
        if (!p->sparse_has_offset)
            return tar_refuse(t, E_BAD_INPUT, "pax: GNU.sparse.numbytes without an offset before it");
        p->sparse_has_offset = false;
        return add_segment(t, p->sparse_offset, n);
    }
    return 0;
}

static int old_pieces(struct tar *t, const uint8_t *at, size_t n)
{
    for (; n && at[0]; n--, at += 24) {
        uint64_t offset, size;
        int rc = tar_number(t, "sparse offset", at, 12, &offset);
        if (rc < 0 || (rc = tar_number(t, "sparse size", at + 12, 12, &size)) < 0 ||
            (rc = add_segment(t, offset, size)) < 0)
            return rc;
    }
    return 0;
}

int tar_sparse_old(struct tar *t, const uint8_t *h)
{
    t->sparse.len = 0;
    int rc = tar_number(t, "real size", h + OLD_SIZE, 12, &t->sparse.size);
    if (rc < 0 || (rc = old_pieces(t, h + OLD_MAP, OLD_MAP_LEN)) < 0)
        return rc;
    bool extended = h[OLD_EXTENDED];
    while (extended) {
        if ((rc = tar_block(t, &h)) <= 0)
            return rc ? rc : tar_refuse(t, E_BAD_INPUT, "its sparse map ends early");
        if ((rc = old_pieces(t, h, OLD_BLOCK_LEN)) < 0)
            return rc;
        if (!h[0]) /* else endless empty blocks */
            return tar_refuse(t, E_BAD_INPUT, "an empty block in its sparse map");
        extended = h[OLD_BLOCK_EXTENDED];
    }
    return 0;
}

/* Decimal lines that lie in the blocks before the content: format 1.0. */
struct lines {
    const uint8_t *block;
    size_t at;
    uint64_t *stored;
};

static int next_line(struct tar *t, struct lines *l, uint64_t *ret)
{
    char digits[20];
    size_t n = 0;
    for (;;) {
        if (l->at == TAR_BLOCK) {
            int rc = *l->stored < TAR_BLOCK ? 0 : tar_block(t, &l->block);
            if (rc <= 0)
                return rc ? rc : tar_refuse(t, E_BAD_INPUT, "its sparse map ends early");
            *l->stored -= TAR_BLOCK;
            l->at = 0;
        }
        char c = (char)l->block[l->at++];
        if (c == '\n')
            return tar_pax_number(t, STR("a line of the sparse map"), (struct str){digits, n}, ret);
        if (n == sizeof digits)
            return tar_refuse(t, E_BAD_INPUT, "a line of its sparse map is longer than a number");
        digits[n++] = c;
    }
}

static int read_lines(struct tar *t, uint64_t *stored)
{
    struct lines l = {.at = TAR_BLOCK, .stored = stored};
    uint64_t count, offset, size;
    int rc = next_line(t, &l, &count);
    t->sparse.len = 0;
    for (; rc == 0 && count; count--)
        if ((rc = next_line(t, &l, &offset)) == 0 && (rc = next_line(t, &l, &size)) == 0)
            rc = add_segment(t, offset, size);
    return rc;
}

int tar_sparse_pax(struct tar *t, uint64_t *stored)
{
    struct tar_pax *p = &t->local;
    if (!p->sparse_has_size)
        return tar_refuse(t, E_BAD_INPUT, "pax: a sparse file without its size");
    if (p->sparse_major > 1 || p->sparse_minor > (p->sparse_major ? 0 : 1))
        return tar_refuse(t, E_UNSUPPORTED, "pax: sparse format %ju.%ju", (uintmax_t)p->sparse_major,
                          (uintmax_t)p->sparse_minor);
    return p->sparse_major ? read_lines(t, stored) : 0;
}

int tar_sparse_check(struct tar *t, uint64_t stored)
{
    const struct tar_sparse *s = &t->sparse;
    uint64_t end = 0, sum = 0;
    for (size_t i = 0; i < s->len; i++) {
        const struct tar_segment *g = &s->segments[i];
        if (g->offset < end || g->offset > s->size || g->size > s->size - g->offset)
            return tar_refuse(t, E_BAD_INPUT, "piece %zu of its sparse map overlaps or lies beyond its size",
                              i + 1);
        end = g->offset + g->size;
        sum += g->size;
    }
    if (sum != stored)
        return tar_refuse(t, E_BAD_INPUT, "its sparse map has %ju bytes, but %ju are stored", (uintmax_t)sum,
                          (uintmax_t)stored);
    return 0;
}

int tar_sparse_next(struct tar_sparse *s, uint64_t *max, bool *ret_hole)
{
    if (s->position == s->size)
        return 0;
    while (s->at < s->len && s->position >= s->segments[s->at].offset + s->segments[s->at].size)
        s->at++;
    uint64_t next = s->at < s->len ? s->segments[s->at].offset : s->size;
    *ret_hole = s->position < next;
    *max = *ret_hole ? next - s->position : next + s->segments[s->at].size - s->position;
    return 1;
}
