#include "store/schema.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/limits.h"
#include "store/db.h"

/* In SQLite's words; to_postgres() says them in PostgreSQL's. */
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

    /* What Clair's API shows. A vulnerability is a feed's, or a person's (feed ''), about one namespace; a change makes a
       new row and marks the old one deleted, since notifications show both. Its fixes are packed like a row of
       advisories, with packages in the place of ids. */
    "CREATE TABLE namespace (id IDENTITY, name TEXT NOT NULL UNIQUE, version_format TEXT NOT NULL);"
    "CREATE TABLE vulnerability (id IDENTITY, namespace TEXT NOT NULL, name TEXT NOT NULL, feed TEXT NOT "
    "NULL,"
    " severity TEXT NOT NULL, link TEXT NOT NULL, description TEXT NOT NULL, metadata TEXT NOT NULL,"
    " fixes BLOB NOT NULL, created_at INTEGER NOT NULL, deleted_at INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX vulnerability_live ON vulnerability (namespace, name, feed) WHERE deleted_at = 0;"
    "CREATE INDEX vulnerability_in_order ON vulnerability (namespace, id) WHERE deleted_at = 0;"
    /* What a feed tells of an id, once for all namespaces. */
    "CREATE TABLE description (feed TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL,"
    " PRIMARY KEY (feed, name)) WITHOUT ROWID;"
    /* Layers as they were posted. Equal contents under many names share one set of features. */
    "CREATE TABLE feature_set (id IDENTITY, hash TEXT NOT NULL UNIQUE, features BLOB NOT NULL);"
    "CREATE TABLE layer (id IDENTITY, name TEXT NOT NULL UNIQUE, parent_id INTEGER REFERENCES layer ON "
    "DELETE CASCADE,"
    " namespace TEXT NOT NULL, engine_version INTEGER NOT NULL, created_at INTEGER NOT NULL,"
    " digest TEXT NOT NULL, diff_id TEXT NOT NULL, fingerprint TEXT NOT NULL,"
    " feature_set_id INTEGER NOT NULL REFERENCES feature_set);"
    "CREATE INDEX layer_parent ON layer (parent_id);"
    "CREATE INDEX layer_feature_set ON layer (feature_set_id);"
    "CREATE TABLE feature (id IDENTITY, namespace TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,"
    " UNIQUE (namespace, name, version));"
    /* Which sets' topmost layer brought a feature. */
    "CREATE TABLE feature_introduced (feature_id INTEGER NOT NULL REFERENCES feature,"
    " feature_set_id INTEGER NOT NULL REFERENCES feature_set ON DELETE CASCADE,"
    " PRIMARY KEY (feature_id, feature_set_id)) WITHOUT ROWID;"
    "CREATE INDEX feature_introduced_set ON feature_introduced (feature_set_id);"
    "CREATE TABLE notification (id IDENTITY, name TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,"
    " notified_at INTEGER NOT NULL, deleted_at INTEGER NOT NULL, locked_until INTEGER NOT NULL,"
    " old_vulnerability_id INTEGER NOT NULL, new_vulnerability_id INTEGER NOT NULL);"
    "CREATE INDEX notification_waiting ON notification (notified_at) WHERE deleted_at = 0;"
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;",

    /* Which feeds speak of a namespace, and whether they name binary packages. */
    "ALTER TABLE feed ADD COLUMN by_binary INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE feed_namespace (namespace TEXT NOT NULL, feed TEXT NOT NULL, PRIMARY KEY (namespace, feed))"
    " WITHOUT ROWID;"
    "INSERT INTO feed_namespace SELECT DISTINCT namespace, feed FROM advisory WHERE feed NOT LIKE 'api/%';",

    /* All that feeds tell of an id whichever package it is in (model/vulnerability.h), and of repositories (store/about.c); some
       tell nothing else. */
    "CREATE TABLE about (name TEXT NOT NULL, feed TEXT NOT NULL, description TEXT NOT NULL, facts BLOB NOT "
    "NULL,"
    " PRIMARY KEY (name, feed)) WITHOUT ROWID;"
    "INSERT INTO about (name, feed, description, facts) SELECT name, feed, description, '' FROM description;"
    "DROP TABLE description;"
    "ALTER TABLE feed ADD COLUMN enriches INTEGER NOT NULL DEFAULT 0;",

    /* By what store/garbage.h looks for what may go. An inventory from before is as good as old: it can be read again. */
    "CREATE INDEX notification_deleted ON notification (id) WHERE deleted_at > 0;"
    "CREATE INDEX notification_old ON notification (old_vulnerability_id) WHERE old_vulnerability_id > 0;"
    "CREATE INDEX notification_new ON notification (new_vulnerability_id) WHERE new_vulnerability_id > 0;"
    "CREATE INDEX vulnerability_deleted ON vulnerability (id) WHERE deleted_at > 0;"
    "CREATE INDEX layer_digest ON layer (digest);"
    "ALTER TABLE inventory ADD COLUMN written_at INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX inventory_written ON inventory (written_at);",
};
enum { LATEST = sizeof steps / sizeof *steps };

/* ---- dialects ---- */

static const struct {
    const char *word, *sqlite, *postgres;
} words[] = {
    {"TEXT", "TEXT", "TEXT COLLATE \"C\""}, /* bytes order both */
    {"INTEGER", "INTEGER", "BIGINT"},
    {"BLOB", "BLOB", "BYTEA"},
    {"IDENTITY", "INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"},
    {"WITHOUT", "WITHOUT", ""},
    {"ROWID", "ROWID", ""},
};

static void add_word(struct buf *sql, struct str word, bool postgres)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(word, str_of(words[i].word)))
            word = str_of(postgres ? words[i].postgres : words[i].sqlite);
    buf_add(sql, word);
}

static void translate(const char *step, bool postgres, struct buf *ret)
{
    const char *word = step;
    for (const char *at = step;; at++) {
        if (isupper((unsigned char)*at))
            continue;
        add_word(ret, (struct str){word, (size_t)(at - word)}, postgres);
        if (!*at)
            break;
        buf_add_char(ret, *at);
        word = at + 1;
    }
    buf_add_char(ret, 0);
}

static bool is_postgres(const struct db *db)
{
    return db->ops == &db_postgres;
}

/* ---- versions ---- */

/* PostgreSQL keeps the number in a table. The lock ends with the transaction. */
static int prepare_postgres(struct db *db, struct error *err)
{
    char lock[64];
    int64_t clair = 0, ours = 0;
    snprintf(lock, sizeof lock, "SELECT pg_advisory_xact_lock(%d)", STORE_APPLICATION_ID);
    int rc = db_run(db, lock, err);
    if (rc == 0)
        rc =
            db_number(db,
                      "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() "
                      "AND table_name IN ('layer_diff_featureversion', 'schema_migrations', 'vulnerability')",
                      0, &clair, err);
    if (rc == 0)
        rc = db_number(db,
                       "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() "
                       "AND table_name = 'limpid_schema'",
                       0, &ours, err);
    if (rc < 0 || ours)
        return rc;
    if (clair == 3)
        rc = db_run(
            db,
            "CREATE SCHEMA clair2; DO $$ DECLARE t record; BEGIN FOR t IN SELECT tablename AS name FROM "
            "pg_tables WHERE schemaname = current_schema() AND tablename IN ('namespace', 'layer', "
            "'feature', 'featureversion', 'layer_diff_featureversion', 'vulnerability', "
            "'vulnerability_fixedin_feature', 'vulnerability_affects_featureversion', "
            "'vulnerability_notification', 'keyvalue', 'lock', 'schema_migrations') LOOP "
            "EXECUTE format('ALTER TABLE %I SET SCHEMA clair2', t.name); END LOOP; END $$",
            err);
    if (rc == 0)
        rc = db_run(
            db, "CREATE TABLE limpid_schema (version BIGINT NOT NULL); INSERT INTO limpid_schema VALUES (0)",
            err);
    return rc;
}

static int check_sqlite(struct db *db, const char *path, struct error *err)
{
    int64_t id = 0, tables = 0;
    int rc = db_number(db, "PRAGMA application_id", 0, &id, err);
    if (rc == 0)
        rc = db_number(db, "SELECT count(*) FROM sqlite_master", 0, &tables, err);
    if (rc == 0 && tables && id != STORE_APPLICATION_ID)
        return error_set(err, E_USAGE, "%s: a database of another program; name another file with --db",
                         path);
    return rc;
}

static int version_of(struct db *db, int64_t *ret, struct error *err)
{
    return db_number(db, is_postgres(db) ? "SELECT version FROM limpid_schema" : "PRAGMA user_version", 0,
                     ret, err);
}

static int set_version(struct db *db, int version, struct error *err)
{
    char sql[96];
    if (is_postgres(db))
        snprintf(sql, sizeof sql, "UPDATE limpid_schema SET version = %d", version);
    else
        snprintf(sql, sizeof sql, "PRAGMA user_version = %d; PRAGMA application_id = %d", version,
                 STORE_APPLICATION_ID);
    return db_run(db, sql, err);
}

static int step(struct db *db, int version, struct error *err)
{
    CLEANUP(buf_done) struct buf sql = buf_make(KIB(64));
    translate(steps[version], is_postgres(db), &sql);
    int rc = buf_finish(&sql, "the schema", err);
    if (rc == 0)
        rc = db_run(db, sql.ptr, err);
    return rc == 0 ? set_version(db, version + 1, err) : rc;
}

static int upgrade(struct db *db, const char *source, int target, struct error *err)
{
    int64_t version = 0;
    int rc = is_postgres(db) ? prepare_postgres(db, err) : check_sqlite(db, source, err);
    if (rc == 0)
        rc = version_of(db, &version, err);
    if (rc == 0 && version > LATEST)
        return error_set(err, E_USAGE,
                         "%s: made by a newer limpid (schema %jd, this one knows %d); upgrade limpid, or "
                         "name another database",
                         source, (intmax_t)version, (int)LATEST);
    while (rc == 0 && version < target)
        rc = step(db, (int)version++, err);
    return rc;
}

/* Nothing to do, by a look that locks nothing: 1. */
static int is_current(struct db *db, int version, struct error *err)
{
    int64_t now = 0, id = STORE_APPLICATION_ID;
    int rc;
    if (is_postgres(db)) {
        rc = db_number(db,
                       "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() "
                       "AND table_name = 'limpid_schema'",
                       0, &now, err);
        if (rc < 0 || !now)
            return rc;
    } else {
        rc = db_number(db, "PRAGMA application_id", 0, &id, err);
    }
    if (rc == 0)
        rc = version_of(db, &now, err);
    return rc < 0 ? rc : now == version && id == STORE_APPLICATION_ID;
}

int schema_migrate_to(struct db *db, const char *source, int version, struct error *err)
{
    int rc = is_current(db, version, err);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = db_begin(db, err); /* two programs may come at once: the second finds it done */
    return rc < 0 ? rc : db_end(db, upgrade(db, source, version, err), err);
}

int schema_migrate(struct db *db, const char *source, struct error *err)
{
    return schema_migrate_to(db, source, LATEST, err);
}
