/* Images as files in a folder of their own, or as archives, for tests. What cannot be made ends the test. */
#pragma once
#include "base/buf.h"
#include "image/image.h"
#include "os/worker.h"

/* A new, empty folder; folder_remove() removes it with all that is in it. */
const char *folder_make(void);
void folder_remove(const char *folder);
DEFINE_CLEANUP(const char, folder_remove)
/* Writes FOLDER/path, and the folders that it stands in. */
void folder_put(const char *folder, const char *path, struct str bytes);

/* Adds an entry to a tar archive. */
void tar_file(struct buf *tar, const char *path, struct str bytes);
void tar_symlink(struct buf *tar, const char *path, const char *target);

struct digest digest_of(struct str bytes);
/* "blobs/sha256/…"; one text at a time. */
const char *blob_path_of(const struct digest *d);

/* A layout, in a folder or (tar) in an archive. */
struct maker {
    const char *folder;
    struct buf *tar;
};
void put_file(const struct maker *m, const char *path, struct str bytes);
struct digest put_blob(const struct maker *m, struct str bytes);
/* Blobs of an image with these layers (ended by NULL), whose config says that it is for the architecture; the
   digest is that of its manifest, *ret_size its length. */
struct digest put_image(const struct maker *m, const char *architecture, const char *const *layers,
                        size_t *ret_size);
/* One manifest's entry in an index; `more` is further members, with a comma before each. */
void add_descriptor(struct buf *json, const struct digest *d, size_t size, const char *more);
/* index.json with these entries (comma separated), and oci-layout. */
void put_layout(const struct maker *m, struct str entries);

/* Opens it, keeping the error; NULL when it could not. */
struct image *open_image(const char *source, const struct image_options *options, struct error *err);
/* What can be read of layer i, in `ret`; the result of image_layer_open(), or of image_layer_close(). */
int read_layer(struct image *image, size_t i, struct buf *ret, struct error *err);
#define assert_str(got, text) assert_string_equal(make_text(got), (text))
const char *make_text(struct str s); /* one text at a time */
