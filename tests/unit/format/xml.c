#include "format/xml.h"

#include "pieces.h"
#include "stream/memory.h"
#include "test.h"

/* "<a b=c>" and "</a:text>" of each token. */
static int read_all(struct str text, size_t step, struct buf *ret, struct error *err)
{
    struct memory_reader m;
    struct xml x;
    int rc;
    *err = (struct error){0};
    buf_clear(ret);
    xml_open(&x, memory_reader_init(&m, text, step, err), err);
    while ((rc = xml_next(&x)) > 0) {
        buf_printf(ret, rc == XML_OPEN ? "<%.*s" : "</%.*s", STR_ARG(x.name));
        struct str id = xml_attribute(&x, "id");
        if (rc == XML_OPEN && id.len)
            buf_printf(ret, " %.*s", STR_ARG(id));
        if (rc == XML_CLOSE && x.content.len)
            buf_printf(ret, ":%.*s", STR_ARG(x.content));
        buf_add_char(ret, '>');
    }
    assert_int_equal(xml_next(&x), rc);
    xml_close(&x);
    buf_add_char(ret, 0);
    return rc;
}

static void check(const char *text, const char *want)
{
    struct buf got = buf_make(MIB(4));
    struct error err;
    for (size_t step = 0; step < 40; step++) {
        if (read_all(str_of(text), step, &got, &err) < 0)
            fail_msg("%s: %s", text, err.text);
        assert_string_equal(got.ptr, want);
    }
    buf_done(&got);
}

static void refuse(const char *text, int code, const char *want)
{
    struct buf got = buf_make(MIB(4));
    struct error err;
    for (size_t step = 0; step < 9; step += 2) {
        assert_int_equal(read_all(str_of(text), step, &got, &err), -code);
        assert_string_equal(err.text, want);
    }
    buf_done(&got);
}

TEST(xml_elements)
{
    check("<a/>", "<a></a>");
    check("<a>text</a>", "<a></a:text>");
    check("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c -->\n<o:a xmlns:o='x'>\n<o:b id='1' c = \"2\" "
          "/>t<c id=\"3\"></c>u</o:a>\n<!-- -- --->\n",
          "<a><b 1></b><c 3></c></a:u>");
    check("\xef\xbb\xbf<a ></a >", "<a></a>");
}

TEST(xml_text)
{
    check("<a>&lt;&amp;&#65;&#x20aC;&#x1F600;&gt;&quot;&apos;</a>",
          "<a></a:<&A\xe2\x82\xac\xf0\x9f\x98\x80>\"'>");
    check("<a>1<![CDATA[<b>]]&amp;]]]>2<!-- <x> ---->3<?pi x? ?>4</a>", "<a></a:1<b>]]&amp;]234>");
    check("<a id='&lt;&#x27;\"'/>", "<a <'\"></a>");
}

TEST(xml_refusals)
{
    refuse("", E_BAD_INPUT, "xml: offset 0: the document ends too early");
    refuse("<a>", E_BAD_INPUT, "xml: offset 3: the document ends too early");
    refuse("text", E_BAD_INPUT, "xml: offset 0: text outside of the root element");
    refuse("<a/>x", E_BAD_INPUT, "xml: offset 4: text outside of the root element");
    refuse("<a/><b/>", E_BAD_INPUT, "xml: offset 5: a second root element");
    refuse("<a></b>", E_BAD_INPUT, "xml: offset 7: the end of an element that is not open");
    refuse("</a>", E_BAD_INPUT, "xml: offset 4: the end of an element that is not open");
    refuse("<a b>", E_BAD_INPUT, "xml: offset 5: no markup that is known");
    refuse("<a b=c>", E_BAD_INPUT, "xml: offset 6: an attribute without quotes");
    refuse("<a b='1'c='2'/>", E_BAD_INPUT, "xml: offset 8: attributes without a blank between");
    refuse("<a b='<'/>", E_BAD_INPUT, "xml: offset 7: '<' within an attribute");
    refuse("< a/>", E_BAD_INPUT, "xml: offset 1: a name is missing");
    refuse("<!ELEMENT a>", E_BAD_INPUT, "xml: offset 3: no markup that is known");
    refuse("<a>&#0;</a>", E_BAD_INPUT, "xml: offset 7: a reference to no character");
    refuse("<a>&#xd800;</a>", E_BAD_INPUT, "xml: offset 11: a reference to no character");
    refuse("<a>&#x110000;</a>", E_BAD_INPUT, "xml: offset 13: a reference to no character");
    refuse("<a>&nbsp;</a>", E_BAD_INPUT, "xml: offset 9: a reference to no character");
    refuse("<a>&lllllllllllllllll;</a>", E_BAD_INPUT, "xml: offset 17: a reference to no character");
    refuse("<a>\xff</a>", E_BAD_INPUT, "xml: offset 8: text that is not UTF-8");
    refuse("<a id='\xc3'/>", E_BAD_INPUT, "xml: offset 11: text that is not UTF-8");
}

TEST(xml_no_entities_of_its_own)
{
    refuse("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", E_UNSUPPORTED,
           "xml: offset 3: a document type declaration");
}

TEST(xml_truncations)
{
    static const char text[] = "<?xml version='1.0'?><!-- c --><a id='1'><b>x&amp;<![CDATA[y]]></b><c/></a>";
    struct buf got = buf_make(MIB(1));
    struct error err;
    for (size_t n = 0; n < sizeof text - 1; n++)
        for (size_t step = 0; step < 4; step += 3)
            assert_int_equal(read_all((struct str){text, n}, step, &got, &err), -E_BAD_INPUT);
    buf_done(&got);
}

TEST(xml_failing_reads)
{
    static const char text[] = "<a id='1'><b>x&amp;</b><!-- c --></a>";
    for (size_t at = 1; at < sizeof text - 1; at++) {
        struct error err = {0};
        struct pieces p;
        struct xml x;
        int rc;
        xml_open(&x, pieces_init(&p, str_of(text), 1, &err), &err);
        p.fail_at = at;
        while ((rc = xml_next(&x)) > 0)
            ;
        assert_int_equal(rc, -E_SYSTEM);
        assert_non_null(strstr(err.text, "pieces: broken"));
        xml_close(&x);
    }
}

TEST(xml_skips)
{
    struct error err;
    struct memory_reader m;
    struct xml x;
    xml_open(&x, memory_reader_init(&m, STR("<a><b><b/>x</b><c/></a>"), 1, &err), &err);
    assert_int_equal(xml_next(&x), XML_OPEN);
    assert_int_equal(xml_next(&x), XML_OPEN);
    assert_int_equal(xml_skip(&x), 0);
    assert_int_equal(xml_next(&x), XML_OPEN);
    assert_true(xml_is(&x, "c") && x.depth == 2);
    assert_int_equal(xml_skip(&x), 0);
    assert_int_equal(xml_next(&x), XML_CLOSE);
    assert_int_equal(xml_next(&x), XML_END);
    xml_close(&x);
}

static int read_made(struct buf *text, struct error *err)
{
    struct buf got = buf_make(MIB(8));
    int rc = read_all(buf_str(text), 0, &got, err);
    buf_done(&got);
    buf_clear(text);
    return rc;
}

TEST(xml_deep)
{
    struct error err;
    struct buf b = buf_make(MIB(1));
    for (size_t n = XML_DEPTH_MAX; n <= XML_DEPTH_MAX + 1; n++) {
        for (size_t i = 0; i < n; i++)
            buf_add(&b, STR("<a>"));
        for (size_t i = 0; i < n; i++)
            buf_add(&b, STR("</a>"));
        assert_int_equal(read_made(&b, &err), n > XML_DEPTH_MAX ? -E_LIMIT : 0);
    }
    assert_string_equal(err.text, "xml: offset 194: elements more than 64 levels deep");
    buf_done(&b);
}

TEST(xml_many_attributes)
{
    struct error err;
    struct buf b = buf_make(MIB(1));
    for (size_t n = XML_ATTRIBUTES_MAX; n <= XML_ATTRIBUTES_MAX + 1; n++) {
        buf_add(&b, STR("<a"));
        for (size_t i = 0; i < n; i++)
            buf_printf(&b, " a%zu=''", i);
        buf_add(&b, STR("/>"));
        assert_int_equal(read_made(&b, &err), n > XML_ATTRIBUTES_MAX ? -E_LIMIT : 0);
    }
    assert_non_null(strstr(err.text, "more than 64 attributes"));
    buf_done(&b);
}

static void put_times(struct buf *b, char c, size_t n)
{
    while (n--)
        buf_add_char(b, c);
}

TEST(xml_long_tag)
{
    struct error err;
    struct buf b = buf_make(MIB(1));
    for (size_t n = XML_TAG_MAX; n <= XML_TAG_MAX + 1; n++) {
        buf_add(&b, STR("<a b='"));
        put_times(&b, 'x', n - 2);
        buf_add(&b, STR("'/>"));
        assert_int_equal(read_made(&b, &err), n > XML_TAG_MAX ? -E_LIMIT : 0);
        buf_add(&b, STR("<"));
        put_times(&b, 'x', n);
        buf_add(&b, STR("/>"));
        assert_int_equal(read_made(&b, &err), n > XML_TAG_MAX ? -E_LIMIT : 0);
    }
    assert_non_null(strstr(err.text, "a tag of more than 65536 bytes"));
    buf_done(&b);
}

TEST(xml_long_text)
{
    struct error err;
    struct buf b = buf_make(MIB(4));
    for (size_t n = XML_TEXT_MAX; n <= XML_TEXT_MAX + 1; n++) {
        buf_add(&b, STR("<a>"));
        put_times(&b, 'x', n);
        buf_add(&b, STR("</a>"));
        assert_int_equal(read_made(&b, &err), n > XML_TEXT_MAX ? -E_LIMIT : 0);
    }
    assert_non_null(strstr(err.text, "an element with more than 1048576 bytes of text"));
    buf_done(&b);
}
