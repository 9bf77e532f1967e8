#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/limits.h"
#include "make.h"
#include "os/fd.h"
#include "test.h"

/* An engine that answers one request on a unix socket, and keeps what it was asked. */
struct engine {
    pthread_t thread;
    struct buf answer;
    int listening;
    char path[100], asked[4096];
};

static void *serve(void *arg)
{
    struct engine *e = arg;
    struct error err;
    AUTO_CLOSE int fd = accept4(e->listening, NULL, NULL, SOCK_CLOEXEC);
    size_t len = 0;
    while (fd >= 0 && len < sizeof e->asked - 1 && !strstr(e->asked, "\r\n\r\n")) {
        ssize_t n = read(fd, e->asked + len, sizeof e->asked - 1 - len);
        if (n <= 0)
            return NULL;
        len += (size_t)n;
    }
    return fd_write_all(fd, buf_str(&e->answer), &err) < 0 ? e : NULL;
}

static void engine_start(struct engine *e, const char *folder, const char *status, struct str body)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *e = (struct engine){.answer = buf_make(MIB(1))};
    buf_printf(&e->answer, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", status,
               body.len);
    buf_add(&e->answer, body);
    snprintf(e->path, sizeof e->path, "%s/engine.sock", folder);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", e->path);
    e->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(e->listening, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(e->listening, 4), 0);
    assert_int_equal(pthread_create(&e->thread, NULL, serve, e), 0);
}

static void engine_stop(struct engine *e)
{
    void *failed;
    shutdown(e->listening, SHUT_RDWR); /* whom nobody asked */
    pthread_join(e->thread, &failed);
    fd_close(&e->listening);
    unlink(e->path);
    buf_done(&e->answer);
    assert_null(failed);
}

static void put_saved(struct buf *tar)
{
    tar_file(tar, "manifest.json",
             STR("[{\"Config\":\"c.json\",\"RepoTags\":[\"one:1\"],\"Layers\":[\"l\"]}]"));
    tar_file(tar, "l", STR("the layer"));
    tar_file(tar, "c.json", STR("{\"os\":\"linux\",\"architecture\":\"arm\"}"));
}

TEST(engine_saves)
{
    static const struct {
        const char *scheme, *variable, *prefix;
    } engines[] = {{"docker-daemon", "DOCKER_HOST", "unix://"}, {"podman", "CONTAINER_HOST", ""}};
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(1));
    put_saved(&tar);
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(folder_removep) const char *folder = folder_make();
        CLEANUP(buf_done) struct buf bytes = buf_make(MIB(1));
        const struct image_options options = {.cache_dir = folder};
        struct engine e;
        struct error err;
        char source[200], variable[200];
        engine_start(&e, folder, "200 OK", buf_str(&tar));
        snprintf(variable, sizeof variable, "%s%s", engines[i].prefix, e.path);
        setenv(engines[i].variable, variable, 1);
        snprintf(source, sizeof source, "%s:r.example:5000/a b?c:1", engines[i].scheme);
        struct image *image = open_image(source, &options, &err);
        engine_stop(&e);
        unsetenv(engines[i].variable);
        if (!image)
            fail_msg("%s", err.text);
        assert_int_equal(strncmp(e.asked, "GET /images/r.example:5000/a%20b%3Fc:1/get HTTP/1.1\r\n", 53), 0);
        assert_string_equal(image_info(image)->reference, source);
        assert_string_equal(image_info(image)->platform, "linux/arm");
        assert_int_equal(read_layer(image, 0, &bytes, &err), 0);
        assert_str(buf_str(&bytes), "the layer");
        image_free(image);
    }
}

/* The error of docker-daemon:one with this variable. */
static struct error refused(const char *folder, const char *host)
{
    const struct image_options options = {.cache_dir = folder};
    struct error err;
    setenv("DOCKER_HOST", host, 1);
    assert_null(open_image("docker-daemon:one", &options, &err));
    unsetenv("DOCKER_HOST");
    return err;
}

TEST(engine_refuses)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    struct engine e;
    engine_start(&e, folder, "404 Not Found", STR("{\"message\":\"No such image:\033 one\"}\n"));
    struct error err = refused(folder, e.path);
    engine_stop(&e);
    assert_int_equal(err.code, E_NOT_FOUND);
    assert_non_null(strstr(err.text, "No such image"));
    assert_null(strchr(err.text, '\033'));
    engine_start(&e, folder, "200 OK", STR("no archive, but a long enough text that is none"));
    err = refused(folder, e.path);
    engine_stop(&e);
    assert_int_equal(err.code, E_BAD_INPUT);
}

TEST(engine_addresses)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    char path[200];
    struct error err = refused(folder, "tcp://localhost:2375");
    assert_int_equal(err.code, E_UNSUPPORTED);
    assert_string_equal(err.text, "DOCKER_HOST=tcp://localhost:2375: only a unix socket can be asked");
    memset(path, 'x', sizeof path - 1);
    path[0] = '/';
    path[sizeof path - 1] = 0;
    err = refused(folder, path);
    assert_int_equal(err.code, E_USAGE);
    assert_string_equal(err.text, "DOCKER_HOST: too long");
    snprintf(path, sizeof path, "%s/none.sock", folder);
    err = refused(folder, path);
    assert_int_equal(strncmp(err.text, path, strlen(path)), 0);
}
