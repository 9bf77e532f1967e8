#include "oci/archive_index.h"

#include "base/limits.h"
#include "base/memory.h"
#include "base/wire.h"
#include "stream/decompress.h"
#include "stream/tar.h"

/* Stands between the archive and the tar reader, which skips contents by pulling them: what was leapt over it
   gets as windows of zeros, which it does not look at. */
struct leaping {
    struct reader r;
    struct reader *in;
    uint64_t zeros; /* so many are to be yielded before `in` goes on */
};

/* Contents smaller than what a refill reads anyway are not worth a leap. */
enum { LEAP_WORTH = 1 << 16 };
static const uint8_t zeros[LEAP_WORTH];

static int leaping_fill(struct reader *r)
{
    struct leaping *l = (struct leaping *)r;
    if (l->zeros) {
        size_t take = l->zeros < sizeof zeros ? (size_t)l->zeros : sizeof zeros;
        l->zeros -= take;
        r->ptr = zeros;
        r->end = zeros + take;
        return 1;
    }
    int more = reader_more(l->in);
    if (more <= 0)
        return more;
    r->ptr = l->in->ptr;
    r->end = l->in->end;
    l->in->ptr = l->in->end;
    return 1;
}

static const struct reader_ops leaping_ops = {.name = "archive", .fill = leaping_fill};

static int leap_over(struct leaping *l, const struct archive_leap *leap, uint64_t content, struct error *err)
{
    uint64_t at_hand = (uint64_t)(l->r.end - l->r.ptr);
    if (!leap || l->zeros || content < at_hand || content - at_hand < LEAP_WORTH)
        return 0;
    int rc = leap->leap(leap->ctx, content - at_hand, err);
    if (rc == 0)
        l->zeros = content - at_hand;
    return rc < 0 ? rc : 0;
}

static int add_file(struct arena *arena, struct archive_index *index, const struct tar_entry *entry,
                    uint64_t offset, struct error *err)
{
    struct archive_file *f = vec_push(&index->files, arena);
    if (!f || arena_str(arena, entry->path, &f->path) < 0 || arena_str(arena, entry->link, &f->link) < 0)
        return error_set(err, E_LIMIT, "archive: its list of files is too large");
    f->symbolic = entry->type == TAR_SYMLINK;
    if (entry->type == TAR_REGULAR) {
        f->offset = offset;
        f->size = entry->size;
    }
    return 0;
}

static int list(struct leaping *l, const struct archive_leap *leap, struct arena *arena,
                struct archive_index *index, struct error *err)
{
    CLEANUP(free_p) struct tar *tar = memory_new(sizeof *tar);
    struct tar_entry entry;
    int rc = tar_init(tar, &l->r, err);
    if (rc < 0)
        return rc;
    while ((rc = tar_next(tar, &entry)) > 0) {
        bool wanted = entry.type == TAR_REGULAR || entry.type == TAR_SYMLINK || entry.type == TAR_HARDLINK;
        bool sparse = tar->sparse.len > 0; /* does not lie in one piece */
        if (wanted && index->files.len == ARCHIVE_ENTRIES_MAX) {
            index->more = true;
            break;
        }
        if (wanted && !sparse && (rc = add_file(arena, index, &entry, reader_position(&l->r), err)) < 0)
            break;
        if ((rc = leap_over(l, leap, tar->left, err)) < 0)
            break;
    }
    tar_done(tar);
    return rc < 0 ? rc : 0;
}

int archive_index_read(struct reader *in, const struct archive_leap *leap, struct arena *arena,
                       struct archive_index *ret, struct error *err)
{
    struct archive_index index = {0};
    struct reader *plain;
    int rc = decompress_open(&plain, in, ARCHIVE_UNPACKED_MAX, err);
    if (rc < 0)
        return rc;
    index.compressed = strcmp(decompress_name(plain), "plain") != 0;
    struct leaping l = {.r = {.ops = &leaping_ops, .limit = UINT64_MAX, .err = err}, .in = plain};
    rc = list(&l, index.compressed ? NULL : leap, arena, &index, err);
    reader_close(plain);
    if (rc < 0)
        return rc;
    *ret = index;
    return 0;
}

static const struct archive_file *find_entry(const struct archive_index *index, struct str path)
{
    for (size_t i = index->files.len; i-- > 0;)
        if (str_eq(index->files.ptr[i].path, path))
            return &index->files.ptr[i];
    return NULL;
}

/* Where a link leads, in dst: SIZE_MAX when that is too long. */
static size_t link_target(const struct archive_file *f, char *dst)
{
    struct buf joined = buf_make(2 * (size_t)TAR_PATH_MAX);
    size_t folder = str_find_last(f->path, '/');
    if (f->symbolic && folder < f->path.len && !str_starts(f->link, STR("/"))) {
        buf_add(&joined, (struct str){f->path.ptr, folder + 1});
    }
    buf_add(&joined, f->link);
    size_t len = joined.failed ? SIZE_MAX : tar_path(buf_str(&joined), dst, TAR_PATH_MAX);
    buf_done(&joined);
    return len;
}

const struct archive_file *archive_find(const struct archive_index *index, struct str path)
{
    char target[TAR_PATH_MAX];
    size_t len = tar_path(path, target, sizeof target);
    for (unsigned links = 0; len != SIZE_MAX && links <= ARCHIVE_LINKS_MAX; links++) {
        const struct archive_file *f = find_entry(index, (struct str){target, len});
        if (!f || !f->link.len)
            return f;
        len = link_target(f, target);
    }
    return NULL;
}

void archive_index_encode(const struct archive_index *index, struct buf *b)
{
    wire_put_num(b, index->compressed);
    wire_put_num(b, index->more);
    wire_put_num(b, index->files.len);
    vec_each (&index->files, f) {
        wire_put_str(b, f->path);
        wire_put_str(b, f->link);
        wire_put_num(b, f->offset);
        wire_put_num(b, f->size);
        wire_put_num(b, f->symbolic);
    }
}

int archive_index_decode(struct str bytes, struct arena *arena, struct archive_index *ret, struct error *err)
{
    struct wire w = wire_make(bytes);
    struct archive_index index = {.compressed = wire_num(&w, 1)};
    index.more = wire_num(&w, 1);
    for (uint64_t n = wire_num(&w, ARCHIVE_ENTRIES_MAX); n && !w.failed; n--) {
        struct archive_file *f = vec_push(&index.files, arena);
        if (!f || arena_str(arena, wire_str(&w, TAR_PATH_MAX), &f->path) < 0 ||
            arena_str(arena, wire_str(&w, TAR_PATH_MAX), &f->link) < 0) {
            w.failed = true;
            break;
        }
        f->offset = wire_num(&w, INT64_MAX);
        f->size = wire_num(&w, INT64_MAX - f->offset);
        f->symbolic = wire_num(&w, 1);
    }
    if (w.failed || w.left.len)
        return error_set(err, E_WORKER, "worker: answer is not the list of an archive");
    *ret = index;
    return 0;
}
