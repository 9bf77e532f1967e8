#include "base/limits.h"
#include "detect/detector.h"
#include "model/advisory.h"

void keep_drop(struct keep *k)
{
    arena_done(&k->arena);
    k->data = NULL;
}

int detection_whole(struct detection *d, struct reader *body, struct str *ret)
{
    char *bytes = arena_alloc(&d->keep->arena, (size_t)d->size, 1);
    if (!bytes || reader_read(body, bytes, (size_t)d->size) < 0)
        return -1;
    *ret = (struct str){bytes, (size_t)d->size};
    return 0;
}

int detection_first_line(struct detection *d, struct reader *body, size_t max, struct str *ret)
{
    struct str text, line = {0};
    int rc = reader_all(body, RELEASE_FILE_MAX, d->arena, &text);
    if (rc < 0)
        return rc;
    str_line(&text, &line);
    line = str_trim(line);
    *ret = line.len <= max ? line : STR("");
    return 0;
}

int detection_problem(struct detection *d, uint64_t offset, const char *text)
{
    char where[INVENTORY_TEXT_MAX];
    if (++d->problems > DETECTION_PROBLEMS_MAX)
        return error_set(d->err, E_LIMIT, "more than %d problems: the rest of the file is not read",
                         DETECTION_PROBLEMS_MAX);
    snprintf(where, sizeof where, "%.*s: offset %ju", STR_ARG(d->path), (uintmax_t)offset);
    const struct problem p = {.code = E_BAD_INPUT, .where = str_of(where), .text = str_of(text)};
    return d->sink->problem(d->sink, &p);
}

int detection_cut(struct detection *d, uint64_t offset)
{
    return detection_problem(d, offset, "the last line has no end: the file may have been cut there");
}

/* A field that no package has so long would only be carried along. */
static bool usable(const struct package *p)
{
    const struct str texts[] = {p->name,           p->version, p->arch,  p->source_name,
                                p->source_version, p->module,  p->vendor};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].len > PACKAGE_FIELD_MAX || (texts[i].len && memchr(texts[i].ptr, '\n', texts[i].len)))
            return false;
    return true;
}

int detection_package(struct detection *d, uint64_t offset, struct package *p)
{
    char text[300];
    if (!p->name.len)
        return detection_problem(d, offset, "a package without a name");
    if (!p->version.len) {
        snprintf(text, sizeof text, "package %.*s has no version",
                 (int)(p->name.len < 200 ? p->name.len : 200), p->name.ptr);
        return detection_problem(d, offset, text);
    }
    if (!p->source_name.len)
        p->source_name = p->name;
    if (!p->source_version.len)
        p->source_version = p->version;
    return usable(p) ? d->sink->package(d->sink, p)
                     : detection_problem(d, offset, "a package with fields that cannot be used");
}

int detection_repository(struct detection *d, struct str name)
{
    if (d->repositories == FILE_REPOSITORIES_MAX)
        return error_set(d->err, E_LIMIT, "more than %d repositories: the others are left out",
                         FILE_REPOSITORIES_MAX);
    if (!advisory_word_valid(name))
        return detection_problem(d, 0, "a repository whose name cannot be used");
    d->repositories++;
    return d->sink->repository(d->sink, name);
}

int detection_origin(struct detection *d, const struct package *p, struct str repository)
{
    const struct origin o = {p->name, p->version, p->arch, repository};
    return p->name.len && usable(p) && advisory_word_valid(repository) ? d->sink->origin(d->sink, &o) : 0;
}
