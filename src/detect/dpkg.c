/* dpkg's database: var/lib/dpkg/status, and a file a package in status.d of distroless images; dpkg(1), deb-control(5). And that of
   opkg, which OpenWrt and images of Yocto have, in the same form. */
#include "base/limits.h"
#include "detect/detector.h"
#include "format/deb822.h"

extern const struct detector dpkg_detector, opkg_detector;

enum { PACKAGE, STATUS, VERSION, ARCHITECTURE, SOURCE, MAINTAINER, FIELDS };

static const struct str names[FIELDS] = {
    [PACKAGE] = STR_INIT("Package"), [STATUS] = STR_INIT("Status"),
    [VERSION] = STR_INIT("Version"), [ARCHITECTURE] = STR_INIT("Architecture"),
    [SOURCE] = STR_INIT("Source"),   [MAINTAINER] = STR_INIT("Maintainer"),
};

/* "install ok installed": the third word tells the state. All but these three have the package's files in place. */
static bool is_installed(struct str status)
{
    struct str rest = status;
    str_cut(&rest, ' ');
    str_cut(&rest, ' ');
    return !str_eq(rest, STR("not-installed")) && !str_eq(rest, STR("config-files"));
}

/* "openssl (3.0.11-1~deb12u2)": name and, where it differs from the binary's, version of the source package. */
static void split_source(struct str source, struct package *p)
{
    struct str version = source, name = str_cut(&version, '(');
    p->source_name = str_trim(name);
    p->source_version = str_trim(str_cut(&version, ')'));
}

/* Clair takes a version for the binary package's as long as it has not seen the source: when Version stands first and
   differs it lists both. dpkg itself writes Source first. */
static bool is_told_twice(const struct str *v, const struct package *p)
{
    return v[SOURCE].len && v[VERSION].ptr < v[SOURCE].ptr && !str_eq(p->version, p->source_version);
}

/* A maintainer in one line of a length that a name and an address have; others are left out. */
static struct str maintainer(struct str text)
{
    bool plain = text.len <= PACKAGE_FIELD_MAX && str_find(text, '\n') == text.len;
    return plain ? text : STR("");
}

static int tell_binary(struct detection *d, uint64_t offset, struct package p)
{
    p.source_name = p.name;
    p.source_version = p.version;
    p.residual = true;
    return detection_package(d, offset, &p);
}

/* Its Source is a path in the tree that it was built from. */
static int take_opkg(struct detection *d, const struct deb822 *stanza)
{
    const struct str *v = stanza->values;
    struct package p = {.type = PACKAGE_OPKG,
                        .name = v[PACKAGE],
                        .version = v[VERSION],
                        .arch = v[ARCHITECTURE],
                        .residual = v[STATUS].ptr && !is_installed(v[STATUS])};
    return p.residual && !p.version.len ? 0 : detection_package(d, stanza->offset, &p);
}

static int take_stanza(struct detection *d, const struct deb822 *stanza)
{
    const struct str *v = stanza->values;
    struct package p = {
        .type = PACKAGE_DEB,
        .name = v[PACKAGE],
        .version = v[VERSION],
        .arch = v[ARCHITECTURE],
        .vendor = maintainer(v[MAINTAINER]),
        .residual = v[STATUS].ptr && !is_installed(v[STATUS]),
    };
    if (p.residual && !p.version.len)
        return 0; /* only its configuration was ever here, or nothing */
    split_source(v[SOURCE], &p);
    int rc = detection_package(d, stanza->offset, &p);
    return rc == 0 && is_told_twice(v, &p) ? tell_binary(d, stanza->offset, p) : rc;
}

static int stanzas_read(struct detection *d, struct reader *body,
                        int (*take)(struct detection *d, const struct deb822 *stanza))
{
    struct deb822 stanzas;
    int rc;
    deb822_open(&stanzas, body, names, FIELDS, d->err);
    while ((rc = deb822_next(&stanzas)) > 0 && (rc = take(d, &stanzas)) >= 0)
        ;
    if (rc == 0 && stanzas.bad_lines) {
        char text[64];
        snprintf(text, sizeof text, "%ju lines are no fields", (uintmax_t)stanzas.bad_lines);
        rc = detection_problem(d, stanzas.bad_offset, text);
    }
    deb822_close(&stanzas);
    return rc;
}

static int dpkg_file(struct detection *d, struct reader *body)
{
    if (str_ends(d->path, STR(".md5sums")) || str_ends(d->path, STR(".preinst")) ||
        str_ends(d->path, STR(".list")))
        return 0; /* beside the records in status.d */
    return stanzas_read(d, body, take_stanza);
}

static int opkg_file(struct detection *d, struct reader *body)
{
    return stanzas_read(d, body, take_opkg);
}

const struct detector dpkg_detector = {
    .name = "dpkg",
    .version = 3,
    .packages = true,
    .wants = (const struct want[]){{WANT_PATH, STR_INIT("var/lib/dpkg/status"), DPKG_STATUS_MAX},
                                   {WANT_DIR, STR_INIT("var/lib/dpkg/status.d/"), DPKG_STATUS_D_MAX},
                                   {.how = WANT_NONE}},
    .file = dpkg_file,
};

const struct detector opkg_detector = {
    .name = "opkg",
    .version = 1,
    .packages = true,
    .wants = (const struct want[]){{WANT_PATH, STR_INIT("usr/lib/opkg/status"), DPKG_STATUS_MAX},
                                   {WANT_PATH, STR_INIT("var/lib/opkg/status"), DPKG_STATUS_MAX},
                                   {.how = WANT_NONE}},
    .file = opkg_file,
};
