/* Lists of archives: windows of one byte give the same as one window, leaping the same as reading, and the
   input as a wire form is decoded with suspicion. */
#include "oci/archive_index.h"

#include "base/limits.h"
#include "stream/memory.h"

static int leap(void *ctx, uint64_t n, struct error *err)
{
    struct memory_reader *m = ctx;
    if (n > m->left.len)
        return error_set(err, E_BAD_INPUT, "archive: ends early");
    m->left = str_skip(m->left, (size_t)n);
    return 0;
}

static int list(struct str bytes, size_t step, bool leaps, struct buf *ret)
{
    struct arena arena = arena_make(ARCHIVE_INDEX_MAX);
    struct error err = {0};
    struct memory_reader in;
    struct archive_leap how = {leap, &in};
    struct archive_index index;
    int rc = archive_index_read(memory_reader_init(&in, bytes, step, &err), leaps ? &how : NULL, &arena,
                                &index, &err);
    if (rc == 0) {
        vec_each (&index.files, f)
            archive_find(&index, f->path);
        archive_index_encode(&index, ret);
    }
    arena_done(&arena);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = {(const char *)data, size};
    struct buf whole = buf_make(MIB(16)), small = buf_make(MIB(16)), leapt = buf_make(MIB(16));
    int rc = list(bytes, 0, false, &whole);
    int rc_small = list(bytes, 1, false, &small), rc_leapt = list(bytes, 4096, true, &leapt);
    if ((rc == 0) != (rc_small == 0) || (rc == 0) != (rc_leapt == 0))
        abort();
    if (rc == 0 && (!str_eq(buf_str(&whole), buf_str(&small)) || !str_eq(buf_str(&whole), buf_str(&leapt))))
        abort();
    buf_done(&whole);
    buf_done(&small);
    buf_done(&leapt);
    struct arena arena = arena_make(ARCHIVE_INDEX_MAX);
    struct archive_index index;
    struct error err;
    archive_index_decode(bytes, &arena, &index, &err);
    arena_done(&arena);
    return 0;
}
