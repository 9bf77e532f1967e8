/* Memory of one unit of work (a layer, a feed page, a report), released as a whole and limited from birth:
   what input can size fails with an error, not with a dead machine. -Darena=malloc gives each piece its own
   malloc, so that AddressSanitizer and valgrind see overruns. */
#pragma once
#include "base/str.h"

struct arena_block;

struct arena {
    struct arena_block *block;
    char *ptr, *end;
    size_t used, limit;
};

static inline struct arena arena_make(size_t limit)
{
    return (struct arena){.limit = limit};
}
void arena_done(struct arena *a);
/* NULL: over the arena's limit. align is a power of two. The zeroing forms clear what they give. */
void *arena_alloc(struct arena *a, size_t size, size_t align);
void *arena_alloc_zero(struct arena *a, size_t n, size_t size, size_t align);
#define arena_new(a, type)      ((type *)arena_alloc_zero((a), 1, sizeof(type), _Alignof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc_zero((a), (n), sizeof(type), _Alignof(type)))
/* A copy of s in *ret; -1 over the limit. */
int arena_str(struct arena *a, struct str s, struct str *ret);

/* A growing array in an arena: VEC(struct package) packages; push gives the new, zeroed element or NULL. */
#define VEC(type)        \
    struct {             \
        type *ptr;       \
        size_t len, cap; \
    }
#define vec_push(v, a) \
    ((__typeof__((v)->ptr))vec_push_raw((void **)&(v)->ptr, &(v)->len, &(v)->cap, sizeof *(v)->ptr, (a)))
void *vec_push_raw(void **ptr, size_t *len, size_t *cap, size_t size, struct arena *a);
#define vec_each(v, it) for (__typeof__(&*(v)->ptr) it = (v)->ptr; it && it != (v)->ptr + (v)->len; it++)
