/* Rows of advisories: whatever is read from damaged ones is in its bounds, and packs to what reads the same
   again. */
#include "model/advisory.h"

#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_row(const struct advisory_row *row)
{
    struct buf again = buf_make(ADVISORY_ROW_MAX * 2);
    struct wire w = wire_make(row->packed);
    struct advisory a, b;
    struct error err;
    while (advisory_unpack(&w, &a, &err) > 0)
        advisory_pack(&again, &a);
    struct wire first = wire_make(row->packed), second = wire_make(buf_str(&again));
    uint32_t count = 0;
    while (advisory_unpack(&first, &a, &err) > 0) {
        if (advisory_unpack(&second, &b, &err) <= 0 || !str_eq(a.id, b.id) || a.status != b.status ||
            a.severity != b.severity || a.flags != b.flags || !str_eq(a.fixed_version, b.fixed_version) ||
            !str_eq(a.introduced, b.introduced) || !str_eq(a.last_affected, b.last_affected) ||
            !str_eq(a.arches, b.arches) || !str_eq(a.module, b.module) || !str_eq(a.product, b.product))
            abort();
        if (!advisory_status_name(a.status)[0] || !severity_name(a.severity)[0])
            abort();
        count++;
    }
    if (count != row->count || wire_more(&second))
        abort();
    buf_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = {(const char *)data, size};
    struct wire rows = wire_make(bytes), records = wire_make(bytes);
    struct advisory_row row;
    struct advisory a;
    struct error err;
    while (advisory_row_get(&rows, &row, &err) > 0)
        check_row(&row);
    while (advisory_unpack(&records, &a, &err) > 0)
        if (a.id.len > ADVISORY_TEXT_MAX || a.fixed_version.len > ADVISORY_TEXT_MAX)
            abort();
    return 0;
}
