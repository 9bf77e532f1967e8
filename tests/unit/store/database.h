/* Each test of the store runs on both databases: STORE_TEST(name) is a test on SQLite and, as name_postgres, one on a
   PostgreSQL of our own, which the program starts when it is first needed and ends at its exit. */
#pragma once
#include "base/arena.h"
#include "base/limits.h"
#include "store/store.h"
#include "test.h"

struct place {
    char folder[64], path[256]; /* path: the source that store_open() takes */
    bool postgres;
    struct error err;
    struct arena arena;
};

/* A folder, and an empty database, of its own for each test. */
struct place place_make(void);
/* false: PostgreSQL is not installed here. */
bool place_make_postgres(struct place *ret);
void place_done(struct place *p);
struct store *place_open(struct place *p);
/* Ends the PostgreSQL as a power cut would, and starts it again. */
void place_cut_power(void);

/* One row of a feed: "CVE-1<1.0 CVE-2!" are an id that is fixed in 1.0 and one that is not fixed. */
void place_load(struct place *p, struct store *s, const char *feed, const char *namespace,
                const char *package, const char *advisories);
/* Adds such a row to the load that has begun. */
void place_row(struct place *p, struct store *s, const char *namespace, const char *package,
               const char *advisories);
/* The same of an id. */
int place_about(struct place *p, struct store *s, const char *id, const char *description);
/* The stored rows about a package: "debian:CVE-1<1.0 CVE-2! " */
void place_expect(struct place *p, struct store *s, const char *namespace, const char *package,
                  const char *wanted);

#define STORE_TEST(test_name)                                     \
    static void test_name##_on(struct place *p, struct store *s); \
    TEST(test_name)                                               \
    {                                                             \
        struct place p = place_make();                            \
        struct store *s = place_open(&p);                         \
        test_name##_on(&p, s);                                    \
        store_close(s);                                           \
        place_done(&p);                                           \
    }                                                             \
    TEST(test_name##_postgres)                                    \
    {                                                             \
        struct place p;                                           \
        if (!place_make_postgres(&p))                             \
            TEST_SKIP("PostgreSQL is not installed");             \
        struct store *s = place_open(&p);                         \
        test_name##_on(&p, s);                                    \
        store_close(s);                                           \
        place_done(&p);                                           \
    }                                                             \
    static void test_name##_on(struct place *p, struct store *s)
