/* SHA-256 and SHA-512 (FIPS 180-4) of what passes, by OpenSSL without its configuration file. */
#pragma once
#include "stream/reader.h"

#define DIGEST_BYTES_MAX 64

/* Loads the algorithms, so that nothing below needs a file afterwards; a worker calls it before it enters its
   sandbox. Without it the first use does the same. Any thread, any number of times. */
int digest_prepare(struct error *err);

/* A stage that lends the windows of `in` (borrowed) and hashes each when it is refilled. */
struct digest_stage {
    struct reader r;
    struct reader *in;
    struct evp_md_ctx_st *ctx;
};

/* Gives &d->r in *ret; release with reader_close(). */
int digest_stage_init(struct digest_stage *d, struct reader *in, bool sha512, struct error *err);
/* The digest of all windows that were lent: of the whole stream after it was read to its end. Once; *len
   becomes 32 or 64. */
int digest_stage_final(struct digest_stage *d, uint8_t out[DIGEST_BYTES_MAX], size_t *len, struct error *err);

void sha256_of(struct str bytes, uint8_t out[32]);
void sha512_of(struct str bytes, uint8_t out[64]);
