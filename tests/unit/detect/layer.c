#include "archive.h"
#include "base/limits.h"

static const struct str status =
    STR_INIT("Package: libc6\nStatus: install ok installed\nArchitecture: amd64\n"
             "Source: glibc\nVersion: 2.36-9\n\n");
static const char package_line[] = "package libc6 2.36-9 amd64 from glibc 2.36-9\n";

static struct archive sample(void)
{
    struct archive a = {.tar = buf_make(MIB(4))};
    archive_add(&a, TAR_DIRECTORY, "./etc/", STR(""));
    archive_add(&a, TAR_SYMLINK, "etc/os-release", STR("../usr/lib/os-release"));
    archive_add(&a, TAR_REGULAR, "etc/passwd", STR("root"));
    archive_add(&a, TAR_REGULAR, "./usr/lib/os-release", STR("ID=debian\nVERSION_ID=\"12\"\n"));
    archive_add(&a, TAR_REGULAR, "/var/lib/dpkg/status", status);
    archive_add(&a, TAR_REGULAR, "var/lib/.wh.dpkg", STR(""));
    archive_add(&a, TAR_REGULAR, "var/.wh..wh..opq", STR(""));
    archive_add(&a, TAR_REGULAR, ".wh..wh..opq", STR(""));
    archive_add(&a, TAR_REGULAR, "srv/.wh.file", STR(""));
    archive_add(&a, TAR_SYMLINK, "srv/link", STR("target"));
    archive_add(&a, TAR_SYMLINK, "var/lib", STR("/lib"));
    tar_write_end(&a.tar);
    return a;
}

static const char sample_notes[] = "folder etc\n"
                                   "symlink etc/os-release -> ../usr/lib/os-release\n"
                                   "found usr/lib/os-release\n"
                                   "release debian|12||\n"
                                   "found var/lib/dpkg/status\n"
                                   "package libc6 2.36-9 amd64 from glibc 2.36-9\n"
                                   "whiteout var/lib/dpkg\n"
                                   "opaque var\n"
                                   "opaque \n"
                                   "symlink var/lib -> /lib\n";

TEST(layer_every_window)
{
    struct archive a = sample();
    for (size_t step = 1; step < 1100; step += step < 20 ? 1 : 67) {
        struct error err = {0};
        struct notes n = notes_make(&err);
        assert_int_equal(archive_read(&a, step, NULL, &n, &err), 0);
        assert_string_equal(n.text.ptr, sample_notes);
        buf_done(&n.text);
    }
    buf_done(&a.tar);
}

TEST(layer_every_truncation)
{
    struct archive a = sample();
    size_t whole = a.tar.len;
    for (a.tar.len = 0; a.tar.len < whole; a.tar.len += 61) {
        struct error err = {0};
        struct notes n = notes_make(&err);
        int rc = archive_read(&a, 0, NULL, &n, &err);
        assert_true(rc == 0 || rc == -E_BAD_INPUT);
        assert_true(n.packages <= 1);
        assert_true(rc == 0 || err.text[0]);
        buf_done(&n.text);
    }
    buf_done(&a.tar);
}

TEST(layer_hard_link_and_device)
{
    struct error err = {0};
    struct archive a = {.tar = buf_make(MIB(4))};
    archive_add(&a, TAR_REGULAR, "srv/status", status);
    archive_add(&a, TAR_SYMLINK, "var/lib/dpkg/status", STR("srv/status"));
    a.tar.ptr[a.tar.len - 512 + 156] = '1'; /* a hard link, and its checksum again */
    memset(a.tar.ptr + a.tar.len - 512 + 148, ' ', 8);
    unsigned sum = 0;
    for (size_t i = 0; i < 512; i++)
        sum += (unsigned char)a.tar.ptr[a.tar.len - 512 + i];
    snprintf(a.tar.ptr + a.tar.len - 512 + 148, 8, "%06o", sum);
    tar_write_end(&a.tar);
    struct notes n = notes_make(&err);
    assert_int_equal(archive_read(&a, 0, NULL, &n, &err), 0);
    assert_string_equal(n.text.ptr, "hardlink var/lib/dpkg/status -> srv/status\n");
    buf_done(&n.text);
    /* the second reading, which knows where the content stands */
    const struct layer_alias alias = {STR("srv/status"), STR("var/lib/dpkg/status"),
                                      STR("var/lib/dpkg/status")};
    const struct layer_request request = {&alias, 1};
    n = notes_make(&err);
    assert_int_equal(archive_read(&a, 0, &request, &n, &err), 0);
    assert_non_null(strstr(n.text.ptr, "found var/lib/dpkg/status\npackage libc6"));
    buf_done(&n.text);
    buf_done(&a.tar);
}

TEST(layer_aliases)
{
    struct error err = {0};
    struct archive a = {.tar = buf_make(MIB(4))};
    archive_add(&a, TAR_REGULAR, "opt/os", STR("ID=kali\n"));
    archive_add(&a, TAR_REGULAR, "usr/share/dpkg/status.d/libc6", status);
    archive_add(&a, TAR_REGULAR, "usr/share/dpkg/status.d/deep/libc6", status);
    tar_write_end(&a.tar);
    const struct layer_alias aliases[] = {
        {STR("opt/os"), STR("etc/os-release"), STR("")},
        {STR("usr/share/dpkg/status.d"), STR("var/lib/dpkg/status.d"), STR("")}};
    const struct layer_request request = {aliases, 2};
    struct notes n = notes_make(&err);
    assert_int_equal(archive_read(&a, 0, &request, &n, &err), 0);
    CLEANUP(buf_done) struct buf wanted = buf_make(KIB(4));
    buf_printf(&wanted, "found opt/os\nrelease kali|||\nfound usr/share/dpkg/status.d/libc6\n%s",
               package_line);
    buf_add_char(&wanted, 0);
    assert_string_equal(n.text.ptr, wanted.ptr);
    buf_done(&n.text);
    buf_done(&a.tar);
}

TEST(layer_wants_name_real_detectors)
{
    for (size_t i = 0; detectors[i]; i++) {
        assert_true(i < DETECTORS_MAX);
        assert_true(detectors[i]->version > 0 && detectors[i]->file);
        for (const struct want *w = detectors[i]->wants; w->how != WANT_NONE; w++) {
            assert_true(w->max_bytes > 0 && w->what.len > 0 && w->what.ptr[0] != '/');
            assert_int_equal(w->what.ptr[w->what.len - 1] == '/', w->how != WANT_PATH);
            assert_int_equal(w->leaf.len > 0, w->how == WANT_EACH);
        }
    }
}

TEST(layer_sink_refuses)
{
    struct error err = {0};
    struct archive a = sample();
    struct notes n = notes_make(&err);
    n.refuse_after = 1;
    int rc = archive_read(&a, 0, NULL, &n, &err);
    assert_int_equal(rc, 0); /* a file's failure is a problem of that file */
    assert_non_null(strstr(n.text.ptr, "problem var/lib/dpkg/status: enough\n"));
    buf_done(&n.text);
    buf_done(&a.tar);
}
