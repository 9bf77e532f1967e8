#include "stream/reader.h"

#include "base/arena.h"
#include "base/buf.h"

int reader_fill(struct reader *r)
{
    if (r->state)
        return r->state > 0 ? 0 : r->state;
    int more = r->ops->fill(r);
    if (more <= 0) {
        r->state = more ? more : 1;
        r->ptr = r->end = NULL;
        return more;
    }
    r->offset += (uint64_t)(r->end - r->ptr);
    if (r->offset > r->limit)
        return reader_fail(
            r, error_set(r->err, E_LIMIT, "%s: more than %ju bytes", r->ops->name, (uintmax_t)r->limit));
    return 1;
}

int reader_fail(struct reader *r, int code)
{
    r->state = code;
    r->ptr = r->end = NULL;
    return code;
}

static int ends_early(struct reader *r, uint64_t missing)
{
    return reader_fail(r, error_set(r->err, E_BAD_INPUT, "%s: ends %ju bytes early, at offset %ju",
                                    r->ops->name, (uintmax_t)missing, (uintmax_t)r->offset));
}

int reader_skip(struct reader *r, uint64_t n)
{
    while (n) {
        int more = reader_more(r);
        if (more <= 0)
            return more ? more : ends_early(r, n);
        size_t have = (size_t)(r->end - r->ptr), take = have < n ? have : (size_t)n;
        r->ptr += take;
        n -= take;
    }
    return 0;
}

int reader_read_some(struct reader *r, void *dst, size_t n, size_t *ret)
{
    size_t done = 0;
    while (done < n) {
        int more = reader_more(r);
        if (more < 0)
            return more;
        if (!more)
            break;
        size_t have = (size_t)(r->end - r->ptr), take = have < n - done ? have : n - done;
        memcpy((char *)dst + done, r->ptr, take);
        r->ptr += take;
        done += take;
    }
    *ret = done;
    return 0;
}

int reader_read(struct reader *r, void *dst, size_t n)
{
    size_t got = 0;
    int rc = reader_read_some(r, dst, n, &got);
    if (rc < 0)
        return rc;
    return got < n ? ends_early(r, n - got) : 0;
}

int reader_drain(struct reader *r)
{
    int more;
    while ((more = reader_more(r)) > 0)
        r->ptr = r->end;
    return more;
}

int reader_all(struct reader *r, size_t max, struct arena *arena, struct str *ret)
{
    struct buf all = buf_make(max);
    int more;
    while ((more = reader_more(r)) > 0 && !all.failed) {
        buf_add(&all, reader_window(r));
        r->ptr = r->end;
    }
    if (more >= 0 && (more = buf_finish(&all, r->ops->name, r->err)) == 0 &&
        arena_str(arena, buf_str(&all), ret) < 0)
        more = error_set(r->err, E_LIMIT, "%s: %zu bytes are more than this unit of work may keep",
                         r->ops->name, all.len);
    buf_done(&all);
    return more < 0 ? reader_fail(r, more) : 0;
}

void reader_close(struct reader *r)
{
    if (r && r->ops->close)
        r->ops->close(r);
}
