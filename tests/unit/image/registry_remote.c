#include "image/registry_remote.h"

#include "base/limits.h"
#include "net/stand_in.h"
#include "os/worker.h"
#include "test.h"

#define DIGEST_A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST_B "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SCHEMA2                                                                                         \
    "{\"schemaVersion\":2,\"mediaType\":\"application/"                                                 \
    "vnd.oci.image.manifest.v1+json\",\"config\":{\"mediaType\":"                                       \
    "\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" DIGEST_A "\",\"size\":2},\"layers\":[" \
    "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"" DIGEST_B             \
    "\",\"size\":3}]}"
#define SCHEMA1                                                                           \
    "{\"schemaVersion\":1,\"name\":\"a/"                                                  \
    "b\",\"tag\":\"1\",\"architecture\":\"amd64\",\"fsLayers\":[{\"blobSum\":\"" DIGEST_B \
    "\"},{\"blobSum\":\"" DIGEST_A "\"}],\"history\":[{\"v1Compatibility\":\"{}\"},"      \
    "{\"v1Compatibility\":\"{\\\"throwaway\\\":true}\"}]}"
#define OK(body)                                            \
    {                                                       \
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" body \
    }
#define STATUS(status)                                                          \
    {                                                                           \
        "HTTP/1.1 " status "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" \
    }
#define ASKS_TOKEN                                                                                         \
    {                                                                                                      \
        "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\nWWW-Authenticate: Bearer " \
        "realm=\"%ORIGIN%/token\",service=\"s\"\r\n\r\n"                                                   \
    }

struct call {
    struct stand_in *server;
    struct worker *worker;
    struct registry_remote *remote;
    struct image_options options;
    struct registry_manner manner;
    struct registry_refused refused;
    struct error err;
    int result;
};

static struct call *call(const struct stand_in_answer *answers, struct registry_manner manner,
                         const char *platform)
{
    struct call *c = calloc(1, sizeof *c);
    assert_non_null(c);
    c->server = stand_in_start(answers, NULL);
    c->worker = worker_new();
    c->options = (struct image_options){
        .timeout_seconds = 20, .auth_file = "/dev/null", .platform = platform ? platform : "linux/amd64"};
    c->manner = manner;
    c->manner.plain = true;
    struct registry_remote_request q = {.reference = {.repository = "a/b", .tag = "1"},
                                        .manner = &c->manner,
                                        .options = &c->options,
                                        .refused = &c->refused};
    snprintf(q.reference.host, sizeof q.reference.host, "127.0.0.1:%u", stand_in_port(c->server));
    c->result = registry_remote_open(&c->remote, &q, c->worker, &c->err);
    assert_int_equal(c->result, -(int)c->err.code);
    return c;
}

static void hang_up(struct call *c)
{
    if (c->remote)
        registry_remote_free(c->remote);
    worker_free(c->worker);
    stand_in_stop(c->server);
    free(c);
}

static void asked(struct call *c, unsigned n, const char *field)
{
    const char *text = stand_in_request(c->server, n);
    assert_non_null(text);
    if (!strstr(text, field))
        fail_msg("request %u lacks \"%s\":\n%s", n, field, text);
}

static void url_is(struct call *c, const char *path)
{
    CLEANUP(buf_done) struct buf url = buf_make(URL_MAX);
    const struct image_info *info = registry_remote_info(c->remote);
    char expected[300];
    assert_int_equal(
        registry_remote_url(c->remote, &info->layers[info->layers_count - 1].digest, &url, &c->err), 0);
    snprintf(expected, sizeof expected, "http://127.0.0.1:%u%s", stand_in_port(c->server), path);
    assert_string_equal(url.ptr, expected);
}

static void shown(struct call *c, bool fresh, const char *expected)
{
    CLEANUP(free_p) char *value = NULL;
    assert_int_equal(registry_remote_authorization(c->remote, fresh, &value, &c->err), 0);
    if (expected)
        assert_string_equal(value, expected);
    else
        assert_null(value);
}

/* Layers that only schema 1 has are those that old clients speak of. */
TEST(remote_of_old)
{
    struct call *c = call((struct stand_in_answer[]){OK(SCHEMA1), {0}}, (struct registry_manner){0}, NULL);
    assert_string_equal(c->err.text, "");
    assert_int_equal(registry_remote_info(c->remote)->layers_count, 2);
    assert_string_equal(registry_remote_info(c->remote)->layers[0].digest.text, DIGEST_A);
    asked(c, 0, "GET /v2/a/b/manifests/1 HTTP/1.1\r\n");
    asked(c, 0, "Accept: */*\r\n");
    url_is(c, "/v2/a/b/blobs/" DIGEST_B);
    shown(c, false, NULL);
    shown(c, true, NULL);
    hang_up(c);
}

/* An OCI image is refused to who does not say that it understands it; another platform is not for such clients. */
TEST(remote_of_today)
{
    struct call *c = call((struct stand_in_answer[]){STATUS("404 Not Found"), OK(SCHEMA2), {0}},
                          (struct registry_manner){.prefix = "/api/docker/local"}, NULL);
    assert_string_equal(c->err.text, "");
    assert_int_equal(registry_remote_info(c->remote)->layers_count, 1);
    asked(c, 0, "GET /api/docker/local/v2/a/b/manifests/1 HTTP/1.1\r\n");
    asked(c, 1, "Accept: application/vnd.oci.image.manifest.v1+json\r\n");
    assert_int_equal(stand_in_requests(c->server), 2); /* no config */
    url_is(c, "/api/docker/local/v2/a/b/blobs/" DIGEST_B);
    hang_up(c);
    c = call((struct stand_in_answer[]){OK(SCHEMA2), {0}}, (struct registry_manner){0}, "linux/arm64");
    assert_string_equal(c->err.text, "");
    asked(c, 0, "Accept: application/vnd.oci.image.manifest.v1+json\r\n");
    hang_up(c);
}

/* Its life is over at once: each time it is asked for, it is a new one. */
TEST(remote_token_renewed)
{
    struct call *c = call((struct stand_in_answer[]){ASKS_TOKEN,
                                                     OK("{\"token\":\"one\",\"expires_in\":1}"),
                                                     OK(SCHEMA2),
                                                     OK("{\"access_token\":\"two\",\"expires_in\":1000}"),
                                                     OK("{\"access_token\":\"three\",\"expires_in\":1000}"),
                                                     STATUS("503 Busy"),
                                                     {0}},
                          (struct registry_manner){.username = "me", .password = "secret"}, NULL);
    assert_string_equal(c->err.text, "");
    asked(c, 1, "GET /token?service=s&scope=repository%3Aa%2Fb%3Apull&account=me HTTP/1.1\r\n");
    asked(c, 1, "Authorization: Basic bWU6c2VjcmV0\r\n");
    asked(c, 2, "Authorization: Bearer one\r\n");
    shown(c, true, "Bearer two");
    shown(c, false, "Bearer two");
    shown(c, true, "Bearer three");
    assert_int_equal(stand_in_requests(c->server), 5);
    hang_up(c);
}

TEST(remote_manners)
{
    struct call *c = call((struct stand_in_answer[]){ASKS_TOKEN, OK("{\"token\":\"one\"}"), OK(SCHEMA2), {0}},
                          (struct registry_manner){.token_type = "Basic"}, NULL);
    shown(c, false, "Basic one");
    asked(c, 2, "Authorization: Basic one\r\n");
    hang_up(c);
    c = call((struct stand_in_answer[]){OK(SCHEMA2), {0}},
             (struct registry_manner){.authorization = "Basic eA=="}, NULL);
    asked(c, 0, "Authorization: Basic eA==\r\n");
    shown(c, true, "Basic eA==");
    hang_up(c);
}

static void refused_by(struct call *c, int by, int status, const char *reason)
{
    assert_true(c->result < 0);
    assert_int_equal(c->refused.by, by);
    assert_int_equal(c->refused.status, status);
    assert_string_equal(c->refused.reason, reason);
    hang_up(c);
}

/* Who must tell more than a sentence. */
TEST(remote_refused)
{
    const struct registry_manner none = {0};
    struct call *c = call(
        (struct stand_in_answer[]){STATUS("404 Not Found"), STATUS("404 Gone Away"), STATUS("200 OK"), {0}},
        none, NULL);
    refused_by(c, REFUSED_REQUEST, 404, "Gone Away");
    c = call((struct stand_in_answer[]){STATUS("500 Oh"), STATUS("500 Oh"), STATUS("500 No"), {0}}, none,
             NULL);
    asked(c, 2, "GET /v2/ HTTP/1.1\r\n");
    char base[100];
    snprintf(base, sizeof base, "http://127.0.0.1:%u/v2/", stand_in_port(c->server));
    assert_string_equal(c->refused.url, base);
    refused_by(c, REFUSED_BASE, 500, "Oh");
    c = call((struct stand_in_answer[]){ASKS_TOKEN, STATUS("403 Never"), {0}}, none, NULL);
    refused_by(c, REFUSED_TOKEN, 403, "Never");
    c = call((struct stand_in_answer[]){STATUS("401 Who"), {0}}, none, NULL);
    refused_by(c, REFUSED_UNCLEAR, 0, "");
    c = call((struct stand_in_answer[]){STATUS("401 Who"), {0}},
             (struct registry_manner){.authorization = "Bearer x"}, NULL);
    refused_by(c, REFUSED_REQUEST, 401, "Who");
    c = call((struct stand_in_answer[]){OK("no JSON"), {0}}, none, NULL);
    refused_by(c, REFUSED_NOT, 0, "");
}
