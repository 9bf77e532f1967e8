#include "client/target.h"

#include "base/limits.h"
#include "net/stand_in.h"
#include "os/worker.h"
#include "test.h"

#define DIGEST_A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST_B "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define LAYER(digest) \
    "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+zstd\",\"digest\":\"" digest "\",\"size\":3}"
#define MANIFEST(layers)                                                                          \
    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"schemaVersion\":2,\"config\":{\"mediaType\":" \
    "\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" DIGEST_A                         \
    "\",\"size\":2},\"layers\":[" layers "]}"
#define STATUS(status) "HTTP/1.1 " status "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

static const struct image_options image_options = {
    .timeout_seconds = 20, .auth_file = "/dev/null", .platform = "linux/amd64"};

/* Opens `name`, in which "%u" is the port, of a server with these answers. */
static struct target *open_it(const struct stand_in_answer *answers, const char *name,
                              struct config_plugin *plugin, struct trouble *trouble, struct error *err)
{
    struct stand_in *server = stand_in_start(answers, NULL);
    CLEANUP(worker_freep) struct worker *worker = worker_new();
    static char host[300], base[100], domain[64];
    struct config_registry registry = {.manner = {.plain = true}};
    struct target *t = NULL;
    snprintf(host, sizeof host, "127.0.0.1:%u%s", stand_in_port(server), name);
    snprintf(domain, sizeof domain, "127.0.0.1:%u", stand_in_port(server));
    registry.domain = str_of(domain);
    snprintf(base, sizeof base, "http://%s/files", domain);
    if (plugin && plugin->kind == PLUGIN_HTTP)
        plugin->base_url = base;
    struct config_plugin docker = {.kind = PLUGIN_DOCKER, .registries = {&registry, 1, 1}};
    const struct target_options o = {.image = &image_options, .plugin = plugin ? plugin : &docker};
    *err = (struct error){0};
    int rc = target_open(&t, plugin ? name : host, &o, worker, trouble, err);
    assert_int_equal(rc, -(int)err->code);
    if (t)
        target_hang_up(t);
    stand_in_stop(server);
    return t;
}

/* SHORT is of "sha256:aaaa…sha256:bbbb…". */
TEST(target_names)
{
    struct trouble trouble;
    struct error err;
    struct target *t = open_it(
        (struct stand_in_answer[]){{MANIFEST(LAYER(DIGEST_A) "," LAYER(DIGEST_B) "," LAYER(DIGEST_A))}, {0}},
        "/team/app:1", NULL, &trouble, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(t->layers.len, 2); /* each digest once */
    assert_true(str_eq(t->layers.ptr[0].name, STR(DIGEST_A "_cb6e5d6424eb")));
    assert_true(str_eq(t->layers.ptr[1].name, STR(DIGEST_B "_cb6e5d6424eb")));
    assert_string_equal(t->format, "Docker");
    target_free(t);
}

static void refused(const char *answer, const char *name, int what, int status, const char *text)
{
    struct trouble trouble;
    struct error err;
    assert_null(open_it((struct stand_in_answer[]){{answer}, {0}}, name, NULL, &trouble, &err));
    assert_int_equal(trouble.what, what);
    assert_int_equal(trouble.status, status);
    if (!strstr(err.text, text))
        fail_msg("\"%s\" lacks \"%s\"", err.text, text);
}

TEST(target_refused)
{
    refused(STATUS("404 Not Found"), "/team/app:1", TROUBLE_BASE, 404, "team/app has no manifest 1");
    refused(STATUS("401 Unauthorized"), "/team/app:1", TROUBLE_TOKEN_URL, 0, "asks for neither a password");
    refused(STATUS("404 Not Found"), "/UPPER", TROUBLE_NAME, 0, "a repository has no upper-case letters");
    refused(MANIFEST(""), "/team/app:1", TROUBLE_OTHER, 0, "an image without layers");
    refused("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "/team/app:1", TROUBLE_OTHER, 0, "");
}

TEST(target_archives)
{
    struct config_plugin plugin = {.kind = PLUGIN_HTTP, .clair_format = "Docker"};
    struct trouble trouble;
    struct error err;
    struct target *t = open_it((struct stand_in_answer[]){{STATUS("200 OK")}, {0}}, "a/rootfs.tar.gz",
                               &plugin, &trouble, &err);
    CLEANUP(buf_done) struct buf path = buf_make(URL_MAX);
    assert_string_equal(err.text, "");
    assert_true(str_eq(t->layers.ptr[0].name, STR("rootfs")));
    assert_int_equal(target_path(t, t->layers.ptr, &path, &err), 0);
    assert_true(str_ends(buf_str(&path), STR("/files/a/rootfs.tar.gz")));
    target_free(t);
    t = open_it((struct stand_in_answer[]){{STATUS("200 OK")}, {0}}, "b.tgz", &plugin, &trouble, &err);
    assert_true(str_eq(t->layers.ptr[0].name, STR("b")));
    target_free(t);
    t = open_it((struct stand_in_answer[]){{STATUS("200 OK")}, {0}}, "plain.tar", &plugin, &trouble, &err);
    assert_true(str_eq(t->layers.ptr[0].name, STR("plain.tar")));
    target_free(t);
    assert_null(
        open_it((struct stand_in_answer[]){{STATUS("403 Forbidden")}, {0}}, "x", &plugin, &trouble, &err));
    assert_int_equal(trouble.what, TROUBLE_FILE);
    assert_int_equal(trouble.status, 403);
    assert_string_equal(trouble.reason, "Forbidden");
    assert_null(open_it((struct stand_in_answer[]){{STATUS("200 OK")}, {0}}, "a/", &plugin, &trouble, &err));
    assert_true(strstr(err.text, "no name of an archive at its end"));
}
