#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "make.h"
#include "test.h"

static const char *const two_layers[] = {"lowest", "upper", NULL};

/* A zstd frame: `bytes` as they are, then `zeros` of them in blocks of four bytes each. */
static void pack(struct buf *out, struct str bytes, uint64_t zeros)
{
    const uint32_t block = 128 << 10, raw = 0, repeat = 1;
    buf_add(out, STR("\x28\xb5\x2f\xfd\x00\x38"));
    while (bytes.len) {
        uint32_t n = bytes.len < block ? (uint32_t)bytes.len : block, header = n << 3 | raw << 1;
        buf_add(out, (struct str){(const char *)&header, 3});
        buf_add(out, (struct str){bytes.ptr, n});
        bytes = str_skip(bytes, n);
    }
    for (; zeros; zeros -= zeros < block ? zeros : block) {
        uint32_t header = block << 3 | repeat << 1;
        buf_add(out, (struct str){(const char *)&header, 3});
        buf_add_char(out, 0);
    }
    buf_add(out, STR("\1\0\0"));
}

struct outcome {
    struct image *image; /* NULL: error */
    struct error err;
    const char *folder;
    char path[200];
};

/* Opens SCHEME:FOLDER/FILE and what is appended, of a file that holds these bytes. */
static struct outcome open_bytes(const char *scheme, struct str bytes, const char *reference)
{
    struct outcome o = {.folder = folder_make()};
    const struct image_options options = {.platform = "linux/amd64", .cache_dir = o.folder};
    char source[400];
    snprintf(o.path, sizeof o.path, "%s/image.tar", o.folder);
    folder_put(o.folder, "image.tar", bytes);
    snprintf(source, sizeof source, "%s%s%s", scheme, o.path, reference);
    o.image = open_image(source, &options, &o.err);
    return o;
}

static void outcome_done(struct outcome *o)
{
    image_free(o->image);
    folder_remove(o->folder);
}

static void assert_layer(struct image *image, size_t i, const char *content)
{
    CLEANUP(buf_done) struct buf bytes = buf_make(MIB(1));
    struct error err = {0};
    assert_int_equal(read_layer(image, i, &bytes, &err), 0);
    assert_str(buf_str(&bytes), content);
}

#define assert_refused(scheme, tar, reference, error_code, message)          \
    do {                                                                     \
        struct outcome o_ = open_bytes((scheme), buf_str(tar), (reference)); \
        assert_null(o_.image);                                               \
        assert_string_equal(o_.err.text, (message));                         \
        assert_int_equal(o_.err.code, (error_code));                         \
        outcome_done(&o_);                                                   \
    } while (0)

static const char config_text[] =
    "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"diff_ids\":["
    "\"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
    "\"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"]}}";
static const char saved_text[] =
    "[{\"Config\":\"c.json\",\"RepoTags\":[\"one:1\"],\"Layers\":[\"x/layer.tar\",\"y/layer.tar\"]}]";

/* docker save before version 25; the upper layer is a link to the place of another image's. */
static void save_old(struct buf *tar)
{
    tar_file(tar, "c.json", str_of(config_text));
    tar_file(tar, "x/layer.tar", STR("lowest"));
    tar_symlink(tar, "y/layer.tar", "../z/layer.tar");
    tar_file(tar, "z/layer.tar", STR("upper"));
    tar_file(tar, "manifest.json", str_of(saved_text));
    tar_file(tar, "repositories", STR("{}"));
}

TEST(archive_docker_save_old)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(1));
    save_old(&tar);
    struct outcome o = open_bytes("docker-archive:", buf_str(&tar), "");
    assert_non_null(o.image);
    const struct image_info *info = image_info(o.image);
    char reference[300];
    snprintf(reference, sizeof reference, "docker-archive:%s", o.path);
    assert_string_equal(info->reference, reference);
    assert_string_equal(info->digest.text, digest_of(str_of(config_text)).text);
    assert_string_equal(info->platform, "linux/amd64");
    assert_int_equal(info->layers_count, 2);
    assert_string_equal(info->layers[0].digest.text, "");
    assert_int_equal(info->layers[0].diff_id.text[7], 'a');
    assert_int_equal(info->layers[1].diff_id.text[7], 'b');
    assert_layer(o.image, 0, "lowest");
    assert_layer(o.image, 1, "upper");
    outcome_done(&o);
}

/* Since version 25 the archive is a layout as well: manifest.json has the tags that docker knows. */
TEST(archive_docker_save_new)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(1)), entries = buf_make(KIB(4)), list = buf_make(KIB(4));
    const struct maker m = {.tar = &tar};
    size_t size;
    struct digest d = put_image(&m, "amd64", two_layers, &size), config = digest_of(str_of(config_text)),
                  lowest = digest_of(STR("lowest")), upper = digest_of(STR("upper"));
    add_descriptor(&entries, &d, size, "");
    put_layout(&m, buf_str(&entries));
    put_blob(&m, str_of(config_text));
    buf_printf(&list, "[{\"Config\":\"%s\",\"RepoTags\":[\"one:1\",\"one:2\"],", blob_path_of(&config));
    buf_printf(&list, "\"Layers\":[\"%s\",", blob_path_of(&lowest));
    buf_printf(&list, "\"%s\"]}]", blob_path_of(&upper));
    put_file(&m, "manifest.json", buf_str(&list));
    for (int named = 0; named < 2; named++) {
        struct outcome o = open_bytes("docker-archive:", buf_str(&tar), named ? ":one:2" : "");
        assert_non_null(o.image);
        assert_string_equal(image_info(o.image)->digest.text, config.text);
        assert_string_equal(image_info(o.image)->layers[0].digest.text, lowest.text);
        assert_string_equal(image_info(o.image)->layers[1].digest.text, upper.text);
        assert_layer(o.image, 1, "upper");
        outcome_done(&o);
    }
    assert_refused("docker-archive:", &tar, ":two:1", E_NOT_FOUND, "no image of that tag; there are: one:1");
    struct outcome o = open_bytes("oci-archive:", buf_str(&tar), "");
    assert_non_null(o.image);
    assert_string_equal(image_info(o.image)->digest.text, d.text); /* that one is asked for the manifest's */
    outcome_done(&o);
}

TEST(archive_docker_save_several)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(1));
    const char *list = "[{\"Config\":\"c.json\",\"RepoTags\":[\"one:1\"],\"Layers\":[]},"
                       "{\"Config\":\"c.json\",\"RepoTags\":null,\"Layers\":[\"l\"]},"
                       "{\"Config\":\"d.json\",\"RepoTags\":[\"two:1\"],\"Layers\":[\"l\"]}]";
    tar_file(&tar, "c.json", str_of(config_text));
    tar_file(&tar, "d.json", STR("{\"rootfs\":{}}"));
    tar_file(&tar, "l", STR("layer"));
    tar_file(&tar, "manifest.json", str_of(list));
    assert_refused("docker-archive:", &tar, "", E_USAGE, "several images: add :TAG; there are: one:1, two:1");
    assert_refused("docker-archive:", &tar, ":one:1", E_BAD_INPUT,
                   "the manifest has 0 layers, its config 2 diff_ids");
    struct outcome o = open_bytes("docker-archive:", buf_str(&tar), ":two:1");
    assert_non_null(o.image);
    assert_layer(o.image, 0, "layer");
    outcome_done(&o);
    tar.len = 0;
    tar_file(&tar, "manifest.json", STR("[]"));
    assert_refused("docker-archive:", &tar, "", E_NOT_FOUND, "the archive has no image");
}

TEST(archive_before_manifests)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(1));
    tar_file(&tar, "repositories", STR("{\"one\":{\"1\":\"id\"}}"));
    assert_refused(
        "docker-archive:", &tar, "", E_UNSUPPORTED,
        "an archive of docker before 1.10, without manifest.json; docker load it and save it again");
}

TEST(archive_layout)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(1)), entries = buf_make(KIB(4));
    const struct maker m = {.tar = &tar};
    size_t one_size, two_size;
    struct digest one = put_image(&m, "amd64", two_layers, &one_size),
                  two = put_image(&m, "amd64", (const char *[]){"other", NULL}, &two_size);
    add_descriptor(&entries, &one, one_size,
                   ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"one:1\"}");
    add_descriptor(&entries, &two, two_size,
                   ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"two\"}");
    put_layout(&m, buf_str(&entries));
    assert_refused("oci-archive:", &tar, "", E_USAGE,
                   "several images: add :REFERENCE; there are: one:1, two");
    assert_refused("oci-archive:", &tar, ":three", E_NOT_FOUND,
                   "no image of that reference; there are: one:1, two");
    struct outcome o = open_bytes("oci-archive:", buf_str(&tar), ":one:1");
    assert_non_null(o.image);
    assert_string_equal(image_info(o.image)->digest.text, one.text);
    assert_layer(o.image, 0, "lowest");
    assert_layer(o.image, 1, "upper");
    outcome_done(&o);
    o = open_bytes("docker-archive:", buf_str(&tar), ":two"); /* what it is, it says itself */
    assert_non_null(o.image);
    assert_layer(o.image, 0, "other");
    outcome_done(&o);
    memcpy(memmem(tar.ptr, tar.len, "\"layers\"", 8), "\"LAYERS\"", 8);
    o = open_bytes("oci-archive:", buf_str(&tar), ":one:1");
    assert_null(o.image);
    assert_int_equal(o.err.code, E_BAD_INPUT);
    assert_int_equal(strncmp(o.err.text, one.text, strlen(one.text)), 0);
    assert_non_null(strstr(o.err.text, ": its bytes have the digest sha256:"));
    outcome_done(&o);
}

TEST(archive_root_file_system)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(1)), packed = buf_make(MIB(1)), got = buf_make(MIB(1));
    tar_file(&tar, "etc/os-release", STR("ID=debian\n"));
    pack(&packed, buf_str(&tar), 1024);
    for (int i = 0; i < 3; i++) {
        struct str bytes = buf_str(i == 2 ? &packed : &tar);
        struct outcome o = open_bytes(i ? "docker-archive:" : "", bytes, "");
        struct error err = {0};
        assert_non_null(o.image);
        assert_int_equal(image_info(o.image)->layers_count, 1);
        assert_int_equal(image_info(o.image)->layers[0].size, bytes.len);
        assert_false(image_info(o.image)->layers[0].size_known);
        assert_string_equal(image_info(o.image)->digest.text, "");
        buf_clear(&got);
        assert_int_equal(read_layer(o.image, 0, &got, &err), 0);
        assert_true(str_eq(buf_str(&got), bytes)); /* as it is: the layer's reader unpacks */
        outcome_done(&o);
    }
}

TEST(archive_compressed)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(1)), packed = buf_make(MIB(1));
    save_old(&tar);
    pack(&packed, buf_str(&tar), 1024);
    struct outcome o = open_bytes("docker-archive:", buf_str(&packed), ":one:1");
    assert_non_null(o.image);
    assert_layer(o.image, 0, "lowest");
    assert_layer(o.image, 1, "upper");
    outcome_done(&o);
    packed.len -= 3; /* without its last block: what was listed cannot be unpacked whole */
    o = open_bytes("docker-archive:", buf_str(&packed), "");
    assert_null(o.image);
    assert_int_equal(o.err.code, E_BAD_INPUT);
    outcome_done(&o);
}

/* A MiB that becomes more than 32 GiB: a file in front of what is looked for. */
TEST(archive_unpacked_too_large)
{
    CLEANUP(buf_done) struct buf header = buf_make(MIB(1)), packed = buf_make(MIB(4));
    tar_file(&header, "huge", STR(""));
    memcpy(header.ptr + 124, "777777777777", 12); /* 64 GiB */
    unsigned sum = 0;
    memset(header.ptr + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        sum += (unsigned char)header.ptr[i];
    snprintf(header.ptr + 148, 8, "%06o", sum);
    pack(&packed, buf_str(&header), ARCHIVE_UNPACKED_MAX);
    assert_true(packed.len < MIB(2));
    assert_refused("docker-archive:", &packed, "", E_LIMIT, "zstd: more than 34359738368 bytes");
}

TEST(archive_missing_parts)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(1));
    tar_file(&tar, "manifest.json", str_of(saved_text));
    assert_refused("docker-archive:", &tar, "", E_NOT_FOUND, "c.json: not in the archive");
    tar_file(&tar, "c.json", str_of(config_text));
    static const char *const links[] = {"../../../../etc/passwd", "/etc/passwd", "layer.tar"};
    CLEANUP(buf_done) struct buf bytes = buf_make(MIB(1));
    for (size_t i = 0; i < 3; i++) {
        struct error err = {0};
        tar_symlink(&tar, "y/layer.tar", links[i]);
        struct outcome o = open_bytes("docker-archive:", buf_str(&tar), "");
        assert_non_null(o.image);
        assert_int_equal(read_layer(o.image, 1, &bytes, &err), -E_NOT_FOUND);
        assert_string_equal(err.text, "its file is not in the archive");
        outcome_done(&o);
    }
    tar_file(&tar, "etc/passwd", STR("of the archive"));
    tar_symlink(&tar, "y/layer.tar", "../../../../etc/passwd");
    struct outcome o = open_bytes("docker-archive:", buf_str(&tar), "");
    assert_non_null(o.image);
    assert_layer(o.image, 1, "of the archive");
    outcome_done(&o);
    tar.len = 0;
    tar_file(&tar, "manifest.json", STR("[{"));
    assert_refused("docker-archive:", &tar, "", E_BAD_INPUT,
                   "manifest.json: json: offset 2: expected a name, found the end");
}

/* Every length: the whole opens, and no beginning gives layers that are not the whole's. */
TEST(archive_truncated)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(1));
    save_old(&tar);
    for (size_t n = 0; n < tar.len; n += 256) {
        struct outcome o = open_bytes("docker-archive:", (struct str){tar.ptr, n}, "");
        if (o.image && image_info(o.image)->layers_count == 2) {
            assert_layer(o.image, 0, "lowest");
            assert_layer(o.image, 1, "upper");
        } else {
            /* before manifest.json it is a root file system like any other */
            assert_true(o.image ? image_info(o.image)->layers_count == 1 : o.err.code == E_BAD_INPUT);
        }
        outcome_done(&o);
    }
}

TEST(archive_huge_document)
{
    CLEANUP(buf_done) struct buf tar = buf_make(MIB(8)), text = buf_make(MIB(8));
    assert_non_null(buf_room(&text, OCI_DOCUMENT_MAX + 1));
    text.len = OCI_DOCUMENT_MAX + 1;
    memset(text.ptr, ' ', text.len);
    tar_file(&tar, "manifest.json", buf_str(&text));
    assert_refused("docker-archive:", &tar, "", E_LIMIT, "manifest.json: 4194305 bytes, more than 4194304");
}

TEST(archive_no_file)
{
    CLEANUP(folder_removep) const char *folder = folder_make();
    const struct image_options options = {.cache_dir = folder};
    struct error err;
    char source[300], wanted[300];
    snprintf(source, sizeof source, "docker-archive:%s", folder);
    snprintf(wanted, sizeof wanted, "%s: not a regular file", folder);
    assert_null(open_image(source, &options, &err));
    assert_int_equal(err.code, E_BAD_INPUT);
    assert_string_equal(err.text, wanted);
    snprintf(source, sizeof source, "%s/fifo", folder);
    assert_int_equal(mkfifo(source, 0600), 0);
    snprintf(source, sizeof source, "oci-archive:%s/fifo", folder);
    snprintf(wanted, sizeof wanted, "%s/fifo: not a regular file", folder);
    assert_null(open_image(source, &options, &err)); /* and does not wait for a writer */
    assert_string_equal(err.text, wanted);
    snprintf(source, sizeof source, "docker-archive:%s/none:tag", folder);
    snprintf(wanted, sizeof wanted, "%s/none:tag: No such file or directory", folder);
    assert_null(open_image(source, &options, &err));
    assert_int_equal(err.code, E_NOT_FOUND);
    assert_string_equal(err.text, wanted);
}
