#include "report/report.h"

extern const struct reporter table_reporter, stats_reporter, json_reporter, inventory_table_reporter,
    inventory_json_reporter;

const struct reporter *const reporters[] = {&table_reporter, &stats_reporter, &json_reporter, NULL};
const struct reporter *const inventory_reporters[] = {&inventory_table_reporter, &inventory_json_reporter,
                                                      NULL};

const struct reporter *reporter_find(const struct reporter *const *table, struct str name)
{
    for (; *table; table++)
        if (str_eq(str_of((*table)->name), name))
            return *table;
    return NULL;
}

void report_count(const struct scan_result *r, size_t counts[SEVERITY_COUNT])
{
    memset(counts, 0, SEVERITY_COUNT * sizeof *counts);
    vec_each (&r->findings, f)
        counts[f->severity]++;
}

void report_age(struct buf *out, int64_t seconds)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    size_t i = 0;
    if (seconds < 1) {
        buf_add(out, STR("under a second"));
        return;
    }
    while (seconds < units[i].seconds * (i < 3 ? 2 : 1))
        i++;
    buf_printf(out, "%jd %s%s", (intmax_t)(seconds / units[i].seconds), units[i].name,
               seconds / units[i].seconds == 1 ? "" : "s");
}
