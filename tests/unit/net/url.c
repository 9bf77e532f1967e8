#include "net/url.h"

#include "base/limits.h"
#include "test.h"

/* "tls|userinfo|host|port|target", or the error's text */
static const char *parsed(const char *text)
{
    static char shown[600];
    struct url u;
    struct error err = {0};
    if (url_parse(str_of(text), &u, &err) < 0)
        snprintf(shown, sizeof shown, "%s", err.text);
    else
        snprintf(shown, sizeof shown, "%d|%.*s|%.*s|%u|%.*s", u.tls, STR_ARG(u.userinfo), STR_ARG(u.host),
                 u.port, STR_ARG(u.target));
    return shown;
}

TEST(url_parts)
{
    assert_string_equal(parsed("https://registry.example.com/v2/"), "1||registry.example.com|443|/v2/");
    assert_string_equal(parsed("HTTP://Host:5000?a=b#c"), "0||Host|5000|?a=b");
    assert_string_equal(parsed("https://me:p%40ss@[::1]:8443/x?y"), "1|me:p%40ss|::1|8443|/x?y");
    assert_string_equal(parsed("https://a@b@c/"), "1|a@b|c|443|/");
    assert_string_equal(parsed("http://host"), "0||host|80|");
    assert_string_equal(parsed("http://host:"), "0||host|80|");
}

TEST(url_refused)
{
    assert_string_equal(parsed("registry:5000/v2"), "\"registry:5000/v2\" is not a URL");
    assert_string_equal(parsed("/v2"), "\"/v2\" is not a URL");
    assert_string_equal(parsed("ftp://host/"), "\"ftp\": the scheme is neither http nor https");
    assert_string_equal(parsed("file:///etc/passwd"), "\"file\": the scheme is neither http nor https");
    assert_string_equal(parsed("http://"), "\"\" is not a host with an optional port");
    assert_string_equal(parsed("http://a b/"), "URL: byte 0x20 at offset 8");
    assert_string_equal(parsed("http://a/\r\nX: y"), "URL: byte 0x0d at offset 9");
    assert_string_equal(parsed("http://a:0/"), "\"a:0\" is not a host with an optional port");
    assert_string_equal(parsed("http://a:65536/"), "\"a:65536\" is not a host with an optional port");
    assert_string_equal(parsed("http://[::1/"), "\"[::1\" is not a host with an optional port");
    assert_string_equal(parsed("http://[::1]x/"), "\"[::1]x\" is not a host with an optional port");
    assert_string_equal(parsed("http://a%2fb/"), "\"a%2fb\" is not a host with an optional port");
}

TEST(url_too_long)
{
    static char text[URL_MAX + 2];
    struct url u;
    struct error err = {0};
    memset(text, 'a', sizeof text - 1);
    memcpy(text, "http://h/", 9);
    assert_int_equal(url_parse((struct str){text, URL_MAX}, &u, &err), 0);
    assert_int_equal(url_parse((struct str){text, URL_MAX + 1}, &u, &err), -E_LIMIT);
    assert_string_equal(err.text, "URL: 8193 bytes are more than 8192");
}

static void resolves(const char *base, const char *reference, const char *expected)
{
    struct url u;
    struct error err = {0};
    struct buf b = buf_make(URL_MAX);
    assert_int_equal(url_parse(str_of(base), &u, &err), 0);
    assert_int_equal(url_resolve(&u, str_of(reference), &b, &err), 0);
    buf_add_char(&b, 0);
    assert_string_equal(b.ptr, expected);
    buf_done(&b);
}

/* The examples of RFC 3986, 5.4. */
TEST(url_resolve_rfc)
{
    static const char *const cases[][2] = {
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"},
        {"g#s", "http://a/b/c/g"},
        {";x", "http://a/b/c/;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"https://other/x?y", "https://other/x?y"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        resolves("http://a/b/c/d;p?q", cases[i][0], cases[i][1]);
}

TEST(url_resolve_more)
{
    resolves("https://me@[::1]:5000/v2/x", "/blob", "https://[::1]:5000/blob");
    resolves("https://host", "blob", "https://host/blob");
    resolves("https://host?q", "//cdn/blob", "https://cdn/blob");
    struct url u;
    struct error err = {0};
    struct buf b = buf_make(20);
    assert_int_equal(url_parse(STR("http://host/"), &u, &err), 0);
    assert_int_equal(url_resolve(&u, STR("/\x01"), &b, &err), -E_BAD_INPUT);
    assert_int_equal(url_resolve(&u, STR("/longer/than/twenty"), &b, &err), -E_LIMIT);
    assert_string_equal(err.text, "URL: more than 20 bytes");
    buf_done(&b);
}

TEST(url_origins)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"https://host/a", "https://HOST:443/b", true}, {"https://host/", "http://host/", false},
        {"https://host/", "http://host:443/", false},   {"https://host/", "https://host:444/", false},
        {"https://host/", "https://host.x/", false},    {"http://[::1]/", "http://[::1]:80", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct url a, b;
        struct error err = {0};
        assert_int_equal(url_parse(str_of(cases[i].a), &a, &err), 0);
        assert_int_equal(url_parse(str_of(cases[i].b), &b, &err), 0);
        assert_int_equal(url_same_origin(&a, &b), cases[i].same);
    }
}

TEST(url_loopback)
{
    assert_true(url_host_loopback(STR("localhost")));
    assert_true(url_host_loopback(STR("Registry.LocalHost")));
    assert_true(url_host_loopback(STR("127.0.0.1")));
    assert_true(url_host_loopback(STR("127.255.1.9")));
    assert_true(url_host_loopback(STR("::1")));
    assert_false(url_host_loopback(STR("localhost.example.com")));
    assert_false(url_host_loopback(STR("127.0.0.1.example.com")));
    assert_false(url_host_loopback(STR("127.0.0")));
    assert_false(url_host_loopback(STR("128.0.0.1")));
    assert_false(url_host_loopback(STR("10.0.0.127")));
}

TEST(url_lists)
{
    struct str list = STR("a.example, b.example:5000,[::1]:5001,,bad entry");
    assert_true(url_host_listed(STR("A.example"), 1, list));
    assert_true(url_host_listed(STR("b.example"), 5000, list));
    assert_false(url_host_listed(STR("b.example"), 5001, list));
    assert_true(url_host_listed(STR("::1"), 5001, list));
    assert_false(url_host_listed(STR("c.example"), 1, list));
    assert_false(url_host_listed(STR("c.example"), 1, (struct str){NULL, 0}));
}

TEST(url_secrets_hidden)
{
    struct url u;
    struct error err = {0};
    char shown[100];
    assert_int_equal(url_parse(STR("https://me:secret@host:5000/blob?Signature=secret"), &u, &err), 0);
    assert_string_equal(url_printable(&u, shown, sizeof shown), "https://host:5000/blob");
}

TEST(url_escaped)
{
    struct buf b = buf_make(100);
    url_escape(&b, STR("repository:a/b:pull c\xff~"));
    buf_add_char(&b, 0);
    assert_string_equal(b.ptr, "repository%3Aa%2Fb%3Apull%20c%FF~");
    buf_done(&b);
}
