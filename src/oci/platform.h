/* Which manifest of an index is for a platform. The variants of 32-bit arm and of amd64 are levels: a machine
   of level v7 runs v6 as well, the highest that it can run is taken.
   https://github.com/opencontainers/image-spec/blob/main/image-index.md */
#pragma once
#include "oci/document.h"

/* "linux/arm64/v8", "linux/amd64": -1 when it is not two or three words of letters, digits, '.', '_' and '-'.
   The architecture's other names (x86_64, aarch64, armhf) become those that indexes use. */
int platform_parse(struct str text, struct oci_platform *ret);
/* Whether it can be an image: attestations are marked, or have the platform unknown/unknown. */
bool platform_is_image(const struct oci_descriptor *d);
/* The best entry of the index for the wanted platform; NULL: none. With `any`, the only image of an index is
   taken whatever its platform. Attestations are never taken. Entries without platform come last. */
const struct oci_descriptor *platform_choose(const struct oci_document *index,
                                             const struct oci_platform *want, bool any);
/* Whether what is built for `have` runs on `want`: 0 no, else the higher the better. */
unsigned platform_fit(const struct oci_platform *have, const struct oci_platform *want);
/* "linux/arm64/v8" in dst, safe to print; returns dst. */
const char *platform_text(const struct oci_platform *p, char *dst, size_t size);
#define PLATFORM_TEXT_SIZE 96
