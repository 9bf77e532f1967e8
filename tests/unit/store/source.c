#include "store/source.h"

#include "database.h"
#include "store/db.h"

static const char *const known[] = {"host", "port", "user", "dbname", "sslmode", "password", NULL};

static bool is_known(const void *ctx, struct str name)
{
    for (const char *const *n = ctx; *n; n++)
        if (str_eq(str_of(*n), name))
            return true;
    return false;
}

static void expect(struct str source, const char *kept, const char *options)
{
    CLEANUP(buf_done) struct buf a = buf_make(4096), b = buf_make(4096);
    source_split(source, is_known, known, &a, &b);
    buf_add_char(&a, 0);
    buf_add_char(&b, 0);
    assert_string_equal(a.ptr, kept);
    assert_string_equal(b.ptr, options);
}

TEST(source_pairs)
{
    expect(STR("host=localhost port=5432 user=postgres sslmode=disable statement_timeout=60000"),
           "host=localhost port=5432 user=postgres sslmode=disable", "-c statement_timeout=60000");
    expect(STR("host = 'a b' search_path = 'x y\\'\\\\' dbname= n"), "host = 'a b' dbname= n",
           "-c search_path=x\\ y'\\\\");
    expect(STR("options='-c a=1' b=2 user=u"), "user=u", "-c a=1 -c b=2");
    expect(STR("user=u binary_parameters=yes password="), "user=u password=", "");
    expect(STR("password='' host=h\\ i work_mem=1"), "password='' host=h\\ i", "-c work_mem=1");
    expect(STR(""), "", "");
}

TEST(source_uris)
{
    expect(STR("postgresql://u:p@h:5432/n?sslmode=disable&statement_timeout=60000"),
           "postgresql://u:p@h:5432/n?sslmode=disable", "-c statement_timeout=60000");
    expect(STR("postgres://h/n?search_path=a%20b%5c%2&user=u%20v"), "postgres://h/n?user=u%20v",
           "-c search_path=a\\ b\\\\%2");
    expect(STR("postgres://h/n?options=-c%20a%3D1&binary_parameters=yes"), "postgres://h/n", "-c a=1");
    expect(STR("postgres://h/n"), "postgres://h/n", "");
}

/* libpq says what is wrong. */
TEST(source_unreadable)
{
    expect(STR("host=h nonsense"), "host=h nonsense", "");
    expect(STR("host=h non sense=1 user=u"), "host=h non sense=1 user=u", "");
    expect(STR("host=h x='open user=u"), "host=h x='open user=u", "");
    expect(STR("= 1"), "= 1", "");
}

TEST(source_every_truncation)
{
    struct str whole = STR("host='a\\'b' x = 'y\\\\ z' options='-c q=1' port=1");
    for (size_t n = 0; n <= whole.len; n++) {
        CLEANUP(buf_done) struct buf a = buf_make(4096), b = buf_make(4096);
        source_split((struct str){whole.ptr, n}, is_known, known, &a, &b);
        assert_true(a.len <= n && !a.failed && !b.failed);
    }
}

STORE_TEST(source_sets_the_session)
{
    if (!p->postgres)
        return;
    CLEANUP(db_closep) struct db *db = NULL;
    char source[400];
    int64_t n = 0;
    snprintf(source, sizeof source, "%s statement_timeout=61000 binary_parameters=yes", p->path);
    assert_int_equal(db_postgres.open(&db, source, &p->err), 0);
    assert_int_equal(
        db_number(db, "SELECT CAST(setting AS BIGINT) FROM pg_settings WHERE name = 'statement_timeout'", 0,
                  &n, &p->err),
        0);
    assert_int_equal(n, 61000);
    assert_non_null(s);
}

TEST(source_with_an_unknown_setting)
{
    struct place p;
    struct db *db = NULL;
    char source[400];
    if (!place_make_postgres(&p))
        TEST_SKIP("no PostgreSQL here");
    snprintf(source, sizeof source, "%s statment_timeout=1", p.path);
    assert_int_equal(db_postgres.open(&db, source, &p.err), -E_NETWORK);
    assert_non_null(strstr(p.err.text, "unrecognized configuration parameter \"statment_timeout\""));
    place_done(&p);
}
