/* A thing installed. */
#pragma once
#include "base/str.h"

enum package_type { PACKAGE_DEB, PACKAGE_APK, PACKAGE_RPM, PACKAGE_ALPM, PACKAGE_OPKG, PACKAGE_TYPES };

struct package {
    enum package_type type;
    struct str name, version, arch;
    struct str source_name, source_version; /* what advisories speak of; never empty after detection */
    struct str module; /* rpm: the modularity label it was built under, "nodejs:18:…"; "" for others */
    struct str vendor; /* rpm: who built it, "Red Hat, Inc."; deb: its maintainer; "" where nobody says */
    /* What it may be of, by its repositories, with blanks between. rpm: products as CPE writes them behind the vendor,
       "openshift:4.16::el9 …", "" the distribution itself; deb: services of a subscription, "esm-infra". */
    struct str products;
    struct str path; /* the file that says it is installed */
    bool
        residual; /* its database still names it, but it is not installed: Clair's API lists it, nothing judges it */
    /* Known after the layers are merged (scan/merge.h): the layer that brought it, and the last that changed its version;
       and the repositories that it may be from, as the image names them, with blanks between (model/inventory.h). */
    unsigned introduced, changed;
    struct str repositories;
    struct str origin; /* the one that it was installed from, where that is told; "" otherwise */
};

/* "deb", as a purl names it, and as version_scheme_find() knows its order. */
static inline const char *package_type_name(enum package_type type)
{
    static const char *const names[PACKAGE_TYPES] = {"deb", "apk", "rpm", "alpm", "opkg"};
    return type < PACKAGE_TYPES ? names[type] : "generic";
}
