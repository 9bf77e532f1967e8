#include "server/fixes.h"

#include "base/limits.h"
#include "test.h"

static const char *refusal(const char *format, const char *version)
{
    const struct clair_fix f = {.name = STR("p"),
                                .namespace = STR("debian:12"),
                                .format = str_of(format),
                                .version = str_of(version)};
    return fix_refusal(&f, STR("debian:12"));
}

TEST(fix_versions)
{
    static const char *const good[] = {"1.0",    "1:1.0-1", "+1:2",  "None",        "#MAXV#",
                                       "#MINV#", "a",       " 1.0 ", "1.0~rc1+b_2", "1-2-3"};
    static const char *const bad[] = {"",   "1.0 beta!", "-0:1", "-00:-0", "-1",
                                      ":1", "x:1",       "1^2",  "1.0/2",  "99999999999999999999:1"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (refusal("dpkg", good[i]))
            fail_msg("%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *said = refusal("dpkg", bad[i]);
        if (!said || strcmp(said, "invalid version") != 0)
            fail_msg("%s", bad[i]);
    }
    assert_null(refusal("rpm", "1:1.0-1.el9"));
    assert_string_equal(refusal("", "1.0"), "unknown version format");
    assert_string_equal(refusal("apk", "1.0"), "unknown version format");
}

TEST(fix_places)
{
    struct clair_fix f = {
        .name = STR("p"), .namespace = STR("debian:11"), .format = STR("dpkg"), .version = STR("1")};
    assert_non_null(strstr(fix_refusal(&f, STR("debian:12")), "not in the same namespace"));
    f.namespace = STR("");
    assert_null(fix_refusal(&f, STR("debian:12")));
    f.name = STR("");
    assert_string_equal(fix_refusal(&f, STR("debian:12")), "could not find/insert invalid Feature");
}

static void expect_merge(struct str stored, const char *name, const char *version, const char *wanted,
                         struct buf *packed)
{
    struct call c = {.arena = arena_make(MIB(1))};
    struct clair_fix fix = {.name = str_of(name), .version = str_of(version)};
    struct clair_vulnerability v = {0};
    v.fixes.ptr = &fix;
    v.fixes.len = 1;
    CLEANUP(buf_done) struct buf got = buf_make(KIB(4));
    assert_int_equal(fixes_merge(&c, stored, &v, SEVERITY_HIGH, packed), 0);
    struct wire w = wire_make(buf_str(packed));
    struct advisory a;
    while (advisory_unpack(&w, &a, &c.err) > 0)
        buf_printf(&got, "%.*s=%s:%.*s ", STR_ARG(a.id), advisory_status_name(a.status),
                   STR_ARG(a.fixed_version));
    buf_add_char(&got, 0);
    assert_string_equal(got.ptr, wanted);
    arena_done(&c.arena);
}

TEST(fixes_merged)
{
    CLEANUP(buf_done)
    struct buf one = buf_make(KIB(4)), two = buf_make(KIB(4)), three = buf_make(KIB(4)),
               four = buf_make(KIB(4));
    expect_merge(STR(""), "curl", "1.0", "curl=fixed:1.0 ", &one);
    expect_merge(buf_str(&one), "bash", "None", "bash=affected: curl=fixed:1.0 ", &two);
    expect_merge(buf_str(&two), "curl", "2.0", "bash=affected: curl=fixed:2.0 ", &three);
    expect_merge(buf_str(&three), "bash", "#MINV#", "bash=not_affected: curl=fixed:2.0 ", &four);
}
