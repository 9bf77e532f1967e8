#include <pthread.h>

#include "database.h"
#include "store/notification.h"
#include "store/schema.h"
#include "store/store_private.h"
#include "store/vulnerability.h"

static const struct store_feed meta = {.name = STR_INIT("debian"),
                                       .link = STR_INIT("https://example.org/%s")};

static int64_t count(struct place *p, struct store *s, const char *sql)
{
    int64_t n = -1;
    if (db_number(s->db, sql, 0, &n, &p->err) < 0)
        fail_msg("%s", p->err.text);
    return n;
}

static void finish(struct place *p, struct store *s)
{
    if (store_feed_end(s, &meta, &p->err) < 0)
        fail_msg("%s", p->err.text);
}

/* The first load makes no notifications; the second only what changed: CVE-1 fixed, CVE-2 gone, CVE-4 new. */
/* ---- statements whose answers are waited for together ---- */

static int64_t settings(struct store *s, struct place *p)
{
    int64_t n = -1;
    assert_int_equal(db_number(s->db, "SELECT count(*) FROM setting", 0, &n, &p->err), 0);
    return n;
}

/* Sends so many settings, of which the one at `twice` is there already. */
static int send_settings(struct store *s, struct query *q, int count, int twice, struct error *err)
{
    int rc = db_begin(s->db, err);
    for (int i = 0; i < count && rc == 0; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", i == twice ? 0 : i);
        query_bind_text(q, 1, str_of(name));
        rc = query_send(q, err);
    }
    return rc;
}

STORE_TEST(send_many)
{
    struct query *q = NULL;
    int64_t before = settings(s, p), inside = 0;
    assert_int_equal(query_open(&q, s->db, "INSERT INTO setting (name, value) VALUES ($1, 'x')", &p->err), 0);
    int rc = send_settings(s, q, 300, -1, &p->err);
    assert_int_equal(rc, 0);
    /* a question among them is answered behind them */
    assert_int_equal(db_number(s->db, "SELECT count(*) FROM setting", 0, &inside, &p->err), 0);
    assert_int_equal(inside, before + 300);
    assert_int_equal(db_end(s->db, rc, &p->err), 0);
    assert_int_equal(settings(s, p), before + 300);
    query_close(q);
}

/* Wherever one fails, it is told by the end at the latest, and nothing of it stays. */
STORE_TEST(send_fails)
{
    struct query *q = NULL;
    int64_t before = settings(s, p);
    assert_int_equal(query_open(&q, s->db, "INSERT INTO setting (name, value) VALUES ($1, 'x')", &p->err), 0);
    for (int twice = 1; twice < 150; twice += 37) {
        int rc = send_settings(s, q, 150, twice, &p->err);
        assert_true(db_end(s->db, rc, &p->err) < 0);
        assert_non_null(strcasestr(p->err.text, "unique"));
        assert_int_equal(settings(s, p), before);
    }
    int rc = send_settings(s, q, 2, -1, &p->err);
    assert_int_equal(db_end(s->db, rc, &p->err), 0);
    assert_int_equal(settings(s, p), before + 2);
    query_close(q);
}

/* What is undone needs no answers; the next transaction begins afresh. */
STORE_TEST(send_and_undo)
{
    struct query *q = NULL;
    int64_t before = settings(s, p);
    assert_int_equal(query_open(&q, s->db, "INSERT INTO setting (name, value) VALUES ($1, 'x')", &p->err), 0);
    for (int twice = 0; twice < 2; twice++) {
        assert_int_equal(send_settings(s, q, 3, twice ? 1 : -1, &p->err),
                         twice && !p->postgres ? -E_SYSTEM : 0);
        assert_int_equal(db_end(s->db, -E_CANCELLED, &p->err), -E_CANCELLED);
        assert_int_equal(settings(s, p), before);
    }
    query_close(q);
}

/* A load in bulk makes the database look again at how it reads the table: plans of before are for an empty one. */
STORE_TEST(load_in_bulk_is_analyzed)
{
    int64_t rows = -1;
    place_load(p, s, "debian", "debian:12", "openssl", "CVE-1<1.0");
    if (!p->postgres)
        return;
    assert_int_equal(db_number(s->db,
                               "SELECT CAST(reltuples AS BIGINT) FROM pg_class WHERE relname = 'advisory'", 0,
                               &rows, &p->err),
                     0);
    assert_int_equal(rows, 1);
}

STORE_TEST(load_writes_what_changed)
{
    assert_int_equal(store_serve(s, &p->err), 0);
    store_feed_begin(s, STR("debian"));
    place_row(p, s, "debian:12", "openssl", "CVE-1! CVE-2<1.0");
    place_row(p, s, "debian:12", "curl", "CVE-1<2.0 CVE-3<3.0");
    place_row(p, s, "debian:11", "curl", "CVE-3!");
    assert_int_equal(place_about(p, s, "CVE-1", "A flaw."), 0);
    finish(p, s);
    assert_int_equal(count(p, s, "SELECT count(*) FROM vulnerability"), 4);
    assert_int_equal(count(p, s, "SELECT count(*) FROM notification"), 0);

    struct store_vulnerability v;
    assert_int_equal(store_vulnerability_get(s, STR("debian:12"), STR("CVE-1"), &p->arena, &v, &p->err), 1);
    assert_true(str_eq(v.description, STR("A flaw.")));
    assert_true(str_eq(v.link, STR("https://example.org/CVE-1")));
    assert_int_equal(v.severity, SEVERITY_LOW);
    int64_t before = v.id, untouched;
    assert_int_equal(store_vulnerability_get(s, STR("debian:11"), STR("CVE-3"), &p->arena, &v, &p->err), 1);
    untouched = v.id;

    store_feed_begin(s, STR("debian"));
    place_row(p, s, "debian:11", "curl", "CVE-3!");
    place_row(p, s, "debian:12", "curl", "CVE-1<2.0");
    place_row(p, s, "debian:12", "curl", "CVE-3<3.0"); /* in two pieces: no change */
    place_row(p, s, "debian:12", "openssl", "CVE-1<1.1 CVE-4!");
    finish(p, s);
    assert_int_equal(store_vulnerability_get(s, STR("debian:12"), STR("CVE-1"), &p->arena, &v, &p->err), 1);
    assert_true(v.id > before);
    assert_true(str_eq(v.description, STR("A flaw."))); /* what a load does not mention stays */
    assert_int_equal(store_vulnerability_get(s, STR("debian:11"), STR("CVE-3"), &p->arena, &v, &p->err), 1);
    assert_int_equal(v.id, untouched);
    assert_int_equal(store_vulnerability_get(s, STR("debian:12"), STR("CVE-2"), &p->arena, &v, &p->err), 0);
    assert_int_equal(count(p, s, "SELECT count(*) FROM notification"), 3);
    assert_int_equal(count(p, s, "SELECT count(*) FROM vulnerability WHERE deleted_at > 0"), 2);
    assert_int_equal(store_vulnerability_by_id(s, before, &p->arena, &v, &p->err), 1);
    assert_true(v.deleted > 0);
    place_expect(p, s, "debian:12", "openssl", "debian:CVE-1<1.1 CVE-4! ");
    place_expect(p, s, "debian:12", "curl", "debian:CVE-1<2.0 CVE-3<3.0 ");
}

/* Every sequence of loads leaves what its last one says, and nothing of the others. */
STORE_TEST(load_equals_its_last)
{
    assert_int_equal(store_serve(s, &p->err), 0);
    static const char *const packages[] = {"a", "b", "c", "d", "e", "f"};
    unsigned seed = 1;
    char wanted[6][64];
    for (int round = 0; round < 12; round++) {
        store_feed_begin(s, STR("debian"));
        for (int i = 0; i < 6; i++) {
            char text[40];
            seed = seed * 1103515245 + 12345;
            snprintf(text, sizeof text, "CVE-%u<1.%u CVE-%u!", seed >> 16 & 1, seed >> 20 & 1,
                     5 + (seed >> 24 & 1));
            snprintf(wanted[i], sizeof wanted[i], "debian:%s ", text);
            if (seed >> 28 & 1)
                place_row(p, s, "debian:12", packages[i], text);
            else
                wanted[i][0] = 0;
        }
        finish(p, s);
        for (int i = 0; i < 6; i++)
            place_expect(p, s, "debian:12", packages[i], wanted[i]);
    }
    assert_int_equal(count(p, s,
                           "SELECT count(*) FROM vulnerability WHERE deleted_at = 0 AND NOT EXISTS (SELECT 1 "
                           "FROM advisory)"),
                     0);
}

/* A server that comes later finds what the feeds have brought before. */
STORE_TEST(load_before_a_server)
{
    struct store_vulnerability v;
    place_load(p, s, "debian", "debian:12", "openssl", "CVE-1! CVE-2<1.0");
    assert_int_equal(count(p, s, "SELECT count(*) FROM vulnerability"), 0);
    assert_int_equal(store_serve(s, &p->err), 0);
    assert_int_equal(store_serve(s, &p->err), 0);
    assert_int_equal(count(p, s, "SELECT count(*) FROM vulnerability"), 2);
    assert_int_equal(store_vulnerability_get(s, STR("debian:12"), STR("CVE-2"), &p->arena, &v, &p->err), 1);
    place_load(p, s, "debian", "debian:12", "openssl", "CVE-1! CVE-2<1.0");
    assert_int_equal(count(p, s, "SELECT count(*) FROM notification"), 0); /* the same again */
}

static int take_about(void *ctx, struct str feed, const struct vulnerability *v)
{
    struct buf *told = ctx;
    buf_printf(told, STR_FMT " " STR_FMT ": " STR_FMT "%s%.5f; ", STR_ARG(feed), STR_ARG(v->id),
               STR_ARG(v->description), v->rejected ? " rejected " : " ", v->epss);
    return 0;
}

/* What is told of CVE-1 and CVE-2, by whom, for somebody who judges debian:12. */
static void expect_about(struct place *p, struct store *s, const char *first, const char *second)
{
    static const struct str ids[] = {STR_INIT("CVE-1"), STR_INIT("CVE-2")};
    CLEANUP(buf_done) struct buf told = buf_make(KIB(4));
    if (store_about(s, STR("debian:12"), ids, 2, take_about, &told, &p->err) < 0)
        fail_msg("%s", p->err.text);
    buf_add_char(&told, 0);
    if (strlen(told.ptr) != strlen(first) + strlen(second) || !strstr(told.ptr, first) ||
        !strstr(told.ptr, second))
        fail_msg("%s", told.ptr);
}

/* Feeds that enrich tell of ids for all others; what they do not say any more is gone. */
STORE_TEST(about_ids)
{
    struct store_feed epss = {.name = STR_INIT("epss"), .enriches = true}, known;
    struct vulnerability v = vulnerability_make(STR("CVE-1"));
    store_feed_begin(s, STR("debian"));
    place_row(p, s, "debian:12", "curl", "CVE-1<2.0");
    assert_int_equal(place_about(p, s, "CVE-1", "A flaw."), 0);
    finish(p, s);
    store_feed_begin(s, STR("ubuntu"));
    place_row(p, s, "ubuntu:22.04", "curl", "CVE-1<2.0");
    assert_int_equal(place_about(p, s, "CVE-1", "Ubuntu's words."), 0);
    assert_int_equal(store_feed_end(s, &(struct store_feed){.name = STR_INIT("ubuntu")}, &p->err), 0);
    expect_about(p, s, "debian CVE-1: A flaw. -1.00000; ", "");

    store_feed_begin(s, STR("epss"));
    v.epss = 0.5;
    assert_int_equal(store_feed_about(s, &v, &p->err), 0);
    v.epss = 0.25; /* told again: the last counts */
    assert_int_equal(store_feed_about(s, &v, &p->err), 0);
    v = vulnerability_make(STR("CVE-3"));
    assert_int_equal(store_feed_about(s, &v, &p->err), 0);
    assert_int_equal(store_feed_end(s, &epss, &p->err), 0);
    expect_about(p, s, "debian CVE-1: A flaw. -1.00000; ", "epss CVE-1:  0.25000; ");
    assert_int_equal(store_feed_get(s, STR("epss"), &p->arena, &known, &p->err), 1);
    assert_true(known.enriches && known.advisories == 2);

    store_feed_begin(s, STR("epss"));
    v = vulnerability_make(STR("CVE-2"));
    v.rejected = true;
    assert_int_equal(store_feed_about(s, &v, &p->err), 0);
    assert_int_equal(store_feed_end(s, &epss, &p->err), 0);
    expect_about(p, s, "debian CVE-1: A flaw. -1.00000; ", "epss CVE-2:  rejected -1.00000; ");
    assert_int_equal(count(p, s, "SELECT count(*) FROM about"), 3);
}

STORE_TEST(load_too_large)
{
    static char name[1024];
    store_feed_begin(s, STR("debian"));
    memset(name, 'x', sizeof name - 1);
    int rc = 0;
    for (int i = 0; rc == 0 && i < 1000000; i++) {
        snprintf(name, sizeof name, "%-1000d", i);
        rc = place_about(p, s, name, name);
    }
    assert_int_equal(rc, -E_LIMIT);
    assert_string_equal(p->err.text, "feed debian: more than 512 MiB of advisories");
    store_feed_abandon(s);
}

/* ---- the schema ---- */

STORE_TEST(schema_from_every_version)
{
    struct db *db = NULL;
    const struct db_ops *ops = s->db->ops;
    for (int version = 0; version <= 4; version++) {
        if (p->postgres) {
            assert_int_equal(db_run(s->db, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", &p->err), 0);
        } else {
            char name[300];
            snprintf(name, sizeof name, "%s-%d", p->path, version);
            assert_int_equal(rename(p->path, name), 0);
            assert_int_equal(remove(name), 0);
        }
        assert_int_equal(ops->open(&db, p->path, &p->err), 0);
        assert_int_equal(schema_migrate_to(db, "x", version, &p->err), 0);
        assert_int_equal(schema_migrate(db, "x", &p->err), 0);
        assert_int_equal(schema_migrate(db, "x", &p->err), 0);
        assert_int_equal(db_run(db, "SELECT id FROM vulnerability; SELECT name FROM feed", &p->err), 0);
        db_close(db);
    }
}

TEST(schema_newer_postgres)
{
    struct place p;
    struct store *s = NULL;
    bool rebuilt;
    if (!place_make_postgres(&p))
        TEST_SKIP("PostgreSQL is not installed");
    s = place_open(&p);
    assert_int_equal(db_run(s->db, "UPDATE limpid_schema SET version = 99", &p.err), 0);
    store_close(s);
    assert_int_equal(store_open(&s, p.path, &rebuilt, &p.err), -E_USAGE);
    assert_non_null(strstr(p.err.text, "the database: made by a newer limpid (schema 99"));
    place_done(&p);
}

/* Who comes from Clair keeps its tables, beside ours. */
TEST(schema_keeps_clairs_tables)
{
    struct place p;
    struct db *db = NULL;
    int64_t n = 0;
    if (!place_make_postgres(&p))
        TEST_SKIP("PostgreSQL is not installed");
    assert_int_equal(db_postgres.open(&db, p.path, &p.err), 0);
    assert_int_equal(
        db_run(db,
               "CREATE TABLE schema_migrations (version int); CREATE TABLE vulnerability (name text);"
               "CREATE TABLE layer_diff_featureversion (x int); CREATE TABLE mine (x int);"
               "INSERT INTO vulnerability VALUES ('CVE-0')",
               &p.err),
        0);
    struct store *s = place_open(&p);
    assert_int_equal(db_number(db, "SELECT count(*) FROM clair2.vulnerability", 0, &n, &p.err), 0);
    assert_int_equal(n, 1);
    assert_int_equal(db_number(db, "SELECT count(*) FROM vulnerability", 0, &n, &p.err), 0);
    assert_int_equal(n, 0);
    assert_int_equal(db_run(db, "SELECT x FROM mine; DROP TABLE mine", &p.err), 0);
    store_close(s);
    db_close(db);
    place_done(&p);
}

static void *open_it(void *place)
{
    struct place p = *(struct place *)place;
    struct store *s = NULL;
    bool rebuilt;
    int rc = store_open(&s, p.path, &rebuilt, &p.err);
    if (rc < 0)
        fprintf(stderr, "%s\n", p.err.text);
    store_close(s);
    return rc < 0 ? place : NULL;
}

/* Eight servers start on an empty database. */
TEST(schema_made_by_many_at_once)
{
    struct place p;
    pthread_t threads[8];
    if (!place_make_postgres(&p))
        TEST_SKIP("PostgreSQL is not installed");
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, open_it, &p), 0);
    for (size_t i = 0; i < 8; i++) {
        void *failed = &p;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    place_done(&p);
}

/* ---- faults ---- */

/* The server dies between the rows and the commit: nothing of the load is there, and the next one works. */
TEST(database_dies_in_a_load)
{
    struct place p;
    if (!place_make_postgres(&p))
        TEST_SKIP("PostgreSQL is not installed");
    struct store *s = place_open(&p);
    place_load(&p, s, "debian", "debian:12", "openssl", "CVE-1!");
    assert_int_equal(db_begin(s->db, &p.err), 0);
    assert_int_equal(db_run(s->db, "DELETE FROM advisory", &p.err), 0);
    place_cut_power();
    int rc = db_run(s->db, "DELETE FROM vulnerability", &p.err);
    assert_int_equal(rc, -E_NETWORK);
    int64_t n;
    /* What comes after it in the transaction is not done alone, on a new connection. */
    assert_int_equal(db_run(s->db, "DELETE FROM advisory", &p.err), -E_NETWORK);
    assert_string_equal(p.err.text, "database: the connection was lost within a transaction");
    assert_int_equal(db_number(s->db, "SELECT count(*) FROM advisory", 0, &n, &p.err), -E_NETWORK);
    assert_int_equal(db_end(s->db, rc, &p.err), -E_NETWORK);
    place_expect(&p, s, "debian:12", "openssl", "debian:CVE-1! "); /* without being opened again */
    place_load(&p, s, "debian", "debian:12", "openssl", "CVE-2!");
    place_expect(&p, s, "debian:12", "openssl", "debian:CVE-2! ");
    store_close(s);
    place_done(&p);
}

/* The same while nobody has waited for answers yet. */
TEST(database_dies_before_it_answers)
{
    struct place p;
    struct query *q = NULL;
    if (!place_make_postgres(&p))
        TEST_SKIP("PostgreSQL is not installed");
    struct store *s = place_open(&p);
    int64_t before = settings(s, &p);
    assert_int_equal(query_open(&q, s->db, "INSERT INTO setting (name, value) VALUES ($1, 'x')", &p.err), 0);
    for (int sent = 0; sent < 2; sent++) { /* before they are sent, and after */
        int rc = sent ? send_settings(s, q, 5, -1, &p.err) : db_begin(s->db, &p.err);
        assert_int_equal(rc, 0);
        place_cut_power();
        for (int i = 0; i < 70 && !sent && rc == 0; i++) {
            query_bind_text(q, 1, STR("again"));
            rc = query_send(q, &p.err);
        }
        assert_int_equal(db_end(s->db, rc, &p.err), -E_NETWORK);
        assert_int_equal(settings(s, &p), before);
        rc = send_settings(s, q, 1, -1, &p.err);
        assert_int_equal(db_end(s->db, rc, &p.err), 0);
        assert_int_equal(settings(s, &p), ++before);
        assert_int_equal(db_run(s->db, "DELETE FROM setting WHERE name = 's0'", &p.err), 0);
        before--;
    }
    query_close(q);
    store_close(s);
    place_done(&p);
}

/* No room for a load: the old data are there, and a smaller load is taken. */
TEST(disk_full_in_a_load)
{
    struct place p = place_make();
    struct store *s = place_open(&p);
    const struct store_feed meta_of = {.name = STR("debian"), .rows = 1};
    place_load(&p, s, "debian", "debian:12", "openssl", "CVE-1!");
    assert_int_equal(db_run(s->db, "PRAGMA max_page_count = 60", &p.err), 0);
    store_feed_begin(s, STR("debian"));
    for (int i = 0; i < 20000; i++) {
        char name[32];
        snprintf(name, sizeof name, "package-%d", i);
        place_row(&p, s, "debian:12", name, "CVE-2!");
    }
    assert_int_equal(store_feed_end(s, &meta_of, &p.err), -E_SYSTEM);
    assert_non_null(strstr(p.err.text, "no space left for the database"));
    place_expect(&p, s, "debian:12", "openssl", "debian:CVE-1! ");
    place_load(&p, s, "debian", "debian:12", "openssl", "CVE-3!");
    place_expect(&p, s, "debian:12", "openssl", "debian:CVE-3! ");
    store_close(s);
    place_done(&p);
}

STORE_TEST(db_list_too_long)
{
    static struct str names[20];
    static char big[1 << 20];
    memset(big, 'x', sizeof big);
    for (size_t i = 0; i < 20; i++)
        names[i] = (struct str){big, sizeof big};
    int rc = store_vulnerability_named(s, STR("debian:12"), names, 20, NULL, NULL, &p->err);
    assert_int_equal(rc, -E_LIMIT);
    assert_string_equal(p->err.text, "a list of more than 16 MiB for one question to the database");
}

STORE_TEST(store_locks)
{
    struct store *other = place_open(p);
    assert_int_equal(store_try_lock(s, 7, &p->err), 1);
    if (p->postgres)
        assert_int_equal(store_try_lock(other, 7, &p->err), 0);
    assert_int_equal(store_unlock(s, 7, &p->err), 0);
    assert_int_equal(store_try_lock(other, 7, &p->err), 1);
    store_close(other); /* lost with its holder */
    for (int i = 0; i < 100 && store_try_lock(s, 7, &p->err) == 0; i++)
        ;
    assert_int_equal(store_unlock(s, 7, &p->err), 0);
}
