#include "base/arena.h"

#include <stdlib.h>

#include "base/limits.h"

struct arena_block {
    struct arena_block *next;
    max_align_t data[];
};

static struct arena_block *block_new(struct arena *a, size_t size)
{
    struct arena_block *b = malloc(sizeof *b + size);
    if (b) {
        b->next = a->block;
        a->block = b;
    }
    return b;
}

#ifdef ARENA_MALLOC
static void *take(struct arena *a, size_t size, size_t align)
{
    (void)align;
    struct arena_block *b = block_new(a, size);
    if (!b)
        return NULL;
    a->used += size;
    return b->data;
}
#else
static void *take(struct arena *a, size_t size, size_t align)
{
    size_t pad = -(uintptr_t)a->ptr & (align - 1);
    size_t left = (size_t)(a->end - a->ptr);
    if (left < pad || left - pad < size) {
        size_t cap = size > ARENA_BLOCK ? size : ARENA_BLOCK;
        struct arena_block *b = block_new(a, cap);
        if (!b)
            return NULL;
        a->ptr = (char *)b->data;
        a->end = a->ptr + cap;
        pad = 0;
    }
    void *p = a->ptr + pad;
    a->ptr += pad + size;
    a->used += size;
    return p;
}
#endif

void *arena_alloc(struct arena *a, size_t size, size_t align)
{
    size += !size; /* NULL means over the limit and nothing else */
    if (align > _Alignof(max_align_t) || size > a->limit - a->used)
        return NULL;
    return take(a, size, align);
}

void *arena_alloc_zero(struct arena *a, size_t n, size_t size, size_t align)
{
    size_t bytes;
    void *p = __builtin_mul_overflow(n, size, &bytes) ? NULL : arena_alloc(a, bytes, align);
    return p ? memset(p, 0, bytes) : NULL;
}

int arena_str(struct arena *a, struct str s, struct str *ret)
{
    char *copy = arena_alloc(a, s.len, 1);
    if (!copy)
        return -1;
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    *ret = (struct str){copy, s.len};
    return 0;
}

void arena_done(struct arena *a)
{
    for (struct arena_block *b = a->block, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    *a = (struct arena){.limit = a->limit};
}

void *vec_push_raw(void **ptr, size_t *len, size_t *cap, size_t size, struct arena *a)
{
    if (*len == *cap) {
        size_t grown = *cap ? *cap * 2 : 8;
        char *p = arena_alloc_zero(a, grown, size, _Alignof(max_align_t));
        if (!p)
            return NULL;
        if (*len)
            memcpy(p, *ptr, *len * size);
        *ptr = p;
        *cap = grown;
    }
    char *item = (char *)*ptr + *len * size;
    ++*len;
    return item;
}
