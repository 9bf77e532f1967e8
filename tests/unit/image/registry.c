#include <unistd.h>

#include "base/limits.h"
#include "image/registry_auth.h"
#include "image/registry_layer.h"
#include "net/stand_in.h"
#include "test.h"

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct image_options options = {.timeout_seconds = 20, .auth_file = "/dev/null"};

#define NO_TLS                                                  \
    {                                                           \
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n" \
    }

struct pull {
    struct stand_in *server;
    struct registry_access access;
    struct registry_layer *layer;
    struct error err;
};

/* Layer DIGEST of repository a/b; the first connection tries TLS. */
static struct pull *pull_start(const struct stand_in_answer *answers, uint64_t size, bool size_known)
{
    struct pull *p = calloc(1, sizeof *p); /* it stays where it is: the layer's thread knows the access */
    struct reference reference = {.repository = "a/b"};
    const struct image_layer layer = {.digest = {DIGEST}, .size = size, .size_known = size_known};
    assert_non_null(p);
    p->server = stand_in_start(answers, NULL);
    snprintf(reference.host, sizeof reference.host, "127.0.0.1:%u", stand_in_port(p->server));
    assert_int_equal(registry_access_init(&p->access, &reference, &options, &p->err), 0);
    assert_int_equal(registry_layer_open(&p->layer, &p->access, 0, &layer, &p->err), 0);
    return p;
}

/* Reads to the end: how much there was. */
static size_t pull_read(struct pull *p, size_t max)
{
    size_t total = 0;
    char block[4096];
    ssize_t n;
    while (total < max && (n = read(registry_layer_fd(p->layer), block,
                                    max - total < sizeof block ? max - total : sizeof block)) > 0)
        total += (size_t)n;
    return total;
}

static void pull_end(struct pull *p, enum error_code code, const char *text)
{
    int r = registry_layer_close(p->layer, &p->err);
    assert_string_equal(p->err.text, text);
    assert_int_equal(r, -(int)code);
    registry_access_done(&p->access);
    stand_in_stop(p->server);
    free(p);
}

TEST(registry_layer_whole)
{
    struct pull *p = pull_start(
        (struct stand_in_answer[]){
            NO_TLS, {"HTTP/1.1 200 OK\r\nContent-Length: 3000001\r\n\r\nx", .repeat = 3000000}, {0}},
        3000001, true);
    assert_int_equal(pull_read(p, SIZE_MAX), 3000001);
    assert_int_equal(registry_layer_progress(p->layer), 3000001);
    pull_end(p, E_OK, "");
}

TEST(registry_layer_sizes)
{
    struct pull *p = pull_start(
        (struct stand_in_answer[]){NO_TLS, {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"}, {0}}, 6,
        true);
    assert_int_equal(pull_read(p, SIZE_MAX), 5);
    pull_end(p, E_BAD_INPUT, "blob " DIGEST ": the registry sends 5 bytes, the manifest states 6");
    p = pull_start(
        (struct stand_in_answer[]){NO_TLS, {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"}, {0}}, 4,
        true);
    assert_int_equal(pull_read(p, SIZE_MAX), 0);
    pull_end(p, E_BAD_INPUT,
             "blob " DIGEST ": the registry sends more than the 4 bytes that the manifest states");
    p = pull_start(
        (struct stand_in_answer[]){NO_TLS, {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"}, {0}}, 0,
        false);
    assert_int_equal(pull_read(p, SIZE_MAX), 5);
    pull_end(p, E_OK, "");
}

TEST(registry_huge_blob)
{
    struct pull *p = pull_start(
        (struct stand_in_answer[]){NO_TLS, {"HTTP/1.1 200 OK\r\nContent-Length: 68719476737\r\n\r\nx"}, {0}},
        0, false);
    char expected[400];
    snprintf(expected, sizeof expected,
             "blob " DIGEST ": http://127.0.0.1:%u/v2/a/b/blobs/" DIGEST
             ": announces 68719476737 bytes, more than 68719476736",
             stand_in_port(p->server));
    assert_int_equal(pull_read(p, SIZE_MAX), 0);
    assert_int_equal(REGISTRY_BLOB_MAX, 68719476736);
    pull_end(p, E_LIMIT, expected);
}

/* The pipe is full and its reader gone: no error, and no waiting for the rest. */
TEST(registry_closed_early)
{
    assert_true(FEEDER_PIPE_MS < 1000);
    struct pull *p = pull_start(
        (struct stand_in_answer[]){
            NO_TLS, {"HTTP/1.1 200 OK\r\nContent-Length: 50000001\r\n\r\nx", .repeat = 50000000}, {0}},
        50000001, true);
    assert_int_equal(pull_read(p, 1000), 1000);
    pull_end(p, E_OK, "");
    p = pull_start(
        (struct stand_in_answer[]){
            NO_TLS, {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx", .hold = true}, {0}},
        1000, true);
    assert_int_equal(pull_read(p, 1), 1);
    pull_end(p, E_OK, "");
}

TEST(registry_layer_refused)
{
    struct pull *p = pull_start(
        (struct stand_in_answer[]){
            NO_TLS,
            {"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n"
             "{\"errors\":[{\"code\":\"BLOB_UNKNOWN\",\"message\":\"no \\u001b[31mblob\"}]}"},
            {0}},
        6, true);
    char expected[400];
    snprintf(expected, sizeof expected,
             "blob " DIGEST ": 127.0.0.1:%u/a/b has no blob " DIGEST " (BLOB_UNKNOWN: no ?[31mblob)",
             stand_in_port(p->server));
    assert_int_equal(pull_read(p, SIZE_MAX), 0);
    pull_end(p, E_NOT_FOUND, expected);
}

TEST(registry_many_mirrors)
{
    struct buf list = buf_make(4000);
    struct reference reference = {.host = "docker.io", .repository = "library/nginx"};
    struct registry_access a;
    struct error err = {0};
    for (int i = 0; i < REGISTRY_MIRRORS_MAX; i++)
        buf_printf(&list, "docker.io=m%d.example,other.example=x.example,", i);
    buf_add_char(&list, 0);
    struct image_options o = options;
    o.mirrors = list.ptr;
    assert_int_equal(registry_access_init(&a, &reference, &o, &err), 0);
    assert_int_equal(a.endpoints_count, REGISTRY_MIRRORS_MAX + 1);
    assert_string_equal(a.endpoints[0].host, "m0.example");
    assert_string_equal(a.endpoints[REGISTRY_MIRRORS_MAX].host, "registry-1.docker.io");
    assert_string_equal(a.endpoints[REGISTRY_MIRRORS_MAX].name, "docker.io");
    registry_access_done(&a);
    list.len--;
    buf_add(&list, STR("docker.io=one.more\0"));
    o.mirrors = list.ptr;
    assert_int_equal(registry_access_init(&a, &reference, &o, &err), -E_USAGE);
    assert_string_equal(err.text, "docker.io has more than 8 mirrors");
    registry_access_done(&a);
    buf_done(&list);
}

TEST(registry_mirror_names)
{
    static const char *const bad[] = {"",           "http://m.example", "m",          "m.example/UPPER",
                                      "m.example/", "m.example:x",      "/m.example", "a b.example"};
    struct reference reference = {.host = "docker.io", .repository = "library/nginx"};
    struct registry_access a;
    struct error err = {0};
    char text[100], expected[100];
    struct image_options o = options;
    o.mirrors = text;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, "docker.io=%s", bad[i]);
        snprintf(expected, sizeof expected, "\"%s\" is no mirror (HOST[:PORT][/PREFIX])", bad[i]);
        assert_int_equal(registry_access_init(&a, &reference, &o, &err), -E_USAGE);
        assert_string_equal(err.text, expected);
        registry_access_done(&a);
    }
    snprintf(text, sizeof text, " x=y , docker.io=m.example:5000/a/b ");
    assert_int_equal(registry_access_init(&a, &reference, &o, &err), 0);
    assert_string_equal(a.endpoints[0].host, "m.example:5000");
    assert_string_equal(a.endpoints[0].repository, "a/b/library/nginx");
    registry_access_done(&a);
}

/* What can be said without asking anybody. */
static const char *authorized(const char *challenge, const char *url, const struct credentials *c)
{
    static char shown[600];
    struct registry_challenge about = {.text = str_of(challenge),
                                       .host = "r.example",
                                       .repository = "a",
                                       .insecure = "bad.example",
                                       .credentials = c};
    struct error err = {0};
    struct registry_grant grant;
    assert_int_equal(url_parse(str_of(url), &about.url, &err), 0);
    int r = registry_authorize(NULL, NULL, &about, &grant, &err);
    snprintf(shown, sizeof shown, "%s", r < 0 ? err.text : r ? grant.authorization : "-");
    assert_int_equal(r < 0, *err.text != 0);
    assert_int_equal(r < 0, grant.unclear);
    free(grant.authorization);
    return shown;
}

TEST(registry_challenges)
{
    char name[] = "Aladdin", password[] = "open sesame";
    struct credentials c = {.username = name, .password = password}, none = {0};
    const char *url = "https://r.example/v2/a/manifests/1";
    assert_string_equal(authorized("Basic realm=\"x\"", url, &c), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert_string_equal(authorized("Negotiate, bAsIc realm=\"x\"", url, &c),
                        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert_string_equal(authorized("Basic realm=\"x\"", url, &none), "-");
    assert_string_equal(authorized("", url, &c),
                        "r.example asks for neither a password (Basic) nor a token (Bearer)");
    assert_string_equal(authorized("Bearer realm=\"http://auth.example/token?x=secret\"", url, &c),
                        "r.example wants its tokens fetched from http://auth.example/token, without TLS");
    assert_string_equal(authorized("Bearer realm=\"\"", url, &c),
                        "r.example does not say where its tokens come from");
    assert_string_equal(authorized("Bearer realm=\"a b\"", url, &c),
                        "token server of r.example: URL: byte 0x20 at offset 1");
}
