#include "text_sink.h"

static int text_repository(struct feed_sink *sink, struct str name, struct str products, struct error *err)
{
    struct text_sink *s = (struct text_sink *)sink;
    if (s->fail_row && --s->fail_row == 0)
        return error_set(err, E_SYSTEM, "the repository is refused");
    buf_printf(&s->out, STR_FMT ": " STR_FMT "\n", STR_ARG(name), STR_ARG(products));
    return 0;
}

static int run(struct str text, size_t step, struct text_sink *s, struct error *err)
{
    struct memory_reader m;
    s->sink.problem = text_problem;
    s->sink.repository = text_repository;
    s->out = buf_make(MIB(4));
    int rc = redhat_repositories_feed.parse(&redhat_repositories_feed,
                                            memory_reader_init(&m, text, step, err), &s->sink, err);
    buf_add_char(&s->out, 0);
    return rc;
}

static void expect(const char *text, const char *want)
{
    struct error err = {0};
    struct text_sink s = {0};
    int rc = run(str_of(text), 0, &s, &err);
    if (rc < 0) {
        s.out.len--;
        buf_printf(&s.out, "%s\n", err.text);
        buf_add_char(&s.out, 0);
    }
    assert_string_equal(s.out.ptr, want);
    buf_done(&s.out);
}

#define LIST                                                                                              \
    "{\"x\": {}, \"data\": {\"rhel-9-for-x86_64-baseos-rpms\": {\"cpes\": "                               \
    "[\"cpe:/o:redhat:enterprise_linux:9::baseos\"]}, \"rhocp-4.16-for-rhel-9-x86_64-rpms\": {\"cpes\": " \
    "[\"cpe:/a:redhat:openshift:4.16::el9\", \"cpe:/a:redhat:openshift:4.16::el9\", "                     \
    "\"cpe:/a:redhat:openshift_ironic:4.16::el9\"], \"z\": [1]}}}"
#define REPOSITORIES                                              \
    "rhel-9-for-x86_64-baseos-rpms: enterprise_linux:9::baseos\n" \
    "rhocp-4.16-for-rhel-9-x86_64-rpms: openshift:4.16::el9 openshift_ironic:4.16::el9\n"

TEST(repositories_and_their_products)
{
    expect(LIST, REPOSITORIES);
    expect("{\"data\": {\"a\": {\"cpes\": [\"cpe:/a:other:x:1\", \"cpe:2.3:a:redhat:x\", \"\", 1, "
           "\"cpe:/a:redhat:a b:1\", \"cpe:/a:redhat:\"]}, \"b\": {}, \"c\": null}}",
           "a: \nb: \nc: \n");
}

TEST(repositories_refusals)
{
    expect("{\"data\": {\"a b\": {\"cpes\": []}, \"\": 1, \"c\": {}}}",
           "! a b: a repository without a proper name\n! : a repository without a proper name\nc: \n");
    expect("{}", "repositories: the document has none\n");
    expect("[]", "repositories: the document has none\n");
    expect("{\"data\": {\"a\": {\"cpes\": [\"cpe:/a:redhat:x:1\"",
           "json: offset 44: expected ',' or ']', found the end\n");
}

TEST(repositories_with_too_many_products)
{
    CLEANUP(buf_done) struct buf text = buf_make(MIB(1));
    struct error err = {0};
    struct text_sink s = {0};
    buf_add(&text, STR("{\"data\": {\"many\": {\"cpes\": [\"\""));
    for (int i = 0; i < PRODUCTS_MAX / 8; i++)
        buf_printf(&text, ", \"cpe:/a:redhat:p:%06d\"", i);
    buf_add(&text, STR("]}, \"few\": {\"cpes\": [\"cpe:/a:redhat:p:1\"]}}}"));
    assert_int_equal(run(buf_str(&text), 0, &s, &err), 0);
    assert_string_equal(s.out.ptr, "! many: more products than one repository may have\nfew: p:1\n");
    buf_done(&s.out);
}

TEST(repositories_every_window_and_truncation)
{
    static const struct str text = STR_INIT(LIST);
    for (size_t len = 0; len <= text.len; len++)
        for (size_t step = 0; step < 30; step = step * 4 + 1) {
            struct error err = {0};
            struct text_sink s = {0};
            int rc = run((struct str){text.ptr, len}, step, &s, &err);
            assert_int_equal(rc < 0, len < text.len);
            assert_true(strncmp(REPOSITORIES, s.out.ptr, s.out.len - 1) == 0);
            buf_done(&s.out);
        }
}

TEST(repositories_sink_refuses)
{
    struct error err = {0};
    struct text_sink s = {.fail_row = 2};
    assert_int_equal(run(STR(LIST), 0, &s, &err), -E_SYSTEM);
    assert_string_equal(err.text, "the repository is refused");
    buf_done(&s.out);
}
