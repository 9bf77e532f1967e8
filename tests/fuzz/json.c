/* JSON: the tokens do not depend on the pieces in which the bytes come; skipping accepts what reading
   accepts; a document cut short never gives a token that the whole does not. */
#include "format/json.h"

#include "base/buf.h"
#include "stream/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct piece_reader {
    struct reader r;
    struct str left;
    size_t step;
};

static int fill(struct reader *r)
{
    struct piece_reader *p = (struct piece_reader *)r;
    size_t n = p->left.len < p->step ? p->left.len : p->step;
    r->ptr = (const uint8_t *)p->left.ptr;
    r->end = r->ptr + n;
    p->left = str_skip(p->left, n);
    return n != 0;
}

static const struct reader_ops ops = {.name = "pieces", .fill = fill};

static int tokens(struct str text, size_t step, bool skip, struct buf *out)
{
    struct error err = {0};
    struct piece_reader p = {
        .r = {.ops = &ops, .limit = UINT64_MAX, .err = &err}, .left = text, .step = step ? step : 1};
    struct json j;
    int kind;
    buf_clear(out);
    json_open(&j, &p.r, &err);
    if (skip) {
        kind = json_skip(&j);
        kind = kind < 0 ? kind : json_end(&j);
    } else {
        while ((kind = json_next(&j)) > 0) {
            buf_add_char(out, (char)kind);
            if (kind == JSON_KEY || kind == JSON_STRING || kind == JSON_NUMBER)
                buf_add(out, j.text);
        }
    }
    json_close(&j);
    return kind;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = buf_make(MIB(64)), other = buf_make(MIB(64));
    struct str text = {(const char *)data, size};
    int kind = tokens(text, size, false, &whole);
    for (size_t step = 1; step < 40; step = step * 2 + 1)
        if (tokens(text, step, false, &other) != kind || !str_eq(buf_str(&whole), buf_str(&other)))
            abort();
    if (tokens(text, size, true, &other) != kind)
        abort();
    struct str trimmed = str_trim(text);
    char first = trimmed.len ? *trimmed.ptr : '-';
    if (first != '-' && (first < '0' || first > '9')) { /* a lone number is another one when it is cut */
        tokens((struct str){text.ptr, size / 2}, size, false, &other);
        if (!str_starts(buf_str(&whole), buf_str(&other)))
            abort();
    }
    buf_done(&whole);
    buf_done(&other);
    return 0;
}
