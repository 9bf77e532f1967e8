#include "os/file.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/fd.h"
#include "test.h"

static char folder[] = "/tmp/limpid-file-XXXXXX";

static const char *place(const char *name)
{
    static char path[128];
    if (strstr(folder, "XXXXXX"))
        assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void expect(const char *name, const char *wanted)
{
    struct error err = {0};
    CLEANUP(buf_done) struct buf text = buf_make(4096);
    assert_int_equal(file_read(place(name), &text, &err), 0);
    assert_true(str_eq(buf_str(&text), str_of(wanted)));
}

TEST(file_write_replaces)
{
    struct error err = {0};
    assert_int_equal(file_write(place("a"), STR("one"), &err), 0);
    assert_int_equal(file_write(place("a"), STR("two"), &err), 0);
    expect("a", "two");
    unlink(place("a"));
    assert_int_equal(file_write(place("no/such"), STR("x"), &err), -E_SYSTEM);
    assert_int_equal(rmdir(folder), 0); /* and leaves nothing beside */
    assert_int_equal(mkdir(folder, 0700), 0);
}

TEST(file_write_follows_links)
{
    struct error err = {0};
    char target[128];
    struct stat st;
    snprintf(target, sizeof target, "%s", place("target"));
    assert_int_equal(file_write(target, STR("old"), &err), 0);
    assert_int_equal(symlink(target, place("link")), 0);
    assert_int_equal(file_write(place("link"), STR("new"), &err), 0);
    expect("target", "new");
    assert_int_equal(lstat(place("link"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    unlink(place("link"));
    unlink(place("target"));
}

static void *read_fifo(void *ret)
{
    struct error err = {0};
    return file_read(place("fifo"), ret, &err) == 0 ? ret : NULL;
}

/* Run as root, a rename over /dev/null would take the device away from the whole machine. */
TEST(file_write_leaves_devices_and_fifos)
{
    struct error err = {0};
    struct stat st;
    pthread_t reader;
    void *done = NULL;
    CLEANUP(buf_done) struct buf got = buf_make(4096);
    char fifo[128];
    snprintf(fifo, sizeof fifo, "%s", place("fifo"));
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(pthread_create(&reader, NULL, read_fifo, &got), 0);
    assert_int_equal(file_write(fifo, STR("through"), &err), 0);
    pthread_join(reader, &done);
    assert_non_null(done);
    assert_true(str_eq(buf_str(&got), STR("through")));
    assert_int_equal(lstat(fifo, &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    unlink(fifo);
}

TEST(file_folders)
{
    struct error err = {0};
    assert_int_equal(file_make_folders(place("x/y/z"), &err), 0);
    assert_int_equal(file_make_folders(place("x/y/z"), &err), 0);
    assert_int_equal(rmdir(place("x/y/z")), 0);
    assert_int_equal(rmdir(place("x/y")), 0);
    assert_int_equal(rmdir(place("x")), 0);
    assert_int_equal(rmdir(folder), 0);
}
