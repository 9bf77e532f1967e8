#include "base/memory.h"

#include <string.h>

static void *checked(void *p)
{
    if (!p) {
        fputs("limpid: out of memory\n", stderr);
        _Exit(5);
    }
    return p;
}

void *memory_new(size_t size)
{
    return checked(calloc(1, size ? size : 1));
}

void *memory_resize(void *p, size_t size)
{
    return checked(realloc(p, size ? size : 1));
}

char *memory_text(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(memory_new(size), text, size);
}
