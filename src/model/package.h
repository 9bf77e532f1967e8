/* A thing installed. */
#pragma once
#include "base/str.h"

enum package_type { PACKAGE_DEB, PACKAGE_APK, PACKAGE_RPM, PACKAGE_ALPM, PACKAGE_TYPES };

struct package {
    enum package_type type;
    struct str name, version, arch;
    struct str source_name, source_version; /* what advisories speak of; never empty after detection */
    struct str module; /* rpm: the modularity label it was built under, "nodejs:18:…"; "" for others */
    struct str vendor; /* rpm: who built it, "Red Hat, Inc."; deb: its maintainer; "" where nobody says */
    struct str
        products; /* rpm: from whose repositories it may be, "openshift:4.16::el9 …" as CPE writes them behind the vendor; ""
                            those of the distribution itself */
    struct str path; /* the file that says it is installed */
    bool
        residual; /* its database still names it, but it is not installed: Clair's API lists it, nothing judges it */
    /* Known after the layers are merged (scan/merge.h): the layer that brought it, and the last that changed
       its version. */
    unsigned introduced, changed;
};

/* "deb", as a purl names it, and as version_scheme_find() knows its order. */
static inline const char *package_type_name(enum package_type type)
{
    static const char *const names[PACKAGE_TYPES] = {"deb", "apk", "rpm", "alpm"};
    return type < PACKAGE_TYPES ? names[type] : "generic";
}
