#include "server/fixes.h"

#include <stdlib.h>

#include "base/map.h"

/* ---- versions, as Clair's two engines take them ---- */

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c != 0xd7 && c != 0xf7) ||
           c == 0xaa || c == 0xb5 || c == 0xba;
}

static bool has_only(struct str s, const char *also)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (!is_letter(c) && !(c >= '0' && c <= '9') && !(c && strchr(also, c)))
            return false;
    }
    return true;
}

/* [epoch:]version[-revision]: dpkg's revision begins after the last hyphen, rpm's release after the first. */
static bool is_version(struct str s, bool rpm)
{
    uint64_t epoch;
    s = str_trim(s);
    size_t colon = str_find(s, ':');
    if (colon < s.len) {
        struct str digits = {s.ptr, colon};
        if (str_starts(digits, STR("+")))
            digits = str_skip(digits, 1);
        if (str_u64(digits, INT64_MAX, &epoch) < 0)
            return false;
        s = str_skip(s, colon + 1);
    }
    size_t hyphen = rpm ? str_find(s, '-') : str_find_last(s, '-');
    struct str version = {s.ptr, hyphen}, revision = str_skip(s, hyphen + 1);
    return version.len && has_only(version, ".-+~:_") && has_only(revision, rpm ? ".-+~:_" : ".+~_");
}

static bool is_marker(struct str s)
{
    return str_eq(s, STR("None")) || str_eq(s, STR("#MAXV#")) || str_eq(s, STR("#MINV#"));
}

const char *fix_refusal(const struct clair_fix *f, struct str namespace)
{
    bool rpm = str_eq(f->format, STR("rpm"));
    if (!rpm && !str_eq(f->format, STR("dpkg")) && !(str_eq(f->version, STR("None")) && !f->format.len))
        return "unknown version format";
    if (!is_marker(f->version) && !is_version(f->version, rpm))
        return "invalid version";
    if (f->namespace.len && !str_eq(f->namespace, namespace))
        return "could not insert an invalid vulnerability that contains FixedIn FeatureVersion that are not "
               "in the same "
               "namespace as the Vulnerability";
    if (!f->name.len)
        return "could not find/insert invalid Feature";
    return NULL;
}

/* ---- merging ---- */

struct merged_fix {
    struct advisory *fix;
};

struct merging {
    struct call *call;
    enum severity severity;
    struct map by_package; /* package → struct advisory, with the package as its id */
    VEC(struct merged_fix) all;
};

static int put(struct merging *m, struct str package, struct str version, enum advisory_status status)
{
    void **place = map_at(&m->by_package, package);
    struct advisory *a = place && *place ? *place : arena_new(&m->call->arena, struct advisory);
    if (!place || !a)
        return error_set(&m->call->err, E_LIMIT, "more fixes than one vulnerability may have");
    if (!*place) {
        struct merged_fix *kept = vec_push(&m->all, &m->call->arena);
        if (!kept)
            return error_set(&m->call->err, E_LIMIT, "more fixes than one vulnerability may have");
        kept->fix = *place = a;
    }
    *a =
        (struct advisory){.id = package, .status = status, .severity = m->severity, .fixed_version = version};
    return 0;
}

static int put_fix(struct merging *m, const struct clair_fix *f)
{
    if (str_eq(f->version, STR("#MINV#")))
        return put(m, f->name, STR(""), ADVISORY_NOT_AFFECTED);
    if (is_marker(f->version))
        return put(m, f->name, STR(""), ADVISORY_AFFECTED);
    return put(m, f->name, str_trim(f->version), ADVISORY_FIXED);
}

static int by_package(const void *a, const void *b)
{
    return str_cmp(((const struct merged_fix *)a)->fix->id, ((const struct merged_fix *)b)->fix->id);
}

int fixes_merge(struct call *c, struct str stored, const struct clair_vulnerability *v,
                enum severity severity, struct buf *ret)
{
    struct merging m = {.call = c, .severity = severity, .by_package = map_make(&c->arena)};
    struct wire w = wire_make(stored);
    struct advisory a;
    int rc;
    while ((rc = advisory_unpack(&w, &a, &c->err)) > 0)
        if ((rc = put(&m, a.id, a.fixed_version, a.status)) < 0)
            return rc;
    for (size_t i = 0; i < v->fixes.len && rc == 0; i++)
        rc = put_fix(&m, &v->fixes.ptr[i]);
    if (rc < 0)
        return rc;
    if (m.all.len)
        qsort(m.all.ptr, m.all.len, sizeof *m.all.ptr, by_package);
    vec_each (&m.all, f)
        advisory_pack(ret, f->fix);
    return buf_finish(ret, "the fixes of a vulnerability", &c->err);
}
