#include "scan/merge.h"

#include "base/limits.h"
#include "test.h"

/* Layers are written as records, as a worker would send them. */
struct image {
    struct buf bytes[8];
    struct inventory layers[8];
    size_t count;
    struct arena arena;
    struct merged merged;
    struct error err;
};

static struct image image_make(void)
{
    struct image im = {.arena = arena_make(MIB(16))};
    for (size_t i = 0; i < 8; i++)
        im.bytes[i] = buf_make(MIB(4));
    return im;
}

static void image_done(struct image *im)
{
    for (size_t i = 0; i < 8; i++)
        buf_done(&im->bytes[i]);
    arena_done(&im->arena);
}

static void put(struct image *im, size_t layer, enum file_kind kind, const char *path, const char *target)
{
    const struct inventory_file f = {
        .kind = kind, .path = str_of(path), .target = str_of(target), .detector = STR("dpkg")};
    inventory_put_file(&im->bytes[layer], &f);
    if (layer >= im->count)
        im->count = layer + 1;
}

static void put_typed(struct image *im, size_t layer, enum package_type type, const char *name,
                      const char *version, const char *arch)
{
    const struct package p = {.type = type,
                              .name = str_of(name),
                              .version = str_of(version),
                              .arch = str_of(arch),
                              .source_name = str_of(name),
                              .source_version = str_of(version)};
    inventory_put_package(&im->bytes[layer], &p);
}

static void put_package(struct image *im, size_t layer, const char *name, const char *version,
                        const char *arch)
{
    put_typed(im, layer, PACKAGE_DEB, name, version, arch);
}

static void put_release(struct image *im, size_t layer, const char *id)
{
    inventory_put_release(&im->bytes[layer], &(struct release){.id = str_of(id)});
}

static void merge(struct image *im)
{
    for (size_t i = 0; i < im->count; i++)
        assert_int_equal(inventory_get(buf_str(&im->bytes[i]), &im->arena, &im->layers[i], &im->err), 0);
    assert_int_equal(merge_layers(im->layers, im->count, &im->arena, &im->merged, &im->err), 0);
}

/* "name version introduced changed", one a line */
static void expect(struct image *im, const char *wanted)
{
    CLEANUP(buf_done) struct buf got = buf_make(MIB(1));
    vec_each (&im->merged.packages, p)
        buf_printf(&got, "%.*s %.*s %u %u\n", STR_ARG(p->name), STR_ARG(p->version), p->introduced,
                   p->changed);
    buf_add_char(&got, 0);
    assert_string_equal(got.ptr, wanted);
}

static const char status[] = "var/lib/dpkg/status";

/* Of kernels rpm keeps several versions; each has its own history. */
TEST(merge_several_versions)
{
    struct image im = image_make();
    static const char packages[] = "var/lib/rpm/Packages";
    put(&im, 0, FILE_FOUND, packages, "");
    put_typed(&im, 0, PACKAGE_RPM, "kernel", "1-1", "x86_64");
    put_typed(&im, 0, PACKAGE_RPM, "kernel", "2-1", "x86_64");
    put(&im, 1, FILE_FOUND, packages, "");
    put_typed(&im, 1, PACKAGE_RPM, "kernel", "2-1", "x86_64");
    put_typed(&im, 1, PACKAGE_RPM, "kernel", "3-1", "x86_64");
    put_typed(&im, 1, PACKAGE_RPM, "kernel", "1-1", "x86_64");
    put_typed(&im, 1, PACKAGE_RPM, "kernel", "3-1", "x86_64");
    merge(&im);
    expect(&im, "kernel 1-1 0 0\nkernel 2-1 0 0\nkernel 3-1 0 1\n");
    image_done(&im);
}

/* pacman has a folder a package and version: an upgrade removes one and adds another. */
TEST(merge_folders_of_packages)
{
    struct image im = image_make();
    put(&im, 0, FILE_FOLDER, "var/lib/pacman/local/glibc-2.38-7", "");
    put(&im, 0, FILE_FOUND, "var/lib/pacman/local/glibc-2.38-7/desc", "");
    put_typed(&im, 0, PACKAGE_ALPM, "glibc", "2.38-7", "x86_64");
    put(&im, 0, FILE_FOUND, "var/lib/pacman/local/bash-5.2-1/desc", "");
    put_typed(&im, 0, PACKAGE_ALPM, "bash", "5.2-1", "x86_64");
    put(&im, 1, FILE_WHITEOUT, "var/lib/pacman/local/glibc-2.38-7", "");
    put(&im, 1, FILE_FOUND, "var/lib/pacman/local/glibc-2.39-1/desc", "");
    put_typed(&im, 1, PACKAGE_ALPM, "glibc", "2.39-1", "x86_64");
    merge(&im);
    expect(&im, "bash 5.2-1 0 0\nglibc 2.39-1 1 1\n");
    image_done(&im);
}

static void put_repository(struct image *im, size_t layer, const char *name)
{
    inventory_put_repository(&im->bytes[layer], str_of(name));
}

static void expect_repositories(struct image *im, const char *wanted)
{
    CLEANUP(buf_done) struct buf got = buf_make(MIB(1));
    merge(im);
    vec_each (&im->merged.packages, p)
        buf_printf(&got, STR_FMT ": " STR_FMT "\n", STR_ARG(p->name), STR_ARG(p->repositories));
    buf_add_char(&got, 0);
    assert_string_equal(got.ptr, wanted);
}

/* R17: of each layer the packages are from the repositories that it names, or else those of the next below it; of the first
   layers, those that are named first. */
TEST(merge_repositories_of_each_layer)
{
    struct image im = image_make();
    static const char db[] = "var/lib/rpm/rpmdb.sqlite";
    static const char *const names[] = {"base", "tool", "server", "plugin"};
    static const char *const manifests[] = {NULL, "ubi9.json", "openshift.json", NULL};
    for (size_t layer = 0; layer < 4; layer++) {
        char path[64];
        put(&im, layer, FILE_FOUND, db, "");
        for (size_t i = 0; i <= layer; i++)
            put_typed(&im, layer, PACKAGE_RPM, names[i], "1-1", "x86_64");
        if (!manifests[layer])
            continue;
        snprintf(path, sizeof path, "root/buildinfo/content_manifests/%s", manifests[layer]);
        put(&im, layer, FILE_FOUND, path, "");
        put_repository(&im, layer, layer == 1 ? "rhel-9-baseos" : "rhocp-4.16");
        put_repository(&im, layer, "rhel-9-appstream");
    }
    expect_repositories(&im, "base: rhel-9-baseos rhel-9-appstream\nplugin: rhocp-4.16 rhel-9-appstream\n"
                             "server: rhocp-4.16 rhel-9-appstream\ntool: rhel-9-baseos rhel-9-appstream\n");
    image_done(&im);
}

/* R23, R24: of a package's own version only, by the uppermost history. */
TEST(merge_origins)
{
    struct image im = image_make();
    static const char db[] = "var/lib/rpm/rpmdb.sqlite", history[] = "var/lib/dnf/history.sqlite";
    CLEANUP(buf_done) struct buf got = buf_make(KIB(1));
    for (size_t layer = 0; layer < 2; layer++) {
        put(&im, layer, FILE_FOUND, db, "");
        put_typed(&im, layer, PACKAGE_RPM, "a", "1-1", "x86_64");
        put_typed(&im, layer, PACKAGE_RPM, "b", layer ? "2-1" : "1-1", "x86_64");
        put(&im, layer, FILE_FOUND, history, "");
        const struct origin origins[] = {{STR("a"), STR("1-1"), STR("x86_64"), STR("one")},
                                         {STR("b"), STR("1-1"), STR("x86_64"), STR("one")},
                                         {STR("a"), STR("1-1"), STR("noarch"), STR("none")},
                                         {STR("b"), STR("2-1"), STR("x86_64"), STR("two")}};
        for (size_t i = 0; i < 3 + layer; i++)
            inventory_put_origin(&im.bytes[layer], &origins[i]);
    }
    merge(&im);
    vec_each (&im.merged.packages, p)
        buf_printf(&got, STR_FMT ": " STR_FMT "\n", STR_ARG(p->name), STR_ARG(p->origin));
    buf_add_char(&got, 0);
    assert_string_equal(got.ptr, "a: one\nb: two\n");
    image_done(&im);
}

/* D21: what chisel says counts where dpkg says nothing, and then its doubt is told. */
TEST(merge_doubtful_databases)
{
    for (int both = 0; both < 2; both++) {
        struct image im = image_make();
        put(&im, 0, FILE_FOUND, "var/lib/chisel/manifest.wall", "");
        put_package(&im, 0, "libc6", "2.39-0ubuntu8", "amd64");
        if (both) {
            put(&im, 0, FILE_FOUND, status, "");
            put_package(&im, 0, "libc6", "2.39-0ubuntu8", "amd64");
        }
        merge(&im);
        expect(&im, "libc6 2.39-0ubuntu8 0 0\n");
        assert_int_equal(im.merged.problems.len, !both);
        image_done(&im);
    }
}

/* What is deleted in a higher layer names nothing; two files of one layer name all of theirs. */
TEST(merge_repositories_of_files_that_are_there)
{
    struct image im = image_make();
    put(&im, 0, FILE_FOUND, "var/lib/rpm/rpmdb.sqlite", "");
    put_typed(&im, 0, PACKAGE_RPM, "base", "1-1", "x86_64");
    put(&im, 0, FILE_FOUND, "root/buildinfo/content_manifests/a.json", "");
    put_repository(&im, 0, "a");
    put(&im, 0, FILE_FOUND, "root/buildinfo/content_manifests/b.json", "");
    put_repository(&im, 0, "b");
    put(&im, 0, FILE_FOUND, "usr/share/buildinfo/content-sets.json", "");
    put_repository(&im, 0, "c");
    put(&im, 1, FILE_WHITEOUT, "root/buildinfo/content_manifests/b.json", "");
    expect_repositories(&im, "base: c a\n");
    image_done(&im);
}

/* A folder that is a link elsewhere leads two wanted paths to one file: its packages are there once. */
TEST(merge_database_by_two_paths)
{
    struct image im = image_make();
    put(&im, 0, FILE_SYMLINK, "lib", "usr/lib");
    put(&im, 0, FILE_FOUND, "usr/lib/apk/db/installed", "");
    put_package(&im, 0, "musl", "1.2.4-r2", "x86_64");
    merge(&im);
    expect(&im, "musl 1.2.4-r2 0 0\n");
    assert_int_equal(im.merged.databases, 1);
    image_done(&im);
}

TEST(merge_history)
{
    struct image im = image_make();
    put(&im, 0, FILE_FOUND, status, "");
    put_package(&im, 0, "libc6", "1", "amd64");
    put_package(&im, 0, "gone", "1", "amd64");
    put(&im, 1, FILE_FOUND, status, "");
    put_package(&im, 1, "libc6", "1", "amd64");
    put_package(&im, 1, "nginx", "5", "amd64");
    put(&im, 3, FILE_FOUND, status, "");
    put_package(&im, 3, "libc6", "2", "amd64");
    put_package(&im, 3, "nginx", "5", "amd64");
    merge(&im);
    expect(&im, "libc6 2 0 3\nnginx 5 1 1\n");
    assert_int_equal(im.merged.databases, 1);
    image_done(&im);
}

TEST(merge_duplicates)
{
    struct image im = image_make();
    put(&im, 0, FILE_FOUND, status, "");
    put_package(&im, 0, "libc6", "1", "amd64");
    put(&im, 0, FILE_FOUND, status, ""); /* the same path twice in one tar: the last wins */
    put_package(&im, 0, "libc6", "2", "amd64");
    put_package(&im, 0, "libc6", "2", "i386");
    put_package(&im, 0, "libc6", "3", "i386");
    merge(&im);
    expect(&im, "libc6 2 0 0\nlibc6 3 0 0\n");
    image_done(&im);
}

TEST(merge_whiteouts)
{
    static const struct {
        enum file_kind kind;
        const char *path;
        bool hides;
    } cases[] = {
        {FILE_WHITEOUT, "var/lib/dpkg/status", true},
        {FILE_WHITEOUT, "var/lib/dpkg", true},
        {FILE_WHITEOUT, "var", true},
        {FILE_OPAQUE, "var/lib", true},
        {FILE_OPAQUE, "", true},
        {FILE_OPAQUE, "var/lib/dpkg/status", false},
        {FILE_WHITEOUT, "var/lib/dpk", false},
        {FILE_WHITEOUT, "var/lib/dpkg/statu", false},
        {FILE_OTHER, "var/lib", true},
        {FILE_FOLDER, "var/lib", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct image im = image_make();
        put(&im, 0, FILE_FOUND, status, "");
        put_package(&im, 0, "libc6", "1", "amd64");
        put(&im, 1, cases[i].kind, cases[i].path, "");
        merge(&im);
        expect(&im, cases[i].hides ? "" : "libc6 1 0 0\n");
        image_done(&im);
    }
}

TEST(merge_whiteout_spares_its_own_layer)
{
    struct image im = image_make();
    put(&im, 0, FILE_FOUND, status, "");
    put_package(&im, 0, "libc6", "1", "amd64");
    put(&im, 1, FILE_FOUND, status, "");
    put_package(&im, 1, "libc6", "1", "amd64");
    put(&im, 1, FILE_OPAQUE, "var/lib/dpkg", "");
    merge(&im);
    expect(&im, "libc6 1 1 1\n"); /* made again: its history starts anew */
    image_done(&im);
}

TEST(merge_status_d)
{
    struct image im = image_make();
    put(&im, 0, FILE_FOUND, "var/lib/dpkg/status.d/base", "");
    put_package(&im, 0, "base-files", "12", "amd64");
    put(&im, 0, FILE_FOUND, "var/lib/dpkg/status.d/tzdata", "");
    put_package(&im, 0, "tzdata", "2024a", "all");
    put(&im, 1, FILE_WHITEOUT, "var/lib/dpkg/status.d/tzdata", "");
    put(&im, 1, FILE_FOUND, "var/lib/dpkg/status.d/libssl3", "");
    put_package(&im, 1, "libssl3", "3", "amd64");
    merge(&im);
    expect(&im, "base-files 12 0 0\nlibssl3 3 1 1\n");
    image_done(&im);
}

TEST(merge_link_between_wanted_files)
{
    struct image im = image_make();
    put(&im, 0, FILE_SYMLINK, "etc/os-release", "../usr/lib/os-release");
    put(&im, 1, FILE_FOUND, "usr/lib/os-release", "");
    put_release(&im, 1, "debian");
    merge(&im);
    assert_non_null(im.merged.releases[RELEASE_ETC]);
    assert_true(str_eq(im.merged.releases[RELEASE_ETC]->id, STR("debian")));
    assert_int_equal(im.merged.aliases.len, 0);
    image_done(&im);
}

TEST(merge_link_elsewhere)
{
    struct image im = image_make();
    put(&im, 0, FILE_SYMLINK, "etc/os-release", "/opt/./distro/../os");
    put(&im, 0, FILE_SYMLINK, "var/lib/dpkg", "../../usr/share/dpkg");
    merge(&im);
    assert_int_equal(im.merged.aliases.len, 3);
    assert_true(str_eq(im.merged.aliases.ptr[0].path, STR("opt/os")));
    assert_true(str_eq(im.merged.aliases.ptr[0].wanted, STR("etc/os-release")));
    assert_true(str_eq(im.merged.aliases.ptr[1].path, STR("usr/share/dpkg/status")));
    assert_true(str_eq(im.merged.aliases.ptr[2].path, STR("usr/share/dpkg/status.d")));
    assert_true(str_eq(im.merged.aliases.ptr[2].wanted, STR("var/lib/dpkg/status.d")));
    /* the second reading finds them there */
    put(&im, 0, FILE_FOUND, "opt/os", "");
    put_release(&im, 0, "kali");
    put(&im, 1, FILE_FOUND, "usr/share/dpkg/status", "");
    put_package(&im, 1, "libc6", "1", "amd64");
    merge(&im);
    assert_true(str_eq(im.merged.releases[RELEASE_ETC]->id, STR("kali")));
    expect(&im, "libc6 1 1 1\n");
    image_done(&im);
}

TEST(merge_hard_links)
{
    struct image im = image_make();
    put(&im, 0, FILE_HARDLINK, "etc/os-release", "usr/lib/os-release");
    put(&im, 0, FILE_FOUND, "usr/lib/os-release", "");
    put_release(&im, 0, "debian");
    put(&im, 0, FILE_HARDLINK, status, "srv/copy");
    merge(&im);
    assert_true(str_eq(im.merged.releases[RELEASE_ETC]->id, STR("debian")));
    assert_int_equal(im.merged.aliases.len, 1);
    assert_true(str_eq(im.merged.aliases.ptr[0].path, STR("srv/copy")));
    assert_true(str_eq(im.merged.aliases.ptr[0].as, str_of(status)));
    image_done(&im);
}

TEST(merge_link_loop)
{
    struct image im = image_make();
    put(&im, 0, FILE_SYMLINK, "var/lib/dpkg", "/var/lib/dpkg");
    merge(&im);
    assert_int_equal(im.merged.problems.len, 2); /* status and status.d */
    assert_true(str_eq(im.merged.problems.ptr[0].text, STR("its symbolic links lead in a circle")));
    image_done(&im);
}

TEST(merge_folder_replaces_link)
{
    struct image im = image_make();
    put(&im, 0, FILE_SYMLINK, "var/lib/dpkg", "/elsewhere");
    put(&im, 1, FILE_FOLDER, "var/lib/dpkg", "");
    put(&im, 1, FILE_FOUND, status, "");
    put_package(&im, 1, "libc6", "1", "amd64");
    merge(&im);
    expect(&im, "libc6 1 1 1\n");
    image_done(&im);
}

TEST(merge_budget)
{
    struct image im = image_make();
    struct arena small = arena_make(KIB(16));
    put(&im, 0, FILE_FOUND, status, "");
    for (unsigned i = 0; i < 1000; i++) {
        char name[16];
        snprintf(name, sizeof name, "p%u", i);
        put_package(&im, 0, name, "1", "amd64");
    }
    merge(&im);
    assert_int_equal(im.merged.packages.len, 1000);
    assert_int_equal(merge_layers(im.layers, im.count, &small, &im.merged, &im.err), -E_LIMIT);
    arena_done(&small);
    image_done(&im);
}
