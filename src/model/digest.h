/* A content digest as the OCI image specification writes it: "sha256:" and 64 lower-case hexadecimal digits,
   or sha512 and 128. https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests */
#pragma once
#include "base/str.h"

#define DIGEST_TEXT_SIZE 136 /* "sha512:", 128 digits, NUL */

struct digest {
    char text[DIGEST_TEXT_SIZE]; /* NUL-terminated; "" is no digest */
};

/* -1: not a digest of a known algorithm. */
int digest_parse(struct str text, struct digest *ret);
/* From raw bytes: 32 are sha256, 64 are sha512. */
struct digest digest_of_bytes(const uint8_t *bytes, size_t len);
bool digest_eq(const struct digest *a, const struct digest *b);
static inline struct str digest_str(const struct digest *d)
{
    return str_of(d->text);
}
static inline bool digest_is_sha512(const struct digest *d)
{
    return d->text[3] == '5';
}
