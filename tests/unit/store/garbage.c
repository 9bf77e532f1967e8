#include "store/garbage.h"

#include <pthread.h>
#include <stdatomic.h>

#include "database.h"
#include "os/clock.h"
#include "store/db.h"
#include "store/layer.h"
#include "store/notification.h"
#include "store/store_private.h"
#include "store/vulnerability.h"

enum { DAY = 86400 };

static uint64_t collect(struct place *p, struct store *s, enum garbage kind, int64_t now)
{
    struct garbage_search search = {.now = now};
    int rc;
    while ((rc = store_garbage_remove(s, kind, &search, &p->err)) > 0)
        ;
    if (rc < 0)
        fail_msg("%s", p->err.text);
    return search.removed;
}

static int64_t count(struct place *p, struct store *s, const char *sql)
{
    int64_t n = -1;
    if (db_number(s->db, sql, -1, &n, &p->err) < 0)
        fail_msg("%s", p->err.text);
    return n;
}

static void run(struct place *p, struct store *s, const char *sql)
{
    if (db_run(s->db, sql, &p->err) < 0)
        fail_msg("%s", p->err.text);
}

/* A person's, or another state of it. */
static void say(struct place *p, struct store *s, const char *name, enum severity severity)
{
    struct store_vulnerability old = {0};
    const struct store_vulnerability v = {
        .namespace = STR("debian:12"), .name = str_of(name), .severity = severity};
    assert_true(store_vulnerability_get(s, v.namespace, v.name, &p->arena, &old, &p->err) >= 0);
    assert_int_equal(store_vulnerability_put(s, &v, &old, STR("dpkg"), &p->err), 0);
}

static int post(struct place *p, struct store *s, const char *name, const char *features, const char *package)
{
    const struct store_layer l = {.name = str_of(name),
                                  .namespace = STR("debian:12"),
                                  .fingerprint = STR("v1"),
                                  .features = str_of(features),
                                  .features_hash = str_of(features)};
    const struct store_feature f = {STR("debian:12"), str_of(package), STR("1")};
    return store_layer_put(s, &l, 0, &f, 1, &p->err);
}

STORE_TEST(garbage_notifications)
{
    int64_t now = clock_seconds();
    struct str name;
    struct store_notification n;
    say(p, s, "CVE-1", SEVERITY_LOW);
    say(p, s, "CVE-2", SEVERITY_LOW);
    assert_int_equal(store_notification_next(s, now, 1, now, &p->arena, &name, &p->err), 1);
    assert_int_equal(store_notification_delete(s, name, now, &p->err), 1);
    assert_int_equal(collect(p, s, GARBAGE_NOTIFICATIONS, now + NOTIFICATION_KEPT), 0);
    assert_int_equal(collect(p, s, GARBAGE_NOTIFICATIONS, now + NOTIFICATION_KEPT + 1), 1);
    assert_int_equal(store_notification_get(s, name, &p->arena, &n, &p->err), 0);
    assert_int_equal(store_notification_delete(s, name, now, &p->err), 0);
    assert_int_equal(count(p, s, "SELECT count(*) FROM notification"), 1); /* nobody has deleted the other */
    assert_int_equal(collect(p, s, GARBAGE_OLD_NOTIFICATIONS, now + NOTIFICATION_LIFE - 9), 0);
    assert_int_equal(collect(p, s, GARBAGE_OLD_NOTIFICATIONS, now + NOTIFICATION_LIFE + 9), 1);
    assert_int_equal(count(p, s, "SELECT count(*) FROM notification"), 0);
}

/* What a notification still shows stays, whichever side it is on; what is live does in any case. */
STORE_TEST(garbage_vulnerabilities)
{
    int64_t later = clock_seconds() + NOTIFICATION_KEPT + DAY;
    say(p, s, "CVE-1", SEVERITY_LOW);
    say(p, s, "CVE-1", SEVERITY_HIGH);
    say(p, s, "CVE-1", SEVERITY_MEDIUM); /* none → 1, 1 → 2, 2 → 3 */
    assert_int_equal(collect(p, s, GARBAGE_VULNERABILITIES, later), 0);
    run(p, s, "DELETE FROM notification WHERE old_vulnerability_id = 0");
    assert_int_equal(collect(p, s, GARBAGE_VULNERABILITIES, later), 0); /* 1 → 2 shows both */
    run(p, s, "DELETE FROM notification WHERE old_vulnerability_id = 1");
    assert_int_equal(collect(p, s, GARBAGE_VULNERABILITIES, clock_seconds()), 0); /* not yet */
    assert_int_equal(collect(p, s, GARBAGE_VULNERABILITIES, later), 1);
    assert_int_equal(count(p, s, "SELECT min(id) FROM vulnerability"), 2);
    run(p, s, "DELETE FROM notification");
    assert_int_equal(collect(p, s, GARBAGE_VULNERABILITIES, later), 1);
    assert_int_equal(count(p, s, "SELECT min(id) FROM vulnerability"), 3);
    assert_int_equal(collect(p, s, GARBAGE_VULNERABILITIES, later), 0);
}

STORE_TEST(garbage_sets_and_features)
{
    struct store_layer l;
    post(p, s, "a", "one", "openssl");
    post(p, s, "b", "one", "openssl");
    post(p, s, "c", "two", "zlib");
    assert_int_equal(collect(p, s, GARBAGE_FEATURE_SETS, 0) + collect(p, s, GARBAGE_FEATURES, 0), 0);
    assert_int_equal(store_layer_delete(s, STR("a"), &p->err), 1);
    assert_int_equal(store_layer_delete(s, STR("c"), &p->err), 1);
    assert_int_equal(collect(p, s, GARBAGE_FEATURES, 0), 0);     /* its set is still there */
    assert_int_equal(collect(p, s, GARBAGE_FEATURE_SETS, 0), 1); /* b shares the other */
    assert_int_equal(count(p, s, "SELECT count(*) FROM feature_introduced"), 1);
    assert_int_equal(collect(p, s, GARBAGE_FEATURES, 0), 1);
    assert_int_equal(store_layer_get(s, STR("b"), &p->arena, &l, &p->err), 1);
    assert_true(str_eq(l.features, STR("one")));
    assert_int_equal(post(p, s, "c", "two", "zlib"), 1); /* as if it had never been there */
    assert_int_equal(count(p, s, "SELECT count(*) FROM feature_introduced"), 2);
}

STORE_TEST(garbage_inventories)
{
    int64_t now = clock_seconds();
    uint8_t one[32] = {1}, two[32] = {2}, three[32] = {3};
    const struct digest posted = digest_of_bytes(one, 32), scanned = digest_of_bytes(two, 32),
                        tar = digest_of_bytes(three, 32);
    const struct store_layer l = {.name = STR("a"),
                                  .digest = posted,
                                  .diff_id = tar,
                                  .fingerprint = STR("v1"),
                                  .features_hash = STR("x")};
    struct str bytes;
    assert_int_equal(store_inventory_put(s, &posted, &tar, STR("v1"), STR("1"), &p->err), 0);
    assert_int_equal(store_inventory_put(s, &posted, &tar, STR("v0"), STR("0"), &p->err), 0);
    assert_int_equal(store_inventory_put(s, &scanned, &tar, STR("v1"), STR("2"), &p->err), 0);
    assert_int_equal(store_layer_put(s, &l, 0, NULL, 0, &p->err), 1);
    assert_int_equal(collect(p, s, GARBAGE_INVENTORIES, now + INVENTORY_LIFE), 0);
    assert_int_equal(collect(p, s, GARBAGE_INVENTORIES, now + INVENTORY_LIFE + DAY), 2);
    assert_int_equal(store_inventory_get(s, &posted, &tar, STR("v1"), &p->arena, &bytes, &p->err), 1);
    assert_int_equal(store_inventory_get(s, &scanned, &tar, STR("v1"), &p->arena, &bytes, &p->err), 0);
    run(p, s, "UPDATE inventory SET written_at = 0; DELETE FROM layer");
    assert_int_equal(store_inventory_put(s, &posted, &tar, STR("v1"), STR("1"), &p->err), 0); /* read again */
    assert_int_equal(collect(p, s, GARBAGE_INVENTORIES, now + DAY), 0);
}

/* A batch is no larger, and a search that begins where the last one ended comes to the end. */
STORE_TEST(garbage_in_batches)
{
    struct garbage_search search = {0};
    char name[16];
    for (int i = 0; i < 2 * GARBAGE_BATCH + 1; i++) {
        snprintf(name, sizeof name, "set%d", i);
        assert_int_equal(post(p, s, name, name, name), 1);
    }
    run(p, s, "DELETE FROM layer WHERE name <> 'set5'");
    assert_int_equal(store_garbage_remove(s, GARBAGE_FEATURE_SETS, &search, &p->err), 1);
    assert_int_equal(search.removed, GARBAGE_BATCH);
    assert_int_equal(store_garbage_remove(s, GARBAGE_FEATURE_SETS, &search, &p->err), 1);
    assert_int_equal(store_garbage_remove(s, GARBAGE_FEATURE_SETS, &search, &p->err), 0);
    assert_int_equal(search.removed, 2 * GARBAGE_BATCH);
    assert_int_equal(collect(p, s, GARBAGE_FEATURES, 0), 2 * GARBAGE_BATCH);
    run(p, s, "UPDATE inventory SET written_at = 0");
    for (int i = 0; i < 2 * GARBAGE_BATCH; i++) { /* of one second: they are all found */
        uint8_t bytes[32] = {(uint8_t)i, (uint8_t)(i >> 8)};
        const struct digest d = digest_of_bytes(bytes, 32);
        assert_int_equal(store_inventory_put(s, &d, &d, STR("v1"), STR("x"), &p->err), 0);
    }
    assert_int_equal(collect(p, s, GARBAGE_INVENTORIES, clock_seconds() + INVENTORY_LIFE + DAY),
                     2 * GARBAGE_BATCH);
}

/* ---- beside those who write ---- */

struct poster {
    struct place *place;
    struct store *store;
    int failures;
    atomic_bool done;
};

static void *post_and_delete(void *ctx)
{
    struct poster *poster = ctx;
    for (int i = 0; i < 300; i++) {
        char name[24];
        struct error err;
        struct place own = {.arena = arena_make(KIB(64))};
        snprintf(name, sizeof name, "layer%d", i);
        poster->failures += post(&own, poster->store, name, "same", "openssl") != 1;
        if (i + 1 < 300)
            poster->failures += store_layer_delete(poster->store, str_of(name), &err) != 1;
        arena_done(&own.arena);
    }
    poster->done = true;
    return NULL;
}

/* The same contents are posted and deleted again and again while they are collected: no post fails, none is left without
   its features. */
STORE_TEST(garbage_beside_posts)
{
    struct poster poster = {.place = p, .store = place_open(p)};
    pthread_t thread;
    uint64_t removed = 0;
    assert_int_equal(pthread_create(&thread, NULL, post_and_delete, &poster), 0);
    for (int i = 0; !poster.done; i++)
        removed += collect(p, s, i % 2 ? GARBAGE_FEATURE_SETS : GARBAGE_FEATURES, 0);
    pthread_join(thread, NULL);
    assert_int_equal(poster.failures, 0);
    collect(p, s, GARBAGE_FEATURE_SETS, 0);
    collect(p, s, GARBAGE_FEATURES, 0);
    assert_int_equal(count(p, s,
                           "SELECT count(*) FROM layer l JOIN feature_introduced i ON i.feature_set_id = "
                           "l.feature_set_id JOIN feature f ON f.id = i.feature_id"),
                     1);
    print_message("# %ju rows were removed meanwhile\n", (uintmax_t)removed);
    store_close(poster.store);
}

/* A post that has found its set, and has not yet put its layer, keeps it; who holds a table for too long only delays the
   removal. */
TEST(garbage_waits_for_posts)
{
    struct place p;
    if (!place_make_postgres(&p))
        TEST_SKIP("PostgreSQL is not installed");
    struct store *s = place_open(&p), *other = place_open(&p);
    struct garbage_search search = {0};
    post(&p, s, "a", "one", "openssl");
    run(&p, s, "DELETE FROM layer");
    run(&p, other, "BEGIN; SELECT id FROM feature_set WHERE hash = 'one' FOR KEY SHARE");
    assert_int_equal(store_garbage_remove(s, GARBAGE_FEATURE_SETS, &search, &p.err), -E_TIMEOUT);
    run(&p, other,
        "INSERT INTO layer (name, namespace, engine_version, created_at, digest, diff_id, fingerprint, "
        "feature_set_id) SELECT 'b', '', 3, 0, '', '', '', id FROM feature_set; COMMIT");
    assert_int_equal(collect(&p, s, GARBAGE_FEATURE_SETS, 0), 0);
    assert_int_equal(count(&p, s, "SELECT count(*) FROM feature_set"), 1);
    store_close(other);
    store_close(s);
    place_done(&p);
}

/* ---- in large databases ---- */

/* PostgreSQL explains no parameters, but a list whose type is told. */
static void explain(struct place *p, struct store *s, const char *sql, struct buf *ret)
{
    CLEANUP(query_closep) struct query *q = NULL;
    CLEANUP(buf_done) struct buf text = buf_make(KIB(4));
    bool sqlite = s->db->ops == &db_sqlite, list = strstr(sql, "NUMBERS $1");
    const struct str one = STR("1");
    int rc;
    buf_add(&text, sqlite ? STR("EXPLAIN QUERY PLAN ") : STR("EXPLAIN "));
    for (const char *at = sql; *at; at++)
        if (*at == '$' && !sqlite && !(list && at[1] == '1'))
            at++, buf_add(&text, STR("'1'"));
        else
            buf_add_char(&text, *at);
    buf_add_char(&text, 0);
    assert_int_equal(query_open(&q, s->db, text.ptr, &p->err), 0);
    if (!sqlite && list)
        query_bind_list(q, 1, &one, 1);
    while ((rc = query_step(q, &p->err)) > 0)
        buf_printf(ret, "%.*s\n", STR_ARG(query_bytes(q, sqlite ? 3 : 0)));
    if (rc < 0)
        fail_msg("%s: %s", text.ptr, p->err.text);
    assert_true(ret->len > 0);
    buf_add_char(ret, 0);
}

/* What reads a table from its beginning to its end; a list, and the few lowest rows, are no tables. */
static bool reads_all(const char *line)
{
    if (strstr(line, "Seq Scan on"))
        return true;
    return !strncmp(line, "SCAN ", 5) && strncmp(line, "SCAN json_each", 14) && strcmp(line, "SCAN lowest");
}

/* In a database of a million rows no statement may read a whole table for a batch. */
STORE_TEST(garbage_goes_by_indexes)
{
    if (s->db->ops == &db_postgres) /* small tables would be read whole, whatever indexes there are */
        run(p, s, "SET enable_seqscan = off");
    for (int i = 0; i < 2 * GARBAGE_KINDS; i++) {
        const struct garbage_kind *kind = &garbage_kinds[i / 2];
        const char *sql = i % 2 ? kind->remove : kind->look;
        CLEANUP(buf_done) struct buf plan = buf_make(KIB(16));
        explain(p, s, sql, &plan);
        for (char *rest = plan.ptr, *line; (line = strsep(&rest, "\n"));)
            if (reads_all(line))
                fail_msg("%s: %s", sql, line);
    }
}
