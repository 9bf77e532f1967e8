/* A layer's tar: every detector behind it, and the same results whatever the windows. */
#include "detect/layer.h"

#include "base/limits.h"
#include "stream/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct digesting {
    struct sink sink;
    uint64_t hash, calls;
};

static void mix(struct sink *s, struct str text)
{
    struct digesting *d = (struct digesting *)s;
    for (size_t i = 0; i < text.len; i++)
        d->hash = (d->hash ^ (unsigned char)text.ptr[i]) * 1099511628211U;
    d->hash = (d->hash ^ 0x100) * 1099511628211U;
    d->calls++;
}

static int on_file(struct sink *s, const struct inventory_file *f)
{
    mix(s, f->path);
    mix(s, f->target);
    return 0;
}

static int on_release(struct sink *s, const struct release *r)
{
    mix(s, r->id);
    mix(s, r->version);
    mix(s, r->codename);
    mix(s, r->name);
    return 0;
}

static int on_package(struct sink *s, const struct package *p)
{
    mix(s, p->name);
    mix(s, p->version);
    mix(s, p->source_name);
    mix(s, p->source_version);
    if (!p->name.len || !p->version.len || !p->source_name.len || !p->source_version.len)
        __builtin_trap();
    return 0;
}

static int on_repository(struct sink *s, struct str name)
{
    mix(s, name);
    if (!name.len)
        __builtin_trap();
    return 0;
}

static int on_origin(struct sink *s, const struct origin *o)
{
    mix(s, o->name);
    mix(s, o->version);
    mix(s, o->arch);
    mix(s, o->repository);
    return 0;
}

static int on_problem(struct sink *s, const struct problem *p)
{
    mix(s, p->where);
    mix(s, p->text);
    return 0;
}

static struct digesting run(struct str bytes, size_t step, int *ret_rc)
{
    struct digesting d = {.sink = {on_file, on_release, on_package, on_repository, on_origin, on_problem}};
    struct error err = {0};
    struct memory_reader memory;
    const struct layer_alias alias = {STR("opt/os"), STR("etc/os-release"), STR("")};
    const struct layer_request request = {&alias, 1};
    uint64_t entries;
    *ret_rc = layer_read(memory_reader_init(&memory, bytes, step, &err), &request, &d.sink, &entries, &err);
    if ((*ret_rc < 0) != (*ret_rc == -(int)err.code && err.code != E_OK) && *ret_rc < 0)
        __builtin_trap();
    return d;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct str bytes = {(const char *)data, size};
    int whole_rc, part_rc;
    struct digesting whole = run(bytes, 0, &whole_rc), parts = run(bytes, 7, &part_rc);
    if (whole_rc != part_rc || whole.hash != parts.hash || whole.calls != parts.calls)
        __builtin_trap();
    return 0;
}
