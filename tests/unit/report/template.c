#include "report/template.h"

#include "base/limits.h"
#include "test.h"

static const struct template_row rows[] = {
    {.id = STR_INIT("1"),
     .cve = STR_INIT("CVE-2024-1"),
     .severity = STR_INIT("High"),
     .package = STR_INIT("openssl"),
     .current = STR_INIT("3.0-1"),
     .fixed = STR_INIT("3.0-2"),
     .introduced = STR_INIT("sha256:ab"),
     .description = STR_INIT("A <b>bad</b> & \"old\" one.\nReally."),
     .link = STR_INIT("https://x/1?a&b"),
     .vectors = {STR_INIT("Network"), STR_INIT("Low"), STR_INIT("None"), STR_INIT("Partial"),
                 STR_INIT("None"), STR_INIT("Complete")},
     .score = 98},
    {.id = STR_INIT("2"),
     .cve = STR_INIT("CVE-2024-2"),
     .severity = STR_INIT("Low"),
     .package = STR_INIT("na\xc3\xafve\xe2\x80\xae"),
     .current = STR_INIT("1"),
     .score = -1},
};

/* The page, or the error's text. */
static const char *render(struct buf *out, struct str source, size_t count)
{
    struct error err = {0};
    buf_clear(out);
    int rc = template_render(source, rows, count, out, &err);
    assert_int_equal(rc, -(int)err.code);
    if (rc < 0) {
        buf_clear(out);
        buf_add(out, str_of(err.text));
    }
    buf_add_char(out, 0);
    assert_false(out->failed);
    return out->ptr;
}

struct render_case {
    const char *source, *page;
};

static void check(const struct render_case *cases, size_t count)
{
    CLEANUP(buf_done) struct buf out = buf_make(MIB(1));
    for (size_t i = 0; i < count; i++) {
        const char *page = render(&out, str_of(cases[i].source), 2);
        if (strcmp(page, cases[i].page) != 0)
            fail_msg("%s\ngives\n%s\ninstead of\n%s", cases[i].source, page, cases[i].page);
    }
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof *(cases))

TEST(template_text)
{
    static const struct render_case cases[] = {
        {"", ""},
        {"plain {single} 100% \\ <b>\n", "plain {single} 100% \\ <b>\n"},
        {"a{{1}}b{{ 'c' }}\nd", "a1bc\nd"},
        {"{{'<&>\"\\''}} {{!'<&>'}}", "&lt;&amp;&gt;&quot;&#39; <&>"},
        {"%% not code\n \\% nor this\n\\<% nor that", "% not code\n % nor this\n<% nor that"},
        {"one\\\\\ntwo\\\\\r\nthree", "onetwo\\\\\r\nthree"},
        {"{{\n 1 +\n 2\n}}", "3"},
        {"a\n  % x = 1\nb{{x}}\n", "a\nb1\n"},
        {"<% x = 1\ny = 2; z = 3 # and a comment\n\n%>\n{{x}}{{y}}{{z}}", "123"},
        {"a <% x = 1 %> b {{x}}", "a  b 1"},
        {"% # only a comment\nx", "x"},
        {"%\n%x = 4\n{{x}}", "4"},
        {"% x = 1\r\nb\r\n", "b\r\n"},
        {"{{None}}|{{True}}|{{False}}|{{10.0}}|{{7.5}}|{{0.1 + 0.2}}|{{-3}}", "|True|False|10.0|7.5|0.3|-3"},
    };
    CHECK(cases);
}

TEST(template_rows_as_paclair_has_them)
{
    static const struct render_case cases[] = {
        {"% for item in info:\n{{item['ID']}} {{item['CVE']}} {{item['SEVERITY']}} {{item['CURRENT']}} "
         "{{item['FIXED']}} {{item['INTRODUCED']}}\n% end\n",
         "1 CVE-2024-1 High 3.0-1 3.0-2 sha256:ab\n2 CVE-2024-2 Low 1  \n"},
        {"{{info[0]['DESCRIPTION']}}", "A &lt;b&gt;bad&lt;/b&gt; &amp; &quot;old&quot; one.\nReally."},
        {"{{!info[0]['LINK']}} {{info[0]['LINK']}}", "https://x/1?a&b https://x/1?a&amp;b"},
        {"{{info[1]['PACKAGE']}}", "na\xc3\xafve[U+202E]"},
        {"{{info[0]['SCORE']}} {{info[1]['SCORE'] is None}} {{info[0]['SCORE'] >= 9}}", "9.8 True True"},
        {"% for name, value in info[0]['VECTORS'].items():\n{{name}}={{value}};\\\\\n% end\n",
         "Access Vector=Network;Access Complexity=Low;Authentication=None;Confidentiality "
         "impact=Partial;Integrity impact=None;Availability impact=Complete;"},
        {"{{info[1]['VECTORS']['Access Vector'] or 'unknown'}}", "unknown"},
        {"{{info[0].get('CVE')}} {{info[0].get('NONE', 'x')}} {{info[0].get('NONE')}}.", "CVE-2024-1 x ."},
        {"{{len(info)}} {{len([i for i in info if i['FIXED']])}} {{sum(1 for i in info if i['SEVERITY'] == "
         "'Low')}}",
         "2 1 1"},
    };
    CHECK(cases);
}

TEST(template_statements)
{
    static const struct render_case cases[] = {
        {"% if 1 > 2:\na\n% elif 'x' in 'xyz':\nb\n% else:\nc\n% end\n", "b\n"},
        {"% if 0:\na\n% elif '':\nb\n% else:\nc\n% end\n", "c\n"},
        {"% if not []:\nempty\n%end", "empty\n"},
        {"% for i, item in enumerate(info, 1):\n{{i}}{{item['CVE'][-1]}} \\\\\n% end", "11 22 "},
        {"% for i in range(3):\n% for k in range(i, 3):\n{{i}}{{k}} \\\\\n% end\n% end\n",
         "00 01 02 11 12 22 "},
        {"% for i in range(9):\n%  if i == 2:\n%   continue\n%  end\n%  if i > 4:\n%   break\n%  "
         "end\n{{i}}\\\\\n% end\n",
         "0134"},
        {"% n = 1\n% n += 2\n% n -= 5\n{{n}}", "-2"},
        {"% c = {}\n% for i in info:\n%   c[i['SEVERITY']] = c.get(i['SEVERITY'], 0) + 1\n% end\n% for k in "
         "c:\n{{k}}{{c[k]}}\\\\\n% end",
         "High1Low1"},
        {"% l = []\n% l.append('a'); l.append('b')\n{{', '.join(l)}}", "a, b"},
        {"% setdefault('x', 3)\n% setdefault('info', [])\n{{x}} {{len(info)}} {{defined('y')}} {{get('y', "
         "'no')}} {{defined('x')}}",
         "3 2 False no True"},
        {"% i = 7\n% l = [i for i in range(2)]\n{{i}} {{len(l)}}", "7 2"},
        {"<% if True:\n  x = 1\nelse:\n  x = 2\nend %>{{x}}", "1"},
        {"<% for i in range(2): %>\n{{i}}\n<% end %>\n", "0\n1\n"},
        {"% for i in range(2):\n%   pass\n% end # of for\n", ""},
        {"% for c in 'a\xc3\xa9':\n[{{c}}]\n% end", "[a]\n[\xc3\xa9]\n"},
    };
    CHECK(cases);
}

TEST(template_expressions)
{
    static const struct render_case cases[] = {
        {"{{1 + 2 * 3 - 4 // 3 % 2}} {{7 / 2}} {{-7 // 2}} {{-7 % 3}} {{2 * 1.5}} {{1.5 - 1}}",
         "6 3.5 -4 2 3.0 0.5"},
        {"{{(1 + 2) * 3}} {{- - 1}} {{1 if '' else 2}} {{1 if 'x' else 2}}", "9 1 2 1"},
        {"{{1 < 2}} {{1 >= 2}} {{'a' < 'b'}} {{1 == 1.0}} {{'1' == 1}} {{None == None}} {{True == 1}}",
         "True False True True False True True"},
        {"{{not 1 == 2}} {{1 and 0}} {{0 or 'x'}} {{1 and 'y'}} {{'' or None}}.", "True 0 x y ."},
        {"{{'a' in ['a', 'b']}} {{'z' not in 'abc'}} {{'ID' in info[0]}} {{1 in []}} {{None is not None}}",
         "True True True False False"},
        {"{{'AbC'.lower()}}{{'AbC'.upper()}}{{' x '.strip()}}|{{'a.b.c'.replace('.', "
         "'-')}}|{{'abc'.startswith('ab')}}{{'abc'.endswith('x')}}",
         "abcABCx|a-b-c|TrueFalse"},
        {"{{'a,b,,c'.split(',')[3]}} {{len(','.split(','))}} {{'x'.replace('y', 'z')}}", "c 2 x"},
        {"{{'n\xc3\xa4ive'[1:3]}} {{'abc'[:-1]}} {{'abc'[1:]}} {{'abc'[5:]}}. {{[1,2,3][-1]}} "
         "{{len([1,2,3][1:])}} {{len('n\xc3\xa4')}}",
         "\xc3\xa4i ab bc . 3 2 2"},
        {"{{{'a': 1, 'b': {'c': 'd'}}['b']['c']}} {{len({})}} {{[1, 2, 3,][1]}}", "d 0 2"},
        {"{{str(1) + 'x'}} {{int('12') + 1}} {{int(2.9)}} {{bool('')}} {{str(None)}} {{str(1.0)}}",
         "1x 13 2 False None 1.0"},
        {"{{sum([1, 2.5])}} {{min([3, 1, 2])}} {{max('a', )}} {{max(['b', 'c'])}}", "3.5 1 a c"},
        {"{{'tab\\t\\x'}}", "line 1: the escape \"\\x\" in a text"},
        {"{{'it\\'s'}} {{\"\\\\ \\\"\"}}", "it&#39;s \\ &quot;"},
        {"{{len([1] + [2, 3])}} {{' '.join([k for k in info[0].keys()][:2])}} {{len(info[0].values())}}",
         "3 ID CVE 11"},
        {"{{sum([i * k for i, k in enumerate([1, 2, 3])])}}", "8"},
    };
    CHECK(cases);
}

/* Every refusal says where, and what would do. */
TEST(template_refusals)
{
    static const struct render_case cases[] = {
        {"a\n% import os\n", "line 2: \"import\" is not supported; a template may have for, if, elif, else, "
                             "end, break, continue, pass, assignments and setdefault()"},
        {"% print info\n", "line 1: \"print\" is not supported; a template may have for, if, elif, else, "
                           "end, break, continue, pass, assignments and setdefault()"},
        {"\n\n{{open('/etc/passwd')}}", "line 3: there is no function open(); there are len, str, int, bool, "
                                        "enumerate, range, sum, min, max, defined, get, setdefault"},
        {"% include('x.tpl')", "line 1: there is no function include(); there are len, str, int, bool, "
                               "enumerate, range, sum, min, max, defined, get, setdefault"},
        {"{{info.__class__}}",
         "line 1: there is no method __class__(); there are lower, upper, strip, startswith, endswith, "
         "replace, split, join, get, items, keys, values, append"},
        {"{{'a'.lower}}", "line 1: \"(\" is expected where \"}\" stands"},
        {"{{missing}}", "line 1: there is no \"missing\"; a template has \"info\" and what it assigns"},
        {"{{info[0]['X']}}", "line 1: there is no item \"X\"; .get('X', '') would do"},
        {"{{info[2]}}", "line 1: item 2 of 2"},
        {"{{info[-3]}}", "line 1: item -3 of 2"},
        {"{{info}}", "line 1: a list has no text; loop through it"},
        {"{{!info[0]}}", "line 1: a dict has no text; loop through it"},
        {"% for i in info:\n", "line 1: this \"for\" has no \"end\""},
        {"\n% if 1:\nx\n", "line 2: this \"if\" has no \"end\""},
        {"% if 1:\n% else:\n% elif 2:\n% end", "line 1: this \"if\" has no \"end\""},
        {"% for i in info:\n% else:\n", "line 1: this \"for\" has no \"end\""},
        {"a\n% end\n", "line 2: \"end\" without its \"if\" or \"for\""},
        {"% else:\n", "line 1: \"else\" without its \"if\" or \"for\""},
        {"% if 1: x = 2\n% end", "line 1: a statement behind \":\"; write it in a line of its own"},
        {"% if 1\n% end", "line 1: \":\" is expected where \"the end\" stands"},
        {"{{1 +}}", "line 1: a value is expected where \"}\" stands"},
        {"{{'a", "line 1: a text that does not end in its line"},
        {"{{1", "line 1: \"}}\" is expected where \"the end\" stands"},
        {"{{1}", "line 1: \"}}\" is expected where \"}\" stands"},
        {"<% x = 1", "line 1: \"<%\" without \"%>\""},
        {"% x = 1 2\n", "line 1: the end of the statement is expected where \"2\" stands"},
        {"% 1 = x\n", "line 1: an assignment to something that is neither a name nor an item"},
        {"% a, b = 1\n", "line 1: the end of the statement is expected where \",\" stands"},
        {"% info[0] = 1\n", "line 1: an item of a list that a number names, as a target"},
        {"% break\n", "line 1: \"break\" outside of a loop"},
        {"{{1 < 2 < 3}}", "line 1: a comparison of more than two; write \"and\""},
        {"{{(1, 2)}}", "line 1: a tuple; write a list"},
        {"{{1 < 'a'}}", "line 1: \"<\" between a number and a text"},
        {"{{'a' + 1}}", "line 1: \"+\" between a text and a number"},
        {"{{'%s' % 1}}", "line 1: \"%\" between a text and a number"},
        {"{{1 / 0}}", "line 1: a division by 0"},
        {"{{1 % 0}}", "line 1: a division by 0, or a number too large"},
        {"{{999999999999999999 * 999999999999999999}}", "line 1: a division by 0, or a number too large"},
        {"{{9999999999999999999}}", "line 1: a number that is neither 12 nor 1.5"},
        {"{{1e5}}", "line 1: a number that is neither 12 nor 1.5"},
        {"{{a @ b}}", "line 1: \"@\" in an expression"},
        {"{{len(1)}}", "line 1: len() of a number"},
        {"{{len()}}", "line 1: len() takes 1 to 1 arguments, not 0"},
        {"{{len(1, 2, 3, 4, 5)}}", "line 1: len() with 5 arguments"},
        {"{{info.lower()}}", "line 1: a list has no method lower()"},
        {"{{int('x')}}", "line 1: int() of a text that is no whole number"},
        {"{{min([])}}", "line 1: min() of nothing"},
        {"{{{1: 2}}}", "line 1: a key of a dict that is a number; write a text"},
        {"% for a, b in [1]:\n% end", "line 1: a number is not 2 values"},
        {"% for a, b, c, d, e in []:\n% end", "line 1: more than 4 names at once"},
        {"% for i in 5:\n% end", "line 1: a loop through a number"},
        {"{{1[0]}}", "line 1: a number has no item that a number names"},
        {"{{None[1:]}}", "line 1: a slice of None"},
        {"{{'a'['b':]}}", "line 1: a slice from or to a text"},
        {"{{-'a'}}", "line 1: \"-\" before a text"},
        {"{{range('a')}}", "line 1: range() of a text"},
        {"{{','.join([1])}}", "line 1: join() of a number"},
        {"{{'a'.replace('', 'b')}}", "line 1: replace() of an empty text"},
        {"% x = lambda: 1\n", "line 1: a value is expected where \"lambda\" stands"},
    };
    CHECK(cases);
}

TEST(template_steps)
{
    static const char *const sources[] = {
        "% r = range(9000)\n% for i in r:\n% for k in r:\n% x = i * k\n% end\n% end\n",
        "{{len([1 for i in range(9000) for k in range(9000)])}}",
        "% r = range(9000)\n{{len([i for i in r if i in [k for k in r if k < 0]])}}",
        "% x = 'a'\n% for i in range(20):\n% x = x + x\n% end\n% for i in range(9000):\n% y = 'b' in x\n% "
        "end\n",
        "% x = 'a'\n% for i in range(20):\n% x = x + x\n% end\n% for i in range(9000):\n% y = len(x)\n% "
        "end\n",
    };
    CLEANUP(buf_done) struct buf out = buf_make(KIB(1));
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        const char *said = render(&out, str_of(sources[i]), 0);
        if (i == 1)
            assert_string_equal(said, "line 1: \"]\" is expected where \"for\" stands");
        else
            assert_non_null(strstr(said, ": more than 20000000 steps to get here"));
    }
}

TEST(template_memory)
{
    CLEANUP(buf_done) struct buf out = buf_make(KIB(1));
    const struct render_case cases[] = {
        {"% x = 'a'\n% for i in range(50):\n%  x = x + x\n% end\n",
         "line 3: this takes more than 536870912 bytes of memory"},
        {"% x = [1]\n% for i in range(50):\n%  x = x + x\n% end\n",
         "line 3: this takes more than 536870912 bytes of memory"},
        {"% y = 'b'\n% for i in range(20):\n%  y = y + y\n% end\n% x = 'a'\n% for i in range(60):\n%  x = "
         "x.replace('a', y + 'a')\n% end\n",
         "line 7: this takes more than 536870912 bytes of memory"},
        {"{{len(range(99999999))}}", "line 1: this takes more than 536870912 bytes of memory"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(render(&out, str_of(cases[i].source), 1), cases[i].page);
}

/* Nothing is deeper than it may be, in whichever way it is written. */
TEST(template_deep)
{
    static const char *const parts[][3] = {{"{{", "(", "1"},
                                           {"{{", "[", "1"},
                                           {"{{", "-", "1"},
                                           {"{{", "not ", "1"},
                                           {"{{", "1+", "1"},
                                           {"{{", "len(", "1"},
                                           {"{{", "1 if 1 else ", "1"},
                                           {"{{", "{'a':", "1"},
                                           {"", "% if 1:\n", ""},
                                           {"", "% for i in info:\n", ""}};
    CLEANUP(buf_done) struct buf out = buf_make(KIB(64)), source = buf_make(MIB(8));
    struct error err = {0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buf_clear(&source);
        buf_add(&source, str_of(parts[i][0]));
        for (int k = 0; k < 100000; k++)
            buf_add(&source, str_of(parts[i][1]));
        buf_add(&source, str_of(parts[i][2]));
        assert_int_equal(template_render(buf_str(&source), rows, 2, &out, &err), -E_LIMIT);
        assert_non_null(strstr(err.text, "more than 100 deep"));
    }
    buf_clear(&source);
    buf_add(&source, STR("{{x"));
    for (int k = 0; k < 100000; k++)
        buf_add(&source, STR("[0]"));
    assert_int_equal(template_render(buf_str(&source), rows, 2, &out, &err), -E_LIMIT);
}

TEST(template_page_limit)
{
    CLEANUP(buf_done) struct buf out = buf_make(10);
    struct error err = {0};
    assert_int_equal(template_render(STR("\n{{'12345'}}{{'6789012'}}"), rows, 0, &out, &err), -E_LIMIT);
    assert_string_equal(err.text, "line 2: the page is larger than 10 bytes");
}

/* However a template is cut off, it is read or refused, and what is written is no more than the whole. */
TEST(template_truncations)
{
    static const struct str source =
        STR_INIT("<% counts = {'a': [1, 2.5], \"b\": -1}\nx = 1 if info else None %>\n% for i, item in "
                 "enumerate(info):\n  %if item['FIXED'] and not item.get('X', "
                 "\"\"):\n{{!item['VECTORS']['Access Vector'].lower()[0:2]}}\\\\\n  %elif x is not "
                 "None:\n{{', '.join([k for k in item.keys() if k != 'ID'])}}\n  %else:\n-\n  %end\n%end\n");
    CLEANUP(buf_done) struct buf out = buf_make(KIB(64));
    struct error err = {0};
    for (size_t n = 0; n <= source.len; n++) {
        buf_clear(&out);
        char *copy = malloc(n + 1); /* an exact piece, so that sanitizers see a byte too many */
        memcpy(copy, source.ptr, n);
        (void)template_render((struct str){copy, n}, rows, 2, &out, &err);
        free(copy);
    }
    assert_int_equal(template_render(source, rows, 2, &out, &err), 0);
}

TEST(template_rows_of_a_result)
{
    CLEANUP(buf_done) struct buf out = buf_make(KIB(64));
    struct arena a = arena_make(MIB(1));
    struct error err = {0};
    struct package p = {.name = STR("libssl3"), .version = STR("1")};
    struct vulnerability v = vulnerability_make(STR("CVE-1"));
    v.cvss2 = STR("AV:A/AC:M/Au:S/C:P/I:C/A:N");
    v.score2 = 50;
    v.description = STR("bad");
    v.link = STR("https://x");
    struct finding findings[] = {{.package = &p,
                                  .id = STR("CVE-1"),
                                  .severity = SEVERITY_HIGH,
                                  .fixed_version = STR("2"),
                                  .about = &v},
                                 {.package = &p, .id = STR("CVE-2")}};
    struct result_layer layer = {.name = STR("sha256:1_abc")};
    struct scan_result r = {.findings = {findings, 2, 2}, .layers = {&layer, 1, 1}};
    struct template_row *made = template_rows(&r, &a);
    assert_non_null(made);
    assert_int_equal(
        template_render(STR("% for i in info:\n{{i['ID']}} {{i['CVE']}} {{i['SEVERITY']}} {{i['PACKAGE']}} "
                            "{{i['CURRENT']}} {{i['FIXED']}} {{i['INTRODUCED']}} "
                            "{{i['DESCRIPTION']}} {{i['LINK']}} {{i['SCORE']}} {{' "
                            "'.join(i['VECTORS'].values())}}\n% end"),
                        made, 2, &out, &err),
        0);
    buf_add_char(&out, 0);
    assert_string_equal(out.ptr, "1 CVE-1 High libssl3 1 2 sha256:1_abc bad https://x 5.0 Adjacent network "
                                 "Medium Single Partial Complete None\n"
                                 "2 CVE-2 Unknown libssl3 1  sha256:1_abc         \n");
    arena_done(&a);
    a = arena_make(10);
    assert_null(template_rows(&r, &a));
    arena_done(&a);
}

/* The page that docs/html-template.md shows. */
TEST(template_documentation)
{
    CLEANUP(buf_done) struct buf out = buf_make(KIB(64)), source = buf_make(KIB(64));
    char path[4096], line[1024];
    snprintf(path, sizeof path, "%s/docs/html-template.md", getenv("LIMPID_SOURCE"));
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    for (bool in = false; fgets(line, sizeof line, f);) {
        in = strncmp(line, "    <h1>", 8) == 0 || (in && strncmp(line, "    ", 4) == 0);
        if (in)
            buf_add(&source, str_of(line + 4));
    }
    fclose(f);
    const char *page = render(&out, buf_str(&source), 2);
    assert_non_null(strstr(page, "<h1>2 findings, 1 with a fix</h1>"));
    assert_non_null(strstr(page, "<td>openssl 3.0-1</td>\n    <td>3.0-2</td>"));
    assert_non_null(strstr(page, "<td>no fix yet</td>"));
}
