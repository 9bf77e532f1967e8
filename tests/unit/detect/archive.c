#include "archive.h"

#include "base/limits.h"
#include "stream/memory.h"

static int note_file(struct sink *s, const struct inventory_file *f)
{
    static const char *const kinds[FILE_KINDS] = {"found",    "damaged", "folder",   "symlink",
                                                  "hardlink", "other",   "whiteout", "opaque"};
    struct notes *n = (struct notes *)s;
    n->files++;
    buf_printf(&n->text, "%s %.*s", kinds[f->kind], STR_ARG(f->path));
    if (f->target.len)
        buf_printf(&n->text, " -> %.*s", STR_ARG(f->target));
    buf_add_char(&n->text, '\n');
    return 0;
}

static int note_release(struct sink *s, const struct release *r)
{
    struct notes *n = (struct notes *)s;
    buf_printf(&n->text, "release %.*s|%.*s|%.*s|%.*s\n", STR_ARG(r->id), STR_ARG(r->version),
               STR_ARG(r->codename), STR_ARG(r->name));
    return 0;
}

static int note_package(struct sink *s, const struct package *p)
{
    struct notes *n = (struct notes *)s;
    if (++n->packages == n->refuse_after)
        return error_set(n->err, E_LIMIT, "enough");
    if (n->packages > 1000)
        return 0;
    buf_printf(&n->text,
               p->residual ? "residual %.*s %.*s %.*s from %.*s %.*s"
                           : "package %.*s %.*s %.*s from %.*s %.*s",
               STR_ARG(p->name), STR_ARG(p->version), STR_ARG(p->arch), STR_ARG(p->source_name),
               STR_ARG(p->source_version));
    if (p->module.len)
        buf_printf(&n->text, " in %.*s", STR_ARG(p->module));
    if (p->vendor.len)
        buf_printf(&n->text, " by %.*s", STR_ARG(p->vendor));
    buf_add_char(&n->text, '\n');
    return 0;
}

static int note_repository(struct sink *s, struct str name)
{
    struct notes *n = (struct notes *)s;
    buf_printf(&n->text, "repository %.*s\n", STR_ARG(name));
    return 0;
}

static int note_origin(struct sink *s, const struct origin *o)
{
    struct notes *n = (struct notes *)s;
    buf_printf(&n->text, "origin %.*s %.*s %.*s: %.*s\n", STR_ARG(o->name), STR_ARG(o->version),
               STR_ARG(o->arch), STR_ARG(o->repository));
    return 0;
}

static int note_problem(struct sink *s, const struct problem *p)
{
    struct notes *n = (struct notes *)s;
    if (++n->problems <= 1000)
        buf_printf(&n->text, "problem %.*s: %.*s\n", STR_ARG(p->where), STR_ARG(p->text));
    return 0;
}

struct notes notes_make(struct error *err)
{
    return (struct notes){
        .sink = {note_file, note_release, note_package, note_repository, note_origin, note_problem},
        .text = buf_make(MIB(64)),
        .err = err};
}

int archive_read(const struct archive *a, size_t step, const struct layer_request *request, struct notes *n,
                 struct error *err)
{
    static const struct layer_request nothing_special = {0};
    struct memory_reader memory;
    uint64_t entries;
    struct reader *in = memory_reader_init(&memory, buf_str(&a->tar), step, err);
    int rc = layer_read(in, request ? request : &nothing_special, &n->sink, &entries, err);
    buf_add_char(&n->text, 0);
    return rc;
}

void expect_file(const char *path, struct str content, const char *wanted)
{
    struct error err = {0};
    struct archive a = {.tar = buf_make(MIB(80))};
    archive_add(&a, TAR_REGULAR, path, content);
    tar_write_end(&a.tar);
    struct notes n = notes_make(&err);
    assert_int_equal(archive_read(&a, 0, NULL, &n, &err), 0);
    char first[256];
    snprintf(first, sizeof first, "found %s\n", path);
    assert_memory_equal(n.text.ptr, first, strlen(first));
    assert_string_equal(n.text.ptr + strlen(first), wanted);
    buf_done(&n.text);
    buf_done(&a.tar);
}
