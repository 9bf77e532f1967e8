#include "stream/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static EVP_MD *sha256, *sha512; /* set once, then constant */

static void prepare(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    sha512 = EVP_MD_fetch(NULL, "SHA512", NULL);
}

int digest_prepare(struct error *err)
{
    if (!CRYPTO_THREAD_run_once(&once, prepare) || !sha256 || !sha512)
        return error_set(err, E_SYSTEM, "digest: libcrypto offers no SHA-256 and SHA-512");
    return 0;
}

static int digest_fill(struct reader *r)
{
    struct digest_stage *d = (struct digest_stage *)r;
    int more = reader_more(d->in);
    if (more <= 0)
        return more;
    struct str window = reader_window(d->in);
    if (!EVP_DigestUpdate(d->ctx, window.ptr, window.len))
        return error_set(r->err, E_SYSTEM, "digest: libcrypto refuses");
    r->ptr = d->in->ptr;
    r->end = d->in->end;
    d->in->ptr = d->in->end;
    return 1;
}

static void digest_close(struct reader *r)
{
    struct digest_stage *d = (struct digest_stage *)r;
    EVP_MD_CTX_free(d->ctx);
    d->ctx = NULL;
}

static const struct reader_ops digest_ops = {.name = "digest", .fill = digest_fill, .close = digest_close};

int digest_stage_init(struct digest_stage *d, struct reader *in, bool use_sha512, struct error *err)
{
    int rc = digest_prepare(err);
    if (rc < 0)
        return rc;
    *d = (struct digest_stage){.r = {.ops = &digest_ops, .limit = UINT64_MAX, .err = err}, .in = in};
    d->ctx = EVP_MD_CTX_new();
    if (!d->ctx || !EVP_DigestInit_ex2(d->ctx, use_sha512 ? sha512 : sha256, NULL)) {
        reader_close(&d->r);
        return error_set(err, E_SYSTEM, "digest: libcrypto refuses");
    }
    return 0;
}

int digest_stage_final(struct digest_stage *d, uint8_t out[DIGEST_BYTES_MAX], size_t *len, struct error *err)
{
    unsigned n = 0;
    if (!EVP_DigestFinal_ex(d->ctx, out, &n))
        return error_set(err, E_SYSTEM, "digest: libcrypto refuses");
    *len = n;
    return 0;
}

static void hash(struct str bytes, bool use_sha512, uint8_t *out)
{
    struct error err;
    unsigned n = 0;
    if (digest_prepare(&err) < 0 ||
        !EVP_Digest(bytes.ptr, bytes.len, out, &n, use_sha512 ? sha512 : sha256, NULL))
        abort(); /* only without memory: see base/memory.h */
}

void sha256_of(struct str bytes, uint8_t out[32])
{
    hash(bytes, false, out);
}

void sha512_of(struct str bytes, uint8_t out[64])
{
    hash(bytes, true, out);
}
