/* What the programs that measure share: the clock, the middle of several runs, a file in memory. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/str.h"

static inline double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline struct str whole(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) < 0) {
        perror(path);
        exit(1);
    }
    size_t size = (size_t)ftell(f);
    char *bytes = memory_new(size);
    rewind(f);
    if (fread(bytes, 1, size, f) != size)
        exit(1);
    fclose(f);
    return (struct str){bytes, size};
}
