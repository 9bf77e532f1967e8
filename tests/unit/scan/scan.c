#include "scan/scan.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "detect/detector.h"
#include "os/file.h"
#include "test.h"

/* A root file system of two files, in a folder of its own; the worker is this very program (layer_job.c). */
struct root {
    char folder[64];
    struct error err;
};

static const char *const paths[] = {"etc", "var", "var/lib", "var/lib/dpkg"};

static struct root root_make(void)
{
    struct root r = {.folder = "/tmp/limpid-scan-XXXXXX"};
    char path[128];
    assert_non_null(mkdtemp(r.folder));
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", r.folder, paths[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    snprintf(path, sizeof path, "%s/etc/os-release", r.folder);
    assert_int_equal(file_write(path, STR("ID=debian\nVERSION_ID=12\n"), &r.err), 0);
    snprintf(path, sizeof path, "%s/var/lib/dpkg/status", r.folder);
    assert_int_equal(file_write(path, STR("Package: b\nVersion: 1\n\nPackage: a\nVersion: 2\n"), &r.err), 0);
    return r;
}

static void root_done(struct root *r)
{
    static const char *const files[] = {"etc/os-release", "var/lib/dpkg/status"};
    char path[128];
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", r->folder, files[i]);
        unlink(path);
    }
    for (size_t i = 4; i--;) {
        snprintf(path, sizeof path, "%s/%s", r->folder, paths[i]);
        rmdir(path);
    }
    assert_int_equal(rmdir(r->folder), 0);
}

static int scan(struct root *r, struct arena *arena, struct scan_progress *progress, struct scan_result *ret)
{
    const struct want *wants[DETECTORS_MAX + 1] = {0};
    char source[80];
    for (size_t i = 0; detectors[i]; i++)
        wants[i] = detectors[i]->wants;
    const struct scan_options options = {
        .image = {.wants = wants}, .workers = 1, .packages_only = true, .progress = progress};
    snprintf(source, sizeof source, "dir:%s", r->folder);
    return scan_image(source, &options, NULL, arena, ret, &r->err);
}

TEST(scan_directory)
{
    struct root r = root_make();
    struct arena arena = arena_make(SCAN_MEMORY_MAX);
    struct scan_result result;
    assert_int_equal(scan(&r, &arena, NULL, &result), 0);
    assert_int_equal(result.packages.len, 2);
    assert_true(str_eq(result.packages.ptr[0].name, STR("a")));
    assert_true(str_eq(result.namespace, STR("debian:12")));
    assert_int_equal(result.problems.len, 0);
    arena_done(&arena);
    root_done(&r);
}

/* Whatever the budget of memory, a scan ends with a result or says that it is too much: never with half of a result
   that looks whole. */
TEST(scan_budget)
{
    struct root r = root_make();
    bool refused = false, whole = false;
    for (size_t limit = 64; !whole; limit += limit / 2) {
        struct arena arena = arena_make(limit);
        struct scan_result result;
        int rc = scan(&r, &arena, NULL, &result);
        whole = rc == 0 && result.packages.len == 2 && result.namespace.len > 0;
        refused |= rc == -E_LIMIT;
        assert_true(rc == -E_LIMIT || whole || (rc == 0 && !result.namespace.len));
        arena_done(&arena);
    }
    assert_true(refused);
    root_done(&r);
}

static int cancel(void *ctx, const struct scan_progress *now, struct error *err)
{
    (void)now;
    ++*(int *)ctx;
    return error_set(err, E_CANCELLED, "interrupted");
}

TEST(scan_cancelled)
{
    struct root r = root_make();
    struct arena arena = arena_make(SCAN_MEMORY_MAX);
    struct scan_result result;
    int ticks = 0;
    struct scan_progress progress = {.tick = cancel, .ctx = &ticks};
    assert_int_equal(scan(&r, &arena, &progress, &result), -E_CANCELLED);
    assert_string_equal(r.err.text, "interrupted");
    assert_true(ticks > 0);
    arena_done(&arena);
    root_done(&r);
}
