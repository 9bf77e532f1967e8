/* Matching, by name of the trap: docs/accuracy.md says why each is decided so. */
#include "match/match.h"

#include "base/limits.h"
#include "test.h"

static const struct match_feed debian = {STR_INIT("debian"), &version_dpkg, false};

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
    assert_int_equal(match_row(&t->m, p, &debian, buf_str(&t->row), &t->err), 0);
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
        assert_int_equal(match_row(&t.m, &p, &debian, (struct str){t.row.ptr, n}, &t.err), -E_BAD_INPUT);
        assert_int_equal(t.m.findings.len, 0);
        assert_non_null(
            strstr(t.err.text, "advisories about openssl (limpid update --rebuild makes them anew)"));
    }
    struct arena tiny = arena_make(8);
    t.m = (struct matches){.arena = &tiny};
    assert_int_equal(match_row(&t.m, &p, &debian, buf_str(&t.row), &t.err), -E_LIMIT);
    arena_done(&tiny);
    trial_done(&t);
}

/* ---- ranges, architectures, modules ---- */

static const struct match_feed alma = {STR_INIT("almalinux"), &version_rpm, true};

static bool hits(const struct advisory *a, const struct package *p, const struct match_feed *feed)
{
    struct trial t = trial_make();
    t.m = (struct matches){.arena = &t.arena};
    advisory_pack(&t.row, a);
    assert_int_equal(match_row(&t.m, p, feed, buf_str(&t.row), &t.err), 0);
    bool any = t.m.findings.len > 0;
    trial_done(&t);
    return any;
}

TEST(match_ranges) /* 58 */
{
    struct advisory from = {.id = STR("CVE-1"), .status = ADVISORY_FIXED, .fixed_version = STR("2.0-1")},
                    upto = {.id = STR("CVE-2"), .last_affected = STR("1.5-1")};
    struct package p0 = binary("0.9-1", "0.9-1"), p1 = binary("1.0-1", "1.0-1"),
                   p15 = binary("1.5-1", "1.5-1"), p16 = binary("1.5-2", "1.5-2"),
                   p2 = binary("2.0-1", "2.0-1");
    from.introduced = upto.introduced = STR("1.0-1");
    assert_false(hits(&from, &p0, &debian));
    assert_true(hits(&from, &p1, &debian));
    assert_true(hits(&from, &p16, &debian));
    assert_false(hits(&from, &p2, &debian));
    assert_false(hits(&upto, &p0, &debian));
    assert_true(hits(&upto, &p15, &debian)); /* the last affected is affected */
    assert_false(hits(&upto, &p16, &debian));
    upto.introduced = (struct str){0};
    assert_true(hits(&upto, &p0, &debian));
    upto.last_affected = STR("no version");
    assert_false(hits(&upto, &p0, &debian));
}

TEST(match_arch_of_the_advisory) /* 33, 42 */
{
    struct advisory a = {.id = STR("CVE-1"), .status = ADVISORY_FIXED, .fixed_version = STR("2-1")};
    struct package p = {.name = STR("rsyslog"),
                        .version = STR("1-1"),
                        .source_name = STR("rsyslog"),
                        .source_version = STR("1-1")};
    p.arch = STR("x86_64");
    assert_true(hits(&a, &p, &alma));
    a.arches = STR("aarch64 s390x");
    assert_false(hits(&a, &p, &alma));
    p.arch = STR("s390x");
    assert_true(hits(&a, &p, &alma));
    p.arch = STR("noarch");
    assert_true(hits(&a, &p, &alma));
    p.arch = STR("s390");
    assert_false(hits(&a, &p, &alma));
    a.arches = STR("noarch");
    assert_true(hits(&a, &p, &alma));
}

TEST(match_modules) /* 28 */
{
    struct advisory a = {.id = STR("CVE-1"),
                         .status = ADVISORY_FIXED,
                         .fixed_version = STR("2-1.module_el8"),
                         .module = STR("httpd:2.4")};
    struct package p = {.name = STR("httpd"),
                        .version = STR("1-1.module_el8.1"),
                        .source_name = STR("httpd"),
                        .source_version = STR("1-1")};
    p.module = STR("httpd:2.4:8010020191223202455:fd9ff2f5");
    assert_true(hits(&a, &p, &alma));
    p.module = STR("httpd:2.4");
    assert_true(hits(&a, &p, &alma));
    p.module = STR("mod_x:1:2");
    a.module = STR("httpd:2.4 mod_x:1");
    assert_true(hits(&a, &p, &alma));
    a.module = STR("httpd:2.4");
    p.module = STR("httpd:2.6:1:2");
    assert_false(hits(&a, &p, &alma));
    p.module = STR("httpd:2.40:1:2");
    assert_false(hits(&a, &p, &alma));
    p.module = STR(""); /* of an old rpm that says so in its release only */
    assert_true(hits(&a, &p, &alma));
    p.version = STR("1-1.el8"); /* of no module */
    assert_false(hits(&a, &p, &alma));
}

TEST(match_binary_feeds_compare_the_binary) /* 8 */
{
    struct advisory a = {.id = STR("CVE-1"), .status = ADVISORY_FIXED, .fixed_version = STR("2-1")};
    struct package p = {
        .name = STR("x-libs"), .version = STR("2-1"), .source_name = STR("x"), .source_version = STR("1-1")};
    assert_false(hits(&a, &p, &alma));
    assert_true(hits(&a, &p, &debian));
}

TEST(match_one_finding_an_id) /* 21, 43, 59 */
{
    struct trial t = trial_make();
    struct package p = binary("1", "1");
    put(&t, "CVE-2", ADVISORY_FIXED, "2", SEVERITY_HIGH);
    put(&t, "CVE-1", ADVISORY_FIXED, "9", SEVERITY_LOW);
    put(&t, "CVE-1", ADVISORY_FIXED, "10", SEVERITY_UNKNOWN);
    put(&t, "CVE-1", ADVISORY_FIXED, "8", SEVERITY_MEDIUM);
    const struct advisory pro = {.id = STR("CVE-1"),
                                 .status = ADVISORY_FIXED,
                                 .fixed_version = STR("11"),
                                 .flags = ADVISORY_SUBSCRIPTION},
                          pro_only = {.id = STR("CVE-3"),
                                      .status = ADVISORY_FIXED,
                                      .fixed_version = STR("11"),
                                      .flags = ADVISORY_SUBSCRIPTION};
    advisory_pack(&t.row, &pro);
    advisory_pack(&t.row, &pro_only);
    put(&t, "CVE-3", ADVISORY_AFFECTED, "", SEVERITY_LOW);
    t.m = (struct matches){.arena = &t.arena};
    assert_int_equal(match_row(&t.m, &p, &debian, buf_str(&t.row), &t.err), 0);
    matches_merge(&t.m, 0, &version_dpkg);
    assert_int_equal(t.m.findings.len, 3);
    const struct finding *f = t.m.findings.ptr;
    assert_true(str_eq(f[0].fixed_version, STR("10")) && f[0].severity == SEVERITY_MEDIUM && !f[0].flags);
    assert_true(str_eq(f[1].id, STR("CVE-2")));
    assert_true(str_eq(f[2].fixed_version, STR("11")) && f[2].flags == ADVISORY_SUBSCRIPTION);
    matches_merge(&t.m, 3, &version_dpkg);
    assert_int_equal(t.m.findings.len, 3);
    trial_done(&t);
}

/* U1 to U3, 21 to 23: a fix for subscribers is one like others for who is subscribed. */
TEST(trap_u2_subscribers)
{
    static const char *const services[] = {"", "fips", "esm-apps", "fips esm-infra"};
    for (size_t i = 0; i < 4; i++) {
        struct trial t = trial_make();
        struct package p = binary("1", "1");
        const struct advisory pro = {.id = STR("CVE-1"),
                                     .status = ADVISORY_FIXED,
                                     .fixed_version = STR("2+esm1"),
                                     .flags = ADVISORY_SUBSCRIPTION};
        advisory_pack(&t.row, &pro);
        p.products = str_of(services[i]);
        t.m = (struct matches){.arena = &t.arena};
        assert_int_equal(match_row(&t.m, &p, &debian, buf_str(&t.row), &t.err), 0);
        assert_int_equal(t.m.findings.len, 1);
        assert_int_equal(t.m.findings.ptr[0].flags, i < 2 ? ADVISORY_SUBSCRIPTION : 0);
        p.version = p.source_version = STR("2+esm1");
        assert_int_equal(match_row(&t.m, &p, &debian, buf_str(&t.row), &t.err), 0);
        assert_int_equal(t.m.findings.len, 1);
        trial_done(&t);
    }
}

TEST(match_flavours_of_builds) /* 40, 41 */
{
    struct advisory a = {.id = STR("CVE-1"), .status = ADVISORY_FIXED};
    struct package p = {.name = STR("glibc"),
                        .version = STR("2:2.17-156.ksplice1.el7"),
                        .source_name = STR("glibc"),
                        .source_version = STR("1")};
    a.fixed_version = STR("2:2.17-157.ksplice1.el7_3.4");
    assert_true(hits(&a, &p, &alma));
    a.fixed_version = STR("2.17-157.el7_3.4");
    p.version = STR("2.17-156.ksplice1.el7");
    assert_false(hits(&a, &p, &alma));
    a.fixed_version = STR("10:3.6.16-4.0.1.el8_fips");
    p.version = STR("3.6.15-4.0.1.el8");
    assert_false(hits(&a, &p, &alma));
    p.version = STR("10:3.6.15-4.0.1.el8_fips");
    assert_true(hits(&a, &p, &alma));
}

/* ---- Red Hat's: sources and binary packages in one feed ---- */

static void expect_redhat(struct trial *t, const struct package *p, bool of_source, const char *want)
{
    CLEANUP(buf_done) struct buf got = buf_make(KIB(4));
    const struct match_feed redhat = {STR("redhat"), &version_rpm, true, true, of_source};
    t->m = (struct matches){.arena = &t->arena};
    assert_int_equal(match_row(&t->m, p, &redhat, buf_str(&t->row), &t->err), 0);
    vec_each (&t->m.findings, f)
        buf_printf(&got, "%.*s %s %.*s\n", STR_ARG(f->id), advisory_status_name(f->status),
                   STR_ARG(f->fixed_version));
    buf_add_char(&got, 0);
    assert_string_equal(got.ptr, want);
}

TEST(trap_r5_source_of_what_is_not_fixed)
{
    struct trial t = trial_make();
    const struct package p = {.type = PACKAGE_RPM,
                              .name = STR("openssl-libs"),
                              .version = STR("1:1.1.1k-1.el8"),
                              .source_name = STR("openssl"),
                              .source_version = STR("1:1.1.1k-1.el8"),
                              .arch = STR("x86_64")};
    advisory_pack(&t.row, &(struct advisory){.id = STR("CVE-1"), .flags = ADVISORY_STREAMS});
    advisory_pack(&t.row, &(struct advisory){.id = STR("CVE-2"),
                                             .status = ADVISORY_FIXED,
                                             .fixed_version = STR("1:1.1.1k-7.el8_6"),
                                             .flags = ADVISORY_STREAMS});
    advisory_pack(&t.row,
                  &(struct advisory){.id = STR("CVE-3"), .flags = ADVISORY_STREAMS | ADVISORY_OWN_NAME});
    advisory_pack(
        &t.row,
        &(struct advisory){.id = STR("CVE-4"), .status = ADVISORY_UNDETERMINED, .flags = ADVISORY_STREAMS});
    expect_redhat(&t, &p, true, "CVE-1 affected \n"); /* the row of openssl */
    assert_int_equal(t.m.undetermined, 1);
    expect_redhat(&t, &p, false, "CVE-1 affected \nCVE-2 fixed 1:1.1.1k-7.el8_6\nCVE-3 affected \n");
    trial_done(&t);
}

TEST(trap_r1_to_r4_epochs)
{
    static const struct {
        const char *installed, *want;
    } cases[] = {{"1:1.1.1b-1.el8", "CVE-1 fixed 1:1.1.1c-2.el8\n"},
                 {"1.1.1z-99.el8", "CVE-1 fixed 1:1.1.1c-2.el8\n"},
                 {"1.1.1c-2.el8", "CVE-1 fixed 1:1.1.1c-2.el8\n"},
                 {"2:1.1.1b-1.el8", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trial t = trial_make();
        const struct package p = {
            .type = PACKAGE_RPM, .name = STR("openssl"), .version = str_of(cases[i].installed)};
        advisory_pack(&t.row, &(struct advisory){.id = STR("CVE-1"),
                                                 .status = ADVISORY_FIXED,
                                                 .fixed_version = STR("1:1.1.1c-2.el8"),
                                                 .flags = ADVISORY_STREAMS});
        expect_redhat(&t, &p, false, cases[i].want);
        trial_done(&t);
    }
}

TEST(trap_r6_to_r8_modules)
{
    static const struct {
        const char *label, *version, *module, *fixed;
        bool applies;
    } cases[] = {
        {"httpd:2.4:8:ab", "1-1.module+el8.1.0+1+a", "httpd:2.4", "1-2.module+el8.1.0+2+b", true},
        {"httpd:2.6:8:ab", "1-1.module+el8.1.0+1+a", "httpd:2.4", "1-2.module+el8.1.0+2+b", false},
        {"", "1-1.module+el8.1.0+1+a", "httpd:2.4", "1-2.module+el8.1.0+2+b", true},
        {"", "1-1.el8", "httpd:2.4", "1-2.module+el8.1.0+2+b", false},
        {"", "1-1.el8", "httpd:2.4", NULL, false},
        {"httpd:2.4:8:ab", "1-1.module+el8.1.0+1+a", "", "1-2.el8",
         false}, /* what names no module is of none */
        {"httpd:2.4:8:ab", "1-1.module+el8.1.0+1+a", "", NULL, false},
        {"httpd:2.4:8:ab", "1-1.module+el8.1.0+1+a", "", "1-2.module+el8.1.0+2+b", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trial t = trial_make();
        const struct package p = {.type = PACKAGE_RPM,
                                  .name = STR("httpd"),
                                  .version = str_of(cases[i].version),
                                  .module = str_of(cases[i].label)};
        advisory_pack(&t.row,
                      &(struct advisory){.id = STR("CVE-1"),
                                         .status = cases[i].fixed ? ADVISORY_FIXED : ADVISORY_AFFECTED,
                                         .fixed_version = str_of(cases[i].fixed),
                                         .module = str_of(cases[i].module),
                                         .flags = ADVISORY_STREAMS});
        const struct match_feed redhat = {STR("redhat"), &version_rpm, true, true, false};
        t.m = (struct matches){.arena = &t.arena};
        assert_int_equal(match_row(&t.m, &p, &redhat, buf_str(&t.row), &t.err), 0);
        assert_int_equal(t.m.findings.len, cases[i].applies);
        trial_done(&t);
    }
}

/* Several ids one after the other, and a version that is none. */
TEST(match_streams_of_several_ids)
{
    struct trial t = trial_make();
    static const char *const rows[][2] = {{"CVE-1", "1-2.el9_2"},
                                          {"CVE-1", "1-3.el9_4"},
                                          {"CVE-2", "1-9.el9_2"},
                                          {"CVE-3", "1-1.el9_2"},
                                          {"CVE-4", "a b"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        advisory_pack(&t.row, &(struct advisory){.id = str_of(rows[i][0]),
                                                 .status = ADVISORY_FIXED,
                                                 .fixed_version = str_of(rows[i][1]),
                                                 .flags = ADVISORY_STREAMS});
    const struct package p = {.type = PACKAGE_RPM, .name = STR("p"), .version = STR("1-1.el9_2")};
    expect_redhat(&t, &p, false, "CVE-1 fixed 1-2.el9_2\nCVE-2 fixed 1-9.el9_2\n");
    assert_int_equal(t.m.unreadable, 1);
    trial_done(&t);
}
