#include "client/answer.h"

#include "base/limits.h"
#include "client/stats.h"
#include "image/document.h"
#include "os/worker_wire.h"
#include "stream/digest.h"
#include "stream/memory.h"
#include "test.h"

void unit_test_worker(void);

/* The worker's table of all tests here. */
void unit_test_worker(void)
{
    struct worker_reader readers[16] = {{0}};
    struct error err;
    size_t n = 0;
    for (const struct worker_reader *r = document_jobs; r->name; r++)
        readers[n++] = *r;
    for (const struct worker_reader *r = answer_jobs; r->name; r++)
        readers[n++] = *r;
    if (digest_prepare(&err) < 0)
        exit(1);
    worker_serve(WORKER_SOCKET, readers);
}

#define V1                                                                                                  \
    "{\"Layer\":{\"Name\":\"b\",\"NamespaceName\":\"debian:12\",\"ParentName\":\"a\",\"IndexedByVersion\":" \
    "3,"                                                                                                    \
    "\"Features\":[{\"Name\":\"openssl\",\"NamespaceName\":\"debian:12\",\"VersionFormat\":\"dpkg\","       \
    "\"Version\":"                                                                                          \
    "\"3.0-1\",\"Vulnerabilities\":[{\"Name\":\"CVE-1\",\"NamespaceName\":\"debian:12\",\"Description\":"   \
    "\"d\\u00e9\","                                                                                         \
    "\"Link\":\"https://x/"                                                                                 \
    "1\",\"Severity\":\"High\",\"Metadata\":{\"NVD\":{\"CVSSv2\":{\"Score\":7.5,\"Vectors\":"               \
    "\"AV:N/AC:L\"},\"CVSSv3\":{\"Score\":9,\"Vectors\":\"CVSS:3.1/AV:N\"}}},\"FixedBy\":\"3.0-2\"},"       \
    "{\"Name\":\"CVE-2\",\"Severity\":\"Strange\"}],\"AddedBy\":\"a\"},{\"Name\":\"zlib\",\"Version\":"     \
    "\"1\","                                                                                                \
    "\"AddedBy\":\"b\"}]}}"
#define V3                                                                                                 \
    "{\"ancestry\":{\"name\":\"x\",\"layers\":[{\"layer\":{\"hash\":\"a\"},\"detected_features\":[{"       \
    "\"name\":"                                                                                            \
    "\"openssl\",\"namespace\":{\"name\":\"debian:12\"},\"version\":\"3.0-1\",\"vulnerabilities\":[{"      \
    "\"name\":"                                                                                            \
    "\"CVE-1\",\"description\":\"d\\u00e9\",\"link\":\"https://x/1\",\"severity\":\"High\",\"metadata\":"  \
    "\"{\\\"NVD\\\":{\\\"CVSSv2\\\":{\\\"Score\\\":7.5,\\\"Vectors\\\":\\\"AV:N/AC:L\\\"},\\\"CVSSv3\\\":" \
    "{\\\"Score\\\":9,\\\"Vectors\\\":\\\"CVSS:3.1/"                                                       \
    "AV:N\\\"}}}\",\"fixed_by\":\"3.0-2\"},{\"name\":\"CVE-2\","                                           \
    "\"metadata\":\"no "                                                                                   \
    "JSON\",\"fixedBy\":\"\"}]}]},{\"layer\":{\"hash\":\"b\"},\"detectedFeatures\":[{\"name\":"            \
    "\"zlib\",\"namespaceName\":\"debian:12\",\"version\":\"1\"}]}]}}"

static void put(struct buf *out, const struct answer *a)
{
    buf_printf(out, "[%.*s]", STR_ARG(a->namespace));
    vec_each (&a->features, f) {
        buf_printf(out, " %.*s %.*s %.*s %.*s", STR_ARG(f->name), STR_ARG(f->version), STR_ARG(f->namespace),
                   STR_ARG(f->added_by));
        vec_each (&f->vulnerabilities, v)
            buf_printf(out, " (%.*s %.*s %.*s %.*s %s %.*s %d %.*s %d)", STR_ARG(v->about.id),
                       STR_ARG(v->about.description), STR_ARG(v->about.link), STR_ARG(v->fixed_by),
                       severity_name(v->severity), STR_ARG(v->about.cvss2), v->about.score2,
                       STR_ARG(v->about.cvss3), v->about.score3);
    }
}

/* Read in windows of `step`, then through its wire form; or the error. */
static const char *told(struct str text, size_t step, size_t memory)
{
    static char shown[4096];
    CLEANUP(arena_done) struct arena arena = arena_make(memory), other = arena_make(memory);
    CLEANUP(buf_done)
    struct buf direct = buf_make(sizeof shown - 1), wired = buf_make(sizeof shown - 1),
               wire = buf_make(MIB(4));
    struct memory_reader in;
    struct answer a, b;
    struct error err = {0};
    int rc = answer_read(memory_reader_init(&in, text, step, &err), &arena, &a, &err);
    assert_int_equal(rc, -(int)err.code);
    if (rc < 0) {
        snprintf(shown, sizeof shown, "! %s", err.text);
        return shown;
    }
    put(&direct, &a);
    answer_encode(&a, &wire);
    assert_int_equal(answer_decode(buf_str(&wire), &other, &b, &err), 0);
    put(&wired, &b);
    assert_true(str_eq(buf_str(&direct), buf_str(&wired)));
    for (size_t n = 0; n < wire.len; n++)
        assert_int_equal(answer_decode((struct str){wire.ptr, n}, &other, &b, &err), -E_BAD_INPUT);
    assert_int_equal(str_copy(buf_str(&direct), shown, sizeof shown), 0);
    return shown;
}

TEST(answer_shapes)
{
    for (size_t step = 1; step < 40; step++) {
        assert_string_equal(
            told(STR(V1), step, MIB(1)),
            "[debian:12] openssl 3.0-1 debian:12 a (CVE-1 d\u00e9 https://x/1 3.0-2 High AV:N/AC:L 75 "
            "CVSS:3.1/AV:N 90) (CVE-2    Unknown  -1  -1) zlib 1  b");
        assert_string_equal(told(STR(V3), step, MIB(1)),
                            "[] openssl 3.0-1 debian:12 a (CVE-1 d\u00e9 https://x/1 3.0-2 High AV:N/AC:L 75 "
                            "CVSS:3.1/AV:N 90) (CVE-2    Unknown  -1  -1) zlib 1 debian:12 b");
    }
    /* as servers of API 3 said it first, and the empty image */
    assert_string_equal(
        told(STR("{\"ancestry\":{\"features\":[{\"name\":\"a\",\"version\":\"1\"}]}}"), 0, MIB(1)),
        "[] a 1  ");
    assert_string_equal(told(STR("{\"Layer\":{\"Name\":\"x\"}}"), 0, MIB(1)), "[]");
    /* other types than expected tell nothing */
    assert_string_equal(
        told(STR("{\"Layer\":{\"NamespaceName\":1,\"Features\":[3,{\"Name\":[],\"Vulnerabilities\":{}},"
                 "{\"Vulnerabilities\":[1,{\"Metadata\":[[1]],\"Severity\":{}},{\"Metadata\":{\"NVD\":"
                 "{\"CVSSv2\":{\"Score\":\"7\",\"Vectors\":7}}}},{\"Metadata\":{\"NVD\":{\"CVSSv2\":"
                 "{\"Score\":70}}}},{\"Metadata\":\"{\"}]}]}}"),
             0, MIB(1)),
        "[]             (    Unknown  -1  -1) (    Unknown  -1  -1) (    Unknown  -1  -1) "
        "(    Unknown  -1  -1) (    Unknown  -1  -1)");
}

TEST(answer_refusals)
{
    assert_string_equal(told(STR("{\"Error\":{\"Message\":\"x\"}}"), 0, MIB(1)),
                        "! the server's answer is none of Clair's: it has no Layer and no ancestry");
    assert_string_equal(told(STR("[]"), 0, MIB(1)),
                        "! the server's answer is none of Clair's: it has no Layer and no ancestry");
    assert_string_equal(told(STR("<html>"), 0, MIB(1)), "! json: offset 0: expected a value, found '<'");
    assert_string_equal(told(STR(""), 0, MIB(1)), "! json: offset 0: expected a value, found the end");
    struct str whole = STR(V1);
    for (size_t n = 0; n < whole.len; n++)
        assert_true(*told((struct str){whole.ptr, n}, 7, MIB(1)) == '!');
}

TEST(answer_budget)
{
    CLEANUP(buf_done) struct buf text = buf_make(MIB(4));
    buf_add(&text, STR("{\"Layer\":{\"Features\":[{\"Vulnerabilities\":[{}"));
    while (text.len < MIB(1))
        buf_add(&text, STR(",{}"));
    buf_add(&text, STR("]}]}}"));
    assert_string_equal(told(buf_str(&text), 0, MIB(1)),
                        "! the server's answer takes more than 1048576 bytes of memory");
    assert_true(CLAIR_MEMORY_MAX > CLAIR_ANSWER_MAX);
}

/* Bytes that are no wire form: refused, not followed. */
TEST(answer_wire_nonsense)
{
    CLEANUP(arena_done) struct arena arena = arena_make(MIB(1));
    struct answer a;
    struct error err = {0};
    static const char *const nonsense[] = {"", "\x01", "\x00\x01", "\x00\x00\x00x",
                                           "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"};
    static const size_t lengths[] = {0, 1, 2, 4, 10};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        assert_int_equal(answer_decode((struct str){nonsense[i], lengths[i]}, &arena, &a, &err),
                         -E_BAD_INPUT);
        assert_string_equal(err.text, "the server's answer: its reader tells nonsense");
    }
}

/* ---- as Python writes it ---- */

static const char *reprinted(struct str text, size_t step)
{
    static char shown[4096];
    CLEANUP(buf_done) struct buf out = buf_make(sizeof shown - 1);
    struct memory_reader in;
    struct error err = {0};
    int rc = answer_reprint(memory_reader_init(&in, text, step, &err), &out, &err);
    assert_int_equal(rc, -(int)err.code);
    if (rc < 0)
        snprintf(shown, sizeof shown, "! %s", err.text);
    else
        assert_int_equal(str_copy(buf_str(&out), shown, sizeof shown), 0);
    return shown;
}

TEST(answer_reprint_texts)
{
    for (size_t step = 1; step < 20; step++) {
        assert_string_equal(
            reprinted(STR(" {\"a\" :[1 ,2,{} , [ ],[[]]],\n\"b\":{ \"c\":null,\"d\":true, \"e\":false} } "),
                      step),
            "{\"a\": [1, 2, {}, [], [[]]], \"b\": {\"c\": null, \"d\": true, \"e\": false}}");
        assert_string_equal(
            reprinted(STR("\"\\u00e9\u00e9\\ud83d\\ude00\U0001f600\\u007f\\/"
                          "\\b\\f\\n\\r\\t\\\"\\\\\\u0001<\u2028\""),
                      step),
            "\"\\u00e9\\u00e9\\ud83d\\ude00\\ud83d\\ude00\\u007f/\\b\\f\\n\\r\\t\\\"\\\\\\u0001<\\u2028\"");
    }
    assert_string_equal(reprinted(STR("\"\\u0000\""), 0), "\"\\u0000\"");
    assert_string_equal(reprinted(STR("[1"), 0), "! json: offset 2: expected ',' or ']', found the end");
}

/* Compared with what Python 3.11 prints. */
TEST(answer_reprint_numbers)
{
    static const char *const pairs[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"-12", "-12"},
        {"7.5", "7.5"},
        {"7.50", "7.5"},
        {"6.0", "6.0"},
        {"-0.0", "-0.0"},
        {"0.1", "0.1"},
        {"1e2", "100.0"},
        {"1.5E3", "1500.0"},
        {"1e15", "1000000000000000.0"},
        {"1e16", "1e+16"},
        {"1.25e16", "1.25e+16"},
        {"1e-4", "0.0001"},
        {"1.5e-5", "1.5e-05"},
        {"123456789012345678901234567890", "123456789012345678901234567890"},
        {"0.30000000000000004", "0.30000000000000004"},
        {"1e23", "1e+23"},
        {"5e-324", "5e-324"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
        {"1e999", "1e999"},
        {"123.456", "123.456"},
        {"0.001234", "0.001234"},
        {"9007199254740993.0", "9007199254740992.0"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_string_equal(reprinted(str_of(pairs[i][0]), 0), pairs[i][1]);
}

/* ---- refusals ---- */

static const char *message(const char *text)
{
    static char shown[200];
    CLEANUP(arena_done) struct arena arena = arena_make(MIB(1));
    struct memory_reader in;
    struct error err = {0};
    struct str s;
    if (answer_message(memory_reader_init(&in, str_of(text), 0, &err), &arena, &s, &err) < 0)
        return err.text[0] ? "!" : "?";
    str_printable(s, shown, sizeof shown);
    return shown;
}

TEST(answer_messages)
{
    assert_string_equal(message("{\"Error\":{\"Message\":\"could not find layer\",\"Type\":\"x\"}}"),
                        "could not find layer");
    assert_string_equal(
        message("{\"error\":\"requested ancestry is not found\",\"code\":5,\"message\":\"not found\"}"),
        "not found");
    assert_string_equal(message("{\"Error\":{}}"), "");
    assert_string_equal(message("[]"), "");
    assert_string_equal(message("404"), "");
    assert_string_equal(message("{\"Error\":"), "!");
}

/* ---- results and statistics ---- */

static void make_result(const char *text, struct arena *arena, struct scan_result *ret)
{
    struct memory_reader in;
    struct answer a;
    struct error err = {0};
    struct target_layer layers[] = {{.name = STR("a"), .digest = {"sha256:aa"}, .created_by = STR("ADD")},
                                    {.name = STR("b"), .digest = {"sha256:bb"}}};
    struct target target = {.host = STR("nginx"), .layers = {layers, 2, 2}};
    assert_int_equal(answer_read(memory_reader_init(&in, str_of(text), 0, &err), arena, &a, &err), 0);
    assert_int_equal(answer_result(&a, &target, arena, ret, &err), 0);
}

TEST(answer_results)
{
    CLEANUP(arena_done) struct arena arena = arena_make(MIB(1));
    struct scan_result r;
    make_result(V1, &arena, &r);
    assert_true(str_eq(r.reference, STR("nginx")));
    assert_true(str_eq(r.namespace, STR("debian:12")));
    assert_int_equal(r.packages.len, 2);
    assert_int_equal(r.findings.len, 2);
    assert_int_equal(r.layers.len, 2);
    assert_int_equal(r.packages.ptr[1].introduced, 1);
    assert_int_equal(r.problems.len, 0);
    const struct finding *f = r.findings.ptr;
    assert_int_equal(f->severity, SEVERITY_HIGH);
    assert_int_equal(f->status, ADVISORY_FIXED);
    assert_true(str_eq(f->about->cvss2, STR("AV:N/AC:L")));
    assert_int_equal(f->about->score2, 75);
    assert_int_equal(f[1].status, ADVISORY_AFFECTED);
    make_result(V3, &arena, &r);
    assert_true(str_eq(r.namespace, STR("debian:12")));
    make_result("{\"Layer\":{\"Features\":[{\"Name\":\"x\",\"AddedBy\":\"sha256:bb\"},{\"AddedBy\":\"gone\"},"
                "{\"AddedBy\":\"gone\"}]}}",
                &arena, &r);
    assert_int_equal(r.packages.ptr[0].introduced, 1);
    assert_int_equal(r.packages.ptr[2].introduced, 2);
    assert_int_equal(r.layers.len, 3);
    assert_true(str_eq(r.layers.ptr[2].name, STR("gone")));
    make_result("{\"Layer\":{}}", &arena, &r);
    assert_int_equal(r.problems.len, 1);
}

static const char *stats(const char *vulnerabilities, bool all)
{
    static char shown[400];
    CLEANUP(arena_done) struct arena arena = arena_make(MIB(1));
    CLEANUP(buf_done) struct buf out = buf_make(sizeof shown - 1);
    struct scan_result r;
    const struct str known[] = {STR("CVE-9")};
    char text[1000];
    snprintf(text, sizeof text,
             "{\"Layer\":{\"Features\":[{\"Vulnerabilities\":[%s]},{\"Vulnerabilities\":[%s]}]}}",
             vulnerabilities, vulnerabilities);
    make_result(text, &arena, &r);
    stats_forget(&r, known, 1);
    stats_put(&out, &r, all);
    assert_int_equal(str_copy(buf_str(&out), shown, sizeof shown), 0);
    return shown;
}

TEST(stats_of_fixable)
{
#define LOW  "{\"Name\":\"CVE-1\",\"Severity\":\"Low\",\"FixedBy\":\"1\"}"
#define HIGH "{\"Name\":\"CVE-2\",\"Severity\":\"High\",\"FixedBy\":\"1\"}"
#define OPEN "{\"Name\":\"CVE-3\",\"Severity\":\"Critical\"}"
#define MINE "{\"Name\":\"CVE-9\",\"Severity\":\"Defcon1\",\"FixedBy\":\"1\"}"
    assert_string_equal(stats(LOW "," HIGH "," OPEN "," MINE, false), "High: 2\nLow: 2");
    assert_string_equal(stats(LOW "," HIGH "," OPEN "," MINE, true), "Critical: 2\nHigh: 2\nLow: 2");
    assert_string_equal(stats(OPEN, false), "");
    assert_string_equal(stats(MINE, true), "");
}
