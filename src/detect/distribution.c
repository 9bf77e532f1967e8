#include "detect/distribution.h"

#include "base/buf.h"
#include "base/limits.h"
#include "model/namespace.h"

const struct str release_files[RELEASE_FILES] = {
    [RELEASE_ETC] = STR_INIT("etc/os-release"),
    [RELEASE_USR_LIB] = STR_INIT("usr/lib/os-release"),
    [RELEASE_LSB] = STR_INIT("etc/lsb-release"),
    [RELEASE_DEBIAN_VERSION] = STR_INIT("etc/debian_version"),
    [RELEASE_APT] = STR_INIT("etc/apt/sources.list"),
    [RELEASE_ALPINE] = STR_INIT("etc/alpine-release"),
    [RELEASE_ORACLE] = STR_INIT("etc/oracle-release"),
    [RELEASE_CENTOS] = STR_INIT("etc/centos-release"),
    [RELEASE_REDHAT] = STR_INIT("etc/redhat-release"),
    [RELEASE_SYSTEM] = STR_INIT("etc/system-release"),
    [RELEASE_APK] = STR_INIT("etc/apk/repositories"),
};

static bool is(struct str a, const char *b)
{
    return str_eq_nocase(a, str_of(b));
}

static struct str release_name(const struct namespace_release *r)
{
    return r ? str_of(r->name) : STR("");
}

/* Testing and unstable have no number, and the same os-release ("forky/sid"): their apt sources tell them
   apart. Without those it is unstable, whose fixes are the newest: nothing vulnerable is missed. */
static struct str unreleased_debian(const struct release *const files[RELEASE_FILES], struct str codename)
{
    const struct release *apt = files[RELEASE_APT];
    if (apt && namespace_debian(apt->codename))
        return release_name(namespace_debian(apt->codename));
    struct str first = str_cut(&codename, '/');
    return str_eq(codename, STR("sid")) ? STR("debian:sid") : release_name(namespace_debian(first));
}

static struct str debian(const struct release *const files[RELEASE_FILES], const struct release *r)
{
    if (r->version.len) {
        struct str found = release_name(namespace_debian(r->version));
        if (found.len)
            return found;
    }
    const struct release *version_file = files[RELEASE_DEBIAN_VERSION];
    struct str codename = version_file && version_file->codename.len ? version_file->codename : r->codename;
    return unreleased_debian(files, codename);
}

static struct str major(struct str version)
{
    return str_cut(&version, '.');
}

/* "v3.18" of "3.18.4". What is being made for a release to come, "3.20_alpha20240329", is edge. */
static void put_alpine(struct buf *name, const struct release *r)
{
    struct str minor = r->version;
    if (str_has(minor, STR("_alpha")) || str_has(minor, STR("edge"))) {
        buf_add(name, STR("edge"));
        return;
    }
    buf_add_char(name, 'v');
    buf_add(name, str_cut(&minor, '.'));
    buf_add_char(name, '.');
    buf_add(name, major(minor));
}

/* "2018.03" and older years, "2", "2023" also where system-release says "2023.3.20231218". */
static void put_amazon(struct buf *name, const struct release *r)
{
    buf_add(name, str_starts(r->version, STR("201")) ? r->version : major(r->version));
}

static void put_major(struct buf *name, const struct release *r)
{
    buf_add(name, major(r->version));
}

/* These have one release, which is always the newest. */
static void put_rolling(struct buf *name, const struct release *r)
{
    (void)r;
    buf_add(name, STR("rolling"));
}

static void put_whole(struct buf *name, const struct release *r)
{
    buf_add(name, r->version);
}

/* "22.03-LTS-SP3" of the version 22.03 and the name "openEuler 22.03 (LTS-SP3)": service packs have errata of their own. */
static void put_openeuler(struct buf *name, const struct release *r)
{
    struct str rest = r->name;
    str_cut(&rest, '(');
    struct str pack = str_cut(&rest, ')');
    buf_add(name, r->version);
    if (str_starts(pack, STR("LTS"))) {
        buf_add_char(name, '-');
        buf_add(name, pack);
    }
}

/* Whose namespace is not ID:VERSION_ID. What is sold as another product, but made of the same packages, has the namespace of
   these. Names are Clair's: RHEL has those of CentOS, whose advisories are the same. */
static const struct {
    const char *id, *name;
    void (*put)(struct buf *name, const struct release *r);
} distributions[] = {
    {"alpine", "alpine", put_alpine},
    {"amzn", "amzn", put_amazon},
    {"rhel", "centos", put_major},
    {"centos", "centos", put_major},
    {"ol", "oracle", put_major},
    {"oracle", "oracle", put_major},
    {"rocky", "rocky", put_major},
    {"almalinux", "almalinux", put_major},
    {"fedora", "fedora", put_major},
    {"arch", "arch", put_rolling},
    {"wolfi", "wolfi", put_rolling},
    {"chainguard", "chainguard", put_rolling},
    {"minimos", "minimos", put_rolling},
    {"opensuse-tumbleweed", "opensuse-tumbleweed", put_rolling},
    {"opensuse-microos", "opensuse-tumbleweed", put_rolling},
    {"openeuler", "openeuler", put_openeuler},
    {"sled", "sles", put_whole},
    {"sles_sap", "sles", put_whole},
    {"sle_hpc", "sles", put_whole},
    {"sle-micro-rancher", "sle-micro", put_whole},
};

/* Any other, for which there may be no feed. */
static void put_other(struct buf *name, const struct release *r)
{
    /* Leap had the ID of its predecessor before version 15. */
    if (is(r->id, "opensuse") && str_starts(r->version, STR("42."))) {
        buf_printf(name, "opensuse-leap:" STR_FMT, STR_ARG(r->version));
        return;
    }
    for (size_t i = 0; i < r->id.len; i++) {
        char c = r->id.ptr[i];
        buf_add_char(name, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
    if (r->version.len) {
        buf_add_char(name, ':');
        buf_add(name, r->version);
    }
}

static struct str other(const struct release *r, struct arena *arena)
{
    CLEANUP(buf_done) struct buf name = buf_make(KIB(16));
    struct str joined = {0};
    for (size_t i = 0; i < sizeof distributions / sizeof *distributions && !name.len; i++) {
        if (!is(r->id, distributions[i].id))
            continue;
        buf_add(&name, str_of(distributions[i].name));
        if (!r->version.len && distributions[i].put != put_rolling)
            continue;
        buf_add_char(&name, ':');
        distributions[i].put(&name, r);
    }
    if (!name.len)
        put_other(&name, r);
    return arena_str(arena, buf_str(&name), &joined) < 0 ? STR("") : joined;
}

/* How new a release of Alpine is; 0: it is none. */
static uint64_t alpine_age(struct str namespace)
{
    static const struct str prefix = STR_INIT("alpine:v");
    struct str minor = str_skip(namespace, prefix.len), first = str_cut(&minor, '.');
    uint64_t a, b;
    if (str_eq(namespace, STR("alpine:edge")))
        return UINT64_MAX;
    return str_starts(namespace, prefix) && str_u64(first, 999, &a) == 0 && str_u64(minor, 9999, &b) == 0
               ? a * 10000 + b
               : 0;
}

/* Packages that are newer than the files of the release come from its repositories. */
static struct str newer_alpine(const struct release *const files[RELEASE_FILES], struct str found,
                               struct arena *arena)
{
    struct str newer = files[RELEASE_APK] ? other(files[RELEASE_APK], arena) : STR("");
    return alpine_age(found) && alpine_age(newer) > alpine_age(found) ? newer : found;
}

static struct str by_file(const struct release *const files[RELEASE_FILES], const struct release *r,
                          struct arena *arena)
{
    if (is(r->id, "debian") ||
        is(r->id, "raspbian")) /* the second is the first, built again with its numbers */
        return debian(files, r);
    if (is(r->id, "ubuntu") && namespace_ubuntu(r->version))
        return release_name(namespace_ubuntu(r->version));
    if (r->id.len)
        return other(r, arena);
    struct str found = release_name(namespace_debian(r->codename)); /* apt sources name a suite only */
    return found.len ? found : release_name(namespace_ubuntu(r->codename));
}

/* Whether a namespace is of a release; "centos" alone is not, and another file may know more. */
static bool is_release(struct str namespace)
{
    return str_find(namespace, ':') < namespace.len;
}

struct distribution distribution_of(const struct release *const files[RELEASE_FILES], struct arena *arena)
{
    struct distribution d = {0};
    for (size_t i = 0; i < RELEASE_FILES && !is_release(d.namespace); i++) {
        if (!files[i])
            continue;
        struct str namespace = by_file(files, files[i], arena), whole = d.namespace;
        if (!whole.len ||
            (is_release(namespace) && str_starts(namespace, whole) && namespace.ptr[whole.len] == ':'))
            d.namespace = namespace;
        if (!d.name.len)
            d.name = files[i]->name;
    }
    d.namespace = newer_alpine(files, d.namespace, arena);
    return d;
}
