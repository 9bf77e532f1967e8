#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "make.h"
#include "stream/memory.h"
#include "stream/tar.h"
#include "test.h"

static const struct want wants[] = {
    {WANT_PATH, STR_INIT("etc/os-release"), MIB(8)},
    {WANT_DIR, STR_INIT("var/lib/dpkg/status.d/"), 1000},
    {WANT_PATH, STR_INIT("var/lib/dpkg/status"), 1000},
    {WANT_EACH, STR_INIT("var/lib/pacman/local/"), 1000, STR_INIT("desc")},
    {0},
};
static const struct want *const tables[] = {wants, NULL};
static const struct image_options options = {.wants = tables};

/* "PATH=CONTENT" or "PATH>LINK" a line, as they come in the stream; then the result of closing. */
static int list(const char *folder, struct buf *ret, struct error *err)
{
    CLEANUP(buf_done) struct buf bytes = buf_make(MIB(8));
    char source[200];
    snprintf(source, sizeof source, "dir:%s", folder);
    struct image *image = open_image(source, &options, err);
    assert_non_null(image);
    assert_string_equal(image_info(image)->reference, source);
    assert_int_equal(image_info(image)->layers_count, 1);
    int rc = read_layer(image, 0, &bytes, err);
    assert_int_equal(image_layer_progress(image, 0), bytes.len);
    image_free(image);
    if (rc < 0)
        return rc;
    CLEANUP(free_p) struct tar *tar = malloc(sizeof *tar);
    struct memory_reader in;
    struct tar_entry entry;
    assert_int_equal(tar_init(tar, memory_reader_init(&in, buf_str(&bytes), 0, err), err), 0);
    while ((rc = tar_next(tar, &entry)) > 0) {
        struct arena arena = arena_make(MIB(16));
        struct str content = {0};
        assert_true(entry.type == TAR_REGULAR || entry.type == TAR_HARDLINK);
        buf_add(ret, entry.path);
        buf_add_char(ret, entry.type == TAR_REGULAR ? '=' : '>');
        buf_add(ret, entry.link);
        assert_int_equal(reader_all(tar_body(tar), MIB(8), &arena, &content), 0);
        buf_add(ret, content);
        buf_add_char(ret, '\n');
        arena_done(&arena);
    }
    tar_done(tar);
    return rc;
}

#define assert_listed(folder, text)                           \
    do {                                                      \
        CLEANUP(buf_done) struct buf got_ = buf_make(MIB(1)); \
        struct error err_ = {0};                              \
        assert_int_equal(list((folder), &got_, &err_), 0);    \
        assert_str(buf_str(&got_), (text));                   \
    } while (0)

static void link_to(const char *folder, const char *path, const char *target)
{
    char whole[300];
    snprintf(whole, sizeof whole, "%s/%s", folder, path);
    assert_int_equal(symlink(target, whole), 0);
}

TEST(directory_wanted_files)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    assert_listed(folder, "");
    folder_put(folder, "etc/os-release", STR("ID=debian\n"));
    folder_put(folder, "etc/passwd", STR("root"));
    folder_put(folder, "var/lib/dpkg/status.d/.hidden", STR("h"));
    folder_put(folder, "var/lib/dpkg/status.d/base", STR("b"));
    folder_put(folder, "var/lib/dpkg/status.d/below/it", STR("i"));
    folder_put(folder, "var/lib/dpkg/status", STR(""));
    assert_listed(folder, "etc/os-release=ID=debian\n\nvar/lib/dpkg/status.d/base=b\nvar/lib/dpkg/status=\n");
}

TEST(directory_a_file_in_each_folder)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    folder_put(folder, "var/lib/pacman/local/ALPM_DB_VERSION", STR("9"));
    folder_put(folder, "var/lib/pacman/local/a-1-1/desc", STR("d"));
    folder_put(folder, "var/lib/pacman/local/a-1-1/files", STR("f"));
    folder_put(folder, "var/lib/pacman/local/a-1-1/b/desc", STR("deeper"));
    assert_listed(folder, "var/lib/pacman/local/a-1-1/desc=d\n");
}

/* Two wanted names that lead to one file: it is read once. */
TEST(directory_two_names_of_a_file)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    folder_put(folder, "etc/os-release", STR("ID=debian\n"));
    folder_put(folder, "var/lib/dpkg/status.d/a", STR("a"));
    link_to(folder, "var/lib/dpkg/status", "/etc/os-release");
    link_to(folder, "var/lib/dpkg/status.d/b", "a");
    CLEANUP(buf_done) struct buf got = buf_make(MIB(1));
    struct error err = {0};
    assert_int_equal(list(folder, &got, &err), 0);
    buf_add_char(&got, 0);
    assert_non_null(strstr(got.ptr, "etc/os-release=ID=debian\n"));
    assert_non_null(strstr(got.ptr, "var/lib/dpkg/status.d/a=a\n"));
    assert_non_null(strstr(got.ptr, "var/lib/dpkg/status.d/b=a\n"));
    assert_non_null(strstr(got.ptr, "var/lib/dpkg/status>etc/os-release\n"));
}

TEST(directory_links_stay_inside)
{
    CLEANUP(folder_removep) const char *folder = folder_make(), *outside = folder_make();
    char secret[200];
    folder_put(outside, "secret", STR("from outside"));
    folder_put(folder, "usr/lib/os-release", STR("inside"));
    folder_put(folder, "var/lib/dpkg/x", STR(""));
    snprintf(secret, sizeof secret, "%s/secret", outside);
    folder_put(folder, "etc/x", STR(""));
    link_to(folder, "etc/os-release", "/usr/lib/os-release");
    link_to(folder, "var/lib/dpkg/status", secret);
    link_to(folder, "var/lib/dpkg/status.d", outside);
    assert_listed(folder, "etc/os-release=inside\n");
    char inside[300]; /* the same path below the root is meant */
    snprintf(inside, sizeof inside, "%s", secret + 1);
    folder_put(folder, inside, STR("from inside"));
    assert_listed(folder, "etc/os-release=inside\nvar/lib/dpkg/status.d/secret=from inside\n"
                          "var/lib/dpkg/status=from inside\n");
}

TEST(directory_climbing_and_looping_links)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    folder_put(folder, "etc/x", STR(""));
    folder_put(folder, "var/lib/dpkg/x", STR(""));
    folder_put(folder, "found", STR("at the root"));
    link_to(folder, "etc/os-release", "../../../../../found");
    link_to(folder, "var/lib/dpkg/status", "status");
    link_to(folder, "var/lib/dpkg/status.d", "/var/lib/dpkg/status.d");
    assert_listed(folder, "etc/os-release=at the root\n");
}

TEST(directory_other_kinds_of_files)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    char path[300];
    folder_put(folder, "etc/os-release/x", STR(""));
    folder_put(folder, "var/lib/dpkg/status.d", STR("no folder"));
    snprintf(path, sizeof path, "%s/var/lib/dpkg/status", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_listed(folder, "");
}

TEST(directory_unreadable)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    CLEANUP(buf_done) struct buf got = buf_make(MIB(1));
    struct error err = {0};
    char path[300];
    folder_put(folder, "etc/os-release", STR("x"));
    snprintf(path, sizeof path, "%s/etc/os-release", folder);
    assert_int_equal(chmod(path, 0), 0);
    bool root = geteuid() == 0;
    if (root) {
        assert_int_equal(chmod(folder, 0755), 0);
        snprintf(path, sizeof path, "%s/etc", folder);
        assert_int_equal(chmod(path, 0755), 0);
        assert_int_equal(seteuid(65534), 0);
    }
    int rc = list(folder, &got, &err);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(rc, -E_SYSTEM);
    assert_string_equal(err.text, "etc/os-release: Permission denied");
}

/* Who reads no more than the beginning gets no error and does not wait. */
TEST(directory_closed_early)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    CLEANUP(buf_done) struct buf big = buf_make(MIB(4));
    char source[200], piece[100];
    struct error err = {0};
    assert_non_null(buf_room(&big, MIB(4)));
    memset(big.ptr, 'x', MIB(4));
    big.len = MIB(4);
    folder_put(folder, "etc/os-release", buf_str(&big));
    snprintf(source, sizeof source, "dir:%s", folder);
    struct image *image = open_image(source, &options, &err);
    signal(SIGPIPE, SIG_IGN); /* as the program does */
    for (int i = 0; i < 3; i++) {
        uint64_t offset, length;
        int fd;
        assert_int_equal(image_layer_open(image, 0, &fd, &offset, &length, &err), 0);
        assert_int_equal(read(fd, piece, sizeof piece), sizeof piece);
        assert_int_equal(image_layer_close(image, 0, &err), 0);
    }
    image_free(image);
    CLEANUP(buf_done) struct buf all = buf_make(MIB(8)); /* and then still reads the whole */
    image = open_image(source, &options, &err);
    assert_int_equal(read_layer(image, 0, &all, &err), 0);
    assert_true(all.len > MIB(4));
    image_free(image);
}

/* A terabyte of holes is not fed: only so much that the worker can tell that it is too much. */
TEST(directory_too_large)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    CLEANUP(buf_done) struct buf bytes = buf_make(KIB(64));
    struct error err = {0};
    char text[300];
    folder_put(folder, "var/lib/dpkg/status", STR("x"));
    snprintf(text, sizeof text, "%s/var/lib/dpkg/status", folder);
    assert_int_equal(truncate(text, (off_t)GIB(1024)), 0);
    snprintf(text, sizeof text, "dir:%s", folder);
    struct image *image = open_image(text, &options, &err);
    assert_int_equal(read_layer(image, 0, &bytes, &err), 0);
    image_free(image);
    struct tar *tar = malloc(sizeof *tar);
    struct memory_reader in;
    struct tar_entry entry;
    assert_int_equal(tar_init(tar, memory_reader_init(&in, buf_str(&bytes), 0, &err), &err), 0);
    assert_int_equal(tar_next(tar, &entry), 1);
    assert_int_equal(entry.size, 1001);
    assert_int_equal(tar_next(tar, &entry), 0);
    tar_done(tar);
    free(tar);
}

TEST(directory_missing)
{
    struct error err;
    assert_null(open_image("dir:/nowhere/at/all", &options, &err));
    assert_int_equal(err.code, E_NOT_FOUND);
    assert_string_equal(err.text, "/nowhere/at/all: No such file or directory");
    assert_null(open_image("dir:", &options, &err));
    assert_int_equal(err.code, E_USAGE);
    assert_string_equal(err.text, "the name of an image is missing");
}
