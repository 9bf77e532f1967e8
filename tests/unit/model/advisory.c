#include "model/advisory.h"

#include "base/limits.h"
#include "test.h"

static const struct advisory samples[] = {
    {STR_INIT("CVE-2022-0778"), ADVISORY_FIXED, SEVERITY_UNKNOWN, STR_INIT("3.0.2-1"), 0},
    {STR_INIT("CVE-2010-4756"), ADVISORY_AFFECTED, SEVERITY_NEGLIGIBLE, STR_INIT(""), ADVISORY_NO_DSA},
    {STR_INIT("TEMP-0841856-B18BAF"), ADVISORY_UNDETERMINED, SEVERITY_DEFCON1, STR_INIT(""), 0},
    {STR_INIT("C"), ADVISORY_END_OF_LIFE, SEVERITY_HIGH, STR_INIT(""), 15},
    {STR_INIT("R"), ADVISORY_FIXED, SEVERITY_HIGH, STR_INIT("2"), ADVISORY_SUBSCRIPTION, STR_INIT("1"),
     STR_INIT(""), STR_INIT("x86_64 noarch"), STR_INIT("httpd:2.4")},
    {STR_INIT("P"), ADVISORY_FIXED, SEVERITY_HIGH, STR_INIT("2"), ADVISORY_STREAMS, STR_INIT(""),
     STR_INIT(""), STR_INIT(""), STR_INIT(""), STR_INIT("openshift:4.16::el9 rhel_eus:9.4")},
    {STR_INIT("L"), ADVISORY_WILL_NOT_FIX, SEVERITY_LOW, STR_INIT(""), 0, STR_INIT(""), STR_INIT("1.9")},
};
#define SAMPLES (sizeof samples / sizeof *samples)

static void pack_samples(struct buf *b)
{
    for (size_t i = 0; i < SAMPLES; i++)
        advisory_pack(b, &samples[i]);
}

TEST(advisory_statuses)
{
    static const char *const names[] = {"affected",     "fixed",        "not_affected", "undetermined",
                                        "will_not_fix", "fix_deferred", "end_of_life"};
    for (int i = 0; i < ADVISORY_STATUS_COUNT; i++) {
        enum advisory_status s = ADVISORY_AFFECTED;
        assert_string_equal(advisory_status_name((enum advisory_status)i), names[i]);
        assert_int_equal(advisory_status_parse(str_of(names[i]), &s), 0);
        assert_int_equal(s, i);
    }
    enum advisory_status s = ADVISORY_FIXED;
    assert_int_equal(advisory_status_parse(STR("open"), &s), -1);
    assert_int_equal(s, ADVISORY_FIXED);
    assert_string_equal(advisory_status_name((enum advisory_status)7), "undetermined");
}

TEST(advisory_words)
{
    char text[ADVISORY_TEXT_MAX + 1];
    memset(text, 'a', sizeof text);
    assert_true(advisory_word_valid(STR("CVE-2024-6387")) && advisory_word_valid(STR("!~")));
    assert_true(advisory_word_valid((struct str){text, ADVISORY_TEXT_MAX}));
    assert_false(advisory_word_valid((struct str){text, ADVISORY_TEXT_MAX + 1}) ||
                 advisory_word_valid(STR("")));
    assert_false(advisory_word_valid(STR("a b")) || advisory_word_valid(STR("a\n")) ||
                 advisory_word_valid(STR("a\x7f")) || advisory_word_valid(STR("\xc3\xa4")));
}

TEST(advisory_packs)
{
    struct buf row = buf_make(MIB(1));
    struct error err = {0};
    struct advisory a;
    pack_samples(&row);
    assert_false(row.failed);
    struct wire w = wire_make(buf_str(&row));
    for (size_t i = 0; i < SAMPLES; i++) {
        assert_int_equal(advisory_unpack(&w, &a, &err), 1);
        assert_true(str_eq(a.id, samples[i].id));
        assert_true(str_eq(a.fixed_version, samples[i].fixed_version));
        assert_int_equal(a.status, samples[i].status);
        assert_int_equal(a.severity, samples[i].severity);
        assert_int_equal(a.flags, samples[i].flags);
        assert_true(str_eq(a.introduced, samples[i].introduced));
        assert_true(str_eq(a.last_affected, samples[i].last_affected));
        assert_true(str_eq(a.arches, samples[i].arches));
        assert_true(str_eq(a.module, samples[i].module));
        assert_true(str_eq(a.product, samples[i].product));
    }
    assert_int_equal(advisory_unpack(&w, &a, &err), 0);
    assert_int_equal(advisory_unpack(&w, &a, &err), 0);
    buf_done(&row);
}

/* Rows that were packed before there were products. */
TEST(advisory_of_old)
{
    struct wire w = wire_make(STR("\1A\x91\x80\3\0011\3arm\1m"));
    struct error err;
    struct advisory a;
    assert_int_equal(advisory_unpack(&w, &a, &err), 1);
    assert_true(str_eq(a.arches, STR("arm")) && str_eq(a.module, STR("m")) && !a.product.len);
}

TEST(advisory_truncations)
{
    struct buf row = buf_make(MIB(1));
    struct error err = {0};
    size_t whole_until = 0;
    pack_samples(&row);
    for (size_t len = 0; len < row.len; len++) {
        char *piece = malloc(len + 1); /* its own block, so that ASan sees a read beyond its end */
        memcpy(piece, row.ptr, len);
        struct wire w = wire_make((struct str){piece, len});
        struct advisory a;
        int rc;
        size_t got = 0;
        while ((rc = advisory_unpack(&w, &a, &err)) > 0)
            got++;
        assert_true(got < SAMPLES);
        if (rc == 0)
            whole_until++;
        else
            assert_int_equal(advisory_unpack(&w, &a, &err), -E_BAD_INPUT); /* stays failed */
        free(piece);
    }
    assert_int_equal(whole_until, SAMPLES); /* only cuts between records look whole */
    buf_done(&row);
}

static void damaged(struct str bytes)
{
    struct wire w = wire_make(bytes);
    struct advisory a = {.flags = 77};
    struct error err = {0};
    assert_int_equal(advisory_unpack(&w, &a, &err), -E_BAD_INPUT);
    assert_int_equal(strncmp(err.text, "advisory: a damaged record", 26), 0);
    assert_int_equal(a.flags, 77);
}

TEST(advisory_damage)
{
    struct wire good = wire_make(STR("\1A\1\1"
                                     "1"));
    struct advisory a;
    struct error err;
    assert_int_equal(advisory_unpack(&good, &a, &err), 1);
    damaged(STR("\0\0\0"));          /* no id */
    damaged(STR("\1A\7\0"));         /* no such status */
    damaged(STR("\1A\x70\0"));       /* no such severity */
    damaged(STR("\1A\1\0"));         /* fixed, but where */
    damaged(STR("\1A\0\1x"));        /* not fixed, but where */
    damaged(STR("\1A\x80\x80\1\0")); /* more than flags */
    damaged(STR("\5A"));
    damaged(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"));
}

TEST(advisory_long_text)
{
    char text[ADVISORY_TEXT_MAX + 1];
    memset(text, 'x', sizeof text);
    struct buf row = buf_make(MIB(1));
    struct advisory a = {.id = {text, ADVISORY_TEXT_MAX},
                         .status = ADVISORY_FIXED,
                         .fixed_version = {text, ADVISORY_TEXT_MAX}};
    advisory_pack(&row, &a);
    assert_false(row.failed);
    struct wire w = wire_make(buf_str(&row));
    struct advisory got;
    struct error err;
    assert_int_equal(advisory_unpack(&w, &got, &err), 1);
    assert_int_equal(got.fixed_version.len, ADVISORY_TEXT_MAX);
    a.id.len++;
    advisory_pack(&row, &a);
    assert_true(row.failed);
    buf_clear(&row);
    a.id.len--;
    a.fixed_version.len++;
    advisory_pack(&row, &a);
    assert_true(row.failed);
    buf_clear(&row);
    wire_put_str(&row, (struct str){text, ADVISORY_TEXT_MAX + 1});
    wire_put_num(&row, 0);
    wire_put_str(&row, STR(""));
    damaged(buf_str(&row));
    buf_done(&row);
}

TEST(advisory_rows)
{
    struct buf packed = buf_make(MIB(1)), wire = buf_make(MIB(1));
    struct error err = {0};
    pack_samples(&packed);
    struct advisory_row row = {STR("debian:12"), STR("openssl"), SAMPLES, buf_str(&packed)}, got = {0};
    advisory_row_put(&wire, &row);
    advisory_row_put(&wire, &row);
    struct wire w = wire_make(buf_str(&wire));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(advisory_row_get(&w, &got, &err), 1);
        assert_true(str_eq(got.namespace, row.namespace));
        assert_true(str_eq(got.package, row.package));
        assert_true(str_eq(got.packed, row.packed));
        assert_int_equal(got.count, SAMPLES);
    }
    assert_int_equal(advisory_row_get(&w, &got, &err), 0);
    for (size_t len = 1; len < wire.len / 2; len++) {
        w = wire_make((struct str){wire.ptr, len});
        assert_int_equal(advisory_row_get(&w, &got, &err), -E_BAD_INPUT);
        assert_int_equal(advisory_row_get(&w, &got, &err), -E_BAD_INPUT);
    }
    static const struct advisory_row wrong[] = {
        {STR_INIT(""), STR_INIT("p"), 1, STR_INIT("\1A\0\0")},
        {STR_INIT("n"), STR_INIT(""), 1, STR_INIT("\1A\0\0")},
        {STR_INIT("n"), STR_INIT("p"), 2, STR_INIT("\1A\0\0")},
        {STR_INIT("n"), STR_INIT("p"), 0, STR_INIT("")},
        {STR_INIT("n"), STR_INIT("p"), 1, STR_INIT("\1A\7\0")},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        buf_clear(&wire);
        advisory_row_put(&wire, &wrong[i]);
        w = wire_make(buf_str(&wire));
        assert_int_equal(advisory_row_get(&w, &got, &err), -E_BAD_INPUT);
    }
    assert_string_equal(err.text, "advisory: a damaged record, 0 bytes before the row's end");
    buf_done(&packed);
    buf_done(&wire);
}

TEST(advisory_link_forms)
{
    static const char *const cases[][2] = {{"https://x/%s", "https://x/CVE-1"},
                                           {"%s.html", "CVE-1.html"},
                                           {"a%sb", "aCVE-1b"},
                                           {"", ""},
                                           {"https://x/", ""},
                                           {"x%", "xCVE-1"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b = buf_make(100);
        advisory_link(str_of(cases[i][0]), STR("CVE-1"), &b);
        assert_true(str_eq(buf_str(&b), str_of(cases[i][1])));
        buf_done(&b);
    }
}
