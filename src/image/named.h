/* Which of the images of a layout a reference means. */
#pragma once
#include "oci/document.h"

/* By annotation name, by digest, or the only one there is for reference "". 1: there are several without a
   name, which are one image for several platforms: the index itself is meant. E_NOT_FOUND and E_USAGE list
   what there is. */
int named_find(const struct oci_document *index, const char *reference, struct oci_descriptor *ret,
               struct error *err);
