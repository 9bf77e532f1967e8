#include "text_sink.h"

static int parse(struct str text, size_t step, struct text_sink *s, struct error *err)
{
    struct memory_reader m;
    struct reader *in = memory_reader_init(&m, text, step, err);
    *err = (struct error){0};
    s->sink = (struct feed_sink){.row = text_row, .problem = text_problem};
    s->rows = s->problems = 0;
    s->out.max = MIB(64);
    buf_clear(&s->out);
    int rc = debian_feed.parse(&debian_feed, in, &s->sink, err);
    buf_add_char(&s->out, 0);
    return rc;
}

static void check(const char *text, const char *want)
{
    struct text_sink s = {0};
    struct error err;
    for (size_t step = 0; step < 80; step++) {
        assert_int_equal(parse(str_of(text), step, &s, &err), 0);
        assert_string_equal(s.out.ptr, want);
    }
    buf_done(&s.out);
}

/* One package, one vulnerability, one release: what is made of the release's object. */
static void check_entry(const char *entry, const char *want)
{
    struct buf text = buf_make(MIB(1)), out = buf_make(MIB(1));
    buf_printf(&text, "{\"p\":{\"CVE-1\":{\"releases\":{\"bookworm\":%s}}}}%c", entry, 0);
    buf_printf(&out, "%s%c", want, 0);
    check(text.ptr, out.ptr);
    buf_done(&text);
    buf_done(&out);
}

static void refuses(const char *text, int code, const char *want)
{
    struct text_sink s = {0};
    struct error err;
    for (size_t step = 0; step < 20; step++) {
        assert_int_equal(parse(str_of(text), step, &s, &err), -code);
        assert_string_equal(err.text, want);
    }
    buf_done(&s.out);
}

TEST(debian_document)
{
    check(
        "{\"openssl\":{\"CVE-2022-0778\":{\"description\":\"a \\\"b\\\" "
        "{\",\"scope\":\"remote\",\"debianbug\":1,\"releases\":{"
        "\"bookworm\":{\"repositories\":{\"bookworm\":\"3.0.11-1\",\"bookworm-security\":\"3.0.11-1+"
        "deb12u1\"},"
        "\"urgency\":\"medium\",\"status\":\"resolved\",\"fixed_version\":\"3.0.2-1\"},"
        "\"sid\":{\"fixed_version\":\"3.0.2-1\",\"status\":\"resolved\",\"urgency\":\"not yet assigned\"}}},"
        "\"CVE-2023-0001\":{\"releases\":{\"bookworm\":{\"status\":\"open\",\"urgency\":\"low**\"}}}},"
        "\"zlib\":{\"CVE-2018-1\":{\"releases\":{\"forky\":{\"status\":\"open\"}}}}}",
        "debian:12 openssl: CVE-2022-0778 fixed Medium 3.0.2-1; CVE-2023-0001 affected Low\n"
        "debian:sid openssl: CVE-2022-0778 fixed Unknown 3.0.2-1\n"
        "debian:testing zlib: CVE-2018-1 affected Unknown\n");
}

TEST(debian_all_releases)
{
    check(
        "{\"p\":{\"CVE-1\":{\"releases\":{\"buster\":{\"status\":\"open\"},\"bullseye\":{\"status\":\"open\"}"
        ","
        "\"bookworm\":{\"status\":\"open\"},\"trixie\":{\"status\":\"open\"},\"forky\":{\"status\":\"open\"},"
        "\"sid\":{\"status\":\"open\"}}}}}",
        "debian:10 p: CVE-1 affected Unknown\ndebian:11 p: CVE-1 affected Unknown\ndebian:12 p: CVE-1 "
        "affected Unknown\n"
        "debian:13 p: CVE-1 affected Unknown\ndebian:testing p: CVE-1 affected Unknown\n"
        "debian:sid p: CVE-1 affected Unknown\n");
}

TEST(debian_fixed_version_0_is_not_affected) /* D3, 12 */
{
    check_entry("{\"status\":\"resolved\",\"fixed_version\":\"0\",\"urgency\":\"high\"}",
                "debian:12 p: CVE-1 not_affected High\n");
    check_entry("{\"status\":\"not-affected\"}", "debian:12 p: CVE-1 not_affected Unknown\n");
}

TEST(debian_open_without_fix_is_affected) /* 13 */
{
    check_entry("{\"status\":\"open\",\"urgency\":\"medium\"}", "debian:12 p: CVE-1 affected Medium\n");
    /* a version beside "open" is none that fixes */
    check_entry("{\"status\":\"open\",\"fixed_version\":\"1.0-1\"}", "debian:12 p: CVE-1 affected Unknown\n");
}

TEST(debian_undetermined_stays_so) /* D4, 14 */
{
    check_entry("{\"status\":\"undetermined\"}", "debian:12 p: CVE-1 undetermined Unknown\n");
}

TEST(debian_removed_is_not_safe) /* D7, 15 */
{
    check_entry("{\"status\":\"removed\"}", "debian:12 p: CVE-1 affected Unknown\n");
}

TEST(debian_nodsa_ignored_postponed) /* D5, 16 */
{
    check_entry("{\"status\":\"open\",\"nodsa\":\"Minor issue\",\"nodsa_reason\":\"\"}",
                "debian:12 p: CVE-1 affected Unknown no-dsa\n");
    check_entry("{\"nodsa\":\"Minor issue\",\"status\":\"open\"}",
                "debian:12 p: CVE-1 affected Unknown no-dsa\n");
    check_entry("{\"status\":\"open\",\"nodsa\":\"\",\"nodsa_reason\":\"ignored\"}",
                "debian:12 p: CVE-1 will_not_fix Unknown no-dsa\n");
    check_entry("{\"nodsa_reason\":\"postponed\",\"status\":\"open\",\"urgency\":\"low\"}",
                "debian:12 p: CVE-1 fix_deferred Low no-dsa\n");
    check_entry("{\"status\":\"ignored\"}", "debian:12 p: CVE-1 will_not_fix Unknown\n");
    check_entry("{\"status\":\"postponed\"}", "debian:12 p: CVE-1 fix_deferred Unknown\n");
    check_entry("{\"status\":\"no-dsa\"}", "debian:12 p: CVE-1 affected Unknown no-dsa\n");
    check_entry("{\"status\":\"open\",\"nodsa\":null}", "debian:12 p: CVE-1 affected Unknown\n");
}

TEST(debian_end_of_life_is_vulnerable) /* D6, 16 */
{
    check_entry("{\"status\":\"open\",\"urgency\":\"end-of-life\"}",
                "debian:12 p: CVE-1 end_of_life Unknown\n");
    check_entry("{\"status\":\"end-of-life\",\"urgency\":\"low\"}", "debian:12 p: CVE-1 end_of_life Low\n");
    check_entry("{\"status\":\"undetermined\",\"urgency\":\"end-of-life\"}",
                "debian:12 p: CVE-1 end_of_life Unknown\n");
    check_entry("{\"status\":\"open\",\"urgency\":\"end-of-life\",\"nodsa_reason\":\"ignored\"}",
                "debian:12 p: CVE-1 end_of_life Unknown no-dsa\n");
    check_entry("{\"status\":\"resolved\",\"fixed_version\":\"1-1\",\"urgency\":\"end-of-life\"}",
                "debian:12 p: CVE-1 fixed Unknown 1-1\n");
}

TEST(debian_stale_nodsa_is_fixed) /* D12, 17 */
{
    check_entry("{\"status\":\"resolved\",\"fixed_version\":\"2.9-1\",\"nodsa\":\"Minor "
                "issue\",\"nodsa_reason\":\"postponed\"}",
                "debian:12 p: CVE-1 fixed Unknown 2.9-1\n");
}

TEST(debian_urgencies_are_not_inflated) /* D13, D14, D15, 18 */
{
    static const char *const words[][2] = {
        {"unimportant", "Negligible"},
        {"low", "Low"},
        {"low*", "Low"},
        {"low**", "Low"},
        {"medium", "Medium"},
        {"medium*", "Medium"},
        {"medium**", "Medium"},
        {"high", "High"},
        {"high*", "High"},
        {"high**", "High"},
        {"not yet assigned", "Unknown"},
        {"", "Unknown"},
        {"***", "Unknown"},
        {"whatever", "Unknown"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char entry[100], want[100];
        snprintf(entry, sizeof entry, "{\"status\":\"open\",\"urgency\":\"%s\"}", words[i][0]);
        snprintf(want, sizeof want, "debian:12 p: CVE-1 affected %s\n", words[i][1]);
        check_entry(entry, want);
    }
}

TEST(debian_only_releases_with_a_line) /* D8, D9: the JSON has a line for each release; without one nothing is
                                          said */
{
    check(
        "{\"p\":{\"CVE-1\":{\"releases\":{\"sid\":{\"status\":\"resolved\",\"fixed_version\":\"5.0-5\"}}}}}",
        "debian:sid p: CVE-1 fixed Unknown 5.0-5\n");
}

TEST(debian_ids_without_cve) /* D11 */
{
    check("{\"p\":{\"TEMP-0841856-B18BAF\":{\"releases\":{\"sid\":{\"status\":\"open\"}}},"
          "\"DSA-3714-1\":{\"releases\":{\"sid\":{\"status\":\"open\"}}}}}",
          "debian:sid p: TEMP-0841856-B18BAF affected Unknown; DSA-3714-1 affected Unknown\n");
}

TEST(debian_testing_and_sid) /* 19 */
{
    check("{\"p\":{\"CVE-1\":{\"releases\":{\"sid\":{\"status\":\"open\"},\"forky\":{\"status\":\"open\"}}},"
          "\"CVE-2\":{\"releases\":{\"unstable\":{\"status\":\"open\"},\"testing\":{\"status\":\"open\"}}}}}",
          "debian:sid p: CVE-1 affected Unknown; CVE-2 affected Unknown\n"
          "debian:testing p: CVE-1 affected Unknown; CVE-2 affected Unknown\n");
}

TEST(debian_unknown_release)
{
    check(
        "{\"p\":{\"CVE-1\":{\"releases\":{\"zurg\":{\"status\":\"open\"}}},\"CVE-2\":{\"releases\":{\"zurg\":"
        "{\"status\":\"open\"}}}},\"q\":{\"CVE-3\":{\"releases\":{\"zurg\":{\"status\":\"open\"}}}}}",
        "! p CVE-1 zurg: a release whose number is not known: kept under its codename\n"
        "debian:zurg p: CVE-1 affected Unknown; CVE-2 affected Unknown\n"
        "debian:zurg q: CVE-3 affected Unknown\n");
}

TEST(debian_versions_that_are_none)
{
    static const char *const entries[] = {"{\"status\":\"resolved\",\"fixed_version\":\"1_0\"}",
                                          "{\"status\":\"resolved\",\"fixed_version\":\"<unfixed>\"}"};
    for (size_t i = 0; i < 2; i++)
        check_entry(entries[i], "! p CVE-1 bookworm: resolved in what is no version: taken as undetermined\n"
                                "debian:12 p: CVE-1 undetermined Unknown\n");
    check_entry("{\"status\":\"resolved\"}",
                "! p CVE-1 bookworm: resolved without a version: taken as undetermined\n"
                "debian:12 p: CVE-1 undetermined Unknown\n");
    check_entry("{\"status\":\"resolved\",\"fixed_version\":7}",
                "! p CVE-1 bookworm: resolved without a version: taken as undetermined\n"
                "debian:12 p: CVE-1 undetermined Unknown\n");
    /* the rest goes on */
    check("{\"p\":{\"CVE-1\":{\"releases\":{\"sid\":{\"status\":\"resolved\",\"fixed_version\":\"a\"}}},"
          "\"CVE-2\":{\"releases\":{\"sid\":{\"status\":\"resolved\",\"fixed_version\":\"1:1.0-1~deb12u1\"}}}"
          "}}",
          "! p CVE-1 sid: resolved in what is no version: taken as undetermined\n"
          "debian:sid p: CVE-1 undetermined Unknown; CVE-2 fixed Unknown 1:1.0-1~deb12u1\n");
}

TEST(debian_odd_shapes)
{
    check_entry(
        "{}",
        "! p CVE-1 bookworm: no status: taken as undetermined\ndebian:12 p: CVE-1 undetermined Unknown\n");
    check_entry(
        "{\"status\":[\"open\"]}",
        "! p CVE-1 bookworm: no status: taken as undetermined\ndebian:12 p: CVE-1 undetermined Unknown\n");
    check_entry("{\"status\":\"maybe\"}", "! p CVE-1 bookworm: an unknown status: taken as "
                                          "undetermined\ndebian:12 p: CVE-1 undetermined Unknown\n");
    check("{\"a\":[],\"b\":{\"CVE-1\":7},\"c\":{\"CVE-2\":{\"releases\":[]}},\"d\":{\"CVE-3\":{}},"
          "\"e\":{\"CVE-4\":{\"releases\":{\"sid\":true,\"\":{}}},\"\":{\"releases\":{}}},\"\":{\"x\":1},"
          "\"f\":{\"CVE-5\":{\"releases\":{\"sid\":{\"status\":\"open\"}}}},\"\\u001b[1m\":[]}",
          "! a: is not an object\n! b CVE-1: is not an object\n! c CVE-2: its releases are not an object\n"
          "! d CVE-3: names no releases\n! e CVE-4 sid: is not an object\n! e CVE-4: a release without a "
          "proper name\n"
          "! e: a vulnerability without a proper id\n! : a package without a proper name\n"
          "debian:sid f: CVE-5 affected Unknown\n! ?[1m: is not an object\n");
}

TEST(debian_refusals)
{
    refuses("", E_BAD_INPUT, "json: offset 0: expected a value, found the end");
    refuses("<html>Not found</html>", E_BAD_INPUT, "json: offset 0: expected a value, found '<'");
    refuses("[]", E_BAD_INPUT, "debian: the document is not an object");
    refuses("{}", E_BAD_INPUT, "debian: the document has no advisories");
    refuses("{\"a\":{\"CVE-1\":{\"releases\":{}}}}", E_BAD_INPUT, "debian: the document has no advisories");
    refuses("{\"p\":{\"CVE-1\":{\"releases\":{\"sid\":{\"status\":\"open\"}}}}} x", E_BAD_INPUT,
            "json: offset 55: expected the end, found 'x'");
    refuses("{\"p\":{\"CVE-1\":{\"releases\":{\"sid\":{\"x\":01}}}}}", E_BAD_INPUT,
            "json: offset 38: not a number as JSON writes it");
}

TEST(debian_truncations)
{
    static const char text[] =
        "{\"p\":{\"CVE-1\":{\"description\":\"\\u00e9\",\"releases\":{\"sid\":{\"repositories\":{\"a\":\"1\"}"
        ","
        "\"status\":\"resolved\",\"fixed_version\":\"1-1\"}}}},\"q\":{\"CVE-2\":{\"releases\":"
        "{\"sid\":{\"status\":\"open\"}}}}}";
    struct text_sink s = {0};
    struct error err;
    assert_int_equal(parse(str_of(text), 0, &s, &err), 0);
    assert_int_equal(s.rows, 2);
    for (size_t len = 0; len < sizeof text - 1; len++)
        for (size_t step = 0; step < 8; step += 7) {
            assert_int_equal(parse((struct str){text, len}, step, &s, &err), -E_BAD_INPUT);
            assert_true(s.rows <= 2);
            assert_int_equal(s.problems, 0);
        }
    buf_done(&s.out);
}

static int failing_fill(struct reader *r)
{
    return error_set(r->err, E_SYSTEM, "reads fail");
}

TEST(debian_failures_of_others)
{
    static const char text[] =
        "{\"p\":{\"CVE-1\":{\"releases\":{\"zurg\":{},\"sid\":{\"status\":\"open\"}}}}}";
    static const struct reader_ops ops = {.name = "failing", .fill = failing_fill};
    struct error err = {0}, reader_err = {0};
    struct reader r = {.ops = &ops, .limit = UINT64_MAX, .err = &reader_err};
    struct memory_reader m;
    struct text_sink s = {.sink = {text_row, text_problem}, .out = buf_make(MIB(1))};
    const struct feed *debian = feed_find(STR("debian"));
    assert_int_equal(debian->parse(debian, &r, &s.sink, &err), -E_SYSTEM);
    assert_string_equal(err.text, "reads fail");
    for (int n = 1; n <= 2; n++) {
        s.fail_row = n;
        assert_int_equal(debian->parse(debian, memory_reader_init(&m, str_of(text), 0, &err), &s.sink, &err),
                         -E_SYSTEM);
        assert_string_equal(err.text, "the row is refused");
        s.fail_row = 0;
        s.fail_problem = n; /* the unknown release, then its missing status */
        assert_int_equal(debian->parse(debian, memory_reader_init(&m, str_of(text), 0, &err), &s.sink, &err),
                         -E_SYSTEM);
        assert_string_equal(err.text, "the problem is refused");
        s.fail_problem = 0;
    }
    s.sink.problem = NULL; /* nobody wants to know */
    assert_int_equal(debian->parse(debian, memory_reader_init(&m, str_of(text), 0, &err), &s.sink, &err), 0);
    buf_done(&s.out);
}

TEST(debian_many_releases)
{
    struct buf text = buf_make(MIB(1));
    struct text_sink s = {0};
    struct error err;
    buf_add(&text, STR("{\"p\":{\"CVE-1\":{\"releases\":{"));
    for (int i = 0; i <= DEBIAN_NAMESPACES_MAX; i++) {
        size_t before = text.len;
        buf_printf(&text, "%s\"r%d\":{\"status\":\"open\"}", i ? "," : "", i);
        struct buf whole = buf_make(MIB(1));
        buf_add(&whole, buf_str(&text));
        buf_add(&whole, STR("}}}}"));
        if (i < DEBIAN_NAMESPACES_MAX) {
            assert_int_equal(parse(buf_str(&whole), 0, &s, &err), 0);
            assert_int_equal(s.rows, i + 1);
        } else {
            assert_int_equal(parse(buf_str(&whole), 0, &s, &err), -E_LIMIT);
            assert_string_equal(err.text, "debian: more than 32 releases");
        }
        assert_true(text.len > before);
        buf_done(&whole);
    }
    buf_done(&text);
    buf_done(&s.out);
}

TEST(debian_long_names)
{
    char name[300];
    struct buf text = buf_make(MIB(1));
    struct text_sink s = {0};
    struct error err;
    for (size_t len = ADVISORY_TEXT_MAX - 8; len < ADVISORY_TEXT_MAX + 3; len++) {
        memset(name, '1', len);
        name[len] = 0;
        buf_clear(&text);
        buf_printf(
            &text,
            "{\"%s\":{\"%s\":{\"releases\":{\"%s\":{\"status\":\"open\"},\"sid\":{\"status\":\"resolved\","
            "\"fixed_version\":\"%s\"}}}},\"p\":{\"CVE-1\":{\"releases\":{\"sid\":{\"status\":\"open\"}}}}}",
            name, name, name, name);
        assert_int_equal(parse(buf_str(&text), 0, &s, &err), 0);
        bool codename_fits = len + 7 <= ADVISORY_TEXT_MAX, fits = len <= ADVISORY_TEXT_MAX;
        assert_int_equal(s.rows, fits ? 2 + codename_fits : 1);
        assert_int_equal(s.problems, 1); /* the codename is unknown, or too long; or the package's name is */
    }
    name[ADVISORY_TEXT_MAX] = 0;
    buf_clear(&text);
    buf_printf(
        &text,
        "{\"p\":{\"CVE-1\":{\"releases\":{\"sid\":{\"status\":\"resolved\",\"fixed_version\":\"1%s\"}}},",
        name);
    buf_printf(&text, "\"1%s\":{\"releases\":{\"sid\":{\"status\":\"open\"}}}}}", name);
    assert_int_equal(parse(buf_str(&text), 0, &s, &err), 0);
    assert_string_equal(
        s.out.ptr, "! p CVE-1 sid: resolved in what is no version: taken as undetermined\n"
                   "! p: a vulnerability without a proper id\ndebian:sid p: CVE-1 undetermined Unknown\n");
    buf_done(&text);
    buf_done(&s.out);
}

TEST(debian_too_large_row)
{
    struct buf text = buf_make(MIB(64));
    struct text_sink s = {0};
    struct error err;
    buf_add(&text, STR("{\"p\":{"));
    for (size_t i = 0; i * 200 < ADVISORY_ROW_MAX; i++)
        buf_printf(&text, "%s\"%0200zu\":{\"releases\":{\"sid\":{\"status\":\"open\"}}}", i ? "," : "", i);
    buf_add(&text, STR("}}"));
    assert_int_equal(parse(buf_str(&text), 65536, &s, &err), -E_LIMIT);
    assert_string_equal(err.text, "debian: p in debian:sid: advisories: more than 4194304 bytes");
    assert_int_equal(s.rows, 0);
    buf_done(&text);
    buf_done(&s.out);
}
