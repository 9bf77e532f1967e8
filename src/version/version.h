/* How versions are ordered, by scheme: pure functions on slices, without copies and allocations. */
#pragma once
#include "base/str.h"

struct version_scheme {
    const char *name; /* "dpkg" */
    /* < 0, 0, > 0 as a sorts before, like, after b. A total order over any bytes, except pacman's; it means
       something only for valid versions. */
    int (*compare)(struct str a, struct str b);
    bool (*valid)(struct str version);
};

extern const struct version_scheme *const version_schemes[]; /* ends with NULL */
/* By name or a usual alias ("deb"). NULL: no such scheme. */
const struct version_scheme *version_scheme_find(struct str name);

/* Debian's, deb-version(7): [epoch:]upstream[-revision]. */
extern const struct version_scheme version_dpkg;
/* rpm's, rpm-version(7): [epoch:]version[-release]. */
extern const struct version_scheme version_rpm;
/* The same for what publishers write without epochs: none counts, on either side. */
extern const struct version_scheme version_rpm_bare;
/* Alpine's: 1.2.3a_rc1-r4. */
extern const struct version_scheme version_apk;
/* Arch's, vercmp(8): [epoch:]pkgver[-pkgrel]; without pkgrel a version is like the same with any. */
extern const struct version_scheme version_pacman;
