#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "make.h"
#include "test.h"

static const struct image_options options = {.platform = "linux/amd64"};

/* The error of opening oci:FOLDER and what is appended. */
static struct error refused(const char *folder, const char *reference)
{
    struct error err;
    char source[200];
    snprintf(source, sizeof source, "oci:%s%s", folder, reference);
    assert_null(open_image(source, &options, &err));
    return err;
}

static struct image *opened(const char *folder, const char *reference)
{
    struct error err;
    char source[200];
    snprintf(source, sizeof source, "oci:%s%s", folder, reference);
    struct image *image = open_image(source, &options, &err);
    if (!image)
        fail_msg("%s", err.text);
    return image;
}

static void assert_layer(struct image *image, size_t i, const char *content)
{
    CLEANUP(buf_done) struct buf bytes = buf_make(MIB(1));
    struct error err = {0};
    assert_int_equal(read_layer(image, i, &bytes, &err), 0);
    assert_str(buf_str(&bytes), content);
}

TEST(layout_only_image)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    CLEANUP(buf_done) struct buf entries = buf_make(KIB(16));
    const struct maker m = {.folder = folder};
    size_t size;
    struct digest d = put_image(&m, "amd64", (const char *[]){"lowest", "upper", NULL}, &size);
    add_descriptor(&entries, &d, size, "");
    put_layout(&m, buf_str(&entries));
    struct image *image = opened(folder, "");
    const struct image_info *info = image_info(image);
    char reference[200];
    snprintf(reference, sizeof reference, "oci:%s", folder);
    assert_string_equal(info->reference, reference);
    assert_string_equal(info->digest.text, d.text);
    assert_string_equal(info->platform, "linux/amd64");
    assert_false(info->chosen);
    assert_int_equal(info->layers_count, 2);
    assert_string_equal(info->layers[0].digest.text, digest_of(STR("lowest")).text);
    assert_string_equal(info->layers[0].diff_id.text, digest_of(STR("lowest")).text);
    assert_string_equal(info->layers[0].created_by, "RUN first");
    assert_string_equal(info->layers[1].created_by, "");
    assert_int_equal(info->layers[1].size, 5);
    assert_true(info->layers[1].size_known);
    assert_layer(image, 1, "upper");
    assert_layer(image, 0, "lowest");
    assert_layer(image, 0, "lowest");
    image_free(image);
}

TEST(layout_named_images)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    CLEANUP(buf_done) struct buf entries = buf_make(KIB(16));
    const struct maker m = {.folder = folder};
    size_t one_size, two_size;
    struct digest one = put_image(&m, "amd64", (const char *[]){"one", NULL}, &one_size);
    struct digest two = put_image(&m, "amd64", (const char *[]){"two", NULL}, &two_size);
    add_descriptor(&entries, &one, one_size,
                   ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"r.example/one:1\"}");
    add_descriptor(&entries, &two, two_size,
                   ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"two\"}");
    put_layout(&m, buf_str(&entries));
    struct image *image = opened(folder, ":r.example/one:1");
    assert_layer(image, 0, "one");
    assert_false(image_info(image)->chosen);
    image_free(image);
    image = opened(folder, ":two");
    assert_layer(image, 0, "two");
    image_free(image);
    char by_digest[160];
    snprintf(by_digest, sizeof by_digest, ":%s", two.text);
    image = opened(folder, by_digest);
    assert_string_equal(image_info(image)->digest.text, two.text);
    image_free(image);
    struct error err = refused(folder, "");
    assert_int_equal(err.code, E_USAGE);
    assert_string_equal(err.text, "several images: add :REFERENCE; there are: r.example/one:1, two");
    err = refused(folder, ":three");
    assert_int_equal(err.code, E_NOT_FOUND);
    assert_string_equal(err.text, "no image of that reference; there are: r.example/one:1, two");
}

TEST(layout_several_platforms)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    CLEANUP(buf_done) struct buf entries = buf_make(KIB(16));
    const struct maker m = {.folder = folder};
    size_t size;
    struct digest d = put_image(&m, "arm64", (const char *[]){"arm", NULL}, &size);
    add_descriptor(&entries, &d, size, ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}");
    d = put_image(&m, "amd64", (const char *[]){"amd", NULL}, &size);
    add_descriptor(&entries, &d, size, ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}");
    put_layout(&m, buf_str(&entries));
    struct image *image = opened(folder, "");
    assert_string_equal(image_info(image)->digest.text, d.text);
    assert_true(image_info(image)->chosen);
    assert_layer(image, 0, "amd");
    image_free(image);
}

TEST(layout_without_image)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    const struct maker m = {.folder = folder};
    struct error err = refused(folder, "");
    assert_int_equal(err.code, E_NOT_FOUND);
    assert_int_equal(strncmp(err.text, "not an OCI layout: ", 19), 0);
    put_layout(&m, STR(""));
    err = refused(folder, "");
    assert_int_equal(err.code, E_NOT_FOUND);
    assert_string_equal(err.text, "the layout has no image");
    folder_put(folder, "index.json", STR("{\"manifests\":["));
    err = refused(folder, "");
    assert_int_equal(err.code, E_BAD_INPUT);
    assert_int_equal(strncmp(err.text, "index.json: ", 12), 0);
    assert_true(str_ends(str_of(err.text), STR("json: offset 14: expected a value, found the end")));
    folder_put(folder, "index.json", STR("{\"layers\":[]}"));
    err = refused(folder, "");
    assert_int_equal(err.code, E_BAD_INPUT);
    assert_string_equal(err.text, "index.json: image manifest: has no config");
}

/* What a fetch of the only manifest says after `spoil`, with D for its digest and S for its size. */
static struct error spoiled(const char *more, size_t size_wrong, void (*spoil)(const char *blob))
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    CLEANUP(buf_done) struct buf entries = buf_make(KIB(16));
    const struct maker m = {.folder = folder};
    char blob[300];
    size_t size;
    struct digest d = put_image(&m, "amd64", (const char *[]){"one", NULL}, &size);
    add_descriptor(&entries, &d, size + size_wrong, more);
    put_layout(&m, buf_str(&entries));
    snprintf(blob, sizeof blob, "%s/%s", folder, blob_path_of(&d));
    if (spoil)
        spoil(blob);
    struct error err = refused(folder, "");
    for (char *at; (at = strstr(err.text, folder));)
        memmove(at, at + strlen(folder), strlen(at + strlen(folder)) + 1);
    for (char *at; (at = strstr(err.text, d.text + 7));)
        memmove(at, at + 64, strlen(at + 64) + 1);
    return err;
}

static void flip(const char *blob)
{
    FILE *f = fopen(blob, "r+");
    assert_non_null(f);
    assert_int_equal(fputc('[', f), '[');
    assert_int_equal(fclose(f), 0);
}

static void make_fifo(const char *blob)
{
    assert_int_equal(unlink(blob), 0);
    assert_int_equal(mkfifo(blob, 0600), 0);
}

static void make_symlink(const char *blob)
{
    char target[400];
    snprintf(target, sizeof target, "%s.moved", blob);
    assert_int_equal(rename(blob, target), 0);
    assert_int_equal(symlink(target, blob), 0);
}

static void drop(const char *blob)
{
    assert_int_equal(unlink(blob), 0);
}

TEST(layout_spoiled_manifest)
{
    struct error err = spoiled("", 1, NULL);
    assert_int_equal(err.code, E_BAD_INPUT);
    assert_string_equal(err.text, "sha256:: it has 264 bytes, its descriptor says 265");
    err = spoiled("", 0, flip);
    assert_int_equal(err.code, E_BAD_INPUT);
    assert_int_equal(strncmp(err.text, "sha256:: its bytes have the digest sha256:", 42), 0);
    err = spoiled("", 0, make_fifo);
    assert_int_equal(err.code, E_BAD_INPUT);
    assert_string_equal(err.text, "sha256:: /blobs/sha256/: not a regular file");
    err = spoiled("", 0, make_symlink);
    assert_int_equal(err.code, E_SYSTEM);
    assert_string_equal(err.text, "sha256:: /blobs/sha256/: Too many levels of symbolic links");
    err = spoiled("", 0, drop);
    assert_int_equal(err.code, E_NOT_FOUND);
    assert_string_equal(err.text, "sha256:: /blobs/sha256/: No such file or directory");
}

TEST(layout_unknown_digest)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    const struct maker m = {.folder = folder};
    put_layout(&m, STR("{\"digest\":\"blake3:00\",\"size\":2}"));
    struct error err = refused(folder, "");
    assert_int_equal(err.code, E_UNSUPPORTED);
    assert_string_equal(err.text, "the image's digest is of an algorithm other than sha256 and sha512");
}

TEST(layout_spoiled_layer)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    CLEANUP(buf_done) struct buf entries = buf_make(KIB(16)), bytes = buf_make(KIB(16));
    const struct maker m = {.folder = folder};
    size_t size;
    struct digest d = put_image(&m, "amd64", (const char *[]){"one", "two", NULL}, &size),
                  one = digest_of(STR("one")), two = digest_of(STR("two"));
    add_descriptor(&entries, &d, size, "");
    put_layout(&m, buf_str(&entries));
    folder_put(folder, blob_path_of(&one), STR("longer"));
    char blob[300];
    snprintf(blob, sizeof blob, "%s/%s", folder, blob_path_of(&two));
    make_fifo(blob);
    struct image *image = opened(folder, "");
    struct error err = {0};
    assert_int_equal(read_layer(image, 0, &bytes, &err), -E_BAD_INPUT);
    assert_string_equal(err.text, "its blob has 6 bytes, the manifest says 3");
    assert_int_equal(read_layer(image, 1, &bytes, &err), -E_BAD_INPUT);
    assert_non_null(strstr(err.text, ": not a regular file"));
    image_free(image);
}
