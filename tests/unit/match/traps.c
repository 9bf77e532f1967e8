/* Traps that others have fallen into, a row each: an installed package, what a feed says of one vulnerability, whether it
   applies. Numbers are those of docs/accuracy.md. */
#include "base/limits.h"
#include "match/match.h"
#include "test.h"

struct trap {
    const char *number, *scheme;
    bool binary;                         /* the feed names binary packages */
    const char *version, *source, *arch; /* installed; source NULL: the same version */
    const char *module;
    struct {
        const char *fixed, *module, *arches;
        unsigned flags;
    } says[2];
    const char *expected; /* the fixed version that is told, "-" not affected, "" affected without a fix */
};

static const struct trap traps[] = {
    {"2", "dpkg", 0, "1.2-3+b1", "1.2-3", "", "", {{"1.2-3"}}, "-"},
    {"2", "dpkg", 0, "1.2-3+b1", "1.2-3", "", "", {{"1.2-3+deb12u1"}}, "1.2-3+deb12u1"},
    {"D2", "dpkg", 0, "1:12.2.0-14", "12.2.0-14", "", "", {{"12.2.0-15"}}, "12.2.0-15"},
    {"3 U7",
     "dpkg",
     0,
     "1:8.2p1-4ubuntu0.12",
     NULL,
     "",
     "",
     {{"1:8.2p1-4ubuntu0.13+esm1", 0, 0, 2}},
     "1:8.2p1-4ubuntu0.13+esm1"},
    {"3 U7",
     "dpkg",
     0,
     "8.2p1-4ubuntu0.12",
     NULL,
     "",
     "",
     {{"1:8.2p1-4ubuntu0.13+esm1", 0, 0, 2}},
     "1:8.2p1-4ubuntu0.13+esm1"},
    {"4 R2", "rpm", 1, "1.1.1z-99.el8", NULL, "x86_64", "", {{"1:1.1.1c-2.el8"}}, "1:1.1.1c-2.el8"},
    {"4 R4", "rpm", 1, "2:1.1.1b-1.el8", NULL, "x86_64", "", {{"1:1.1.1c-2.el8"}}, "-"},
    {"5 A1", "apk", 0, "3.1.4-r0", NULL, "x86_64", "", {{"3.1.4-r5"}}, "3.1.4-r5"},
    {"7", "rpm", 1, "1.0~rc1-1", NULL, "", "", {{"1.0-1"}}, "1.0-1"},
    {"7", "rpm", 1, "1.0^git1-1", NULL, "", "", {{"1.0-1"}}, "-"},
    {"A6", "apk", 0, "1.2_rc1-r0", NULL, "", "", {{"1.2-r0"}}, "1.2-r0"},
    {"D10 R19", "dpkg", 0, "1.0-1", NULL, "", "", {{"1.0-2"}, {"1.0-3"}}, "1.0-3"},
    {"D10", "dpkg", 0, "1.0-2", NULL, "", "", {{"1.0-2"}, {"1.0-3"}}, "1.0-3"},
    /* Ubuntu: the ordinary fix, the one of Pro, both, neither. */
    {"21 U1 U2",
     "dpkg",
     0,
     "1.11.0-2",
     NULL,
     "",
     "",
     {{NULL}, {"1.12.0-1~ubuntu16.04.3+esm1", 0, 0, 2}},
     "1.12.0-1~ubuntu16.04.3+esm1"},
    {"22 U3",
     "dpkg",
     0,
     "1.12.0-1~ubuntu16.04.3+esm1",
     NULL,
     "",
     "",
     {{"1.12.0-1~ubuntu16.04.3+esm1", 0, 0, 2}},
     "-"},
    {"22", "dpkg", 0, "1.12.0-1", NULL, "", "", {{"1.12.0-1+esm1", 0, 0, 2}}, "1.12.0-1+esm1"},
    {"23 U6", "dpkg", 0, "7.47.0-1ubuntu2", NULL, "", "", {{NULL}}, ""},
    {"U5", "dpkg", 0, "1.18.0-1ubuntu0.1", NULL, "", "", {{"1.18.0-1ubuntu0.1"}}, "-"},
    /* AlmaLinux counts its builds itself; its own errata are what it is judged by. */
    {"35 R25",
     "rpm",
     1,
     "3:10.3.28-1.module_el8.3.0+2177+7adc332a",
     NULL,
     "x86_64",
     "mariadb:10.3:8030:x",
     {{"3:10.3.28-1.module_el8.3.0+2177+7adc332a", "mariadb:10.3"}},
     "-"},
    {"35 R25",
     "rpm",
     1,
     "3:10.3.27-3.module_el8.3.0+2028+5e3224e9",
     NULL,
     "x86_64",
     "mariadb:10.3:8030:x",
     {{"3:10.3.28-1.module_el8.3.0+2177+7adc332a", "mariadb:10.3"}},
     "3:10.3.28-1.module_el8.3.0+2177+7adc332a"},
    {"35 R25",
     "rpm",
     1,
     "3:10.3.27-3.module_el8.3.0+2028+5e3224e9",
     NULL,
     "x86_64",
     "",
     {{"3:10.3.28-1.module_el8.3.0+2177+7adc332a", "mariadb:10.3"}},
     "3:10.3.28-1.module_el8.3.0+2177+7adc332a"},
    {"36 R26", "rpm", 1, "1-1.el8", NULL, "x86_64", "", {{NULL}}, ""},
    /* Oracle: builds for ksplice and FIPS, fixes of each architecture. */
    {"40 R28",
     "rpm",
     1,
     "2:2.17-156.ksplice1.el7",
     NULL,
     "x86_64",
     "",
     {{"2:2.17-157.ksplice1.el7_3.4"}, {"2.17-157.el7_3.4"}},
     "2:2.17-157.ksplice1.el7_3.4"},
    {"40 R28", "rpm", 1, "2:2.28-151.0.1.ksplice2.el8", NULL, "x86_64", "", {{"2.28-164.0.1.el8"}}, "-"},
    {"41 R28",
     "rpm",
     1,
     "10:3.6.15-4.0.1.el8_fips",
     NULL,
     "x86_64",
     "",
     {{"10:3.6.16-4.0.1.el8_fips"}},
     "10:3.6.16-4.0.1.el8_fips"},
    {"42 R27",
     "rpm",
     1,
     "8.24.0-57.0.1.el7_9.3",
     NULL,
     "x86_64",
     "",
     {{"8.24.0-57.0.1.el7_9.3", 0, "x86_64"}, {"8.24.0-57.0.4.el7_9.3", 0, "aarch64"}},
     "-"},
    {"42 43 R27",
     "rpm",
     1,
     "8.24.0-57.0.1.el7_9.3",
     NULL,
     "aarch64",
     "",
     {{"8.24.0-57.0.1.el7_9.3", 0, "x86_64"}, {"8.24.0-57.0.4.el7_9.3", 0, "aarch64"}},
     "8.24.0-57.0.4.el7_9.3"},
    /* openEuler leaves epochs out. */
    {"4",
     "rpm-bare",
     0,
     "1:1.1.1wa-5.oe2203sp3",
     NULL,
     "x86_64",
     "",
     {{"1.1.1wa-6.oe2203sp3"}},
     "1.1.1wa-6.oe2203sp3"},
    {"4", "rpm-bare", 0, "1:1.1.1wa-6.oe2203sp3", NULL, "x86_64", "", {{"1.1.1wa-6.oe2203sp3"}}, "-"},
};

static void check(const struct trap *t)
{
    struct arena arena = arena_make(MIB(1));
    CLEANUP(buf_done) struct buf row = buf_make(KIB(4));
    struct error err;
    const struct match_feed feed = {STR("f"), version_scheme_find(str_of(t->scheme)), t->binary};
    const struct package p = {.name = STR("p"),
                              .version = str_of(t->version),
                              .arch = str_of(t->arch),
                              .module = str_of(t->module),
                              .source_name = STR("s"),
                              .source_version = str_of(t->source ? t->source : t->version)};
    struct matches m = {.arena = &arena};
    for (int i = 0; i < 2; i++) {
        const char *fixed = t->says[i].fixed;
        const struct advisory a = {.id = STR("CVE-1"),
                                   .status = fixed ? ADVISORY_FIXED : ADVISORY_AFFECTED,
                                   .fixed_version = str_of(fixed ? fixed : ""),
                                   .module = str_of(t->says[i].module ? t->says[i].module : ""),
                                   .arches = str_of(t->says[i].arches ? t->says[i].arches : ""),
                                   .flags = t->says[i].flags};
        if (i == 0 || fixed)
            advisory_pack(&row, &a);
    }
    assert_int_equal(match_row(&m, &p, &feed, buf_str(&row), &err), 0);
    matches_merge(&m, 0, feed.scheme);
    struct str got = m.findings.len ? m.findings.ptr[0].fixed_version : STR("-");
    if (m.findings.len > 1 || !str_eq(got, str_of(t->expected)))
        fail_msg("trap %s, %s: %zu findings, \"%.*s\"", t->number, t->version, m.findings.len, STR_ARG(got));
    arena_done(&arena);
}

TEST(match_traps)
{
    for (size_t i = 0; i < sizeof traps / sizeof *traps; i++)
        check(&traps[i]);
}

/* What a scheme cannot read is told, never taken for safe. */
TEST(match_versions_that_are_none) /* 6 */
{
    assert_false(version_apk.valid(STR("1.0bc")));
    assert_false(version_dpkg.valid(STR("not a version")));
}
