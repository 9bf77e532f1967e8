/* TLS, with certificates that the openssl command makes in a folder of the test's own. */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/http.h"
#include "os/file.h"
#include "os/process.h"
#include "server_play.h"
#include "test.h"

struct certificates {
    char folder[64];
    char server[100], server_key[100], other[100], other_key[100];
    char client[100], client_key[100], stranger[100], stranger_key[100], wrong[100], wrong_key[100];
};

/* A self-signed certificate, with the key's usage if one is given. */
static void make(const struct certificates *c, const char *name, const char *usage, char certificate[100],
                 char key[100])
{
    char subject[50], extended[60];
    snprintf(certificate, 100, "%s/%s.crt", c->folder, name);
    snprintf(key, 100, "%s/%s.key", c->folder, name);
    snprintf(subject, sizeof subject, "/CN=%s", name);
    snprintf(extended, sizeof extended, "extendedKeyUsage=%s", usage ? usage : "clientAuth,serverAuth");
    const char *const argv[] = {
        "openssl", "req",    "-x509", "-newkey",   "ec",      "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes",  "-days",  "2",     "-subj",     subject,   "-addext",  "subjectAltName=IP:127.0.0.1",
        "-addext", extended, "-out",  certificate, "-keyout", key,        NULL};
    struct buf output = buf_make(10000);
    struct error err = {0};
    int status = -1;
    if (process_run(argv, (struct str){0}, 300, &output, &status, &err) < 0 || status != 0)
        fail_msg("openssl: status %d %s", status, err.text);
    buf_done(&output);
}

static struct certificates make_all(void)
{
    struct certificates c = {.folder = "/tmp/limpid-tls-XXXXXX"};
    assert_non_null(mkdtemp(c.folder));
    make(&c, "server", NULL, c.server, c.server_key);
    make(&c, "other", NULL, c.other, c.other_key);
    make(&c, "client", "clientAuth", c.client, c.client_key);
    make(&c, "stranger", "clientAuth", c.stranger, c.stranger_key);
    make(&c, "wrong", "serverAuth", c.wrong, c.wrong_key);
    return c;
}

static void remove_all(const struct certificates *c)
{
    DIR *d = opendir(c->folder);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    rmdir(c->folder);
}

/* What libcurl says to the server: the status, or < 0. */
static int ask(const struct play *p, const struct http_options *o, char *text, size_t size)
{
    struct http *http;
    struct error err = {0};
    struct http_response response = {0};
    char url[100];
    struct http_options options = *o;
    options.backoff_ms = 1;
    snprintf(url, sizeof url, "https://127.0.0.1:%u/echo", server_port(p->server, 0));
    assert_int_equal(http_new(&http, &options, &err), 0);
    int r = http_send(http, &(struct http_request){.url = url, .body_max = 1000}, &response, &err);
    snprintf(text, size, "%.*s", STR_ARG(r < 0 ? str_of(err.text) : buf_str(&response.body)));
    if (r == 0)
        r = response.status;
    http_response_done(&response);
    http_free(http);
    return r;
}

static void copy_file(const char *from, const char *to)
{
    struct buf b = buf_make(100000);
    struct error err = {0};
    assert_int_equal(file_read(from, &b, &err), 0);
    assert_int_equal(file_write(to, buf_str(&b), &err), 0);
    buf_done(&b);
}

TEST(server_tls)
{
    struct certificates c = make_all();
    struct play *p = play_new();
    char text[600];
    p->face[0].certfile = c.server;
    p->face[0].keyfile = c.server_key;
    play_start(p);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(p, &(struct http_options){.ca_file = c.server}, text, sizeof text), 200);
        assert_string_equal(text, "GET /echo  ");
    }
    assert_true(ask(p, &(struct http_options){.ca_file = c.other}, text, sizeof text) < 0);
    wire_send(wire_open(p), "GET /echo HTTP/1.1\r\n\r\n"); /* no TLS: ends when the server does */
    play_end(p);
    remove_all(&c);
}

TEST(server_tls_clients)
{
    struct certificates c = make_all();
    struct play *p = play_new();
    char text[600], both[100];
    struct buf authorities = buf_make(100000);
    struct error err = {0};
    assert_int_equal(file_read(c.client, &authorities, &err), 0);
    assert_int_equal(file_read(c.wrong, &authorities, &err), 0);
    snprintf(both, sizeof both, "%s/both.crt", c.folder);
    assert_int_equal(file_write(both, buf_str(&authorities), &err), 0);
    buf_done(&authorities);
    p->face[0].certfile = c.server;
    p->face[0].keyfile = c.server_key;
    p->face[0].cafile = both;
    play_start(p);
    struct http_options good = {.ca_file = c.server, .client_cert = c.client, .client_key = c.client_key},
                        none = {.ca_file = c.server},
                        stranger = {.ca_file = c.server,
                                    .client_cert = c.stranger,
                                    .client_key = c.stranger_key},
                        wrong = {.ca_file = c.server, .client_cert = c.wrong, .client_key = c.wrong_key};
    assert_int_equal(ask(p, &good, text, sizeof text), 200);
    assert_true(ask(p, &none, text, sizeof text) < 0);
    assert_true(ask(p, &stranger, text, sizeof text) < 0);
    assert_true(ask(p, &wrong, text, sizeof text) < 0);
    assert_int_equal(ask(p, &good, text, sizeof text), 200);
    play_wait_connections(p, 0);
    assert_int_equal(p->done[200], 2);
    play_end(p);
    remove_all(&c);
}

TEST(server_tls_reload)
{
    struct certificates c = make_all();
    struct play *p = play_new();
    char text[600], live[100], live_key[100], expected[600];
    struct error err = {0};
    snprintf(live, sizeof live, "%s/live.crt", c.folder);
    snprintf(live_key, sizeof live_key, "%s/live.key", c.folder);
    copy_file(c.server, live);
    copy_file(c.server_key, live_key);
    p->face[0].certfile = live;
    p->face[0].keyfile = live_key;
    play_start(p);
    struct http_options old = {.ca_file = c.server}, fresh = {.ca_file = c.other};
    struct http *kept;
    struct http_response response = {0};
    char url[100];
    snprintf(url, sizeof url, "https://127.0.0.1:%u/echo", server_port(p->server, 0));
    const struct http_request request = {.url = url, .body_max = 1000};
    assert_int_equal(http_new(&kept, &old, &err), 0);
    assert_int_equal(http_send(kept, &request, &response, &err), 0);
    copy_file(c.other, live);
    assert_int_equal(server_reload_tls(p->server, &err), -E_BAD_INPUT); /* a certificate and another's key */
    snprintf(expected, sizeof expected, "%s with key %s: ", live, live_key);
    assert_true(str_starts(str_of(err.text), str_of(expected)));
    assert_int_equal(ask(p, &old, text, sizeof text), 200);
    copy_file(c.other_key, live_key);
    assert_int_equal(server_reload_tls(p->server, &err), 0);
    assert_int_equal(ask(p, &fresh, text, sizeof text), 200);
    assert_true(ask(p, &old, text, sizeof text) < 0);
    assert_int_equal(http_send(kept, &request, &response, &err), 0); /* its connection is the old one */
    assert_int_equal(unlink(live), 0);
    assert_int_equal(server_reload_tls(p->server, &err), -E_NOT_FOUND);
    assert_int_equal(ask(p, &fresh, text, sizeof text), 200);
    http_response_done(&response);
    http_free(kept);
    play_end(p);
    remove_all(&c);
}

TEST(server_tls_refuses)
{
    struct certificates c = make_all();
    struct error err = {0};
    struct server *s;
    char expected[300];
    struct server_face f = {.address = "127.0.0.1", .fd = -1, .certfile = c.server};
    const struct server_options o = {0};
    assert_int_equal(server_start(&s, &f, 1, &o, &err), -E_USAGE);
    snprintf(expected, sizeof expected, "%s: a certificate needs its key", c.server);
    assert_string_equal(err.text, expected);
    f.keyfile = c.server_key;
    f.cafile = c.server_key; /* no certificate */
    assert_int_equal(server_start(&s, &f, 1, &o, &err), -E_BAD_INPUT);
    snprintf(expected, sizeof expected, "%s: ", c.server_key);
    assert_true(str_starts(str_of(err.text), str_of(expected)));
    f.cafile = "/nonexistent/ca.pem";
    assert_int_equal(server_start(&s, &f, 1, &o, &err), -E_NOT_FOUND);
    remove_all(&c);
}

/* openssl's client is told by name that old versions are not spoken. */
TEST(server_tls_versions)
{
    struct certificates c = make_all();
    struct play *p = play_new();
    char place[50];
    p->face[0].certfile = c.server;
    p->face[0].keyfile = c.server_key;
    play_start(p);
    snprintf(place, sizeof place, "127.0.0.1:%u", server_port(p->server, 0));
    static const char *const versions[] = {"-tls1_3", "-tls1_2", "-tls1_1"};
    for (size_t i = 0; i < 3; i++) {
        const char *const argv[] = {
            "openssl", "s_client", "-connect", place, versions[i], "-cipher", "DEFAULT:@SECLEVEL=0", NULL};
        struct buf output = buf_make(100000);
        struct error err = {0};
        int status = -1;
        assert_int_equal(process_run(argv, STR("Q\n"), 300, &output, &status, &err), 0);
        assert_int_equal(status == 0, i < 2);
        buf_done(&output);
    }
    play_end(p);
    remove_all(&c);
}
