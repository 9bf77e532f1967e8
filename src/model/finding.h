/* An advisory that matches a package of an inventory. */
#pragma once
#include "model/advisory.h"
#include "model/package.h"
#include "model/vulnerability.h"

struct finding {
    const struct package *package;
    struct str id;
    enum severity severity;
    struct str severity_from; /* "nvd": it gave the severity, since `feed` has none; "" the feed did */
    enum advisory_status status;
    struct str fixed_version; /* "": no fix is known */
    unsigned flags;           /* ADVISORY_SUBSCRIPTION: of the fix */
    struct str feed;          /* who says so: "debian" */
    struct str link;
    const struct vulnerability *about; /* NULL: nothing more is known than its id */
};
