#include "store/store.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "os/file.h"
#include "store/db.h"
#include "test.h"

/* A folder of its own for each test. */
struct place {
    char folder[64], path[96];
    struct error err;
    struct arena arena;
};

static struct place place_make(void)
{
    struct place p = {.folder = "/tmp/limpid-store-XXXXXX", .arena = arena_make(MIB(64))};
    assert_non_null(mkdtemp(p.folder));
    snprintf(p.path, sizeof p.path, "%s/x/limpid.db", p.folder);
    return p;
}

static void place_done(struct place *p)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".damaged"};
    for (size_t i = 0; i < 4; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s%s", p->path, suffixes[i]);
        unlink(name);
    }
    *strrchr(p->path, '/') = 0;
    rmdir(p->path);
    assert_int_equal(rmdir(p->folder), 0); /* nothing is left behind */
    arena_done(&p->arena);
}

static struct store *open_store(struct place *p)
{
    struct store *s = NULL;
    bool rebuilt;
    if (store_open(&s, p->path, &rebuilt, &p->err) < 0)
        fail_msg("%s", p->err.text);
    assert_false(rebuilt);
    return s;
}

static void load(struct place *p, struct store *s, const char *feed, const char *package, const char *packed,
                 bool keep)
{
    const struct store_feed meta = {.name = str_of(feed), .rows = 1, .fetched = 100, .every = 3600};
    const struct advisory_row row = {STR("debian:12"), str_of(package), 1, str_of(packed)};
    assert_int_equal(store_feed_begin(s, str_of(feed), &p->err), 0);
    assert_int_equal(store_feed_row(s, &row, &p->err), 0);
    assert_int_equal(keep ? store_feed_end(s, &meta, &p->err) : store_feed_abandon(s, &p->err), 0);
}

static int collect(void *ctx, struct str feed, struct str packed)
{
    buf_printf(ctx, "%.*s=%.*s ", STR_ARG(feed), STR_ARG(packed));
    return 0;
}

static void expect(struct place *p, struct store *s, const char *package, const char *wanted)
{
    CLEANUP(buf_done) struct buf got = buf_make(KIB(4));
    assert_int_equal(store_advisories(s, STR("debian:12"), str_of(package), collect, &got, &p->err), 0);
    buf_add_char(&got, 0);
    assert_string_equal(got.ptr, wanted);
}

TEST(store_replaces_one_feed)
{
    struct place p = place_make();
    struct store *s = open_store(&p);
    struct str feed;
    load(&p, s, "debian", "openssl", "old", true);
    load(&p, s, "other", "openssl", "mine", true);
    expect(&p, s, "openssl", "debian=old other=mine ");
    load(&p, s, "debian", "curl", "new", true);
    expect(&p, s, "openssl", "other=mine ");
    expect(&p, s, "curl", "debian=new ");
    expect(&p, s, "nothing", "");
    assert_int_equal(store_namespace_known(s, STR("debian:12"), &p.arena, &feed, &p.err), 1);
    assert_int_equal(store_namespace_known(s, STR("debian:99"), &p.arena, &feed, &p.err), 0);
    assert_int_equal(store_clear(s, &p.err), 0);
    expect(&p, s, "curl", "");
    store_close(s);
    place_done(&p);
}

TEST(store_rolls_back)
{
    struct place p = place_make();
    struct store *s = open_store(&p);
    load(&p, s, "debian", "openssl", "old", true);
    load(&p, s, "debian", "openssl", "half", false);
    expect(&p, s, "openssl", "debian=old ");
    store_close(s);
    place_done(&p);
}

TEST(store_readers_go_on)
{
    struct place p = place_make();
    struct store *writer = open_store(&p);
    load(&p, writer, "debian", "openssl", "old", true);
    struct store *reader = open_store(&p);
    const struct advisory_row row = {STR("debian:12"), STR("openssl"), 1, STR("new")};
    const struct store_feed meta = {.name = STR("debian"), .rows = 1};
    assert_int_equal(store_feed_begin(writer, STR("debian"), &p.err), 0);
    assert_int_equal(store_feed_row(writer, &row, &p.err), 0);
    expect(&p, reader, "openssl", "debian=old ");
    assert_int_equal(store_feed_end(writer, &meta, &p.err), 0);
    expect(&p, reader, "openssl", "debian=new ");
    store_close(reader);
    store_close(writer);
    place_done(&p);
}

TEST(store_keeps_feed_facts)
{
    struct place p = place_make();
    struct store_feed f = {0}, in = {.name = STR("debian"),
                                     .title = STR("T"),
                                     .url = STR("u"),
                                     .link = STR("l%s"),
                                     .etag = STR("\"e\""),
                                     .last_modified = STR("m"),
                                     .scheme = STR("dpkg"),
                                     .failure = STR("f"),
                                     .fetched = 1,
                                     .published = 2,
                                     .every = 3,
                                     .rows = 4,
                                     .advisories = 5,
                                     .version = 6,
                                     .snapshot = true};
    struct store *s = open_store(&p);
    assert_int_equal(store_feed_get(s, STR("debian"), &p.arena, &f, &p.err), 0);
    assert_int_equal(store_feed_note(s, &in, &p.err), 0);
    store_close(s);
    s = open_store(&p);
    assert_int_equal(store_feed_get(s, STR("debian"), &p.arena, &f, &p.err), 1);
    assert_true(str_eq(f.link, in.link) && str_eq(f.failure, in.failure) && str_eq(f.etag, in.etag));
    assert_true(f.fetched == 1 && f.published == 2 && f.every == 3 && f.rows == 4 && f.advisories == 5);
    assert_true(f.version == 6 && f.snapshot);
    store_close(s);
    place_done(&p);
}

TEST(feed_staleness)
{
    struct store_feed f = {.fetched = 1000000, .every = 3600};
    assert_false(store_feed_is_stale(&f, 1000000 + 86400));
    assert_true(store_feed_is_stale(&f, 1000000 + 86401));
    f.every = 604800;
    assert_false(store_feed_is_stale(&f, 1000000 + 1209600));
    assert_true(store_feed_is_stale(&f, 1000000 + 1209601));
    f = (struct store_feed){.fetched = 1000000, .published = 10, .every = 3600, .snapshot = true};
    assert_true(store_feed_is_stale(&f, 1000000));
}

TEST(store_inventories)
{
    struct place p = place_make();
    struct store *s = open_store(&p);
    struct str bytes;
    uint8_t one[32] = {1}, two[32] = {2};
    const struct digest a = digest_of_bytes(one, 32), b = digest_of_bytes(two, 32), none = {0};
    assert_int_equal(store_inventory_put(s, &a, &b, STR("v1"), STR("bytes"), &p.err), 0);
    assert_int_equal(store_inventory_get(s, &a, &b, STR("v1"), &p.arena, &bytes, &p.err), 1);
    assert_true(str_eq(bytes, STR("bytes")));
    assert_int_equal(store_inventory_get(s, &a, &none, STR("v1"), &p.arena, &bytes, &p.err), 1);
    assert_int_equal(store_inventory_get(s, &none, &b, STR("v1"), &p.arena, &bytes, &p.err), 1);
    assert_int_equal(store_inventory_get(s, &a, &b, STR("v2"), &p.arena, &bytes, &p.err), 0);
    assert_int_equal(store_inventory_get(s, &a, &a, STR("v1"), &p.arena, &bytes, &p.err), 0);
    assert_int_equal(store_inventory_get(s, &b, &none, STR("v1"), &p.arena, &bytes, &p.err), 0);
    assert_int_equal(store_inventory_get(s, &none, &none, STR("v1"), &p.arena, &bytes, &p.err), 0);
    store_close(s);
    place_done(&p);
}

TEST(store_large_value)
{
    struct place p = place_make();
    struct store *s = open_store(&p);
    static char big[STORE_VALUE_MAX + 1];
    const struct digest none = {0};
    assert_true(store_inventory_put(s, &none, &none, STR("v"), (struct str){big, sizeof big}, &p.err) < 0);
    store_close(s);
    place_done(&p);
}

static void write_file(struct place *p, const char *bytes, size_t len)
{
    char folder[96];
    assert_int_equal(str_copy((struct str){p->path, strlen(p->folder) + 2}, folder, sizeof folder), 0);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(file_write(p->path, (struct str){bytes, len}, &p->err), 0);
}

TEST(store_refuses_what_is_no_database)
{
    struct place p = place_make();
    struct store *s = NULL;
    bool rebuilt;
    char text[200] = "my diary, not a database";
    write_file(&p, text, sizeof text);
    assert_int_equal(store_open(&s, p.path, &rebuilt, &p.err), -E_BAD_INPUT);
    assert_non_null(strstr(p.err.text, "not a database; name another file with --db"));
    CLEANUP(buf_done) struct buf now = buf_make(KIB(1));
    assert_int_equal(file_read(p.path, &now, &p.err), 0);
    assert_true(str_eq(buf_str(&now), (struct str){text, sizeof text})); /* untouched */
    place_done(&p);
}

TEST(store_refuses_a_foreign_database)
{
    struct place p = place_make();
    struct store *s = NULL;
    struct db *db = NULL;
    bool rebuilt;
    write_file(&p, "", 0);
    assert_int_equal(db_open(&db, p.path, &p.err), 0);
    assert_int_equal(db_run(db, "CREATE TABLE address (name)", &p.err), 0);
    db_close(db);
    assert_int_equal(store_open(&s, p.path, &rebuilt, &p.err), -E_USAGE);
    assert_non_null(strstr(p.err.text, "a database of another program; name another file with --db"));
    place_done(&p);
}

TEST(store_refuses_a_newer_schema)
{
    struct place p = place_make();
    struct store *s = open_store(&p);
    struct db *db = NULL;
    bool rebuilt;
    store_close(s);
    assert_int_equal(db_open(&db, p.path, &p.err), 0);
    assert_int_equal(db_run(db, "PRAGMA user_version = 99", &p.err), 0);
    db_close(db);
    assert_int_equal(store_open(&s, p.path, &rebuilt, &p.err), -E_USAGE);
    assert_non_null(strstr(p.err.text, "made by a newer limpid (schema 99"));
    place_done(&p);
}

TEST(store_makes_a_damaged_one_anew)
{
    struct place p = place_make();
    struct store *s = open_store(&p);
    bool rebuilt;
    load(&p, s, "debian", "openssl", "old", true);
    store_close(s);
    CLEANUP(buf_done) struct buf bytes = buf_make(MIB(4));
    assert_int_equal(file_read(p.path, &bytes, &p.err), 0);
    memset(bytes.ptr + 100, 0xff, 3900); /* the schema's page; the header with our mark stays */
    assert_int_equal(file_write(p.path, buf_str(&bytes), &p.err), 0);
    assert_int_equal(store_open(&s, p.path, &rebuilt, &p.err), 0);
    assert_true(rebuilt);
    expect(&p, s, "openssl", "");
    store_close(s);
    place_done(&p);
}

TEST(store_busy)
{
    struct place p = place_make();
    struct store *a = open_store(&p);
    struct db *b = NULL;
    assert_int_equal(store_feed_begin(a, STR("debian"), &p.err), 0);
    assert_int_equal(db_open(&b, p.path, &p.err), 0);
    assert_int_equal(db_run(b, "PRAGMA busy_timeout = 1", &p.err), 0);
    assert_int_equal(db_run(b, "BEGIN IMMEDIATE", &p.err), -E_TIMEOUT);
    assert_non_null(strstr(p.err.text, "another limpid is writing"));
    assert_int_equal(store_feed_abandon(a, &p.err), 0);
    assert_int_equal(db_run(b, "BEGIN IMMEDIATE; ROLLBACK", &p.err), 0);
    db_close(b);
    store_close(a);
    place_done(&p);
}

static void *open_it(void *path)
{
    struct error err = {0};
    struct store *s = NULL;
    bool rebuilt;
    int rc = store_open(&s, path, &rebuilt, &err);
    if (rc < 0)
        fprintf(stderr, "%s\n", err.text);
    store_close(s);
    return rc < 0 ? path : NULL;
}

TEST(store_opened_by_many_at_once)
{
    struct place p = place_make();
    pthread_t threads[8];
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, open_it, p.path), 0);
    for (size_t i = 0; i < 8; i++) {
        void *failed = p.path;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    place_done(&p);
}
