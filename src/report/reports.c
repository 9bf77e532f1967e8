#include "report/report.h"

extern const struct reporter table_reporter, stats_reporter, json_reporter, html_reporter,
    compare_table_reporter, compare_json_reporter, inventory_table_reporter, inventory_json_reporter;

const struct reporter *const reporters[] = {&table_reporter, &stats_reporter, &json_reporter, &html_reporter,
                                            NULL};
const struct reporter *const compare_reporters[] = {&compare_table_reporter, &compare_json_reporter, NULL};
const struct reporter *const inventory_reporters[] = {&inventory_table_reporter, &inventory_json_reporter,
                                                      NULL};

const struct reporter *reporter_find(const struct reporter *const *table, struct str name)
{
    for (; *table; table++)
        if (str_eq(str_of((*table)->name), name))
            return *table;
    return NULL;
}

size_t report_count(const struct scan_result *r, size_t counts[SEVERITY_COUNT])
{
    size_t fixable = 0;
    memset(counts, 0, SEVERITY_COUNT * sizeof *counts);
    vec_each (&r->findings, f) {
        counts[f->severity]++;
        fixable += f->fixed_version.len > 0;
    }
    return fixable;
}

const char *report_color(enum severity s)
{
    static const char *const colors[SEVERITY_COUNT] = {
        [SEVERITY_UNKNOWN] = "2",       [SEVERITY_NEGLIGIBLE] = "2", [SEVERITY_LOW] = "36",
        [SEVERITY_MEDIUM] = "33",       [SEVERITY_HIGH] = "31",      [SEVERITY_CRITICAL] = "1;31",
        [SEVERITY_DEFCON1] = "1;37;41",
    };
    return colors[s];
}

struct str report_status(const struct finding *f)
{
    static const struct str words[ADVISORY_STATUS_COUNT] = {
        [ADVISORY_AFFECTED] = STR_INIT("no fix yet"),
        [ADVISORY_FIXED] = STR_INIT("upgrade"),
        [ADVISORY_NOT_AFFECTED] = STR_INIT("not affected"),
        [ADVISORY_UNDETERMINED] = STR_INIT("undetermined"),
        [ADVISORY_WILL_NOT_FIX] = STR_INIT("will not fix"),
        [ADVISORY_FIX_DEFERRED] = STR_INIT("fix deferred"),
        [ADVISORY_END_OF_LIFE] = STR_INIT("end of life"),
    };
    return words[f->status];
}

struct report_percent report_epss(const struct finding *f)
{
    struct report_percent ret = {""};
    if (f->about && f->about->epss >= 0)
        snprintf(ret.text, sizeof ret.text, "%.2f %%", f->about->epss * 100);
    return ret;
}

struct report_known report_known(const struct scan_result *r)
{
    struct report_known ret = {0};
    vec_each (&r->findings, f) {
        ret.exploited |= report_exploited(f);
        ret.epss |= f->about && f->about->epss >= 0;
        ret.severities += f->severity_from.len > 0;
    }
    return ret;
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
