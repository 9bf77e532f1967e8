/* Where rpm's databases lie, and which of their kinds one is. rpmdb.sqlite may have a write-ahead log beside it, before or
   behind it in the layer, whose changes count: the database is kept until the layer ends, and told again with them. */
#include "detect/rpm.h"

#include "base/limits.h"

extern const struct detector rpm_detector;

static const struct str log_suffix = STR_INIT("-wal");

/* One database and its log. */
struct kept {
    struct str path; /* of the database */
    struct str database, log;
};

/* What is kept of this database, or a fresh place in which the files of another are forgotten. NULL: no room. */
static struct kept *kept_for(struct detection *d, struct str path)
{
    struct kept *k = d->keep->data;
    if (k && str_eq(k->path, path))
        return k;
    keep_drop(d->keep);
    k = arena_new(&d->keep->arena, struct kept);
    if (!k || arena_str(&d->keep->arena, path, &k->path) < 0)
        return NULL;
    d->keep->data = k;
    return k;
}

static int no_room(struct detection *d)
{
    return error_set(d->err, E_LIMIT, "rpm: a database of %ju bytes is more than one layer may keep",
                     (uintmax_t)d->size);
}

/* By what the file begins with: links may have given it another name. */
static int take_database(struct detection *d, struct reader *body)
{
    struct kept *k = kept_for(d, d->path);
    if (!k || detection_whole(d, body, &k->database) < 0)
        return body->state < 0 ? body->state : no_room(d);
    struct str bytes = k->database;
    if (!bytes.len)
        return error_set(d->err, E_BAD_INPUT, "rpm: the database is empty, not even without packages");
    if (str_starts(bytes, STR("SQLite format 3")))
        return rpm_sqlite_packages(d, bytes, k->log);
    int rc = str_starts(bytes, STR("RpmP")) ? rpm_ndb_packages(d, bytes) : rpm_bdb_packages(d, bytes);
    keep_drop(d->keep);
    return rc;
}

/* The log of a database that was read before: its packages are told again. */
static int take_log(struct detection *d, struct reader *body)
{
    struct str path = {d->path.ptr, d->path.len - log_suffix.len};
    struct kept *k = kept_for(d, path);
    if (!k || detection_whole(d, body, &k->log) < 0)
        return body->state < 0 ? body->state : no_room(d);
    if (!k->database.len || !rpm_sqlite_is_changed(k->log))
        return 0;
    const struct inventory_file again = {
        .kind = FILE_FOUND, .path = k->path, .detector = str_of(rpm_detector.name)};
    int rc = d->sink->file(d->sink, &again);
    return rc < 0 ? rc : rpm_sqlite_packages(d, k->database, k->log);
}

static int rpm_file(struct detection *d, struct reader *body)
{
    return str_ends(d->path, log_suffix) ? take_log(d, body) : take_database(d, body);
}

/* A log without its database says which packages changed, not which there are. */
static int rpm_end(struct detection *d)
{
    const struct kept *k = d->keep->data;
    if (k->database.len || !rpm_sqlite_is_changed(k->log))
        return 0;
    const struct problem p = {
        .code = E_UNSUPPORTED,
        .where = k->path,
        .text =
            STR("rpm: this layer changes the database by a write-ahead log alone: its changes are not seen")};
    return d->sink->problem(d->sink, &p);
}

#define WANT(path)                                  \
    {                                               \
        WANT_PATH, STR_INIT(path), RPM_DATABASE_MAX \
    }

const struct detector rpm_detector = {
    .name = "rpm",
    .version = 1,
    .packages = true,
    .wants = (const struct want[]){WANT("var/lib/rpm/Packages"),
                                   WANT("var/lib/rpm/Packages.db"),
                                   WANT("var/lib/rpm/rpmdb.sqlite"),
                                   WANT("var/lib/rpm/rpmdb.sqlite-wal"),
                                   WANT("usr/lib/sysimage/rpm/Packages"),
                                   WANT("usr/lib/sysimage/rpm/Packages.db"),
                                   WANT("usr/lib/sysimage/rpm/rpmdb.sqlite"),
                                   WANT("usr/lib/sysimage/rpm/rpmdb.sqlite-wal"),
                                   WANT("usr/share/rpm/Packages"),
                                   WANT("usr/share/rpm/Packages.db"),
                                   WANT("usr/share/rpm/rpmdb.sqlite"),
                                   WANT("usr/share/rpm/rpmdb.sqlite-wal"),
                                   {.how = WANT_NONE}},
    .file = rpm_file,
    .end = rpm_end,
};
