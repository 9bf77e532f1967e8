/* Arch's tracker, by name of the status. */
#include "text_sink.h"

#define GROUP(status, fixed)                                                            \
    "{\"name\":\"AVG-20\",\"packages\":[\"curl\",\"lib32-curl\"],\"status\":\"" status  \
    "\",\"severity\":\"Low\",\"type\":\"x\",\"affected\":\"7.50.2-1\",\"fixed\":" fixed \
    ",\"ticket\":null,\"issues\":[\"CVE-1\",\"CVE-2\"],\"advisories\":[\"ASA-1\"]}"

TEST(arch_fixed)
{
    text_check(&arch_feed, "[" GROUP("Fixed", "\"7.50.3-1\"") "]",
               "arch:rolling curl: CVE-1 fixed Low 7.50.3-1; CVE-2 fixed Low 7.50.3-1\n"
               "arch:rolling lib32-curl: CVE-1 fixed Low 7.50.3-1; CVE-2 fixed Low 7.50.3-1\n");
    text_check(&arch_feed, "[" GROUP("Testing", "\"1:7-1\"") "]",
               "arch:rolling curl: CVE-1 fixed Low 1:7-1; CVE-2 fixed Low 1:7-1\n"
               "arch:rolling lib32-curl: CVE-1 fixed Low 1:7-1; CVE-2 fixed Low 1:7-1\n");
}

static void check_status(const char *group, const char *want)
{
    struct text_sink s = {0};
    struct error err;
    struct buf text = buf_make(KIB(4));
    buf_printf(&text, "[%s]", group);
    assert_int_equal(text_parse(&arch_feed, buf_str(&text), 0, &s, &err), 0);
    assert_true(str_starts(buf_str(&s.out), str_of(want)));
    buf_done(&text);
    buf_done(&s.out);
}

TEST(arch_statuses)
{
    check_status(GROUP("Vulnerable", "null"), "arch:rolling curl: CVE-1 affected Low; CVE-2 affected Low\n");
    check_status(GROUP("Not affected", "null"),
                 "arch:rolling curl: CVE-1 not_affected Low; CVE-2 not_affected Low\n");
    check_status(GROUP("Unknown", "null"),
                 "arch:rolling curl: CVE-1 undetermined Low; CVE-2 undetermined Low\n");
}

TEST(arch_problems_are_told)
{
    check_status(GROUP("Fixed", "null"), "! AVG-20: fixed without a version: taken as undetermined\n");
    check_status(GROUP("Fixed", "\"a b\""), "! AVG-20: fixed without a version: taken as undetermined\n");
    check_status(GROUP("Mended", "null"), "! AVG-20: an unknown status: taken as undetermined\n");
    text_check(&arch_feed, "[{\"name\":\"\",\"packages\":[\"p\"]},7]", "! : a group without a proper name\n");
}

TEST(arch_without_issues)
{
    text_check(&arch_feed,
               "[{\"packages\":[\"p\",\"a "
               "b\",7],\"issues\":7,\"status\":\"Vulnerable\",\"severity\":7,\"name\":\"AVG-1\"}]",
               "arch:rolling p: AVG-1 affected Unknown\n");
}

TEST(arch_refusals)
{
    text_refuse(&arch_feed, "{}", "arch: the document is not a list of groups");
    text_refuse(&arch_feed, "[]", "arch: the document has no groups");
    text_refuse(&arch_feed, "[{}]]", "json: offset 4: expected the end, found ']'");
}

TEST(arch_truncations)
{
    text_truncate(&arch_feed, STR("[" GROUP("Fixed", "\"7.50.3-1\"") "]"), 2);
}

TEST(arch_failures_of_others)
{
    text_failures(&arch_feed, STR("[" GROUP("Vulnerable", "null") "]"));
}

TEST(arch_huge_group)
{
    struct buf text = buf_make(MIB(8));
    struct text_sink s = {0};
    struct error err;
    buf_add(&text, STR("[{\"name\":\"AVG-1\",\"packages\":["));
    for (size_t i = 0; i < ARCH_GROUP_MAX / 20; i++)
        buf_printf(&text, "%s\"p%zu\"", i ? "," : "", i);
    buf_add(&text, STR("]}]"));
    assert_int_equal(text_parse(&arch_feed, buf_str(&text), 0, &s, &err), -E_LIMIT);
    assert_string_equal(err.text, "arch: more than one group may hold");
    buf_done(&text);
    buf_done(&s.out);
}
