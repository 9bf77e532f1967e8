/* Scope guards: an owner that goes out of scope is released; STEAL hands it over instead. */
#pragma once
#include <stdlib.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Defines fn##p(type **), which CLEANUP can call, from fn(type *). */
#define DEFINE_CLEANUP(type, fn)       \
    static inline void fn##p(type **p) \
    {                                  \
        if (*p)                        \
            fn(*p);                    \
    }

#define STEAL(p)                    \
    ({                              \
        __typeof__(p) steal_ = (p); \
        (p) = NULL;                 \
        steal_;                     \
    })

static inline void free_p(void *p)
{
    free(*(void **)p);
}
