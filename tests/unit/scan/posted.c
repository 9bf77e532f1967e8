#include "scan/posted.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/worker.h"
#include "store/layer.h"
#include "store/vulnerability.h"
#include "stream/tar_write.h"
#include "test.h"

/* A database and files in a folder of its own; the worker is this very program (layer_job.c). */
struct desk {
    char folder[64];
    struct store *store;
    struct worker *worker;
    struct error err;
    struct arena arena;
};

static struct desk desk_make(void)
{
    struct desk d = {
        .folder = "/tmp/limpid-posted-XXXXXX", .arena = arena_make(MIB(64)), .worker = worker_new()};
    char path[128];
    bool rebuilt;
    assert_non_null(mkdtemp(d.folder));
    snprintf(path, sizeof path, "%s/db", d.folder);
    assert_int_equal(store_open(&d.store, path, &rebuilt, &d.err), 0);
    return d;
}

static void desk_done(struct desk *d)
{
    static const char *const names[] = {"db", "db-wal", "db-shm", "layer", "link"};
    store_close(d->store);
    worker_free(d->worker);
    arena_done(&d->arena);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", d->folder, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(d->folder), 0);
}

static void add(struct buf *tar, const char *path, const char *content)
{
    const struct tar_entry e = {.path = str_of(path), .type = TAR_REGULAR, .size = strlen(content)};
    static const char zeros[512];
    tar_write_header(tar, &e, 0644);
    buf_add(tar, str_of(content));
    buf_add(tar, (struct str){zeros, tar_write_padding(e.size)});
}

static void put_layer(struct desk *d, const char *release, const char *status)
{
    char path[128];
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(1));
    if (release)
        add(&tar, "etc/os-release", release);
    if (status)
        add(&tar, "var/lib/dpkg/status", status);
    tar_write_end(&tar);
    snprintf(path, sizeof path, "%s/layer", d->folder);
    assert_int_equal(file_write(path, buf_str(&tar), &d->err), 0);
}

static enum posted_failure post_path(struct desk *d, const char *name, const char *parent, const char *path)
{
    const char *const folders[] = {d->folder, NULL};
    const struct posted_options options = {.folders = folders, .stall_seconds = 2};
    const struct posted_layer layer = {.name = str_of(name), .parent = str_of(parent), .path = path};
    return scan_posted(&layer, &options, d->store, d->worker, &d->arena, &d->err);
}

static enum posted_failure post(struct desk *d, const char *name, const char *parent)
{
    char path[128];
    snprintf(path, sizeof path, "%s/layer", d->folder);
    return post_path(d, name, parent, path);
}

/* "debian:12 openssl 3.0 0, …": namespace, name, version, depth. */
static void expect_features(struct desk *d, const char *name, const char *wanted)
{
    struct store_layer layer;
    struct feature_list list;
    CLEANUP(buf_done) struct buf got = buf_make(KIB(4));
    assert_int_equal(store_layer_get(d->store, str_of(name), &d->arena, &layer, &d->err), 1);
    assert_int_equal(features_unpack(layer.features, &d->arena, &list, &d->err), 0);
    vec_each (&list.items, f)
        buf_printf(&got, "%.*s %.*s %.*s %u%s, ", STR_ARG(f->namespace), STR_ARG(f->name),
                   STR_ARG(f->version), f->depth, f->unjudged ? " unjudged" : "");
    buf_add_char(&got, 0);
    assert_string_equal(got.ptr, wanted);
}

TEST(posted_chain)
{
    struct desk d = desk_make();
    put_layer(&d, "ID=debian\nVERSION_ID=12\n",
              "Package: a\nVersion: 1\n\nPackage: libb\nSource: b\nVersion: 2\n");
    assert_int_equal(post(&d, "base", ""), POSTED_OK);
    expect_features(&d, "base", "debian:12 a 1 0, debian:12 b 2 0, ");
    put_layer(&d, NULL, "Package: a\nVersion: 1.1\n\nPackage: libb\nSource: b\nVersion: 2\n");
    assert_int_equal(post(&d, "top", "base"), POSTED_OK);
    expect_features(&d, "top", "debian:12 a 1.1 1, debian:12 b 2 0, ");
    put_layer(&d, NULL, "");
    assert_int_equal(post(&d, "emptied", "top"), POSTED_OK);
    expect_features(&d, "emptied", "debian:12 a 1.1 1, debian:12 b 2 0, ");
    put_layer(&d, "ID=debian\nVERSION_ID=13\n",
              "Package: a\nVersion: 2\n\nPackage: libb\nSource: b\nVersion: 2\n");
    assert_int_equal(post(&d, "upgraded", "top"), POSTED_OK); /* as Clair: what stayed keeps its namespace */
    expect_features(&d, "upgraded", "debian:13 a 2 2, debian:12 b 2 0, ");
    desk_done(&d);
}

TEST(posted_refusals)
{
    struct desk d = desk_make();
    char path[128], outside[128];
    put_layer(&d, NULL, "Package: a\nVersion: 1\n");
    assert_int_equal(post(&d, "x", "none"), POSTED_NO_PARENT);
    assert_int_equal(post(&d, "x", ""), POSTED_UNSUPPORTED);
    assert_string_equal(d.err.text, "no file tells which distribution the packages are of");
    snprintf(path, sizeof path, "%s/layer", d.folder);
    assert_int_equal(file_write(path, STR("this is no archive at all"), &d.err), 0);
    assert_int_equal(post(&d, "x", ""), POSTED_UNREADABLE);
    assert_int_equal(post_path(&d, "x", "", "/nowhere/at/all"), POSTED_NOT_FOUND);
    assert_int_equal(post_path(&d, "x", "", d.folder), POSTED_UNREADABLE);
    snprintf(outside, sizeof outside, "%s/link", d.folder);
    assert_int_equal(symlink("/etc/passwd", outside), 0);
    assert_int_equal(post_path(&d, "x", "", outside), POSTED_NOT_FOUND);
    assert_non_null(strstr(d.err.text, "only, which do not hold it"));

    /* Nobody listens: tried again with pauses that begin with FETCH_BACKOFF_MS, seven of them in all. */
    struct sockaddr_in free_port = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof free_port;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&free_port, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&free_port, &len), 0);
    snprintf(path, sizeof path, "http://127.0.0.1:%d/blob", ntohs(free_port.sin_port));
    uint64_t started = clock_ms();
    assert_int_equal(post_path(&d, "x", "", path), POSTED_NOT_FOUND);
    assert_true(clock_ms() - started >= 7 * FETCH_BACKOFF_MS);
    close(fd);
    desk_done(&d);
}

TEST(posted_name_too_long)
{
    struct desk d = desk_make();
    char name[130];
    struct str format;
    memset(name, 'x', sizeof name - 1);
    name[129] = 0;
    put_layer(&d, "ID=debian\nVERSION_ID=12\n", "Package: a\nVersion: 1\n");
    assert_int_equal(post(&d, name, ""), POSTED_BAD_NAME);
    assert_int_equal(store_namespace_get(d.store, STR("debian:12"), &d.arena, &format, &d.err),
                     1); /* as in Clair */
    name[128] = 0;
    assert_int_equal(post(&d, name, ""), POSTED_OK);
    desk_done(&d);
}

/* More lists than are kept by number; and none at all. */
TEST(features_repositories)
{
    struct arena arena = arena_make(MIB(256));
    struct error err;
    struct feature f[300] = {0};
    char texts[100][16];
    struct feature_list list = {0}, got;
    CLEANUP(buf_done) struct buf packed = buf_make(MIB(1));
    list.items.ptr = f;
    list.items.len = 300;
    for (size_t i = 0; i < 100; i++)
        snprintf(texts[i], sizeof texts[i], "repository-%zu", i);
    for (size_t i = 0; i < 300; i++) {
        f[i] = (struct feature){.namespace = STR("centos:9"), .name = STR("a"), .version = STR("1-1")};
        f[i].repositories = i % 3 ? str_of(texts[i % 100]) : STR("");
        f[i].origin = i % 2 ? str_of(texts[i * 7 % 100]) : STR("");
    }
    features_pack(&list, &packed);
    assert_int_equal(features_unpack(buf_str(&packed), &arena, &got, &err), 0);
    for (size_t i = 0; i < 300; i++)
        assert_true(str_eq(got.items.ptr[i].repositories, f[i].repositories) &&
                    str_eq(got.items.ptr[i].origin, f[i].origin));
    size_t before = packed.len;
    for (size_t i = 0; i < 300; i++)
        f[i].repositories = f[i].origin = STR("the same list of repositories");
    buf_clear(&packed);
    features_pack(&list, &packed);
    assert_true(packed.len < before);
    assert_int_equal(features_unpack(buf_str(&packed), &arena, &got, &err), 0);
    assert_true(str_eq(got.items.ptr[299].repositories, f[299].repositories));
    for (size_t i = 1; i < 300; i++) {
        assert_int_equal(features_unpack((struct str){packed.ptr, packed.len - i}, &arena, &got, &err),
                         -E_BAD_INPUT);
    }
    arena_done(&arena);
}

/* Features that were changed on their way are refused, not believed. */
TEST(features_damaged)
{
    struct arena arena = arena_make(MIB(1));
    struct error err;
    struct feature f = {.namespace = STR("debian:12"),
                        .name = STR("a"),
                        .version = STR("1"),
                        .source_name = STR("a"),
                        .source_version = STR("1"),
                        .arch = STR("amd64"),
                        .format = STR("dpkg"),
                        .depth = 3};
    struct feature_list list = {0}, got;
    CLEANUP(buf_done) struct buf packed = buf_make(KIB(1));
    list.items.ptr = &f;
    list.items.len = 1;
    features_pack(&list, &packed);
    assert_int_equal(features_unpack(buf_str(&packed), &arena, &got, &err), 0);
    assert_int_equal(got.items.ptr[0].depth, 3);
    for (size_t n = 0; n < packed.len; n++)
        assert_int_equal(features_unpack((struct str){packed.ptr, n}, &arena, &got, &err), -E_BAD_INPUT);
    buf_add_char(&packed, 0);
    assert_int_equal(features_unpack(buf_str(&packed), &arena, &got, &err), -E_BAD_INPUT);
    arena_done(&arena);
}
