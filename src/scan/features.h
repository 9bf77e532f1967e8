/* Packages as Clair's API lists them: features, each with the namespace that judges it and the layer of the chain that added
   it. In the store they lie packed. */
#pragma once
#include "base/buf.h"
#include "scan/merge.h"

struct feature {
    struct str namespace, name, version;
    struct str source_name,
        source_version;      /* what some advisories speak of; the same as name and version for dpkg */
    struct str arch, module; /* what some advisories are limited to */
    struct str repositories, origin; /* where it may be from, and where it is from (struct package) */
    struct str format;               /* "dpkg" or "rpm", as the API tells it */
    unsigned depth;                  /* of the layer in its chain that added this version; 0 is the lowest */
    bool unjudged;                   /* listed as Clair does, but not installed */
};

struct feature_list {
    VEC(struct feature) items;
};

/* What a merged chain of `depth` + 1 layers has. `parent`: what the chain without its topmost layer has (NULL: there is
   none). E_LIMIT when the arena is full; E_UNSUPPORTED: packages without a distribution. */
int features_of(const struct merged *merged, struct str namespace, const struct feature_list *parent,
                unsigned depth, struct arena *arena, struct feature_list *ret, struct error *err);
/* How its versions are compared: what API v1 calls "dpkg" is apk's order for Alpine and its like. */
struct version_scheme;
const struct version_scheme *feature_scheme(struct str namespace, struct str format);
void features_pack(const struct feature_list *list, struct buf *ret);
/* Texts point into `packed`. E_BAD_INPUT when it is damaged. */
int features_unpack(struct str packed, struct arena *arena, struct feature_list *ret, struct error *err);
