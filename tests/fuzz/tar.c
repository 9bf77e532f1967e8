/* An archive read in any windows, with its bodies or without, lists the same entries and ends in the same
   words. */
#include "stream/tar.h"

#include <stdint.h>

#include "stream/memory.h"

#define BODY_MAX 5000

static void list(struct str archive, size_t step, size_t body_max, struct buf *names, struct buf *bodies)
{
    struct error err;
    struct memory_reader m;
    struct tar t;
    struct tar_entry e;
    char bytes[BODY_MAX];
    size_t got;
    int rc = tar_init(&t, memory_reader_init(&m, archive, step, &err), &err);
    while (rc >= 0 && (rc = tar_next(&t, &e)) > 0) {
        if (e.path.len > TAR_PATH_MAX || e.link.len > TAR_PATH_MAX || str_starts(e.path, STR("/")) ||
            str_ends(e.path, STR("/")) || str_starts(e.path, STR("../")))
            abort();
        buf_printf(names, "%ju %d %ju %zu %zu ", (uintmax_t)e.offset, (int)e.type, (uintmax_t)e.size,
                   e.path.len, e.link.len);
        buf_add(names, e.path);
        buf_add(names, e.link);
        if (!body_max || reader_read_some(tar_body(&t), bytes, body_max, &got) < 0)
            continue;
        if (got != (e.size < body_max ? e.size : body_max))
            abort();
        buf_add(bodies, (struct str){bytes, got});
    }
    buf_add(names, rc < 0 ? str_of(err.text) : STR("end"));
    tar_done(&t);
}

static bool same(struct buf *a, struct buf *b)
{
    return a->failed == b->failed && str_eq(buf_str(a), buf_str(b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf names[3], bodies[3];
    struct str archive = {(const char *)data, size};
    for (int i = 0; i < 3; i++) {
        names[i] = buf_make(MIB(4));
        bodies[i] = buf_make(MIB(4));
    }
    list(archive, 0, BODY_MAX, &names[0], &bodies[0]);
    list(archive, size ? 1 + data[size - 1] * 3u : 1, BODY_MAX, &names[1], &bodies[1]);
    list(archive, 0, 0, &names[2], &bodies[2]);
    if (!same(&names[0], &names[1]) || !same(&bodies[0], &bodies[1]))
        abort();
    /* A body that breaks ends the archive at the same entry, but may say how much was missing from where it
       was read. */
    if (!names[0].failed && names[0].len >= 3 && str_ends(buf_str(&names[0]), STR("end")) &&
        !same(&names[0], &names[2]))
        abort();
    for (int i = 0; i < 3; i++) {
        buf_done(&names[i]);
        buf_done(&bodies[i]);
    }
    return 0;
}
