#include "client/stats.h"

void stats_put(struct buf *out, const struct scan_result *r, bool all)
{
    size_t counts[SEVERITY_COUNT] = {0};
    const char *separator = "";
    vec_each (&r->findings, f)
        counts[f->severity] += all || f->fixed_version.len;
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--) {
        if (!counts[s])
            continue;
        buf_printf(out, "%s%s: %zu", separator, severity_name((enum severity)s), counts[s]);
        separator = "\n";
    }
}

static bool is_known(struct str id, const struct str *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(id, names[i]))
            return true;
    return false;
}

void stats_forget(struct scan_result *r, const struct str *names, size_t count)
{
    size_t kept = 0;
    vec_each (&r->findings, f)
        if (!is_known(f->id, names, count))
            r->findings.ptr[kept++] = *f;
    r->findings.len = kept;
}
