/* dnf's history: which repository each package was installed from. Tables repo (id, repoid), trans_item (id, trans_id, item_id,
   repo_id, action, …), rpm (item_id, name, epoch, version, release, arch). What rpm or others installed is not in it. */
#include "base/limits.h"
#include "base/map.h"
#include "detect/detector.h"
#include "detect/sqlite.h"

extern const struct detector dnf_history_detector;

struct history {
    struct detection *d;
    struct sqlite sqlite;
    struct map repositories; /* number of a repository → struct str */
    struct map origins;      /* number of a package → struct str, the repository that it was last from */
    unsigned damaged;        /* rows that are */
};

static int no_room(struct history *h)
{
    return error_set(h->d->err, E_LIMIT, "dnf's history: more than %zu MiB of packages",
                     (size_t)DETECTION_MEMORY_MAX >> 20);
}

/* A number as the key of a map, of the arena. */
static struct str key_of(struct history *h, int64_t number)
{
    int64_t *kept = arena_new(h->d->arena, int64_t);
    if (kept)
        *kept = number;
    return (struct str){(const char *)kept, kept ? sizeof *kept : 0};
}

static const struct str *find(const struct map *map, int64_t number)
{
    return map_get(map, (struct str){(const char *)&number, sizeof number});
}

static int keep(struct history *h, struct map *map, int64_t number, const struct str *text)
{
    struct str key = key_of(h, number);
    void **place = key.len ? map_at(map, key) : NULL;
    union {
        const struct str *in;
        void *out;
    } value = {text};
    if (!place)
        return no_room(h);
    *place = value.out;
    return 0;
}

static int lose_row(struct history *h)
{
    h->damaged++;
    return 0;
}

static int take_repository(struct history *h, const struct sqlite_rows *row)
{
    struct str name, *kept;
    int64_t ignored;
    if (!sqlite_column(row->record, 1, &name, &ignored))
        return lose_row(h);
    if (!name.len || name.len > PACKAGE_FIELD_MAX || *name.ptr == '@')
        return 0; /* "@System", "@commandline" are none */
    kept = arena_new(h->d->arena, struct str);
    return !kept || arena_str(h->d->arena, name, kept) < 0 ? no_room(h)
                                                           : keep(h, &h->repositories, row->id, kept);
}

/* The last time that it was installed counts; what was removed is in no database of rpm. */
static int take_item(struct history *h, const struct sqlite_rows *row)
{
    enum { ITEM = 2, REPOSITORY = 3, ACTION = 4 };
    enum { INSTALL = 1, DOWNGRADE = 2, OBSOLETE = 4, UPGRADE = 6, REINSTALL = 9 };
    struct str ignored;
    int64_t item, number, action;
    if (!sqlite_column(row->record, ITEM, &ignored, &item) ||
        !sqlite_column(row->record, REPOSITORY, &ignored, &number) ||
        !sqlite_column(row->record, ACTION, &ignored, &action))
        return lose_row(h);
    const struct str *repository = find(&h->repositories, number);
    bool installed = action == INSTALL || action == DOWNGRADE || action == OBSOLETE || action == UPGRADE ||
                     action == REINSTALL;
    return installed && repository ? keep(h, &h->origins, item, repository) : 0;
}

static int take_package(struct history *h, const struct sqlite_rows *row)
{
    enum { ITEM, NAME, EPOCH, VERSION, RELEASE, ARCH };
    struct str ignored, version, release, epoch_text;
    struct package p = {.type = PACKAGE_RPM};
    int64_t item, number, epoch;
    char evr[2 * PACKAGE_FIELD_MAX + 32];
    if (!sqlite_column(row->record, ITEM, &ignored, &item) ||
        !sqlite_column(row->record, NAME, &p.name, &number) ||
        !sqlite_column(row->record, EPOCH, &epoch_text, &epoch) ||
        !sqlite_column(row->record, VERSION, &version, &number) ||
        !sqlite_column(row->record, RELEASE, &release, &number) ||
        !sqlite_column(row->record, ARCH, &p.arch, &number) || p.name.len > PACKAGE_FIELD_MAX ||
        version.len > PACKAGE_FIELD_MAX || release.len > PACKAGE_FIELD_MAX || p.arch.len > PACKAGE_FIELD_MAX)
        return lose_row(h);
    const struct str *repository = find(&h->origins, item);
    if (!repository)
        return 0;
    if (epoch > 0 && epoch <= UINT32_MAX)
        snprintf(evr, sizeof evr, "%u:" STR_FMT "-" STR_FMT, (unsigned)epoch, STR_ARG(version),
                 STR_ARG(release));
    else
        snprintf(evr, sizeof evr, STR_FMT "-" STR_FMT, STR_ARG(version), STR_ARG(release));
    p.version = str_of(evr);
    return detection_origin(h->d, &p, *repository);
}

static int read_table(struct history *h, struct str name,
                      int (*take)(struct history *h, const struct sqlite_rows *row))
{
    uint32_t root = 0;
    int rc = sqlite_table(&h->sqlite, name, &root);
    if (rc <= 0)
        return rc < 0
                   ? rc
                   : error_set(h->d->err, E_BAD_INPUT, "dnf's history has no table " STR_FMT, STR_ARG(name));
    struct sqlite_rows rows = sqlite_rows_open(&h->sqlite, root);
    rc = 0;
    for (int next = 0; rc == 0 && (next = sqlite_rows_next(&rows)) != 0;)
        if (next < 0)
            h->damaged++;
        else
            rc = take(h, &rows);
    sqlite_rows_close(&rows);
    return rc;
}

static int read_history(struct history *h)
{
    h->damaged = h->sqlite.cut;
    int rc = read_table(h, STR("repo"), take_repository);
    if (rc == 0)
        rc = read_table(h, STR("trans_item"), take_item);
    if (rc == 0)
        rc = read_table(h, STR("rpm"), take_package);
    return rc == 0 && h->damaged
               ? detection_problem(
                     h->d, 0, "dnf's history is damaged: from which repositories some packages are is lost")
               : rc;
}

static int dnf_history_file(struct detection *d, struct reader *body)
{
    struct str bytes;
    struct history h = {.d = d, .repositories = map_make(d->arena), .origins = map_make(d->arena)};
    int rc = reader_all(body, DNF_HISTORY_MAX, d->arena, &bytes);
    if (rc >= 0 && bytes.len)
        rc = sqlite_open(&h.sqlite, bytes, STR(""), d->arena, d->err);
    if (rc >= 0 && bytes.len)
        rc = read_history(&h);
    return rc < 0 ? rc : 0;
}

const struct detector dnf_history_detector = {
    .name = "dnf-history",
    .version = 1,
    .wants = (const struct want[]){{WANT_PATH, STR_INIT("var/lib/dnf/history.sqlite"), DNF_HISTORY_MAX},
                                   {.how = WANT_NONE}},
    .file = dnf_history_file,
};
