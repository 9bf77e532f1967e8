#include "store/schema.h"

#include "store/db.h"

static const char *const steps[] = {
    "CREATE TABLE feed (name TEXT PRIMARY KEY, title TEXT NOT NULL, url TEXT NOT NULL, etag TEXT NOT NULL,"
    " last_modified TEXT NOT NULL, link TEXT NOT NULL, scheme TEXT NOT NULL, fetched INTEGER NOT NULL,"
    " published INTEGER NOT NULL, every INTEGER NOT NULL, rows INTEGER NOT NULL, advisories INTEGER NOT NULL,"
    " version INTEGER NOT NULL, snapshot INTEGER NOT NULL, failure TEXT NOT NULL) WITHOUT ROWID;"
    /* One packed row per namespace, package and feed: small, and what a scan reads lies together. */
    "CREATE TABLE advisory (namespace TEXT NOT NULL, package TEXT NOT NULL, feed TEXT NOT NULL, packed BLOB "
    "NOT NULL,"
    " PRIMARY KEY (namespace, package, feed)) WITHOUT ROWID;"
    "CREATE TABLE inventory (digest TEXT NOT NULL, diff_id TEXT NOT NULL, fingerprint TEXT NOT NULL,"
    " bytes BLOB NOT NULL, PRIMARY KEY (digest, diff_id, fingerprint)) WITHOUT ROWID;"
    "CREATE INDEX inventory_diff_id ON inventory (diff_id, fingerprint);",
};
enum { LATEST = sizeof steps / sizeof *steps };

static int step(struct db *db, int version, struct error *err)
{
    char set[64];
    int rc = db_run(db, steps[version], err);
    snprintf(set, sizeof set, "PRAGMA user_version = %d", version + 1);
    if (rc == 0)
        rc = db_run(db, set, err);
    snprintf(set, sizeof set, "PRAGMA application_id = %d", STORE_APPLICATION_ID);
    return rc == 0 ? db_run(db, set, err) : rc;
}

static int upgrade(struct db *db, const char *path, int target, struct error *err)
{
    int64_t id = 0, version = 0, tables = 0;
    int rc = db_number(db, "PRAGMA application_id", 0, &id, err);
    if (rc == 0)
        rc = db_number(db, "PRAGMA user_version", 0, &version, err);
    if (rc == 0)
        rc = db_number(db, "SELECT count(*) FROM sqlite_master", 0, &tables, err);
    if (rc < 0)
        return rc;
    if (tables && id != STORE_APPLICATION_ID)
        return error_set(err, E_USAGE, "%s: a database of another program; name another file with --db",
                         path);
    if (version > LATEST)
        return error_set(err, E_USAGE,
                         "%s: made by a newer limpid (schema %jd, this one knows %d); upgrade limpid, or "
                         "name another file with --db",
                         path, (intmax_t)version, (int)LATEST);
    while (rc == 0 && version < target)
        rc = step(db, (int)version++, err);
    return rc;
}

int schema_migrate_to(struct db *db, const char *path, int version, struct error *err)
{
    int64_t now = 0, id = 0;
    struct error ignored;
    int rc = db_number(db, "PRAGMA user_version", 0, &now, err);
    if (rc == 0)
        rc = db_number(db, "PRAGMA application_id", 0, &id, err);
    if (rc < 0 || (now == version && id == STORE_APPLICATION_ID))
        return rc;
    rc = db_run(db, "BEGIN IMMEDIATE", err); /* two programs may come at once: the second finds it done */
    if (rc < 0)
        return rc;
    rc = upgrade(db, path, version, err);
    if (rc == 0)
        return db_run(db, "COMMIT", err);
    if (db_run(db, "ROLLBACK", &ignored) < 0)
        return rc; /* the first failure is the one to tell */
    return rc;
}

int schema_migrate(struct db *db, const char *path, struct error *err)
{
    return schema_migrate_to(db, path, LATEST, err);
}
