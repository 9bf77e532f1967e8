#include "update/feed_job.h"

#include "base/limits.h"
#include "base/wire.h"
#include "stream/decompress.h"

/* A batch on the pipe: four bytes of length, lowest first, then records of these kinds. */
enum record {
    RECORD_ROW = 1,
    RECORD_PROBLEM,
    RECORD_ABOUT,
    RECORD_MORE,
    RECORD_SUBJECT,
    RECORD_REMEMBER,
    RECORD_REPOSITORY
};
enum { LENGTH_BYTES = 4 };

/* ---- in the worker ---- */

struct batch {
    struct feed_sink sink;
    struct worker_call *call;
    struct buf records, facts;
    size_t problems;
    struct error *err;
};

static int flush(struct batch *b, size_t at_least)
{
    if (b->records.len < at_least || !b->records.len)
        return 0;
    int rc = buf_finish(&b->records, "feed: batch", b->err);
    size_t n = b->records.len;
    const char length[LENGTH_BYTES] = {(char)(n & 0xff), (char)(n >> 8 & 0xff), (char)(n >> 16 & 0xff),
                                       (char)(n >> 24 & 0xff)};
    if (rc == 0)
        rc = worker_reply(b->call, (struct str){length, LENGTH_BYTES}, b->err);
    if (rc == 0)
        rc = worker_reply(b->call, buf_str(&b->records), b->err);
    buf_clear(&b->records);
    return rc;
}

static int put_row(struct feed_sink *s, const struct advisory_row *row, struct error *err)
{
    struct batch *b = (struct batch *)s;
    (void)err; /* the batch has the same */
    wire_put_num(&b->records, RECORD_ROW);
    advisory_row_put(&b->records, row);
    return flush(b, KIB(48));
}

static int put_problem(struct feed_sink *s, struct str where, const char *text, struct error *err)
{
    struct batch *b = (struct batch *)s;
    (void)err;
    if (++b->problems > FEED_PROBLEMS_MAX)
        return 0; /* told as a number at the end */
    wire_put_num(&b->records, RECORD_PROBLEM);
    wire_put_str(&b->records, where);
    wire_put_str(&b->records, str_of(text));
    return flush(b, KIB(48));
}

/* The longest beginning of at most max bytes that does not end within a character. */
static struct str cut(struct str s, size_t max)
{
    if (s.len <= max)
        return s;
    while (max && ((unsigned char)s.ptr[max] & 0xc0) == 0x80)
        max--;
    return (struct str){s.ptr, max};
}

static int put_about(struct feed_sink *s, const struct vulnerability *v, struct error *err)
{
    struct batch *b = (struct batch *)s;
    (void)err;
    wire_put_num(&b->records, RECORD_ABOUT);
    wire_put_str(&b->records, v->id);
    wire_put_str(&b->records, cut(v->description, FEED_DESCRIPTION_MAX));
    buf_clear(&b->facts);
    vulnerability_pack(&b->facts, v);
    wire_put_str(&b->records, buf_str(&b->facts));
    return flush(b, KIB(48));
}

static int put_text(struct feed_sink *s, enum record kind, struct str text)
{
    struct batch *b = (struct batch *)s;
    wire_put_num(&b->records, kind);
    wire_put_str(&b->records, text);
    return flush(b, KIB(48));
}

static int put_more(struct feed_sink *s, struct str url, struct error *err)
{
    (void)err;
    return put_text(s, RECORD_MORE, url);
}

static int put_subject(struct feed_sink *s, struct str id, struct error *err)
{
    (void)err;
    return put_text(s, RECORD_SUBJECT, id);
}

static int put_remember(struct feed_sink *s, struct str text, struct error *err)
{
    (void)err;
    return put_text(s, RECORD_REMEMBER, text);
}

static int put_repository(struct feed_sink *s, struct str name, struct str products, struct error *err)
{
    struct batch *b = (struct batch *)s;
    (void)err;
    wire_put_num(&b->records, RECORD_REPOSITORY);
    wire_put_str(&b->records, name);
    wire_put_str(&b->records, products);
    return flush(b, KIB(48));
}

int feed_job(struct worker_call *call, struct error *err)
{
    struct str rest = call->args, name = str_cut(&rest, '\n'), document = str_cut(&rest, '\n');
    const struct feed *feed = feed_find(name);
    struct batch b = {
        .sink = {put_row, put_problem, put_about, put_more, put_subject, put_remember, put_repository,
                 document, rest},
        .call = call,
        .records = buf_make(FEED_BATCH_MAX),
        .facts = buf_make(FEED_FACTS_MAX),
        .err = err,
    };
    if (!feed)
        return error_set(err, E_BAD_INPUT, "feed: no feed of that name");
    struct reader *plain = NULL;
    int rc =
        decompress_open(&plain, call->in, feed->unpacked_max ? feed->unpacked_max : FEED_DOCUMENT_MAX, err);
    if (rc == 0)
        rc = feed->parse(feed, plain, &b.sink, err);
    if (rc == 0 && b.problems > FEED_PROBLEMS_MAX) {
        char text[64];
        snprintf(text, sizeof text, "%zu more records could not be used", b.problems - FEED_PROBLEMS_MAX);
        wire_put_num(&b.records, RECORD_PROBLEM);
        wire_put_str(&b.records, name);
        wire_put_str(&b.records, str_of(text));
    }
    if (rc == 0)
        rc = flush(&b, 0);
    reader_close(plain);
    buf_done(&b.records);
    buf_done(&b.facts);
    return rc;
}

/* ---- in the parent ---- */

struct feed_answer feed_answer_make(void)
{
    return (struct feed_answer){.pending = buf_make(FEED_BATCH_MAX + 2 * (size_t)WORKER_FRAME_MAX)};
}

void feed_answer_done(struct feed_answer *a)
{
    buf_done(&a->pending);
}

/* One record of a kind that is but texts; < 0 of the receiver. */
static int take_texts(struct feed_answer *a, enum record kind, struct wire *w, struct error *err)
{
    struct vulnerability about = vulnerability_make(STR(""));
    struct str text, products;
    switch (kind) {
    case RECORD_ABOUT:
        about.id = wire_str(w, ADVISORY_TEXT_MAX);
        about.description = wire_str(w, FEED_DESCRIPTION_MAX);
        w->failed |= vulnerability_unpack(wire_str(w, FEED_FACTS_MAX), &about, err) < 0 || !about.id.len;
        return w->failed ? 0 : a->about(a->ctx, &about, err);
    case RECORD_MORE:
        text = wire_str(w, URL_MAX);
        return w->failed ? 0 : a->more(a->ctx, text, err);
    case RECORD_SUBJECT:
        text = wire_str(w, ADVISORY_TEXT_MAX);
        w->failed |= !text.len;
        return w->failed ? 0 : a->subject(a->ctx, text, err);
    case RECORD_REMEMBER:
        text = wire_str(w, FEED_REMEMBERED_MAX);
        return w->failed ? 0 : a->remember(a->ctx, text, err);
    case RECORD_REPOSITORY:
        text = wire_str(w, ADVISORY_TEXT_MAX);
        products = wire_str(w, PRODUCTS_MAX);
        w->failed |= !text.len;
        return w->failed ? 0 : a->repository(a->ctx, text, products, err);
    default:
        w->failed = true;
        return 0;
    }
}

static int take_records(struct feed_answer *a, struct str records, struct error *err)
{
    struct wire w = wire_make(records);
    int rc = 0;
    while (rc >= 0 && wire_more(&w)) {
        struct advisory_row row;
        struct problem problem = {.code = E_BAD_INPUT};
        enum record kind = (enum record)wire_num(&w, RECORD_REPOSITORY);
        switch (kind) {
        case RECORD_ROW:
            rc = advisory_row_get(&w, &row, err);
            if (rc > 0)
                rc = a->row(a->ctx, &row, err);
            else
                w.failed = true; /* a row was announced */
            break;
        case RECORD_PROBLEM:
            problem.where = wire_str(&w, INVENTORY_TEXT_MAX);
            problem.text = wire_str(&w, INVENTORY_TEXT_MAX);
            rc = w.failed ? 0 : a->problem(a->ctx, &problem, err);
            break;
        default:
            rc = take_texts(a, kind, &w, err);
        }
    }
    return rc < 0 ? rc : w.failed ? error_set(err, E_WORKER, "the sandboxed reader sent a broken batch") : 0;
}

int feed_answer_take(void *answer, struct str piece, struct error *err)
{
    struct feed_answer *a = answer;
    buf_add(&a->pending, piece);
    int rc = buf_finish(&a->pending, "feed: batch", err);
    struct str left = buf_str(&a->pending);
    while (rc == 0 && left.len >= LENGTH_BYTES) {
        const unsigned char *p = (const unsigned char *)left.ptr;
        size_t n = p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
        if (n > FEED_BATCH_MAX)
            return error_set(err, E_WORKER, "the sandboxed reader announced a batch of %zu bytes", n);
        if (left.len - LENGTH_BYTES < n)
            break;
        rc = take_records(a, (struct str){left.ptr + LENGTH_BYTES, n}, err);
        left = str_skip(left, LENGTH_BYTES + n);
    }
    if (left.len && left.ptr != a->pending.ptr)
        memmove(a->pending.ptr, left.ptr, left.len);
    a->pending.len = left.len;
    return rc;
}
