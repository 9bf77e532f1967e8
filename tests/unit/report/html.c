#include "report/html.h"

#include "base/limits.h"
#include "report/command.h"
#include "test.h"

static const char *written(struct buf *out)
{
    buf_add_char(out, 0);
    assert_false(out->failed);
    return out->ptr;
}

TEST(html_text_escapes)
{
    static const struct {
        struct str in;
        const char *text, *attribute;
    } cases[] = {
        {STR_INIT(""), "", ""},
        {STR_INIT("libssl3 3.0~rc1+b2"), "libssl3 3.0~rc1+b2", "libssl3 3.0~rc1+b2"},
        {STR_INIT("<b a='1' c=\"2\">&amp;"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;",
         "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;"},
        {STR_INIT("na\xc3\xafve \xe6\xbc\xa2 \xf0\x9f\x98\x80"), "na\xc3\xafve \xe6\xbc\xa2 \xf0\x9f\x98\x80",
         "na\xc3\xafve \xe6\xbc\xa2 \xf0\x9f\x98\x80"},
        {STR_INIT("a\xe2\x80\xae"
                  "b"),
         "a<span class=odd>U+202E</span>b", "a[U+202E]b"},
        {STR_INIT("\0\n\x1b\x7f"),
         "<span class=odd>U+0000</span><span class=odd>U+000A</span><span class=odd>U+001B</span><span "
         "class=odd>U+007F</span>",
         "[U+0000][U+000A][U+001B][U+007F]"},
        {STR_INIT("a\xff\xc3"), "a<span class=odd>\\xff</span><span class=odd>\\xc3</span>",
         "a[\\xff][\\xc3]"},
        {STR_INIT("\xf3\xa0\x81\x81"), "<span class=odd>U+E0041</span>", "[U+E0041]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CLEANUP(buf_done) struct buf text = buf_make(KIB(1)), attribute = buf_make(KIB(1));
        html_text(&text, cases[i].in);
        assert_string_equal(written(&text), cases[i].text);
        html_attribute(&attribute, cases[i].in);
        assert_string_equal(written(&attribute), cases[i].attribute);
    }
}

/* Whatever the bytes, nothing of them is markup, and nothing that reorders text is left. */
TEST(html_text_any_pair)
{
    for (unsigned pair = 0; pair < 0x10000; pair++) {
        CLEANUP(buf_done) struct buf text = buf_make(KIB(1)), attribute = buf_make(KIB(1));
        const char in[4] = {(char)(pair >> 8), (char)pair, (char)0x80, (char)0xae};
        html_text(&text, (struct str){in, sizeof in});
        html_attribute(&attribute, (struct str){in, sizeof in});
        assert_null(strpbrk(written(&attribute), "<>\"'"));
        assert_null(strstr(written(&text), "\xe2\x80\xae"));
        for (const char *at = text.ptr; (at = strchr(at, '<')); at++)
            assert_true(strncmp(at, "<span class=odd>", 16) == 0 || strncmp(at, "</span>", 7) == 0);
    }
}

TEST(html_prose_lines_and_length)
{
    CLEANUP(buf_done) struct buf out = buf_make(KIB(1));
    html_prose(&out, STR("one\n\ttwo\r"), 100);
    assert_string_equal(written(&out), "one\n\ttwo<span class=odd>U+000D</span>");
    for (size_t max = 0; max <= 3; max++) { /* never half a character */
        buf_clear(&out);
        html_prose(&out, STR("\xe6\xbc\xa2"), max);
        assert_string_equal(written(&out), max < 3 ? "…" : "\xe6\xbc\xa2");
    }
}

TEST(html_links_are_http)
{
    static const struct str good[] = {STR_INIT("https://x"), STR_INIT("http://[::1]:80/a?b=c&d#e"),
                                      STR_INIT("HTTPS://security-tracker.debian.org/tracker/CVE-2024-1")};
    static const struct str bad[] = {STR_INIT(""),
                                     STR_INIT("https"),
                                     STR_INIT("https://"),
                                     STR_INIT("https:x"),
                                     STR_INIT("//x/y"),
                                     STR_INIT("javascript:alert(1)"),
                                     STR_INIT("javascript://x/%0aalert(1)"),
                                     STR_INIT("data:text/html,x"),
                                     STR_INIT(" https://x"),
                                     STR_INIT("https://x y"),
                                     STR_INIT("https://x\""),
                                     STR_INIT("https://x'"),
                                     STR_INIT("https://x<"),
                                     STR_INIT("https://x\n"),
                                     STR_INIT("https://x\0"),
                                     STR_INIT("https://\xc3\xa9/"),
                                     STR_INIT("https://x\\y"),
                                     STR_INIT("ftp://x/")};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(html_is_link(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(html_is_link(bad[i]));
    CLEANUP(buf_done) struct buf out = buf_make(KIB(1));
    html_link(&out, STR("https://x/?a&b"), STR("<CVE>"));
    assert_string_equal(written(&out), "<a rel=noreferrer href=\"https://x/?a&amp;b\">&lt;CVE&gt;</a>");
    buf_clear(&out);
    html_link(&out, STR("javascript:x"), STR("CVE"));
    assert_string_equal(written(&out), "CVE");
}

TEST(html_numbers_and_names)
{
    static const struct {
        uint64_t n;
        const char *text;
    } cases[] = {{0, "0"}, {999, "999"}, {1000, "1,000"}, {1234567, "1,234,567"}};
    CLEANUP(buf_done) struct buf out = buf_make(KIB(1));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_clear(&out);
        html_number(&out, cases[i].n);
        assert_string_equal(written(&out), cases[i].text);
    }
    buf_clear(&out);
    html_reference(&out, STR("a.b/<c>/d@sha256:0"));
    assert_string_equal(written(&out), "a.b/<wbr>&lt;c&gt;/<wbr>d<wbr>@sha256:0");
    buf_clear(&out);
    html_reference(&out, STR("@/"));
    assert_string_equal(written(&out), "@/");
}

TEST(layer_commands)
{
    static const struct {
        struct str in;
        const char *instruction, *text;
    } cases[] = {
        {STR_INIT("/bin/sh -c #(nop) ADD file:4b in / "), "", "ADD file:4b in /"},
        {STR_INIT("/bin/sh -c #(nop)  CMD [\"bash\"]"), "", "CMD [\"bash\"]"},
        {STR_INIT("/bin/sh -c apt-get update"), "RUN ", "apt-get update"},
        {STR_INIT("RUN /bin/sh -c apt-get update # buildkit"), "RUN ", "apt-get update"},
        {STR_INIT("RUN |2 A=1 B=2 /bin/sh -c make # buildkit"), "RUN ", "make"},
        {STR_INIT("RUN |1 A=1 [\"/x\"]"), "RUN ", "|1 A=1 [\"/x\"]"},
        {STR_INIT("RUN apt-get install curl"), "", "RUN apt-get install curl"},
        {STR_INIT("COPY a b # buildkit"), "", "COPY a b"},
        {STR_INIT("mmdebstrap bookworm"), "", "mmdebstrap bookworm"},
        {STR_INIT(""), "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct layer_command c = layer_command_of(cases[i].in);
        assert_true(str_eq(c.instruction, str_of(cases[i].instruction)));
        assert_true(str_eq(c.text, str_of(cases[i].text)));
    }
}
