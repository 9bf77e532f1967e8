/* A sink for fuzz targets of single detectors: whatever is found is usable. */
#pragma once
#include "base/limits.h"
#include "detect/detector.h"
#include "stream/memory.h"

struct packages_sink {
    struct sink sink;
    struct error err;
    struct arena arena;
    struct keep keep;
    size_t packages, problems;
};

static inline int packages_take(struct sink *s, const struct package *p)
{
    ((struct packages_sink *)s)->packages++;
    if (!p->name.len || !p->version.len || !p->source_name.len || !p->source_version.len ||
        p->name.len > PACKAGE_FIELD_MAX || p->version.len > PACKAGE_FIELD_MAX)
        abort();
    return 0;
}

static inline int packages_problem(struct sink *s, const struct problem *p)
{
    ((struct packages_sink *)s)->problems++;
    if (!p->where.len || !p->text.len || p->code == E_OK)
        abort();
    return 0;
}

static inline int packages_file(struct sink *s, const struct inventory_file *f)
{
    (void)s;
    if (!f->path.len)
        abort();
    return 0;
}

static inline void packages_init(struct packages_sink *s, struct detection *ret)
{
    *s = (struct packages_sink){
        .sink = {.file = packages_file, .package = packages_take, .problem = packages_problem},
        .arena = arena_make(DETECTION_MEMORY_MAX),
        .keep = {.arena = arena_make(DETECTION_KEEP_MAX)}};
    *ret = (struct detection){
        .sink = &s->sink, .arena = &s->arena, .keep = &s->keep, .path = STR("file"), .err = &s->err};
}

/* An error has a text, and no more packages were found than the bytes can hold. */
static inline void packages_done(struct packages_sink *s, int rc, size_t bytes)
{
    if ((rc < 0 && !s->err.text[0]) || s->packages > bytes)
        abort();
    keep_drop(&s->keep);
    arena_done(&s->arena);
}
