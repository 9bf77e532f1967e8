/* What SUSE's publications have in common: names of products, which OVAL and CVRF write alike. */
#pragma once
#include "feed/oval.h"

/* "SUSE Linux Enterprise Module for Basesystem 15 SP6", "openSUSE Leap 15.6": the namespaces of the release that it belongs
   to, with blanks between; OVAL_SUBSCRIBERS for those of long-term support. */
enum oval_audience suse_namespaces(struct str product, struct str evr, struct buf *ret);
