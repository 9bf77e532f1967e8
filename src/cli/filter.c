#include "cli/filter.h"

#include <stdlib.h>

#include "base/memory.h"

static int add_severity(struct filter *f, struct str word, struct error *err)
{
    enum severity s;
    bool above = str_ends(word, STR("+"));
    word.len -= above;
    if (severity_parse(word, &s) < 0)
        return error_set(err, E_USAGE, "--severity: no severity \"%.*s\"; see --help", STR_ARG(word));
    for (int i = (int)s; i < SEVERITY_COUNT && (above || i == (int)s); i++)
        f->shown[i] = true;
    return 0;
}

static int read_severities(const struct options *o, struct filter *ret, struct error *err)
{
    struct str list = str_of(o->values[OPTION_SEVERITY]);
    for (int i = 0; i < SEVERITY_COUNT && !list.len; i++)
        ret->shown[i] = true;
    while (list.len) {
        int rc = add_severity(ret, str_trim(str_cut(&list, ',')), err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* "High,kev" */
static int read_counting(const struct options *o, struct filter *ret, struct error *err)
{
    struct str list = str_of(o->values[OPTION_FAIL_ON]);
    bool any = list.len > 0;
    uint64_t hundredthousandths = 0;
    const char *epss = o->values[OPTION_MIN_EPSS];
    ret->from = any || epss ? SEVERITY_COUNT : SEVERITY_UNKNOWN;
    ret->epss = 2;
    while (list.len) {
        struct str word = str_trim(str_cut(&list, ','));
        enum severity s;
        if (str_eq_nocase(word, STR("kev")))
            ret->kev = true;
        else if (severity_parse(word, &s) < 0)
            return error_set(err, E_USAGE, "--fail-on: no severity \"%.*s\"; see --help", STR_ARG(word));
        else if (s < ret->from)
            ret->from = s;
    }
    if (epss && str_decimal(str_of(epss), 5, 100000, &hundredthousandths) < 0)
        return error_set(err, E_USAGE, "--min-epss: \"%s\" is no probability from 0 to 1", epss);
    if (epss)
        ret->epss = (double)hundredthousandths / 100000;
    return option_number(o, OPTION_EXIT_CODE, 0, 125, any || epss ? EXIT_FOUND : 0, &ret->status, err);
}

/* ---- order ---- */

static const struct finding *finding_at(const void *place)
{
    return *(const struct finding *const *)place;
}

/* As they came: the worst first. */
static int as_before(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)finding_at(a), y = (uintptr_t)finding_at(b);
    return (x > y) - (x < y);
}

static int exploited_first(const void *a, const void *b)
{
    int r = report_exploited(finding_at(b)) - report_exploited(finding_at(a));
    return r ? r : as_before(a, b);
}

static double probability(const void *place)
{
    const struct finding *f = finding_at(place);
    return f->about ? f->about->epss : -1;
}

static int likeliest_first(const void *a, const void *b)
{
    double x = probability(a), y = probability(b);
    return x > y ? -1 : x < y ? 1 : as_before(a, b);
}

static int by_package(const void *a, const void *b)
{
    int r = str_cmp(finding_at(a)->package->name, finding_at(b)->package->name);
    return r ? r : as_before(a, b);
}

static int read_order(const struct options *o, struct filter *ret, struct error *err)
{
    static const struct {
        const char *key;
        int (*order)(const void *a, const void *b);
    } orders[] = {
        {"severity", NULL}, {"kev", exploited_first}, {"epss", likeliest_first}, {"package", by_package}};
    const char *key = o->values[OPTION_SORT];
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (!key || strcmp(key, orders[i].key) == 0) {
            ret->order = orders[i].order;
            return 0;
        }
    return error_set(err, E_USAGE, "--sort: \"%s\" is none of severity, kev, epss, package", key);
}

static void sort_findings(struct finding *findings, size_t n, int (*order)(const void *a, const void *b))
{
    const struct finding **places = memory_new(n * sizeof(void *));
    struct finding *sorted = memory_new(n * sizeof *sorted);
    for (size_t i = 0; i < n; i++)
        places[i] = &findings[i];
    qsort(places, n, sizeof(void *), order);
    for (size_t i = 0; i < n; i++)
        sorted[i] = *places[i];
    memcpy(findings, sorted, n * sizeof *sorted);
    free(places);
    free(sorted);
}

/* ---- all of it ---- */

int filter_make(const struct options *o, struct filter *ret, struct error *err)
{
    *ret = (struct filter){.only_fixed = option_on(o, OPTION_ONLY_FIXED)};
    int rc = read_severities(o, ret, err);
    if (rc == 0)
        rc = read_counting(o, ret, err);
    return rc < 0 ? rc : read_order(o, ret, err);
}

void filter_apply(const struct filter *f, struct scan_result *r)
{
    size_t kept = 0;
    vec_each (&r->findings, it)
        if (f->shown[it->severity] && (!f->only_fixed || it->fixed_version.len))
            r->findings.ptr[kept++] = *it;
    r->hidden = r->findings.len - kept;
    r->findings.len = kept;
    if (f->order && kept)
        sort_findings(r->findings.ptr, kept, f->order);
}

static bool counts(const struct filter *filter, const struct finding *f)
{
    return f->severity >= filter->from || (filter->kev && report_exploited(f)) ||
           (f->about && f->about->epss >= filter->epss);
}

int filter_status(const struct filter *filter, const struct images *im)
{
    bool found = false, unjudged = false;
    for (size_t i = 0; i < im->count; i++) {
        const struct scan_result *r = &im->results[i];
        vec_each (&r->findings, f)
            found |= counts(filter, f);
        unjudged |= r->unjudged > 0 || r->problems.len > 0;
    }
    if (found && filter->status)
        return (int)filter->status;
    return im->failed ? images_failure(im) : unjudged ? EXIT_UNJUDGED : EXIT_NOTHING;
}
