#include "cli/filter.h"

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

int filter_make(const struct options *o, struct filter *ret, struct error *err)
{
    const char *from = o->values[OPTION_FAIL_ON];
    *ret = (struct filter){.only_fixed = option_on(o, OPTION_ONLY_FIXED)};
    int rc = read_severities(o, ret, err);
    if (rc < 0)
        return rc;
    if (from && severity_parse(str_of(from), &ret->from) < 0)
        return error_set(err, E_USAGE, "--fail-on: no severity \"%s\"; see --help", from);
    return option_number(o, OPTION_EXIT_CODE, 0, 125, from ? EXIT_FOUND : 0, &ret->status, err);
}

void filter_apply(const struct filter *f, struct scan_result *r)
{
    size_t kept = 0;
    vec_each (&r->findings, it)
        if (f->shown[it->severity] && (!f->only_fixed || it->fixed_version.len))
            r->findings.ptr[kept++] = *it;
    r->hidden = r->findings.len - kept;
    r->findings.len = kept;
}

int filter_status(const struct filter *filter, const struct images *im)
{
    bool found = false, unjudged = false;
    for (size_t i = 0; i < im->count; i++) {
        const struct scan_result *r = &im->results[i];
        vec_each (&r->findings, f)
            found |= f->severity >= filter->from;
        unjudged |= r->unjudged > 0 || r->problems.len > 0;
    }
    if (found && filter->status)
        return (int)filter->status;
    return im->failed ? images_failure(im) : unjudged ? EXIT_UNJUDGED : EXIT_NOTHING;
}
