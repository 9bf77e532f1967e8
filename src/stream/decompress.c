#include "stream/decompress.h"

#include <stdlib.h>

#include "base/memory.h"
#include "stream/codec.h"

#define HEAD_SIZE 10 /* the longest magic */

#ifdef HAVE_ISAL
#define gzip_open gzip_isal_open
#else
#define gzip_open gzip_zlib_open
#endif

static const struct codec codecs[] = {
    {"gzip", STR_INIT("\x1f\x8b"), {0}, gzip_open},
    {"zstd", STR_INIT("\x28\xb5\x2f\xfd"), {0}, zstd_open},
    {"zstd", STR_INIT("\x50\x2a\x4d\x18"), STR_INIT("\xf0\xff\xff\xff"), zstd_open}, /* a skippable frame */
    {"xz", STR_INIT("\xfd\x37zXZ\0"), {0}, xz_open},
    /* A tar may begin with a file named BZh: the digit and the first block's mark (or the end's) tell. */
    {"bzip2", STR_INIT("BZh01AY&SY"), STR_INIT("\xff\xff\xff\xf0\xff\xff\xff\xff\xff\xff"), bzip2_open},
    {"bzip2", STR_INIT("BZh0\x17\x72\x45\x38\x50\x90"), STR_INIT("\xff\xff\xff\xf0\xff\xff\xff\xff\xff\xff"),
     bzip2_open},
};

/* The source again with the first bytes, which were read to recognise it: they are the first window. */
struct plain {
    struct reader r;
    struct reader *in;
    size_t head_len;
    bool head_lent;
    uint8_t head[HEAD_SIZE];
};

struct decompress {
    struct reader r;
    struct plain plain;
    struct reader *codec; /* NULL: plain */
    const char *name;
};

static int plain_fill(struct reader *r)
{
    struct plain *p = (struct plain *)r;
    if (!p->head_lent && p->head_len) {
        p->head_lent = true;
        r->ptr = p->head;
        r->end = p->head + p->head_len;
        return 1;
    }
    int more = reader_more(p->in);
    if (more <= 0)
        return more;
    r->ptr = p->in->ptr;
    r->end = p->in->end;
    p->in->ptr = p->in->end;
    return 1;
}

static int decompress_fill(struct reader *r)
{
    struct decompress *d = (struct decompress *)r;
    struct reader *from = d->codec ? d->codec : &d->plain.r;
    int more = reader_more(from);
    if (more <= 0)
        return more;
    r->ptr = from->ptr;
    r->end = from->end;
    from->ptr = from->end;
    return 1;
}

static void decompress_close(struct reader *r)
{
    struct decompress *d = (struct decompress *)r;
    reader_close(d->codec);
    free(d);
}

static const struct reader_ops plain_ops = {.name = "plain", .fill = plain_fill};
static const struct reader_ops decompress_ops = {
    .name = "decompress", .fill = decompress_fill, .close = decompress_close};

static bool matches(const struct codec *c, const struct plain *p)
{
    if (p->head_len < c->magic.len)
        return false;
    for (size_t i = 0; i < c->magic.len; i++) {
        unsigned mask = c->mask.len ? (uint8_t)c->mask.ptr[i] : 0xff;
        if ((p->head[i] & mask) != (uint8_t)c->magic.ptr[i])
            return false;
    }
    return true;
}

int decompress_open(struct reader **ret, struct reader *in, uint64_t limit, struct error *err)
{
    struct decompress *d = memory_new(sizeof *d);
    d->r = (struct reader){.ops = &decompress_ops, .limit = UINT64_MAX, .err = err};
    d->plain.r = (struct reader){.ops = &plain_ops, .limit = limit, .err = err};
    d->plain.in = in;
    d->name = "plain";
    int rc = reader_read_some(in, d->plain.head, HEAD_SIZE, &d->plain.head_len);
    for (const struct codec *c = codecs; rc >= 0 && c < codecs + sizeof codecs / sizeof *codecs; c++)
        if (matches(c, &d->plain)) {
            d->name = c->name;
            d->plain.r.limit = UINT64_MAX;
            rc = c->open(&d->codec, &d->plain.r, limit, err);
            break;
        }
    if (rc < 0) {
        reader_close(&d->r);
        return rc;
    }
    *ret = &d->r;
    return 0;
}

const char *decompress_name(const struct reader *r)
{
    return ((const struct decompress *)r)->name;
}
