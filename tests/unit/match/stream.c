/* Fixes of several minor releases, and products, by the trap's name in docs/accuracy.md. */
#include "match/stream.h"

#include "base/limits.h"
#include "test.h"

struct fix {
    const char *fixed, *product;
};

/* What comes of a package of a version under fixes of one id: "" nothing, else the fix; "none": no fix is within reach. */
static void expect(const char *installed, const char *products, const struct fix *fixes, const char *want)
{
    struct arena arena = arena_make(MIB(1));
    struct buf row = buf_make(KIB(16));
    struct error err;
    struct matches m = {.arena = &arena};
    const struct match_feed feed = {STR("redhat"), &version_rpm, true, true, false};
    const struct package p = {.type = PACKAGE_RPM,
                              .name = STR("p"),
                              .version = str_of(installed),
                              .source_name = STR("p"),
                              .source_version = str_of(installed),
                              .products = str_of(products),
                              .arch = STR("x86_64")};
    for (const struct fix *f = fixes; f->fixed; f++)
        advisory_pack(&row, &(struct advisory){.id = STR("CVE-1"),
                                               .status = ADVISORY_FIXED,
                                               .fixed_version = str_of(f->fixed),
                                               .product = str_of(f->product),
                                               .flags = ADVISORY_STREAMS});
    assert_int_equal(match_row(&m, &p, &feed, buf_str(&row), &err), 0);
    assert_true(m.findings.len < 2);
    const struct finding *f = m.findings.len ? m.findings.ptr : NULL;
    char got[256] = "";
    if (f && f->status == ADVISORY_FIXED)
        snprintf(got, sizeof got, "%.*s", STR_ARG(f->fixed_version));
    else if (f)
        snprintf(got, sizeof got, "none");
    assert_string_equal(got, want);
    buf_done(&row);
    arena_done(&arena);
}

#define FIXES(...)       \
    (const struct fix[]) \
    {                    \
        __VA_ARGS__,     \
        {                \
            NULL, NULL   \
        }                \
    }

TEST(trap_r11_streams_of_one_release)
{
    static const struct fix python[] = {{"3.9.18-3.el9_4.5", NULL}, {"3.9.19-8.el9", NULL}, {NULL, NULL}};
    expect("3.9.18-3.el9_4.5", "", python, "");
    expect("3.9.18-3.el9_4.4", "", python, "3.9.18-3.el9_4.5");
    expect("3.9.18-10.el9_4", "", python, "");
    expect("3.9.19-1.el9", "", python, "3.9.19-8.el9");
    expect("3.9.19-8.el9", "", python, "");
}

TEST(trap_r12_each_minor_release_has_its_base)
{
    static const struct fix microcode[] = {
        {"4:20191115-4.20200602.2.el8_2", NULL}, {"4:20210216-1.20210525.1.el8_4", NULL}, {NULL, NULL}};
    expect("4:20191115-4.20200602.2.el8_2", "", microcode, "");
    expect("4:20191115-4.el8_2", "", microcode, "4:20191115-4.20200602.2.el8_2");
    expect("4:20200609-2.el8_3", "", microcode, "4:20210216-1.20210525.1.el8_4");
    expect("4:20210216-1.20210525.1.el8_4", "", microcode, "");
}

TEST(trap_r13_roll_forward)
{
    static const struct fix kernel[] = {
        {"5.14.0-162.6.1.el9_1", NULL}, {"5.14.0-362.8.1.el9_3", NULL}, {NULL, NULL}};
    expect("5.14.0-162.5.1.el9_1", "", kernel, "5.14.0-162.6.1.el9_1");
    expect("5.14.0-162.6.1.el9_1", "", kernel, "");
    expect("5.14.0-284.11.1.el9_2", "", kernel, "5.14.0-362.8.1.el9_3");
    expect("5.14.0-362.2.1.el9_3", "", kernel, "5.14.0-362.8.1.el9_3");
    expect("5.14.0-427.13.1.el9_4", "", kernel, "");
}

/* In any order of what is said. */
TEST(stream_order_does_not_count)
{
    expect("1-3.el9_2", "", FIXES({"1-9.el9", NULL}, {"1-5.el9_4", NULL}, {"1-2.el9_1", NULL}), "1-5.el9_4");
    expect("1-3.el9_2", "", FIXES({"1-2.el9_1", NULL}, {"1-5.el9_4", NULL}, {"1-9.el9", NULL}), "1-5.el9_4");
    expect("1-3.el9", "", FIXES({"1-2.el9_1", NULL}, {"1-9.el9", NULL}, {"1-5.el9_4", NULL}), "1-9.el9");
    expect("1-3", "", FIXES({"1-2.el9_1", NULL}, {"1-9", NULL}), "1-9");
    expect("1-3.el9_6", "", FIXES({"1-4.el9_1", NULL}, {"1-5.el9_4", NULL}),
           "1-5.el9_4"); /* only older ones */
}

TEST(trap_r14_what_a_minor_release_does_not_get)
{
    static const char eus[] = "rhel_eus:9.4::appstream rhel_eus:9.4::baseos";
    expect("1-1.el9_4", eus, FIXES({"1-2.el9_5", NULL}), "none");
    expect("1-1.el9_4", eus, FIXES({"1-2.el9_4", NULL}), "1-2.el9_4");
    expect("1-1.el9_2", eus, FIXES({"1-2.el9_2", NULL}), "1-2.el9_2");
    expect("1-1.el9_4", eus, FIXES({"1-2.el9", NULL}), "1-2.el9");
    expect("1-1.el9_4", eus, FIXES({"1-2", NULL}), "1-2");
    expect("1-1.el9_4", eus, FIXES({"1-2.el9_5", NULL}, {"1-1.el9_4.3", "rhel_eus:9.4"}), "1-1.el9_4.3");
    expect("1-1.el9_4", "", FIXES({"1-2.el9_5", NULL}), "1-2.el9_5");
    expect("1-1.el9_4", "enterprise_linux:9::baseos", FIXES({"1-2.el9_5", NULL}), "1-2.el9_5");
    expect("1-1.el9_4", "rhel_eus:9.4::baseos enterprise_linux:9::baseos", FIXES({"1-2.el9_5", NULL}),
           "1-2.el9_5");
    expect("1-1.el9_4", "rhel_dotnet:6.0::el9", FIXES({"1-2.el9_5", NULL}), "1-2.el9_5");
}

TEST(trap_r15_between_two_fixes)
{
    static const struct fix kernel[] = {
        {"5.14.0-427.68.1.el9_4", "rhel_eus:9.4"}, {"5.14.0-503.11.1.el9_5", NULL}, {NULL, NULL}};
    expect("5.14.0-450.el9_4", "rhel_eus:9.4::baseos", kernel, "");
    expect("5.14.0-427.1.1.el9_4", "rhel_eus:9.4::baseos", kernel, "5.14.0-427.68.1.el9_4");
}

/* Who has the build of a longer support has its fix, wherever it is from; who has not is told that of everybody. */
TEST(stream_fix_of_another_product)
{
    static const struct fix fixes[] = {{"1-1.el9_4.3", "rhel_eus:9.4"}, {"1-2.el9_5", NULL}, {NULL, NULL}};
    expect("1-1.el9_4.3", "", fixes, "");
    expect("1-1.el9_4.2", "", fixes, "1-2.el9_5");
    expect("1-1.el9_3.9", "", fixes, "1-2.el9_5");
    expect("1-1.el9", "", FIXES({"1-1.rhaos4.13.el9", "openshift:4.13::el9"}), "");
}

TEST(trap_r16_products)
{
    static const struct {
        const char *wanted, *product;
        bool has;
    } cases[] = {
        {"openshift:4", "openshift:4.13::el8", true},
        {"openshift:4", "openshift:5.1::el8", false},
        {"openshift:4", "openshift:41::el8", false},
        {"openshift:4.13::el8", "openshift:4.13::el8", true},
        {"openshift:4.13::el8", "openshift:4", false},
        {"enterprise_linux:8::baseos", "enterprise_linux:8::appstream", false},
        {"enterprise_linux:8", "enterprise_linux:8::appstream", true},
        {"x y", "z y:1", true},
        {"x", "", false},
        {"", "x", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(stream_has_product(str_of(cases[i].product), str_of(cases[i].wanted)), cases[i].has);
}

TEST(stream_tags)
{
    static const struct {
        const char *version;
        unsigned release;
        int minor;
    } cases[] = {
        {"4.18.0-553.16.1.el8_10", 8, 10},
        {"1-2.el9", 9, -1},
        {"1-2.el8.1", 8, -1},
        {"1-2.el7_9.2", 7, 9},
        {"2-1.module+el8.9.0+1+ab", 8, 9},
        {"2-1.module_el8.4.0+2+cd", 8, 4},
        {"1-2", 0, -1},
        {"1-2.fc40", 0, -1},
        {"model9-1", 0, -1},
        {"1-2.el", 0, -1},
        {"1-2.el9_", 9, -1},
        {"1-2.el99999999999999999999_9", 99999, 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stream_tag tag = stream_tag_of(str_of(cases[i].version));
        assert_int_equal(tag.release, cases[i].release);
        assert_int_equal(tag.minor, cases[i].minor);
    }
}

TEST(trap_37_builds_of_centos)
{
    static const struct {
        const char *installed, *fixed;
        int order;
    } cases[] = {
        {"2.02-0.87.el7.centos.7", "2.02-0.87.el7_9.7", 0},
        {"2.02-0.87.el7.centos.6", "2.02-0.87.el7_9.7", -1},
        {"1-5.el7.centos", "1-5.el7", 0},
        {"1-5.el7.centos", "1-5.el7_9", 0},
        {"1-5.el7.centos", "1-5.el7_9.1", -1},
        {"1-6.el7.centos", "1-5.el7_9.1", 1},
        {"10.3.28-1.module_el8.3.0+757+d3", "10.3.28-1.module+el8.3.0+10472+7a", 0},
        {"10.3.27-3.module_el8.3.0+757+d3", "10.3.28-1.module+el8.3.0+10472+7a", -1},
        {"1-5.el7_9", "1-5.el7_9.1", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int r = stream_compare(&version_rpm, str_of(cases[i].installed), str_of(cases[i].fixed));
        assert_int_equal((r > 0) - (r < 0), cases[i].order);
    }
}
