/* The Debian tracker's rows, parsed beforehand, loaded into a new database: what a feed's load costs without parsing.
   store_rows TRACKER.json DATABASE prints milliseconds. */
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "feed/publishers.h"
#include "os/clock.h"
#include "os/fd.h"
#include "os/file.h"
#include "store/store.h"

struct kept {
    struct feed_sink sink;
    struct arena arena;
    VEC(struct advisory_row) rows;
};

static int keep(struct feed_sink *s, const struct advisory_row *row, struct error *err)
{
    struct kept *k = (struct kept *)s;
    struct advisory_row *copy = vec_push(&k->rows, &k->arena);
    if (!copy || arena_str(&k->arena, row->namespace, &copy->namespace) < 0 ||
        arena_str(&k->arena, row->package, &copy->package) < 0 ||
        arena_str(&k->arena, row->packed, &copy->packed) < 0)
        return error_set(err, E_LIMIT, "too many rows");
    copy->count = row->count;
    return 0;
}

static int load(const struct kept *k, const char *path, struct error *err)
{
    struct store *store = NULL;
    bool rebuilt;
    const struct store_feed meta = {.name = STR("debian"), .rows = 1};
    int rc = store_open(&store, path, &rebuilt, err);
    if (rc == 0)
        store_feed_begin(store, STR("debian"));
    for (size_t i = 0; i < k->rows.len && rc == 0; i++)
        rc = store_feed_row(store, &k->rows.ptr[i], err);
    if (rc == 0)
        rc = store_feed_end(store, &meta, err);
    store_close(store);
    return rc;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    struct fd_reader file;
    struct kept k = {.sink = {.row = keep}, .arena = arena_make(MIB(512))};
    int fd = argc == 3 ? file_open(argv[1], 0, &err) : -1;
    int rc = fd < 0 ? fd
                    : debian_feed.parse(&debian_feed, fd_reader_init(&file, fd, 0, UINT64_MAX, &err), &k.sink,
                                        &err);
    uint64_t start = clock_ms();
    if (rc == 0)
        rc = load(&k, argv[2], &err);
    if (rc < 0)
        fprintf(stderr, "%s\n", err.text);
    else
        printf("%ju ms for %zu rows\n", (uintmax_t)(clock_ms() - start), k.rows.len);
    arena_done(&k.arena);
    return rc < 0;
}
