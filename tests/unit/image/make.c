#include "make.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "image/document.h"
#include "os/file.h"
#include "os/worker_wire.h"
#include "stream/digest.h"
#include "stream/tar_write.h"
#include "test.h"

void unit_test_worker(void);

void unit_test_worker(void)
{
    struct error err;
    if (digest_prepare(&err) < 0)
        exit(1);
    worker_serve(WORKER_SOCKET, document_jobs);
}

const char *folder_make(void)
{
    char path[] = "/tmp/limpid-image-XXXXXX", *copy;
    assert_non_null(mkdtemp(path));
    copy = strdup(path);
    assert_non_null(copy);
    return copy;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

void folder_remove(const char *folder)
{
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free((char *)(uintptr_t)folder);
}

void folder_put(const char *folder, const char *path, struct str bytes)
{
    struct error err = {0};
    char whole[4096];
    snprintf(whole, sizeof whole, "%s/%s", folder, path);
    for (char *slash = strchr(whole + strlen(folder) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(whole, 0700);
        *slash = '/';
    }
    if (file_write(whole, bytes, &err) < 0)
        fail_msg("%s", err.text);
}

void tar_file(struct buf *tar, const char *path, struct str bytes)
{
    const struct tar_entry e = {.path = str_of(path), .type = TAR_REGULAR, .size = bytes.len};
    tar_write_header(tar, &e, 0644);
    buf_add(tar, bytes);
    for (size_t n = tar_write_padding(bytes.len); n; n--)
        buf_add_char(tar, 0);
}

void tar_symlink(struct buf *tar, const char *path, const char *target)
{
    const struct tar_entry e = {.path = str_of(path), .link = str_of(target), .type = TAR_SYMLINK};
    tar_write_header(tar, &e, 0777);
}

struct digest digest_of(struct str bytes)
{
    uint8_t hash[32];
    sha256_of(bytes, hash);
    return digest_of_bytes(hash, sizeof hash);
}

const char *blob_path_of(const struct digest *d)
{
    static char path[100];
    snprintf(path, sizeof path, "blobs/sha256/%s", d->text + strlen("sha256:"));
    return path;
}

void put_file(const struct maker *m, const char *path, struct str bytes)
{
    if (m->tar)
        tar_file(m->tar, path, bytes);
    else
        folder_put(m->folder, path, bytes);
}

struct digest put_blob(const struct maker *m, struct str bytes)
{
    struct digest d = digest_of(bytes);
    put_file(m, blob_path_of(&d), bytes);
    return d;
}

void add_descriptor(struct buf *json, const struct digest *d, size_t size, const char *more)
{
    buf_printf(json, "%s{\"digest\":\"%s\",\"size\":%zu%s}",
               json->len && json->ptr[json->len - 1] == '}' ? "," : "", d->text, size, more);
}

struct digest put_image(const struct maker *m, const char *architecture, const char *const *layers,
                        size_t *ret_size)
{
    CLEANUP(buf_done)
    struct buf config = buf_make(KIB(64)), manifest = buf_make(KIB(64)), list = buf_make(KIB(64));
    buf_printf(&config, "{\"os\":\"linux\",\"architecture\":\"%s\",\"rootfs\":{\"diff_ids\":[", architecture);
    for (size_t i = 0; layers[i]; i++) {
        struct digest d = put_blob(m, str_of(layers[i]));
        add_descriptor(&list, &d, strlen(layers[i]),
                       ",\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\"");
        buf_printf(&config, "%s\"%s\"", i ? "," : "", d.text);
    }
    buf_add(&config, STR("]},\"history\":[{\"created_by\":\"RUN first\"}]}"));
    struct digest d = put_blob(m, buf_str(&config));
    buf_add(&manifest, STR("{\"config\":"));
    add_descriptor(&manifest, &d, config.len, "");
    buf_add(&manifest, STR(",\"layers\":["));
    buf_add(&manifest, buf_str(&list));
    buf_add(&manifest, STR("]}"));
    *ret_size = manifest.len;
    return put_blob(m, buf_str(&manifest));
}

void put_layout(const struct maker *m, struct str entries)
{
    CLEANUP(buf_done) struct buf index = buf_make(KIB(64));
    buf_add(&index, STR("{\"schemaVersion\":2,\"manifests\":["));
    buf_add(&index, entries);
    buf_add(&index, STR("]}"));
    put_file(m, "oci-layout", STR("{\"imageLayoutVersion\":\"1.0.0\"}"));
    put_file(m, "index.json", buf_str(&index));
}

struct image *open_image(const char *source, const struct image_options *options, struct error *err)
{
    CLEANUP(worker_freep) struct worker *worker = worker_new();
    struct image *image = NULL;
    *err = (struct error){0};
    int rc = image_open(&image, source, options, worker, err);
    assert_true(rc == 0 ? image != NULL : rc == -(int)err->code && !image && err->text[0]);
    return image;
}

int read_layer(struct image *image, size_t i, struct buf *ret, struct error *err)
{
    int fd = -1;
    uint64_t offset = 0, length = 0;
    int rc = image_layer_open(image, i, &fd, &offset, &length, err);
    if (rc < 0)
        return rc;
    while (length) {
        char *room = buf_room(ret, 4096);
        assert_non_null(room);
        size_t want = length < 4096 ? (size_t)length : 4096;
        ssize_t n = lseek(fd, 0, SEEK_CUR) < 0 ? read(fd, room, want) : pread(fd, room, want, (off_t)offset);
        assert_true(n >= 0);
        if (!n)
            break;
        ret->len += (size_t)n;
        offset += (uint64_t)n;
        length -= (uint64_t)n;
    }
    return image_layer_close(image, i, err);
}

const char *make_text(struct str s)
{
    static char text[4096];
    assert_int_equal(str_copy(s, text, sizeof text), 0);
    return text;
}
