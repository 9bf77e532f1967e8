#include "client/clair.h"

#include "base/limits.h"
#include "base/memory.h"
#include "net/stand_in.h"
#include "os/worker.h"
#include "test.h"

#define OK(body)                                            \
    {                                                       \
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" body \
    }
#define STATUS(status)                                                          \
    {                                                                           \
        "HTTP/1.1 " status "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" \
    }

struct call {
    struct stand_in *server;
    struct worker *worker;
    struct clair *clair;
    struct clair_options options;
    struct target *target;
    struct target_layer layers[2];
    struct trouble trouble;
    struct error err;
};

static struct call *call(const struct stand_in_answer *answers, bool v3, unsigned timeout)
{
    struct call *c = calloc(1, sizeof *c);
    assert_non_null(c);
    c->server = stand_in_start(answers, NULL);
    c->worker = worker_new();
    c->options = (struct clair_options){
        .url = stand_in_url(c->server, "/below//"), .v3 = v3, .timeout_seconds = timeout};
    assert_int_equal(clair_new(&c->clair, &c->options, c->worker, &c->err), 0);
    c->target = memory_new(sizeof *c->target);
    c->layers[0] = (struct target_layer){.name = STR("sha256:aa_1")};
    c->layers[1] = (struct target_layer){.name = STR("a b/c?_1")};
    *c->target = (struct target){
        .host = STR("nginx"), .format = "Docker", .layers = {c->layers, 2, 2}, .url = STR("http://r/x?\"y")};
    return c;
}

static void hang_up(struct call *c)
{
    clair_free(c->clair);
    worker_free(c->worker);
    stand_in_stop(c->server);
    free(c->target);
    free(c);
}

static void asked(struct call *c, unsigned n, const char *text)
{
    const char *request = stand_in_request(c->server, n);
    assert_non_null(request);
    if (!strstr(request, text))
        fail_msg("request %u lacks \"%s\":\n%s", n, text, request);
}

TEST(clair_requests)
{
    struct call *c = call((struct stand_in_answer[]){STATUS("404 Not Found"),
                                                     OK("{}"),
                                                     STATUS("201 Created"),
                                                     STATUS("201 Created"),
                                                     OK("{\"Layer\":1}"),
                                                     STATUS("200 OK"),
                                                     {0}},
                          false, 20);
    struct buf answer = buf_make(0);
    assert_int_equal(clair_knows(c->clair, c->target, 0, &c->trouble, &c->err), 0);
    asked(c, 0, "GET /below/v1/layers/sha256:aa_1 HTTP/1.1\r\n");
    assert_int_equal(clair_knows(c->clair, c->target, 1, &c->trouble, &c->err), 1);
    asked(c, 1, "GET /below/v1/layers/a%20b%2Fc%3F_1 HTTP/1.1\r\n");
    assert_int_equal(clair_post_layer(c->clair, c->target, 0, &c->trouble, &c->err), 0);
    asked(c, 2, "POST /below/v1/layers HTTP/1.1\r\n");
    asked(c, 2, "Content-Type: application/json\r\n");
    asked(
        c, 2,
        "\r\n\r\n{\"Layer\":{\"Name\":\"sha256:aa_1\",\"Path\":\"http://r/x?\\\"y\",\"Format\":\"Docker\"}}");
    assert_int_equal(clair_post_layer(c->clair, c->target, 1, &c->trouble, &c->err), 0);
    asked(c, 3,
          "{\"Layer\":{\"Name\":\"a b/c?_1\",\"Path\":\"http://r/x?\\\"y\",\"Format\":\"Docker\","
          "\"ParentName\":\"sha256:aa_1\"}}");
    assert_int_equal(clair_analysis(c->clair, c->target, &answer, &c->trouble, &c->err), 0);
    asked(c, 4, "GET /below/v1/layers/a%20b%2Fc%3F_1?features&vulnerabilities HTTP/1.1\r\n");
    assert_true(str_eq(buf_str(&answer), STR("{\"Layer\":1}")));
    assert_int_equal(clair_delete(c->clair, c->target, 0, &c->trouble, &c->err), 0);
    asked(c, 5, "DELETE /below/v1/layers/sha256:aa_1 HTTP/1.1\r\n");
    buf_done(&answer);
    hang_up(c);
}

TEST(clair_ancestries)
{
    struct call *c =
        call((struct stand_in_answer[]){OK("{}"), OK("{}"), STATUS("404 Not Found"), {0}}, true, 20);
    struct buf answer = buf_make(0);
    c->layers[1].name = STR("sha256:bb_1");
    assert_int_equal(clair_post_ancestry(c->clair, c->target, &c->trouble, &c->err), 0);
    asked(c, 0, "POST /below/ancestry HTTP/1.1\r\n");
    asked(c, 0,
          "{\"ancestry_name\":\"sha256_bb_1\",\"format\":\"Docker\",\"layers\":[{\"hash\":\"sha256:aa_1\","
          "\"path\":"
          "\"http://r/x?\\\"y\"},{\"hash\":\"sha256:bb_1\",\"path\":\"http://r/x?\\\"y\"}]}");
    assert_int_equal(clair_analysis(c->clair, c->target, &answer, &c->trouble, &c->err), 0);
    asked(c, 1, "GET /below/ancestry/sha256_bb_1?with_vulnerabilities=1&with_features=1 HTTP/1.1\r\n");
    assert_int_equal(clair_knows(c->clair, c->target, 1, &c->trouble, &c->err), 0);
    assert_int_equal(clair_delete(c->clair, c->target, 0, &c->trouble, &c->err), -E_UNSUPPORTED);
    assert_int_equal(c->trouble.what, TROUBLE_VERSION);
    assert_string_equal(c->err.text, "Clair's API 3 cannot delete");
    buf_done(&answer);
    hang_up(c);
}

static void refused(struct call *c, int rc, enum error_code code, int status, const char *text)
{
    assert_int_equal(rc, -(int)code);
    assert_int_equal(c->trouble.what, TROUBLE_CLAIR);
    assert_int_equal(c->trouble.status, status);
    assert_string_equal(c->err.text, text);
}

TEST(clair_refusals)
{
    struct call *c = call(
        (struct stand_in_answer[]){{"HTTP/1.1 404 Not Found\r\nConnection: "
                                    "close\r\n\r\n{\"Error\":{\"Message\":\"the resource\\u001b "
                                    "cannot be found\"}}"},
                                   {"HTTP/1.1 422 Unprocessable Entity\r\nConnection: "
                                    "close\r\n\r\n{\"Error\":{\"Message\":\"worker: OS\"}}"},
                                   {"HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n\r\n<html>"},
                                   {"HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n{"},
                                   {0}},
        false, 20);
    struct buf answer = buf_make(0);
    refused(c, clair_analysis(c->clair, c->target, &answer, &c->trouble, &c->err), E_NOT_FOUND, 404,
            "the server does not know nginx: push it first; it says: the resource? cannot be found");
    assert_string_equal(c->trouble.reason, "Not Found");
    refused(c, clair_post_layer(c->clair, c->target, 0, &c->trouble, &c->err), E_NETWORK, 422,
            "the server answers 422: worker: OS");
    refused(c, clair_knows(c->clair, c->target, 0, &c->trouble, &c->err), E_NETWORK, 500,
            "the server answers 500");
    refused(c, clair_delete(c->clair, c->target, 0, &c->trouble, &c->err), E_DENIED, 401,
            "the server answers 401");
    hang_up(c);
}

/* Announced is enough: nothing of it is read. */
TEST(clair_long_answer)
{
    struct call *c = call(
        (struct stand_in_answer[]){{"HTTP/1.1 200 OK\r\nContent-Length: 67108865\r\n\r\nx"}, {0}}, false, 20);
    struct buf answer = buf_make(0);
    assert_int_equal(CLAIR_ANSWER_MAX, 67108864);
    assert_int_equal(clair_analysis(c->clair, c->target, &answer, &c->trouble, &c->err), -E_LIMIT);
    assert_true(strstr(c->err.text, "announces 67108865 bytes, more than 67108864"));
    hang_up(c);
}

/* A server that works on a layer is silent for long, but not for ever. */
TEST(clair_silence)
{
    struct call *c = call((struct stand_in_answer[]){{"HTTP/1.1 200 OK\r\n", .hold = true}, {0}}, false, 1);
    assert_true(CLAIR_SILENCE_SECONDS > 900);
    assert_int_equal(clair_post_layer(c->clair, c->target, 0, &c->trouble, &c->err), -E_TIMEOUT);
    hang_up(c);
}

TEST(clair_bad_address)
{
    const struct clair_options o = {.url = "clair:6060"};
    struct clair *clair = NULL;
    struct error err = {0};
    assert_int_equal(clair_new(&clair, &o, NULL, &err), -E_BAD_INPUT);
    assert_string_equal(err.text, "the server's address: \"clair:6060\" is not a URL");
}
