#include "store/store.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "database.h"
#include "os/file.h"
#include "store/db.h"

static int add_name(void *ctx, const struct store_feed *f)
{
    struct buf *names = ctx;
    buf_add(names, f->name);
    buf_add_char(names, ' ');
    return 0;
}

static void expect_feeds(struct place *p, struct store *s, const char *namespace, const char *want)
{
    CLEANUP(buf_done) struct buf names = buf_make(KIB(1));
    assert_int_equal(store_namespace_feeds(s, str_of(namespace), &p->arena, add_name, &names, &p->err), 0);
    buf_add_char(&names, 0);
    assert_string_equal(names.ptr, want);
}

STORE_TEST(store_replaces_one_feed)
{
    place_load(p, s, "debian", "debian:12", "openssl", "CVE-1<1.0 CVE-2!");
    place_load(p, s, "other", "debian:12", "openssl", "CVE-3!");
    place_expect(p, s, "debian:12", "openssl", "debian:CVE-1<1.0 CVE-2! other:CVE-3! ");
    place_load(p, s, "debian", "debian:12", "curl", "CVE-4!");
    place_expect(p, s, "debian:12", "openssl", "other:CVE-3! ");
    place_expect(p, s, "debian:12", "curl", "debian:CVE-4! ");
    place_expect(p, s, "debian:12", "nothing", "");
    expect_feeds(p, s, "debian:12", "debian other ");
    expect_feeds(p, s, "debian:99", "");
    place_load(p, s, "other", "debian:13", "openssl", "CVE-3!");
    expect_feeds(p, s, "debian:12", "debian ");
    expect_feeds(p, s, "debian:13", "other ");
    assert_int_equal(store_clear(s, &p->err), 0);
    place_expect(p, s, "debian:12", "curl", "");
}

static int add_repository(void *ctx, struct str name, struct str products)
{
    buf_printf(ctx, STR_FMT ": " STR_FMT "\n", STR_ARG(name), STR_ARG(products));
    return 0;
}

/* A list replaces the one before; who asks gets what is known. */
STORE_TEST(store_repositories_of_a_list)
{
    static const char *const products[][2] = {{"openshift:4.16::el9", "x"}, {"", NULL}};
    static const char *const wanted[] = {"a: openshift:4.16::el9\n", "a: \n"};
    const struct str asked[] = {STR("b"), STR("none"), STR("a")};
    for (size_t round = 0; round < 2; round++) {
        CLEANUP(buf_done) struct buf got = buf_make(KIB(1));
        const struct store_feed meta = {.name = STR("list"), .fetched = 1, .enriches = true};
        store_feed_begin(s, meta.name);
        for (size_t i = 0; i < 2; i++)
            if (products[round][i])
                assert_int_equal(
                    store_feed_repository(s, i ? STR("c") : STR("a"), str_of(products[round][i]), &p->err),
                    0);
        assert_int_equal(store_feed_end(s, &meta, &p->err), 0);
        assert_int_equal(store_repositories(s, asked, 3, add_repository, &got, &p->err), 0);
        buf_add_char(&got, 0);
        assert_string_equal(got.ptr, wanted[round]);
        const struct str c = STR("c");
        buf_clear(&got);
        assert_int_equal(store_repositories(s, &c, 1, add_repository, &got, &p->err), 0);
        assert_int_equal(got.len != 0, round == 0);
    }
}

STORE_TEST(store_abandons)
{
    place_load(p, s, "debian", "debian:12", "openssl", "CVE-1!");
    store_feed_begin(s, STR("debian"));
    place_row(p, s, "debian:12", "openssl", "CVE-9!");
    place_expect(p, s, "debian:12", "openssl", "debian:CVE-1! "); /* readers see what is whole */
    store_feed_abandon(s);
    place_expect(p, s, "debian:12", "openssl", "debian:CVE-1! ");
}

STORE_TEST(store_keeps_feed_facts)
{
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
                                     .snapshot = true,
                                     .binary = true};
    assert_int_equal(store_feed_get(s, STR("debian"), &p->arena, &f, &p->err), 0);
    assert_int_equal(store_feed_note(s, &in, &p->err), 0);
    assert_int_equal(store_feed_get(s, STR("debian"), &p->arena, &f, &p->err), 1);
    assert_true(str_eq(f.link, in.link) && str_eq(f.failure, in.failure) && str_eq(f.etag, in.etag));
    assert_true(f.fetched == 1 && f.published == 2 && f.every == 3 && f.rows == 4 && f.advisories == 5);
    assert_true(f.version == 6 && f.snapshot && f.binary);
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

STORE_TEST(store_inventories)
{
    struct str bytes;
    uint8_t one[32] = {1}, two[32] = {2};
    const struct digest a = digest_of_bytes(one, 32), b = digest_of_bytes(two, 32), none = {0};
    assert_int_equal(store_inventory_put(s, &a, &b, STR("v1"), STR("bytes"), &p->err), 0);
    assert_int_equal(store_inventory_get(s, &a, &b, STR("v1"), &p->arena, &bytes, &p->err), 1);
    assert_true(str_eq(bytes, STR("bytes")));
    assert_int_equal(store_inventory_get(s, &a, &none, STR("v1"), &p->arena, &bytes, &p->err), 1);
    assert_int_equal(store_inventory_get(s, &none, &b, STR("v1"), &p->arena, &bytes, &p->err), 1);
    assert_int_equal(store_inventory_get(s, &a, &b, STR("v2"), &p->arena, &bytes, &p->err), 0);
    assert_int_equal(store_inventory_get(s, &a, &a, STR("v1"), &p->arena, &bytes, &p->err), 0);
    assert_int_equal(store_inventory_get(s, &b, &none, STR("v1"), &p->arena, &bytes, &p->err), 0);
    assert_int_equal(store_inventory_get(s, &none, &none, STR("v1"), &p->arena, &bytes, &p->err), 0);
}

TEST(store_large_value)
{
    struct place p = place_make();
    struct store *s = place_open(&p);
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
    assert_int_equal(db_sqlite.open(&db, p.path, &p.err), 0);
    assert_int_equal(db_run(db, "CREATE TABLE address (name)", &p.err), 0);
    db_close(db);
    assert_int_equal(store_open(&s, p.path, &rebuilt, &p.err), -E_USAGE);
    assert_non_null(strstr(p.err.text, "a database of another program; name another file with --db"));
    place_done(&p);
}

TEST(store_refuses_a_newer_schema)
{
    struct place p = place_make();
    struct store *s = place_open(&p);
    struct db *db = NULL;
    bool rebuilt;
    store_close(s);
    assert_int_equal(db_sqlite.open(&db, p.path, &p.err), 0);
    assert_int_equal(db_run(db, "PRAGMA user_version = 99", &p.err), 0);
    db_close(db);
    assert_int_equal(store_open(&s, p.path, &rebuilt, &p.err), -E_USAGE);
    assert_non_null(strstr(p.err.text, "made by a newer limpid (schema 99"));
    place_done(&p);
}

TEST(store_makes_a_damaged_one_anew)
{
    struct place p = place_make();
    struct store *s = place_open(&p);
    bool rebuilt;
    place_load(&p, s, "debian", "debian:12", "openssl", "CVE-1!");
    store_close(s);
    CLEANUP(buf_done) struct buf bytes = buf_make(MIB(4));
    assert_int_equal(file_read(p.path, &bytes, &p.err), 0);
    memset(bytes.ptr + 100, 0xff, 3900); /* the schema's page; the header with our mark stays */
    assert_int_equal(file_write(p.path, buf_str(&bytes), &p.err), 0);
    assert_int_equal(store_open(&s, p.path, &rebuilt, &p.err), 0);
    assert_true(rebuilt);
    place_expect(&p, s, "debian:12", "openssl", "");
    store_close(s);
    place_done(&p);
}

TEST(store_busy)
{
    struct place p = place_make();
    struct store *s = place_open(&p);
    struct db *a = NULL, *b = NULL;
    assert_int_equal(db_sqlite.open(&a, p.path, &p.err), 0);
    assert_int_equal(db_begin(a, &p.err), 0);
    assert_int_equal(db_sqlite.open(&b, p.path, &p.err), 0);
    assert_int_equal(db_run(b, "PRAGMA busy_timeout = 1", &p.err), 0);
    assert_int_equal(db_run(b, "BEGIN IMMEDIATE", &p.err), -E_TIMEOUT);
    assert_non_null(strstr(p.err.text, "another limpid is writing"));
    assert_int_equal(db_end(a, -1, &p.err), -1);
    assert_int_equal(db_run(b, "BEGIN IMMEDIATE; ROLLBACK", &p.err), 0);
    db_close(b);
    db_close(a);
    store_close(s);
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
