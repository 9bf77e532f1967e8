/* A feed: what it gives does not depend on the pieces in which the bytes come; each row can be read back; fixed versions
   are versions. */
#pragma once
#include "base/limits.h"
#include "feed/publishers.h"
#include "stream/memory.h"
#include "version/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct wire_sink {
    struct feed_sink sink;
    struct buf out;
    size_t told; /* a sum of what is told of ids */
};

static inline int put_row(struct feed_sink *sink, const struct advisory_row *row, struct error *err)
{
    struct wire_sink *s = (struct wire_sink *)sink;
    (void)err;
    advisory_row_put(&s->out, row);
    return 0;
}

static inline int put_problem(struct feed_sink *sink, struct str where, const char *text, struct error *err)
{
    (void)sink, (void)err;
    if (!text[0] || (where.len && !where.ptr))
        abort();
    return 0;
}

static inline int put_about(struct feed_sink *sink, const struct vulnerability *v, struct error *err)
{
    struct wire_sink *s = (struct wire_sink *)sink;
    struct buf facts = buf_make(MIB(1));
    struct vulnerability back = vulnerability_make(v->id);
    if (!v->id.len)
        abort();
    vulnerability_pack(&facts, v);
    if (vulnerability_unpack(buf_str(&facts), &back, err) < 0 || back.score3 != v->score3 ||
        back.rejected != v->rejected)
        abort();
    s->told = s->told * 31 + v->id.len + v->description.len + facts.len;
    buf_done(&facts);
    return 0;
}

static inline int put_repository(struct feed_sink *sink, struct str name, struct str products,
                                 struct error *err)
{
    struct wire_sink *s = (struct wire_sink *)sink;
    (void)err;
    if (!name.len || products.len > PRODUCTS_MAX)
        abort();
    s->told = s->told * 31 + name.len + products.len;
    return 0;
}

static inline int parse(const struct feed *feed, struct str text, size_t step, struct wire_sink *s)
{
    struct error err = {0};
    struct memory_reader m;
    s->sink = (struct feed_sink){
        .row = put_row, .problem = put_problem, .about = put_about, .repository = put_repository};
    s->told = 0;
    buf_clear(&s->out);
    return feed->parse(feed, memory_reader_init(&m, text, step, &err), &s->sink, &err);
}

static inline void check_rows(const struct version_scheme *scheme, struct str bytes)
{
    struct wire w = wire_make(bytes);
    struct advisory_row row;
    struct error err;
    int rc;
    while ((rc = advisory_row_get(&w, &row, &err)) > 0) {
        struct wire records = wire_make(row.packed);
        struct advisory a;
        while (advisory_unpack(&records, &a, &err) > 0)
            if (a.status == ADVISORY_FIXED && !scheme->valid(a.fixed_version))
                abort();
    }
    if (rc < 0)
        abort();
}

static inline void feed_fuzz(const struct feed *feed, const uint8_t *data, size_t size)
{
    struct wire_sink whole = {.out = buf_make(MIB(256))}, pieces = {.out = buf_make(MIB(256))};
    struct str text = {(const char *)data, size};
    int rc = parse(feed, text, 0, &whole);
    if (!whole.out.failed)
        check_rows(version_scheme_find(str_of(feed->scheme)), buf_str(&whole.out));
    for (size_t step = 1; step < 30; step = step * 4 + 1)
        if (parse(feed, text, step, &pieces) != rc ||
            (rc == 0 && (!str_eq(buf_str(&whole.out), buf_str(&pieces.out)) || whole.told != pieces.told)))
            abort(); /* what a broken document says before it breaks is not kept */
    buf_done(&whole.out);
    buf_done(&pieces.out);
}
