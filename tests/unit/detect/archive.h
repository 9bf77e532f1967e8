/* A layer in the making, and a sink that writes down what it gets, a line each. */
#pragma once
#include "detect/layer.h"
#include "stream/tar_write.h"
#include "test.h"

struct archive {
    struct buf tar;
};

static inline void archive_add(struct archive *a, enum tar_type type, const char *path,
                               struct str content_or_link)
{
    bool regular = type == TAR_REGULAR;
    const struct tar_entry e = {.path = str_of(path),
                                .link = regular ? STR("") : content_or_link,
                                .type = type,
                                .size = regular ? content_or_link.len : 0};
    tar_write_header(&a->tar, &e, 0644);
    if (!regular)
        return;
    buf_add(&a->tar, content_or_link);
    for (size_t n = tar_write_padding(e.size); n; n--)
        buf_add_char(&a->tar, 0);
}

struct notes {
    struct sink sink;
    struct buf text;
    size_t packages, files, problems;
    size_t refuse_after; /* packages; 0: never */
    struct error *err;
};

struct notes notes_make(struct error *err);
/* Reads the archive in windows of `step` bytes (0: one) and returns what layer_read() did. */
int archive_read(const struct archive *a, size_t step, const struct layer_request *request, struct notes *n,
                 struct error *err);
/* The notes of one file below a path, for detectors' tests. */
void expect_file(const char *path, struct str content, const char *wanted);
