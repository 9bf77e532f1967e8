/* pacman's database: var/lib/pacman/local has a folder a package, and in it desc: lines of "%FIELD%", its values, and an empty
   line. https://man.archlinux.org/man/alpm-db-desc.5 */
#include "detect/detector.h"
#include "stream/lines.h"

extern const struct detector pacman_detector;

static bool is_field(struct str line)
{
    return line.len > 2 && line.ptr[0] == '%' && line.ptr[line.len - 1] == '%';
}

/* Where the value of a field belongs; NULL: it is not wanted. */
static struct str *place_of(struct package *p, struct str field)
{
    const struct {
        struct str name;
        struct str *place;
    } fields[] = {
        {STR("%NAME%"), &p->name},
        {STR("%VERSION%"), &p->version},
        {STR("%BASE%"), &p->source_name},
        {STR("%ARCH%"), &p->arch},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (str_eq(field, fields[i].name))
            return fields[i].place;
    return NULL;
}

static int pacman_file(struct detection *d, struct reader *body)
{
    struct package p = {.type = PACKAGE_ALPM};
    struct lines lines = lines_make(body);
    struct str line, *place = NULL;
    int rc;
    while ((rc = lines_next(&lines, &line)) > 0) {
        if (place && !place->len && arena_str(d->arena, line, place) < 0)
            return error_set(d->err, E_LIMIT, "pacman: more than this unit of work may keep");
        place = is_field(line) ? place_of(&p, line) : NULL;
    }
    if (rc < 0)
        return rc;
    rc = detection_package(d, 0, &p);
    return rc == 0 && lines.unterminated ? detection_cut(d, lines.offset) : rc;
}

const struct detector pacman_detector = {
    .name = "pacman",
    .version = 1,
    .packages = true,
    .wants = (const struct want[]){{WANT_EACH, STR_INIT("var/lib/pacman/local/"), PACMAN_DESC_MAX,
                                    STR_INIT("desc")},
                                   {.how = WANT_NONE}},
    .file = pacman_file,
};
