#include "update/feed_job.h"

#include <unistd.h>

#include "base/limits.h"
#include "base/wire.h"
#include "os/file.h"
#include "os/worker_wire.h"
#include "stream/digest.h"
#include "test.h"

void unit_test_worker(void);

void unit_test_worker(void)
{
    static const struct worker_reader readers[] = {{"feed", feed_job}, {0}};
    struct error err;
    if (digest_prepare(&err) < 0)
        exit(1);
    worker_serve(WORKER_SOCKET, readers);
}

struct seen {
    struct buf text;
    int refuse;
};

static int on_row(void *ctx, const struct advisory_row *row, struct error *err)
{
    struct seen *s = ctx;
    buf_printf(&s->text, "%.*s %.*s %u\n", STR_ARG(row->namespace), STR_ARG(row->package), row->count);
    return s->refuse ? error_set(err, E_SYSTEM, "disk full") : 0;
}

static int on_problem(void *ctx, const struct problem *p, struct error *err)
{
    struct seen *s = ctx;
    (void)err;
    buf_printf(&s->text, "problem %.*s: %.*s\n", STR_ARG(p->where), STR_ARG(p->text));
    return 0;
}

static int on_about(void *ctx, const struct vulnerability *v, struct error *err)
{
    struct seen *s = ctx;
    (void)err;
    buf_printf(&s->text, "about %.*s: %zu %.*s%s%.*s\n", STR_ARG(v->id), v->description.len,
               STR_ARG(v->description), v->kev.len ? " " : "", STR_ARG(v->kev));
    return 0;
}

static int on_more(void *ctx, struct str url, struct error *err)
{
    struct seen *s = ctx;
    (void)err;
    buf_printf(&s->text, "more %.*s\n", STR_ARG(url));
    return 0;
}

static int on_subject(void *ctx, struct str id, struct error *err)
{
    struct seen *s = ctx;
    (void)err;
    buf_printf(&s->text, "subject %.*s\n", STR_ARG(id));
    return 0;
}

static int on_remember(void *ctx, struct str text, struct error *err)
{
    struct seen *s = ctx;
    (void)err;
    buf_printf(&s->text, "remember %.*s\n", STR_ARG(text));
    return 0;
}

static int on_repository(void *ctx, struct str name, struct str products, struct error *err)
{
    struct seen *s = ctx;
    (void)err;
    buf_printf(&s->text, "repository " STR_FMT ": " STR_FMT "\n", STR_ARG(name), STR_ARG(products));
    return 0;
}

static struct feed_answer answer_for(struct seen *s)
{
    struct feed_answer a = feed_answer_make();
    a.row = on_row;
    a.problem = on_problem;
    a.about = on_about;
    a.more = on_more;
    a.subject = on_subject;
    a.remember = on_remember;
    a.repository = on_repository;
    a.ctx = s;
    return a;
}

static int run_feed(const char *feed, struct str document, struct seen *s, struct error *err)
{
    CLEANUP(worker_freep) struct worker *w = worker_new();
    CLEANUP(feed_answer_done) struct feed_answer a = answer_for(s);
    int fd = file_memory(document, err);
    const struct worker_job job = {.reader = "feed",
                                   .args = str_of(feed),
                                   .fd = fd,
                                   .reply_max = MIB(64),
                                   .data = feed_answer_take,
                                   .ctx = &a};
    s->text = buf_make(MIB(4));
    int rc = worker_run(w, &job, NULL, err);
    close(fd);
    buf_add_char(&s->text, 0);
    return rc;
}

static int run(struct str document, struct seen *s, struct error *err)
{
    return run_feed("debian", document, s, err);
}

TEST(repositories_cross_the_pipe)
{
    struct error err = {0};
    struct seen s = {0};
    assert_int_equal(
        run_feed("redhat-repositories",
                 STR("{\"data\": {\"a-rpms\": {\"cpes\": [\"cpe:/a:redhat:openshift:4.16::el9\"]}, "
                     "\"b-rpms\": {\"cpes\": []}}}"),
                 &s, &err),
        0);
    assert_string_equal(s.text.ptr, "repository a-rpms: openshift:4.16::el9\nrepository b-rpms: \n");
    buf_done(&s.text);
}

TEST(more_crosses_the_pipe)
{
    struct error err = {0};
    struct seen s = {0};
    assert_int_equal(run_feed("amazon", STR("https://example.com/2/x/\n"), &s, &err), 0);
    assert_string_equal(s.text.ptr, "more https://example.com/2/x/repodata/repomd.xml\n");
    buf_done(&s.text);
}

TEST(facts_cross_the_pipe)
{
    struct error err = {0};
    struct seen s = {0};
    assert_int_equal(
        run_feed("kev", STR("{\"vulnerabilities\":[{\"cveID\":\"CVE-1\",\"dateAdded\":\"2024-05-06\"}]}"), &s,
                 &err),
        0);
    assert_string_equal(s.text.ptr, "about CVE-1: 0  2024-05-06\n");
    buf_done(&s.text);
}

TEST(remembered_text)
{
    struct error err = {0};
    struct seen s = {0};
    assert_int_equal(run_feed("redhat\narchive_latest.txt\n", STR("csaf_vex_2023-10-31.tar.zst\n"), &s, &err),
                     0);
    assert_string_equal(s.text.ptr, "remember 2023-10-31\nmore csaf_vex_2023-10-31.tar.zst\n");
    buf_done(&s.text);
    assert_int_equal(
        run_feed("redhat\ndeletions.csv\n2023-10-31",
                 STR("\"2023/cve-2023-1.json\",\"2023-10-31\"\n\"2023/cve-2023-2.json\",\"2023-10-30\"\n"),
                 &s, &err),
        0);
    assert_string_equal(s.text.ptr, "subject CVE-2023-1\n");
    buf_done(&s.text);
}

TEST(feed_through_a_worker)
{
    struct error err = {0};
    struct seen s = {0};
    assert_int_equal(
        run(STR("{\"openssl\":{\"CVE-1\":{\"releases\":{\"bookworm\":{\"status\":\"open\",\"urgency\":"
                "\"low\"},"
                "\"trixie\":{\"status\":\"resolved\",\"fixed_version\":\"1.0\",\"urgency\":\"low\"}}}}}"),
            &s, &err),
        0);
    assert_non_null(strstr(s.text.ptr, "debian:12 openssl 1\n"));
    assert_non_null(strstr(s.text.ptr, "debian:13 openssl 1\n"));
    buf_done(&s.text);
}

TEST(feed_broken_document)
{
    struct error err = {0};
    struct seen s = {0};
    assert_int_equal(run(STR("<html>404</html>"), &s, &err), -E_BAD_INPUT);
    assert_non_null(strstr(err.text, "offset 0"));
    buf_done(&s.text);
}

/* A publisher's mistake in each record is not a line for each on somebody's terminal. */
TEST(problems_counted)
{
    struct error err = {0};
    struct seen s = {0};
    CLEANUP(buf_done) struct buf document = buf_make(MIB(1));
    buf_add(&document, STR("{\"openssl\":{"));
    for (unsigned i = 0; i < FEED_PROBLEMS_MAX + 7; i++)
        buf_printf(
            &document,
            "%s\"CVE-%u\":{\"releases\":{\"bookworm\":{\"status\":\"resolved\",\"fixed_version\":\"a b\"}}}",
            i ? "," : "", i);
    buf_add(&document, STR("}}"));
    assert_int_equal(run(buf_str(&document), &s, &err), 0);
    size_t told = 0;
    for (const char *p = s.text.ptr; (p = strstr(p, "problem ")); p++)
        told++;
    assert_int_equal(told, FEED_PROBLEMS_MAX + 1);
    assert_non_null(strstr(s.text.ptr, "problem debian: 7 more records could not be used\n"));
    buf_done(&s.text);
}

TEST(feed_long_description)
{
    struct error err = {0};
    struct seen s = {0};
    CLEANUP(buf_done) struct buf document = buf_make(MIB(1));
    buf_add(&document, STR("{\"p\":{\"CVE-1\":{\"description\":\"x"));
    for (size_t i = 0; i < FEED_DESCRIPTION_MAX / 2; i++)
        buf_add(&document, STR("\xc3\xa9"));
    buf_add(&document,
            STR("\",\"releases\":{\"sid\":{\"status\":\"open\"}}},\"CVE-2\":{\"description\":\"é\"}}}"));
    assert_int_equal(run(buf_str(&document), &s, &err), 0);
    char want[64]; /* not half a character at its end */
    snprintf(want, sizeof want, "about CVE-1: %d x", (int)FEED_DESCRIPTION_MAX - 1);
    assert_non_null(strstr(s.text.ptr, want));
    assert_non_null(strstr(s.text.ptr, "about CVE-2: 2 é\n"));
    buf_done(&s.text);
}

TEST(feed_store_refuses)
{
    struct error err = {0};
    struct seen s = {.refuse = 1};
    assert_int_equal(
        run(STR("{\"openssl\":{\"CVE-1\":{\"releases\":{\"bookworm\":{\"status\":\"open\"}}}}}"), &s, &err),
        -E_SYSTEM);
    assert_string_equal(err.text, "disk full");
    buf_done(&s.text);
}

TEST(feed_unknown_name)
{
    struct error err = {0};
    CLEANUP(worker_freep) struct worker *w = worker_new();
    const struct worker_job job = {.reader = "feed", .args = STR("nobody"), .fd = -1, .reply_max = 10};
    assert_int_equal(worker_run(w, &job, NULL, &err), -E_BAD_INPUT);
}

/* ---- what a broken or taken-over worker may send ---- */

static void put_batch(struct buf *b, struct str records)
{
    for (unsigned i = 0; i < 4; i++)
        buf_add_char(b, (char)(records.len >> (8 * i)));
    buf_add(b, records);
}

TEST(batch_in_pieces)
{
    struct error err = {0};
    CLEANUP(buf_done)
    struct buf records = buf_make(KIB(4)), stream = buf_make(KIB(4)), packed = buf_make(KIB(1));
    const struct advisory a = {.id = STR("CVE-1"), .status = ADVISORY_AFFECTED};
    advisory_pack(&packed, &a);
    for (unsigned i = 0; i < 3; i++) {
        const struct advisory_row row = {STR("debian:12"), STR("x"), 1, buf_str(&packed)};
        buf_clear(&records);
        wire_put_num(&records, 1);
        advisory_row_put(&records, &row);
        put_batch(&stream, buf_str(&records));
    }
    for (size_t step = 1; step <= stream.len; step++) {
        struct seen s = {.text = buf_make(KIB(4))};
        CLEANUP(feed_answer_done) struct feed_answer answer = answer_for(&s);
        for (size_t at = 0; at < stream.len; at += step) {
            size_t n = stream.len - at < step ? stream.len - at : step;
            assert_int_equal(feed_answer_take(&answer, (struct str){stream.ptr + at, n}, &err), 0);
        }
        assert_true(str_eq(buf_str(&s.text), STR("debian:12 x 1\ndebian:12 x 1\ndebian:12 x 1\n")));
        assert_int_equal(answer.pending.len, 0);
        buf_done(&s.text);
    }
}

TEST(batch_too_large)
{
    struct error err = {0};
    struct seen s = {.text = buf_make(KIB(4))};
    CLEANUP(feed_answer_done) struct feed_answer answer = answer_for(&s);
    const unsigned n = FEED_BATCH_MAX + 1;
    const char length[4] = {(char)(n & 0xff), (char)(n >> 8 & 0xff), (char)(n >> 16 & 0xff), (char)(n >> 24)};
    assert_int_equal(feed_answer_take(&answer, (struct str){length, 4}, &err), -E_WORKER);
    assert_string_equal(err.text, "the sandboxed reader announced a batch of 16777217 bytes");
    buf_done(&s.text);
}

TEST(batch_broken)
{
    static const char *const records[] = {"\x01",      "\x02\x7f",  "\x03",     "\x03\x01",  "\x03\x00\x01x",
                                          "\x04",      "\x04\x02x", "\x05",     "\x05\x02x", "\x06",
                                          "\x06\x02x", "\x07",      "\x01\x01x"};
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        struct error err = {0};
        struct seen s = {.text = buf_make(KIB(4))};
        CLEANUP(feed_answer_done) struct feed_answer answer = answer_for(&s);
        CLEANUP(buf_done) struct buf stream = buf_make(KIB(4));
        put_batch(&stream, str_of(records[i]));
        assert_true(feed_answer_take(&answer, buf_str(&stream), &err) < 0);
        assert_int_equal(s.text.len, 0);
        buf_done(&s.text);
    }
}
