#include "model/advisory.h"

#include "base/limits.h"

static const char *const names[ADVISORY_STATUS_COUNT] = {
    [ADVISORY_AFFECTED] = "affected",         [ADVISORY_FIXED] = "fixed",
    [ADVISORY_NOT_AFFECTED] = "not_affected", [ADVISORY_UNDETERMINED] = "undetermined",
    [ADVISORY_WILL_NOT_FIX] = "will_not_fix", [ADVISORY_FIX_DEFERRED] = "fix_deferred",
    [ADVISORY_END_OF_LIFE] = "end_of_life",
};

const char *advisory_status_name(enum advisory_status status)
{
    return names[(unsigned)status < ADVISORY_STATUS_COUNT ? status : ADVISORY_UNDETERMINED];
}

int advisory_status_parse(struct str word, enum advisory_status *ret)
{
    for (int i = 0; i < ADVISORY_STATUS_COUNT; i++)
        if (str_eq(word, str_of(names[i]))) {
            *ret = (enum advisory_status)i;
            return 0;
        }
    return -1;
}

bool advisory_word_valid(struct str word)
{
    for (size_t i = 0; i < word.len; i++)
        if ((unsigned char)word.ptr[i] <= ' ' || (unsigned char)word.ptr[i] >= 0x7f)
            return false;
    return word.len && word.len <= ADVISORY_TEXT_MAX;
}

/* A record: id; status, severity and flags as one number, 4 bits each, above them a bit for each text that follows the
   fixed version; fixed version; those texts. */
#define FLAGS_MAX 15
enum { MORE_SHIFT = 12, MORE_TEXTS = 5 };

void advisory_pack(struct buf *row, const struct advisory *a)
{
    const struct str more[MORE_TEXTS] = {a->introduced, a->last_affected, a->arches, a->module, a->product};
    uint64_t word = (uint64_t)a->status | (uint64_t)a->severity << 4 | (uint64_t)a->flags << 8;
    bool fits = a->id.len && a->id.len <= ADVISORY_TEXT_MAX && a->fixed_version.len <= ADVISORY_TEXT_MAX &&
                a->flags <= FLAGS_MAX;
    for (unsigned i = 0; i < MORE_TEXTS; i++) {
        word |= more[i].len ? 1ULL << (MORE_SHIFT + i) : 0;
        fits &= more[i].len <= ADVISORY_TEXT_MAX;
    }
    if (!fits) {
        row->failed = true;
        return;
    }
    wire_put_str(row, a->id);
    wire_put_num(row, word);
    wire_put_str(row, a->fixed_version);
    for (unsigned i = 0; i < MORE_TEXTS; i++)
        if (more[i].len)
            wire_put_str(row, more[i]);
}

int advisory_unpack(struct wire *row, struct advisory *ret, struct error *err)
{
    if (!row->failed && !row->left.len)
        return 0;
    struct advisory a = {.id = wire_str(row, ADVISORY_TEXT_MAX)};
    uint64_t word = wire_num(row, (1U << (MORE_SHIFT + MORE_TEXTS)) - 1);
    a.status = (enum advisory_status)(word & 15);
    a.severity = (enum severity)(word >> 4 & 15);
    a.flags = (unsigned)(word >> 8 & FLAGS_MAX);
    a.fixed_version = wire_str(row, ADVISORY_TEXT_MAX);
    struct str *const more[MORE_TEXTS] = {&a.introduced, &a.last_affected, &a.arches, &a.module, &a.product};
    for (unsigned i = 0; i < MORE_TEXTS; i++)
        if (word >> (MORE_SHIFT + i) & 1) {
            *more[i] = wire_str(row, ADVISORY_TEXT_MAX);
            row->failed |= !more[i]->len;
        }
    if (row->failed || !a.id.len || a.status >= ADVISORY_STATUS_COUNT || a.severity >= SEVERITY_COUNT ||
        (a.fixed_version.len != 0) != (a.status == ADVISORY_FIXED) ||
        (a.fixed_version.len && a.last_affected.len)) {
        row->failed = true;
        return error_set(err, E_BAD_INPUT, "advisory: a damaged record, %zu bytes before the row's end",
                         row->left.len);
    }
    *ret = a;
    return 1;
}

void advisory_row_put(struct buf *b, const struct advisory_row *row)
{
    wire_put_str(b, row->namespace);
    wire_put_str(b, row->package);
    wire_put_num(b, row->count);
    wire_put_str(b, row->packed);
}

int advisory_row_get(struct wire *w, struct advisory_row *ret, struct error *err)
{
    if (!w->failed && !w->left.len)
        return 0;
    struct advisory_row row = {.namespace = wire_str(w, ADVISORY_TEXT_MAX),
                               .package = wire_str(w, ADVISORY_TEXT_MAX)};
    row.count = (uint32_t)wire_num(w, ADVISORY_ROW_MAX);
    row.packed = wire_str(w, ADVISORY_ROW_MAX);
    struct wire records = wire_make(row.packed);
    struct advisory a;
    uint32_t count = 0;
    int rc = 1;
    while (!w->failed && (rc = advisory_unpack(&records, &a, err)) > 0)
        count++;
    if (w->failed || rc < 0 || !row.namespace.len || !row.package.len || count != row.count || !count) {
        w->failed = true;
        return rc < 0 ? rc
                      : error_set(err, E_BAD_INPUT, "advisory: a damaged row, %zu bytes before the end",
                                  w->left.len);
    }
    *ret = row;
    return 1;
}

void advisory_link(struct str template, struct str id, struct buf *b)
{
    size_t place = str_find(template, '%');
    if (place == template.len)
        return;
    buf_add(b, (struct str){template.ptr, place});
    buf_add(b, id);
    buf_add(b, str_skip(template, place + 2));
}
