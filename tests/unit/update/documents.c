#include "update/documents.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "os/file.h"
#include "test.h"

static const struct feed several = {.name = "several",
                                    .url = "https://example.com/db/",
                                    .documents = (const char *const[]){"v1/a.json", "?v2/a.json", NULL}},
                         one = {.name = "one", .url = "https://example.com/all.zip"};

struct folder {
    char path[32];
    struct arena arena;
    struct documents found;
    struct error err;
};

static struct folder folder_make(void)
{
    struct folder f = {.path = "/tmp/limpid-documents-XXXXXX", .arena = arena_make(MIB(64))};
    assert_non_null(mkdtemp(f.path));
    return f;
}

static void folder_done(struct folder *f)
{
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", f->path);
    assert_int_equal(system(command), 0);
    arena_done(&f->arena);
}

static void put(struct folder *f, const char *name, const char *text)
{
    char path[256];
    struct error err;
    snprintf(path, sizeof path, "%s/%s", f->path, name);
    for (char *slash = path + strlen(f->path) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = 0;
        (void)mkdir(path, 0700);
    }
    assert_int_equal(file_write(path, str_of(text), &err), 0);
}

static int find(struct folder *f, const struct feed *feed, const char *below)
{
    char url[128];
    struct str root;
    snprintf(url, sizeof url, "file://%s%s", f->path, below);
    assert_int_equal(arena_str(&f->arena, (struct str){url, strlen(url) + 1}, &root), 0);
    return documents_find(&f->found, feed, root.ptr, &f->arena, &f->err);
}

/* Their paths below the folder, a blank after each. */
static void expect(const struct folder *f, const char *want)
{
    struct buf got = buf_make(KIB(4));
    vec_each (&f->found.urls, u) {
        buf_add(&got, str_skip(*u, strlen("file://") + strlen(f->path) + 1));
        buf_add_char(&got, ' ');
        assert_int_equal(u->ptr[u->len], 0);
    }
    buf_add_char(&got, 0);
    assert_string_equal(got.ptr, want);
    buf_done(&got);
}

TEST(documents_of_a_publisher)
{
    struct folder f = folder_make();
    assert_int_equal(documents_find(&f.found, &several, NULL, &f.arena, &f.err), 0);
    assert_int_equal(f.found.urls.len, 2);
    assert_string_equal(f.found.urls.ptr[1].ptr, "https://example.com/db/v2/a.json");
    assert_int_equal(documents_find(&f.found, &several, "http://mirror/", &f.arena, &f.err), 0);
    assert_string_equal(f.found.urls.ptr[0].ptr, "http://mirror/v1/a.json");
    assert_int_equal(documents_find(&f.found, &several, "http://mirror/one.json", &f.arena, &f.err), 0);
    assert_int_equal(f.found.urls.len, 1);
    assert_int_equal(documents_find(&f.found, &one, NULL, &f.arena, &f.err), 0);
    assert_string_equal(f.found.urls.ptr[0].ptr, "https://example.com/all.zip");
    assert_false(f.found.local);
    folder_done(&f);
}

TEST(documents_in_a_folder)
{
    struct folder f = folder_make();
    put(&f, "v2/a.json.xz", "x");
    put(&f, "v2/b.json", "x");
    assert_int_equal(find(&f, &several, ""), 0);
    expect(&f, "v2/a.json.xz ");
    put(&f, "v1/a.json", "x");
    put(&f, ".hidden", "x");
    assert_int_equal(find(&f, &several, ""), 0);
    expect(&f, "v1/a.json v2/a.json.xz ");
    assert_int_equal(find(&f, &one, ""), 0);
    expect(&f, "v1/a.json v2/a.json.xz v2/b.json ");
    assert_true(f.found.local && f.found.changed > 0);
    assert_int_equal(find(&f, &several, "/v2/b.json"), 0);
    expect(&f, "v2/b.json ");
    folder_done(&f);
}

/* A feed whose documents come one by one in a folder, too. */
TEST(documents_without_their_list)
{
    const struct feed revising = {.documents = several.documents, .revises = true};
    struct folder f = folder_make();
    put(&f, "2023/x.json", "x");
    assert_int_equal(find(&f, &revising, ""), 0);
    expect(&f, "2023/x.json ");
    put(&f, "v1/a.json", "x");
    assert_int_equal(find(&f, &revising, ""), 0);
    expect(&f, "v1/a.json ");
    folder_done(&f);
}

TEST(documents_mark_tells_changes)
{
    struct folder f = folder_make();
    char before[65];
    put(&f, "a.json", "x");
    assert_int_equal(find(&f, &one, ""), 0);
    snprintf(before, sizeof before, "%s", f.found.mark);
    assert_int_equal(find(&f, &one, ""), 0);
    assert_string_equal(f.found.mark, before);
    put(&f, "b.json", "x");
    assert_int_equal(find(&f, &one, ""), 0);
    assert_string_not_equal(f.found.mark, before);
    folder_done(&f);
}

TEST(documents_not_there)
{
    struct folder f = folder_make();
    char want[128];
    assert_int_equal(find(&f, &several, ""), -E_NOT_FOUND);
    snprintf(want, sizeof want, "%s: no documents of this feed", f.path);
    assert_string_equal(f.err.text, want);
    assert_int_equal(find(&f, &one, "/nothing"), -E_SYSTEM);
    snprintf(want, sizeof want, "%s/nothing: No such file or directory", f.path);
    assert_string_equal(f.err.text, want);
    folder_done(&f);
}

TEST(documents_deep)
{
    struct folder f = folder_make();
    put(&f, "1/2/3/4/x", "x");
    assert_int_equal(find(&f, &one, ""), 0);
    put(&f, "1/2/3/4/5/x", "x");
    assert_int_equal(find(&f, &one, ""), -E_LIMIT);
    assert_non_null(strstr(f.err.text, "/1/2/3/4/5: more than 4 folders within folders"));
    folder_done(&f);
}

TEST(documents_many)
{
    struct folder f = folder_make();
    f.arena.limit = 100; /* what holds 100,000 of them is reached as this is */
    put(&f, "a", "x");
    put(&f, "b", "x");
    assert_int_equal(find(&f, &one, ""), -E_LIMIT);
    assert_string_equal(f.err.text, "more than 100000 documents");
    folder_done(&f);
}

TEST(documents_that_others_name)
{
    struct folder f = folder_make();
    assert_int_equal(documents_find(&f.found, &several, NULL, &f.arena, &f.err), 0);
    assert_int_equal(documents_add(&f.found, &several, 0, STR("b.json.gz"), &f.arena, &f.err), 1);
    assert_string_equal(f.found.urls.ptr[2].ptr, "https://example.com/db/v1/b.json.gz");
    assert_int_equal(documents_add(&f.found, &several, 0, STR("https://example.com/x/y"), &f.arena, &f.err),
                     1);
    assert_string_equal(f.found.urls.ptr[3].ptr, "https://example.com/x/y");
    assert_int_equal(documents_add(&f.found, &several, 0, STR("2023/a.json"), &f.arena, &f.err), 1);
    assert_string_equal(f.found.urls.ptr[4].ptr, "https://example.com/db/v1/2023/a.json");
    documents_reverse(&f.found, 2);
    assert_string_equal(f.found.urls.ptr[1].ptr, "https://example.com/db/v2/a.json");
    assert_string_equal(f.found.urls.ptr[2].ptr, "https://example.com/db/v1/2023/a.json");
    assert_string_equal(f.found.urls.ptr[3].ptr, "https://example.com/x/y");
    assert_string_equal(f.found.urls.ptr[4].ptr, "https://example.com/db/v1/b.json.gz");
    static const char *const others[] = {"https://example.org/x",
                                         "https://example.com.evil/x",
                                         "http://example.com/x",
                                         "file:///etc/passwd",
                                         "a/../b",
                                         "../b",
                                         "./b",
                                         "a//b",
                                         "/b",
                                         "a b",
                                         "a?b",
                                         "%2e%2e/b",
                                         "a/",
                                         "//x/y",
                                         "",
                                         "https://example.com"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(documents_add(&f.found, &several, 0, str_of(others[i]), &f.arena, &f.err), 0);
    assert_int_equal(documents_add(&f.found, &several, 0, STR("2021/c.xml"), &f.arena, &f.err), 1);
    assert_string_equal(f.found.urls.ptr[5].ptr, "https://example.com/db/v1/2021/c.xml");
    folder_done(&f);
}

/* Of one other host, where the feed has such. */
TEST(documents_of_another_host)
{
    static const struct feed two = {.name = "two",
                                    .url = "http://lists.example.com/mirror.list",
                                    .other_host = "http://mirrors.example.com/"};
    struct folder f = folder_make();
    assert_int_equal(documents_find(&f.found, &two, NULL, &f.arena, &f.err), 0);
    assert_int_equal(
        documents_add(&f.found, &two, 0, STR("http://mirrors.example.com/a/repomd.xml"), &f.arena, &f.err),
        1);
    assert_int_equal(documents_add(&f.found, &two, 1, STR("b.xml.gz"), &f.arena, &f.err), 1);
    assert_string_equal(f.found.urls.ptr[2].ptr, "http://mirrors.example.com/a/b.xml.gz");
    assert_int_equal(
        documents_add(&f.found, &two, 0, STR("http://mirrors.example.com.evil/a"), &f.arena, &f.err), 0);
    assert_int_equal(
        documents_add(&f.found, &several, 0, STR("http://mirrors.example.com/a"), &f.arena, &f.err), 0);
    folder_done(&f);
}

/* A local document leads to files beside and below it, unless all of its folder are there anyway. */
TEST(documents_that_local_ones_name)
{
    struct folder f = folder_make();
    put(&f, "index.txt", "x");
    put(&f, "2021/c.xml", "x");
    assert_int_equal(find(&f, &one, "/index.txt"), 0);
    assert_int_equal(documents_add(&f.found, &one, 0, STR("2021/c.xml"), &f.arena, &f.err), 1);
    expect(&f, "index.txt 2021/c.xml ");
    assert_int_equal(documents_add(&f.found, &one, 0, STR("../c.xml"), &f.arena, &f.err), 0);
    assert_int_equal(documents_add(&f.found, &one, 0, STR("file:///etc/passwd"), &f.arena, &f.err), 0);
    assert_int_equal(find(&f, &one, ""), 0);
    assert_int_equal(documents_add(&f.found, &one, 0, STR("2021/c.xml"), &f.arena, &f.err), 1);
    expect(&f, "2021/c.xml index.txt ");
    folder_done(&f);
}

TEST(documents_that_local_ones_name_are_there)
{
    struct folder f = folder_make();
    put(&f, "v1/a.json", "x");
    assert_int_equal(find(&f, &several, ""), 0);
    assert_int_equal(documents_add(&f.found, &one, 0, STR("b"), &f.arena, &f.err), 0); /* is not there */
    put(&f, "v1/b/c", "x");
    assert_int_equal(documents_add(&f.found, &one, 0, STR("b"), &f.arena, &f.err), 0);
    assert_int_equal(documents_add(&f.found, &one, 0, STR("../v1/b/c"), &f.arena, &f.err), 0);
    assert_int_equal(documents_add(&f.found, &one, 0, STR("b/c"), &f.arena, &f.err), 1);
    expect(&f, "v1/a.json v1/b/c ");
    folder_done(&f);
}
