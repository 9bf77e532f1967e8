/* Matching, by name of the trap: docs/accuracy.md says why each is decided so. */
#include "match/match.h"

#include "base/limits.h"
#include "test.h"

struct trial {
    struct arena arena;
    struct buf row;
    struct matches m;
    struct error err;
};

static struct trial trial_make(void)
{
    return (struct trial){.arena = arena_make(MIB(1)), .row = buf_make(MIB(1))};
}

static void trial_done(struct trial *t)
{
    buf_done(&t->row);
    arena_done(&t->arena);
}

static void put(struct trial *t, const char *id, enum advisory_status status, const char *fixed,
                enum severity s)
{
    const struct advisory a = {
        .id = str_of(id), .status = status, .fixed_version = str_of(fixed), .severity = s};
    advisory_pack(&t->row, &a);
}

/* "id status fixed" of each finding */
static void expect(struct trial *t, const struct package *p, const char *wanted)
{
    CLEANUP(buf_done) struct buf got = buf_make(KIB(4));
    t->m = (struct matches){.arena = &t->arena};
    assert_int_equal(match_row(&t->m, p, &version_dpkg, STR("debian"), buf_str(&t->row), &t->err), 0);
    matches_sort(&t->m);
    vec_each (&t->m.findings, f)
        buf_printf(&got, "%.*s %s %.*s\n", STR_ARG(f->id), advisory_status_name(f->status),
                   STR_ARG(f->fixed_version));
    buf_add_char(&got, 0);
    assert_string_equal(got.ptr, wanted);
}

static struct package binary(const char *version, const char *source_version)
{
    return (struct package){.name = STR("libssl3"),
                            .version = str_of(version),
                            .source_name = STR("openssl"),
                            .source_version = str_of(source_version)};
}

TEST(match_compares_the_source_version)
{
    struct trial t = trial_make();
    struct package rebuilt = binary("1.2-3+b1", "1.2-3"), old = binary("1.2-3", "1.2-2");
    put(&t, "CVE-1", ADVISORY_FIXED, "1.2-3", SEVERITY_HIGH);
    put(&t, "CVE-2", ADVISORY_FIXED, "1.2-3+deb12u1", SEVERITY_HIGH);
    expect(&t, &rebuilt, "CVE-2 fixed 1.2-3+deb12u1\n");
    expect(&t, &old, "CVE-1 fixed 1.2-3\nCVE-2 fixed 1.2-3+deb12u1\n");
    trial_done(&t);
}

TEST(match_epochs)
{
    struct trial t = trial_make();
    struct package none = binary("8.2p1-4", "8.2p1-4"), same = binary("1:8.2p1-4", "1:8.2p1-4");
    put(&t, "CVE-1", ADVISORY_FIXED, "1:8.2p1-4", SEVERITY_UNKNOWN);
    expect(&t, &none, "CVE-1 fixed 1:8.2p1-4\n");
    expect(&t, &same, "");
    trial_done(&t);
}

TEST(match_statuses)
{
    struct trial t = trial_make();
    struct package p = binary("1", "1");
    put(&t, "CVE-affected", ADVISORY_AFFECTED, "", SEVERITY_LOW);
    put(&t, "CVE-deferred", ADVISORY_FIX_DEFERRED, "", SEVERITY_LOW);
    put(&t, "CVE-eol", ADVISORY_END_OF_LIFE, "", SEVERITY_LOW);
    put(&t, "CVE-never", ADVISORY_NOT_AFFECTED, "", SEVERITY_LOW);
    put(&t, "CVE-unknown", ADVISORY_UNDETERMINED, "", SEVERITY_LOW);
    put(&t, "CVE-wont", ADVISORY_WILL_NOT_FIX, "", SEVERITY_LOW);
    expect(
        &t, &p,
        "CVE-affected affected \nCVE-deferred fix_deferred \nCVE-eol end_of_life \nCVE-wont will_not_fix \n");
    assert_int_equal(t.m.undetermined, 1);
    trial_done(&t);
}

TEST(match_worst_first)
{
    struct trial t = trial_make();
    struct package p = binary("1", "1");
    put(&t, "CVE-1", ADVISORY_AFFECTED, "", SEVERITY_UNKNOWN);
    put(&t, "CVE-3", ADVISORY_AFFECTED, "", SEVERITY_CRITICAL);
    put(&t, "CVE-2", ADVISORY_AFFECTED, "", SEVERITY_CRITICAL);
    put(&t, "CVE-4", ADVISORY_AFFECTED, "", SEVERITY_NEGLIGIBLE);
    expect(&t, &p, "CVE-2 affected \nCVE-3 affected \nCVE-4 affected \nCVE-1 affected \n");
    trial_done(&t);
}

TEST(match_unreadable_versions_are_counted)
{
    struct trial t = trial_make();
    struct package p = binary("1", "1");
    put(&t, "CVE-1", ADVISORY_FIXED, "not a version", SEVERITY_HIGH);
    put(&t, "CVE-2", ADVISORY_FIXED, "2", SEVERITY_HIGH);
    expect(&t, &p, "CVE-2 fixed 2\n");
    assert_int_equal(t.m.unreadable, 1);
    trial_done(&t);
}

TEST(match_broken_row)
{
    struct trial t = trial_make();
    struct package p = binary("1", "1");
    put(&t, "CVE-1", ADVISORY_FIXED, "2", SEVERITY_HIGH);
    for (size_t n = 1; n < t.row.len; n++) {
        t.m = (struct matches){.arena = &t.arena};
        assert_int_equal(
            match_row(&t.m, &p, &version_dpkg, STR("debian"), (struct str){t.row.ptr, n}, &t.err),
            -E_BAD_INPUT);
        assert_int_equal(t.m.findings.len, 0);
        assert_non_null(
            strstr(t.err.text, "advisories about openssl (limpid update --rebuild makes them anew)"));
    }
    struct arena tiny = arena_make(8);
    t.m = (struct matches){.arena = &tiny};
    assert_int_equal(match_row(&t.m, &p, &version_dpkg, STR("debian"), buf_str(&t.row), &t.err), -E_LIMIT);
    arena_done(&tiny);
    trial_done(&t);
}
