/* Files that name the repositories that an image's packages are from. */
#include "archive.h"
#include "base/limits.h"

static const char manifest[] = "root/buildinfo/content_manifests/ubi9-container-9.4-1.json";
static const char status[] = "var/lib/ubuntu-advantage/status.json";

TEST(trap_r17_content_sets)
{
    static const struct str document =
        STR_INIT("{\"metadata\": {\"icm_version\": 1, \"x\": [1]}, \"content_sets\": "
                 "[\"rhel-9-for-x86_64-baseos-rpms\", \"rhel-9-for-x86_64-appstream-eus-rpms__9_DOT_4\"], "
                 "\"image_contents\": [{\"purl\": \"pkg:rpm/x\"}]}");
    static const char notes[] = "repository rhel-9-for-x86_64-baseos-rpms\n"
                                "repository rhel-9-for-x86_64-appstream-eus-rpms__9_DOT_4\n";
    expect_file(manifest, document, notes);
    expect_file("usr/share/buildinfo/content-sets.json", document, notes);
    expect_file("root/buildinfo/content_manifests/Dockerfile", document, "");
    expect_file(manifest, STR("{}"), "");
    expect_file(manifest, STR("{\"content_sets\": null}"), "");
    expect_file(manifest, STR("{\"content_sets\": [1, \"a\", null, []]}"), "repository a\n");
}

TEST(trap_r22_labels)
{
    static const char labels[] = "root/buildinfo/labels.json";
    expect_file(labels,
                STR("{\"name\": \"x\", \"cpe\": \"cpe:/a:redhat:openshift:4.16::el9\", \"release\": 1}"),
                "repository cpe:/a:redhat:openshift:4.16::el9\n");
    expect_file("usr/share/buildinfo/labels.json",
                STR("{\"cpe\": \"\\\"cpe:/o:redhat:enterprise_linux:9::baseos\\\"\"}"),
                "repository cpe:/o:redhat:enterprise_linux:9::baseos\n");
    expect_file(labels, STR("{\"cpe\": \"cpe:/a:other:x:1\", \"cpe\": 1, \"cpe\": \"\"}"), "");
}

TEST(content_sets_refusals)
{
    expect_file(manifest, STR("{\"content_sets\": [\"a b\", \"\", \"c\"]}"),
                "problem root/buildinfo/content_manifests/ubi9-container-9.4-1.json: offset 0: a repository "
                "whose name cannot be used\n"
                "problem root/buildinfo/content_manifests/ubi9-container-9.4-1.json: offset 0: a repository "
                "whose name cannot be used\nrepository c\n");
    expect_file(
        manifest, STR("[]"),
        "problem root/buildinfo/content_manifests/ubi9-container-9.4-1.json: content sets: json: offset 2: "
        "no object\n");
    expect_file(
        manifest, STR("{\"content_sets\": [\"a\""),
        "repository a\nproblem root/buildinfo/content_manifests/ubi9-container-9.4-1.json: content sets: "
        "json: offset 21: expected ',' or ']', found the end\n");
    expect_file(
        manifest, STR("{\"content_sets\": [\"a\"]} x"),
        "repository a\nproblem root/buildinfo/content_manifests/ubi9-container-9.4-1.json: content sets: "
        "json: offset 24: expected the end, found 'x'\n");
}

TEST(content_sets_too_many)
{
    CLEANUP(buf_done) struct buf text = buf_make(MIB(1));
    struct error err = {0};
    struct archive a = {.tar = buf_make(MIB(1))};
    buf_add(&text, STR("{\"content_sets\": ["));
    for (int i = 0; i <= FILE_REPOSITORIES_MAX; i++)
        buf_printf(&text, "%s\"a%d\"", i ? "," : "", i);
    buf_add(&text, STR("]}"));
    archive_add(&a, TAR_REGULAR, manifest, buf_str(&text));
    tar_write_end(&a.tar);
    struct notes n = notes_make(&err);
    assert_int_equal(archive_read(&a, 0, NULL, &n, &err), 0);
    buf_add_char(&n.text, 0);
    assert_non_null(strstr(n.text.ptr, "repository a255\n"));
    assert_null(strstr(n.text.ptr, "repository a256\n"));
    assert_non_null(strstr(n.text.ptr, "more than 256 repositories: the others are left out\n"));
    buf_done(&n.text);
    buf_done(&a.tar);
}

static void expect_too_big(const char *path, size_t max, const char *problem)
{
    char *big = calloc(1, max + 1);
    struct error err = {0};
    struct archive a = {.tar = buf_make(2 * max)};
    archive_add(&a, TAR_REGULAR, path, (struct str){big, max + 1});
    tar_write_end(&a.tar);
    struct notes n = notes_make(&err);
    assert_int_equal(archive_read(&a, 0, NULL, &n, &err), 0);
    buf_add_char(&n.text, 0);
    assert_non_null(strstr(n.text.ptr, problem));
    buf_done(&n.text);
    buf_done(&a.tar);
    free(big);
}

TEST(content_sets_too_big)
{
    expect_too_big(manifest, CONTENT_SETS_MAX,
                   "content-sets: 33554433 bytes, more than the 33554432 that are read");
}

TEST(trap_u8_ubuntu_pro)
{
    static const struct {
        const char *document, *notes;
    } cases[] = {
        {"{\"attached\": true, \"services\": [{\"name\": \"esm-apps\", \"status\": \"enabled\"}, "
         "{\"status\": "
         "\"enabled\", \"name\": \"esm-infra\"}]}",
         "repository esm-infra\nrepository esm-apps\n"},
        {"{\"services\": [{\"name\": \"esm-infra\", \"status\": \"enabled\"}, {\"name\": \"esm-apps\", "
         "\"status\": \"disabled\"}], \"attached\": true}",
         "repository esm-infra\n"},
        {"{\"attached\": true, \"services\": [{\"name\": \"fips\", \"status\": \"enabled\"}]}", ""},
        {"{\"attached\": false, \"services\": [{\"name\": \"esm-infra\", \"status\": \"enabled\"}]}", ""},
        {"{\"services\": [{\"name\": \"esm-infra\", \"status\": \"enabled\"}]}", ""},
        {"{\"attached\": \"yes\", \"services\": {\"name\": \"esm-infra\"}}", ""},
        {"{\"attached\": true, \"services\": [1, {\"name\": 2, \"status\": \"enabled\"}]}", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_file(status, str_of(cases[i].document), cases[i].notes);
}

TEST(ubuntu_pro_refusals)
{
    expect_file(
        status, STR("{\"attached\": true, \"services\": [{\"name\": \"esm-infra\", \"status\": \"enabled\"}"),
        "problem var/lib/ubuntu-advantage/status.json: Ubuntu Pro's status: it counts as not subscribed: "
        "json: offset 74: expected ',' or ']', found the end\n");
    expect_file(
        status, STR("\"attached\""),
        "problem var/lib/ubuntu-advantage/status.json: Ubuntu Pro's status: it counts as not subscribed: "
        "json: offset 10: no object\n");
}

TEST(ubuntu_pro_too_big)
{
    expect_too_big(status, UBUNTU_PRO_MAX, "ubuntu-pro: 1048577 bytes, more than the 1048576 that are read");
}

TEST(repositories_every_window_and_truncation)
{
    static const struct {
        const char *path;
        struct str text;
        const char *notes;
    } files[] = {
        {manifest, STR_INIT("{\"a\": {\"b\": [1, 2]}, \"content_sets\": [\"one\", \"two\"]}"),
         "repository one\nrepository two\n"},
        {status,
         STR_INIT("{\"attached\": true, \"services\": [{\"name\": \"esm-infra\", \"status\": \"enabled\"}]}"),
         "repository esm-infra\n"},
    };
    for (size_t f = 0; f < 2; f++)
        for (size_t len = 0; len <= files[f].text.len; len++)
            for (size_t step = 0; step < 9; step++) {
                struct error err = {0};
                struct archive a = {.tar = buf_make(MIB(1))};
                archive_add(&a, TAR_REGULAR, files[f].path, (struct str){files[f].text.ptr, len});
                tar_write_end(&a.tar);
                struct notes n = notes_make(&err);
                assert_int_equal(archive_read(&a, step, NULL, &n, &err), 0);
                buf_add_char(&n.text, 0);
                assert_int_equal(n.problems, len < files[f].text.len);
                if (len == files[f].text.len)
                    assert_non_null(strstr(n.text.ptr, files[f].notes));
                buf_done(&n.text);
                buf_done(&a.tar);
            }
}
