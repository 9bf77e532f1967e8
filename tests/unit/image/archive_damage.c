/* Archives that do not hold what they promise: a layer that is missing or cut costs only itself. */
#include <errno.h>
#include <unistd.h>

#include "base/limits.h"
#include "image/archive.h"
#include "image/sources.h"
#include "make.h"
#include "os/file.h"
#include "stream/tar_write.h"
#include "test.h"

static const struct image_options options = {.cache_dir = "/tmp"};

/* An archive in a file of its own, opened. */
static struct image *open_tar(const char *scheme, const char *folder, struct buf *tar, struct error *err)
{
    char source[300];
    tar_write_end(tar);
    folder_put(folder, "x.tar", buf_str(tar));
    snprintf(source, sizeof source, "%s:%s/x.tar", scheme, folder);
    return open_image(source, &options, err);
}

static void add_saved(struct buf *tar, const char *layers)
{
    CLEANUP(buf_done) struct buf list = buf_make(KIB(4));
    buf_printf(&list, "[{\"Config\":\"c.json\",\"RepoTags\":[\"a:1\"],\"Layers\":[%s]}]", layers);
    tar_file(tar, "manifest.json", buf_str(&list));
    tar_file(tar, "c.json", STR("{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{}}"));
}

TEST(archive_saved_layer_missing)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(1)), got = buf_make(KIB(4));
    struct error err = {0};
    add_saved(&tar, "\"1/layer.tar\",\"2/layer.tar\",\"3/layer.tar\",\"4/layer.tar\"");
    tar_file(&tar, "1/layer.tar", STR("the first"));
    tar_symlink(&tar, "2/layer.tar", "../../../../etc/passwd");
    tar_file(&tar, "4/layer.tar", STR(""));
    struct image *image = open_tar("docker-archive", folder, &tar, &err);
    assert_non_null(image);
    assert_int_equal(image_info(image)->layers_count, 4);
    assert_int_equal(read_layer(image, 0, &got, &err), 0);
    assert_str(buf_str(&got), "the first");
    for (size_t i = 1; i < 3; i++) {
        assert_int_equal(read_layer(image, i, &got, &err), -E_NOT_FOUND);
        assert_string_equal(err.text, "its file is not in the archive");
    }
    assert_int_equal(read_layer(image, 3, &got, &err), -E_BAD_INPUT);
    assert_string_equal(err.text, "it is empty");
    image_free(image);
}

/* blobs of `layers`, of which the second is another than the manifest says: longer, or missing. */
static struct image *open_lying(const char *folder, bool present, struct error *err)
{
    CLEANUP(buf_done) struct buf good = buf_make(MIB(1)), tar = buf_make(MIB(1)), entry = buf_make(KIB(4));
    const struct maker scratch = {.tar = &good}, maker = {.tar = &tar};
    static const char *const layers[] = {"the first", "the second", NULL};
    struct digest second = digest_of(STR("the second"));
    size_t size = 0;
    struct digest manifest = put_image(&scratch, "amd64", layers, &size);
    add_descriptor(&entry, &manifest, size, "");
    put_layout(&maker, buf_str(&entry));
    buf_add(&tar, buf_str(&good));
    /* The last of a name counts; a link that leads nowhere is as good as no file. */
    if (present)
        tar_file(&tar, blob_path_of(&second), STR("the second, longer"));
    else
        tar_symlink(&tar, blob_path_of(&second), "nowhere");
    return open_tar("oci-archive", folder, &tar, err);
}

TEST(archive_layout_layer_missing_or_longer)
{
    for (int present = 0; present < 2; present++) {
        CLEANUP(folder_removep) const char *folder = folder_make();
        CLEANUP(buf_done) struct buf got = buf_make(KIB(4));
        struct error err = {0};
        struct image *image = open_lying(folder, present, &err);
        assert_non_null(image);
        assert_int_equal(read_layer(image, 0, &got, &err), 0);
        assert_str(buf_str(&got), "the first");
        assert_int_equal(read_layer(image, 1, &got, &err), present ? -E_BAD_INPUT : -E_NOT_FOUND);
        assert_string_equal(err.text, present ? "its blob has 18 bytes, the manifest says 10"
                                              : "its file is not in the archive");
        image_free(image);
    }
}

/* What an engine's stream was spooled into cannot be changed by whoever reads its layers. */
TEST(archive_spool_is_readonly)
{
    CLEANUP(worker_freep) struct worker *worker = worker_new();
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(1));
    struct error err = {0};
    struct image *image = NULL;
    uint64_t offset = 0, length = 0;
    int spool = file_nameless("/tmp", &err), fd = -1;
    assert_true(spool >= 0);
    add_saved(&tar, "\"1/layer.tar\"");
    tar_file(&tar, "1/layer.tar", STR("the first"));
    tar_write_end(&tar);
    assert_int_equal(write(spool, tar.ptr, tar.len), tar.len);
    const struct archive_name name = {"app", ""};
    assert_int_equal(archive_open(&image, &podman_source, spool, &name, &options, worker, &err), 0);
    assert_string_equal(image_info(image)->reference, "podman:app");
    assert_int_equal(image_layer_open(image, 0, &fd, &offset, &length, &err), 0);
    assert_int_equal(length, strlen("the first"));
    assert_int_equal(pwrite(fd, "x", 1, (off_t)offset), -1);
    assert_int_equal(errno, EBADF);
    assert_int_equal(image_layer_close(image, 0, &err), 0);
    image_free(image);
}

TEST(image_unreadable_layer)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    CLEANUP(buf_done)
    struct buf tar = buf_make(MIB(1)), entry = buf_make(KIB(4)), manifest = buf_make(KIB(4)),
               got = buf_make(KIB(4));
    const struct maker maker = {.tar = &tar};
    struct error err = {0};
    struct str text = STR("{\"rootfs\":{}}");
    struct digest config = put_blob(&maker, text), layer = put_blob(&maker, STR("a layer"));
    buf_add(&manifest, STR("{\"config\":"));
    add_descriptor(&manifest, &config, text.len, "");
    buf_add(&manifest, STR(",\"layers\":["));
    add_descriptor(&manifest, &layer, 7,
                   ",\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip+encrypted\"");
    add_descriptor(&manifest, &layer, 7, ",\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\"");
    buf_add(&manifest, STR("]}"));
    struct digest d = put_blob(&maker, buf_str(&manifest));
    add_descriptor(&entry, &d, manifest.len, "");
    put_layout(&maker, buf_str(&entry));
    struct image *image = open_tar("oci-archive", folder, &tar, &err);
    assert_non_null(image);
    assert_int_equal(read_layer(image, 0, &got, &err), -E_UNSUPPORTED);
    assert_string_equal(
        err.text,
        "its media type \"application/vnd.oci.image.layer.v1.tar+gzip+encrypted\" is of no tar archive");
    assert_int_equal(read_layer(image, 1, &got, &err), 0);
    assert_str(buf_str(&got), "a layer");
    image_free(image);
}
