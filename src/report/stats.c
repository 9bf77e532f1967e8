/* A severity a line with its count, worst first. */
#include "report/report.h"

static void write_stats(struct buf *out, const struct scan_result *results, size_t count,
                        const struct report_options *o)
{
    (void)o;
    for (size_t i = 0; i < count; i++) {
        size_t counts[SEVERITY_COUNT];
        char safe[512];
        report_count(&results[i], counts);
        if (count > 1)
            buf_printf(out, "%s%s\n", i ? "\n" : "", str_printable(results[i].reference, safe, sizeof safe));
        for (int s = SEVERITY_COUNT - 1; s >= 0; s--)
            if (counts[s])
                buf_printf(out, "%s: %zu\n", severity_name((enum severity)s), counts[s]);
        if (results[i].unjudged)
            buf_printf(out, "Not judged: %zu\n", results[i].unjudged);
    }
}

const struct reporter stats_reporter = {"stats", "a severity per line with its count", write_stats};
