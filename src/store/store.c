#include "store/store.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "os/file.h"
#include "store/load.h"
#include "store/schema.h"
#include "store/store_private.h"

static int make_folder_of(const char *path, struct error *err)
{
    struct str whole = str_of(path);
    size_t slash = str_find_last(whole, '/');
    char folder[4096];
    if (slash == whole.len || slash == 0)
        return 0;
    if (str_copy((struct str){path, slash}, folder, sizeof folder) < 0)
        return error_set(err, E_USAGE, "%s: path too long", path);
    return file_make_folders(folder, err);
}

static int set_up(struct store *s, const char *source, struct error *err)
{
    int rc = schema_migrate(s->db, s->db->ops == &db_sqlite ? source : "the database", err);
    if (rc < 0 || s->db->ops != &db_sqlite)
        return rc;
    rc = db_run(s->db, "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000", err);
    /* Readers go on while a feed is loaded; a power cut may cost the last load, never the file. The mode
       stays with the file: whoever finds it busy leaves the change to the one that is at it. */
    if (rc == 0 && (rc = db_run(s->db, "PRAGMA journal_mode = WAL", err)) == -E_TIMEOUT)
        rc = 0;
    return rc;
}

static int open_once(struct store **ret, const struct db_ops *ops, const char *source, struct error *err)
{
    CLEANUP(store_closep) struct store *s = memory_new(sizeof *s);
    int rc = ops->open(&s->db, source, err);
    if (rc == 0)
        rc = set_up(s, source, err);
    if (rc < 0)
        return rc;
    *ret = STEAL(s);
    return 0;
}

bool store_is_postgres(const char *source)
{
    struct str s = str_of(source);
    size_t word = strspn(source, "abcdefghijklmnopqrstuvwxyz_");
    return str_starts(s, STR("postgres://")) || str_starts(s, STR("postgresql://")) ||
           (word && source[word + strspn(source + word, " ")] == '=');
}

/* Whether the file begins as SQLite's do and bears our mark: only then is it ours to set aside. */
static bool is_ours(const char *path)
{
    struct error ignored;
    char header[100] = "";
    int fd = file_open(path, 0 /* O_RDONLY */, &ignored);
    ssize_t n = fd < 0 ? -1 : read(fd, header, sizeof header);
    if (fd >= 0)
        close(fd);
    static const unsigned char mark[4] = {STORE_APPLICATION_ID >> 24, (STORE_APPLICATION_ID >> 16) & 0xff,
                                          (STORE_APPLICATION_ID >> 8) & 0xff, STORE_APPLICATION_ID & 0xff};
    return n == (ssize_t)sizeof header && memcmp(header + 68, mark, sizeof mark) == 0;
}

static int set_aside(const char *path, struct error *err)
{
    char aside[4096], side_file[4096];
    int n = snprintf(aside, sizeof aside, "%s.damaged", path);
    if (n < 0 || (size_t)n >= sizeof aside)
        return error_set(err, E_USAGE, "%s: path too long", path);
    if (rename(path, aside) < 0)
        return error_sys(err, "%s: setting the damaged database aside", path);
    static const char *const suffixes[] = {"-wal", "-shm"};
    for (size_t i = 0; i < 2; i++) {
        n = snprintf(side_file, sizeof side_file, "%s%s", path, suffixes[i]);
        if (n > 0 && (size_t)n < sizeof side_file && unlink(side_file) < 0 && errno != ENOENT)
            return error_sys(err, "%s", side_file);
    }
    return 0;
}

int store_open(struct store **ret, const char *source, bool *ret_rebuilt, struct error *err)
{
    *ret_rebuilt = false;
    if (store_is_postgres(source))
        return open_once(ret, &db_postgres, source, err);
    const char *path = source;
    int rc = make_folder_of(path, err);
    if (rc == 0)
        rc = open_once(ret, &db_sqlite, path, err);
    if (rc != -E_BAD_INPUT || !is_ours(path))
        return rc;
    rc = set_aside(path, err);
    if (rc == 0)
        rc = open_once(ret, &db_sqlite, path, err);
    *ret_rebuilt = rc == 0;
    return rc;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < STORE_QUERIES; i++)
        query_close(s->queries[i]);
    db_close(s->db);
    load_free(s->load);
    free(s);
}

int store_clear(struct store *s, struct error *err)
{
    int rc = db_begin(s->db, err);
    return rc < 0
               ? rc
               : db_end(
                     s->db,
                     db_run(s->db,
                            "DELETE FROM advisory WHERE feed NOT LIKE 'api/%'; DELETE FROM feed; DELETE FROM "
                            "feed_namespace; "
                            "DELETE FROM about; DELETE FROM vulnerability WHERE feed <> ''; DELETE FROM "
                            "inventory WHERE digest NOT IN (SELECT digest FROM layer)",
                            err),
                     err);
}

struct query *store_query(struct store *s, enum store_query which, const char *sql, struct error *err)
{
    if (!s->queries[which] && query_open(&s->queries[which], s->db, sql, err) < 0)
        return NULL;
    query_reset(s->queries[which]);
    return s->queries[which];
}
