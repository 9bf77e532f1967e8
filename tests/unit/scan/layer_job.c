#include "scan/layer_job.h"

#include <unistd.h>

#include "base/limits.h"
#include "os/file.h"
#include "os/worker_wire.h"
#include "stream/digest.h"
#include "stream/tar_write.h"
#include "test.h"

void unit_test_worker(void);

void unit_test_worker(void)
{
    static const struct worker_reader readers[] = {{"layer", layer_job}, {0}};
    struct error err;
    if (digest_prepare(&err) < 0)
        exit(1);
    worker_serve(WORKER_SOCKET, readers);
}

static void add_file(struct buf *tar, const char *path, struct str content)
{
    const struct tar_entry e = {.path = str_of(path), .type = TAR_REGULAR, .size = content.len};
    tar_write_header(tar, &e, 0644);
    buf_add(tar, content);
    for (size_t n = tar_write_padding(content.len); n; n--)
        buf_add_char(tar, 0);
}

struct outcome {
    int rc;
    struct error err;
    struct buf reply;
    struct arena arena;
    struct inventory inventory;
};

static struct outcome run_as(struct str layer, const struct layer_job *wanted)
{
    struct outcome o = {.reply = buf_make(INVENTORY_MAX), .arena = arena_make(GIB(1))};
    CLEANUP(worker_freep) struct worker *w = worker_new();
    CLEANUP(buf_done) struct buf args = buf_make(WORKER_ARGS_MAX);
    layer_job_put(&args, wanted);
    int fd = file_memory(layer, &o.err);
    const struct worker_job job = {
        .reader = "layer", .args = buf_str(&args), .fd = fd, .reply_max = INVENTORY_MAX};
    o.rc = worker_run(w, &job, &o.reply, &o.err);
    close(fd);
    struct error broken = {0};
    assert_int_equal(inventory_get(buf_str(&o.reply), &o.arena, &o.inventory, &broken), 0);
    return o;
}

static struct outcome run(struct str layer, bool spread)
{
    return run_as(layer, &(struct layer_job){.spread = spread});
}

static void outcome_done(struct outcome *o)
{
    buf_done(&o->reply);
    arena_done(&o->arena);
}

static const struct str stanza = STR_INIT("Package: a\nVersion: 1\n\n");

TEST(layer_whole)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(4));
    uint8_t bytes[32];
    add_file(&tar, "var/lib/dpkg/status", stanza);
    tar_write_end(&tar);
    sha256_of(buf_str(&tar), bytes);
    struct digest wanted = digest_of_bytes(bytes, 32);
    for (int spread = 0; spread < 2; spread++) {
        struct outcome o = run(buf_str(&tar), spread);
        assert_int_equal(o.rc, 0);
        assert_int_equal(o.inventory.packages.len, 1);
        assert_true(o.inventory.totals.complete);
        assert_string_equal(o.inventory.totals.digest.text, wanted.text);
        assert_string_equal(o.inventory.totals.diff_id.text, wanted.text);
        assert_int_equal(o.inventory.totals.entries, 1);
        assert_int_equal(o.inventory.totals.blob_bytes, tar.len);
        outcome_done(&o);
    }
}

TEST(layer_without_a_diff_id)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(4));
    uint8_t bytes[32];
    add_file(&tar, "var/lib/dpkg/status", stanza);
    tar_write_end(&tar);
    sha256_of(buf_str(&tar), bytes);
    for (int spread = 0; spread < 2; spread++) {
        struct outcome o = run_as(buf_str(&tar), &(struct layer_job){.spread = spread, .blob_only = true});
        assert_int_equal(o.rc, 0);
        assert_true(o.inventory.totals.complete && o.inventory.packages.len == 1);
        assert_string_equal(o.inventory.totals.digest.text, digest_of_bytes(bytes, 32).text);
        assert_string_equal(o.inventory.totals.diff_id.text, "");
        assert_int_equal(o.inventory.totals.tar_bytes, tar.len);
        outcome_done(&o);
        o = run_as((struct str){tar.ptr, 520}, &(struct layer_job){.spread = spread, .blob_only = true});
        assert_true(o.rc < 0 && !o.inventory.totals.complete);
        outcome_done(&o);
    }
}

TEST(layer_damaged_keeps_what_came_before)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(4));
    uint8_t bytes[32];
    add_file(&tar, "var/lib/dpkg/status", stanza);
    size_t good = tar.len;
    add_file(&tar, "x", STR("y"));
    memset(tar.ptr + good, 'z', 512);
    sha256_of(buf_str(&tar), bytes);
    for (int spread = 0; spread < 2; spread++) {
        struct outcome o = run(buf_str(&tar), spread);
        assert_int_equal(o.rc, -E_BAD_INPUT);
        assert_non_null(strstr(o.err.text, "offset 1024"));
        assert_int_equal(o.inventory.packages.len, 1);
        assert_false(o.inventory.totals.complete);
        assert_string_equal(o.inventory.totals.digest.text, digest_of_bytes(bytes, 32).text);
        assert_string_equal(o.inventory.totals.diff_id.text, "");
        outcome_done(&o);
    }
}

TEST(layer_too_many_packages)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(64)), status = buf_make(MIB(16));
    for (size_t i = 0; i <= LAYER_PACKAGES_MAX; i++)
        buf_add(&status, stanza);
    add_file(&tar, "var/lib/dpkg/status", buf_str(&status));
    add_file(&tar, "etc/os-release", STR("ID=debian\n"));
    struct outcome o = run(buf_str(&tar), false);
    assert_int_equal(o.inventory.packages.len, LAYER_PACKAGES_MAX);
    assert_int_equal(o.inventory.problems.len, 1);
    assert_true(str_eq(o.inventory.problems.ptr[0].text, STR("more than 200000 packages")));
    outcome_done(&o);
}

TEST(layer_too_many_repositories)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(64)), names = buf_make(MIB(1));
    buf_add(&names, STR("{\"content_sets\": [\"a\""));
    for (int i = 1; i < FILE_REPOSITORIES_MAX; i++)
        buf_add(&names, STR(", \"a\""));
    buf_add(&names, STR("]}"));
    for (int i = 0; i <= LAYER_REPOSITORIES_MAX / FILE_REPOSITORIES_MAX; i++) {
        char path[64];
        snprintf(path, sizeof path, "root/buildinfo/content_manifests/%d.json", i);
        add_file(&tar, path, buf_str(&names));
    }
    add_file(&tar, "etc/os-release", STR("ID=rhel\n"));
    struct outcome o = run(buf_str(&tar), false);
    assert_int_equal(o.rc, 0);
    assert_int_equal(o.inventory.repositories.len, LAYER_REPOSITORIES_MAX);
    assert_int_equal(o.inventory.problems.len, 1);
    assert_true(str_eq(o.inventory.problems.ptr[0].text, STR("content sets: more than 1024 repositories")));
    outcome_done(&o);
}

TEST(layer_too_many_files)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(256));
    for (size_t i = 0; i <= LAYER_FILES_MAX; i++)
        add_file(&tar, "var/lib/dpkg/status.d/.wh.x", STR(""));
    struct outcome o = run(buf_str(&tar), false);
    assert_int_equal(o.rc, -E_LIMIT);
    assert_string_equal(o.err.text, "more than 250000 files that matter");
    assert_int_equal(o.inventory.files.len, LAYER_FILES_MAX);
    outcome_done(&o);
}

TEST(layer_too_many_problems)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(4)), status = buf_make(MIB(1));
    for (size_t i = 0; i < LAYER_PROBLEMS_MAX + 7; i++)
        buf_add(&status, STR("Package: a\n\n"));
    add_file(&tar, "var/lib/dpkg/status", buf_str(&status));
    struct outcome o = run(buf_str(&tar), false);
    assert_int_equal(o.rc, 0);
    assert_int_equal(o.inventory.problems.len, LAYER_PROBLEMS_MAX + 1);
    assert_true(str_eq(o.inventory.problems.ptr[LAYER_PROBLEMS_MAX].text, STR("7 more problems")));
    outcome_done(&o);
}
