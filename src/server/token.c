#include "server/token.h"

#include <endian.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/limits.h"
#include "format/base64.h"
#include "os/random.h"

/* Version, time, IV, encrypted text, HMAC. */
enum { VERSION = 0x80, TIME_AT = 1, IV_AT = 9, TEXT_AT = 25, HMAC_SIZE = 32, BLOCK = 16, CLOCK_SKEW = 60 };

/* base64url and base64 differ in two letters. */
static void swap_alphabet(struct buf *b, const char from[2], const char to[2])
{
    for (size_t i = 0; i < b->len; i++)
        for (size_t j = 0; j < 2; j++)
            if (b->ptr[i] == from[j]) {
                b->ptr[i] = to[j];
                break;
            }
}

static int decode_url(struct str text, struct buf *ret)
{
    CLEANUP(buf_done) struct buf standard = buf_make(KIB(8));
    buf_add(&standard, text);
    swap_alphabet(&standard, "-_", "+/");
    return standard.failed ? -1 : base64_decode(ret, buf_str(&standard));
}

static int from_hex(struct str text, unsigned char ret[TOKEN_KEY_SIZE])
{
    for (size_t i = 0; i < text.len; i++) {
        int digit = str_hex_digit(text.ptr[i]);
        if (digit < 0)
            return -1;
        ret[i / 2] = (unsigned char)(i % 2 ? ret[i / 2] | digit : digit << 4);
    }
    return 0;
}

int token_key_parse(struct str text, unsigned char ret[TOKEN_KEY_SIZE])
{
    CLEANUP(buf_done) struct buf bytes = buf_make(KIB(1));
    if (text.len == 2 * (size_t)TOKEN_KEY_SIZE)
        return from_hex(text, ret);
    if (decode_url(text, &bytes) < 0 || bytes.len != TOKEN_KEY_SIZE)
        return -1;
    memcpy(ret, bytes.ptr, TOKEN_KEY_SIZE);
    return 0;
}

static bool sign(const unsigned char *key, struct str bytes, unsigned char ret[HMAC_SIZE])
{
    return HMAC(EVP_sha256(), key, 16, (const unsigned char *)bytes.ptr, bytes.len, ret, NULL) != NULL;
}

/* AES-128-CBC with PKCS #7 padding, either way; the length of what comes out, or -1. */
static int crypt(const unsigned char *key, const unsigned char *iv, struct str in, unsigned char *out,
                 int encrypt)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int first = 0, last = 0;
    bool ok = ctx && EVP_CipherInit_ex(ctx, EVP_aes_128_cbc(), NULL, key + 16, iv, encrypt) == 1 &&
              EVP_CipherUpdate(ctx, out, &first, (const unsigned char *)in.ptr, (int)in.len) == 1 &&
              EVP_CipherFinal_ex(ctx, out + first, &last) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return ok ? first + last : -1;
}

int token_make(const unsigned char key[TOKEN_KEY_SIZE], int64_t now, struct str text, struct buf *ret,
               struct error *err)
{
    CLEANUP(buf_done) struct buf token = buf_make(KIB(8));
    unsigned char iv[BLOCK], hmac[HMAC_SIZE];
    uint64_t seconds = htobe64((uint64_t)now);
    int rc = random_bytes(iv, sizeof iv, err);
    if (rc < 0)
        return rc;
    buf_add_char(&token, (char)VERSION);
    buf_add(&token, (struct str){(const char *)&seconds, sizeof seconds});
    buf_add(&token, (struct str){(const char *)iv, sizeof iv});
    char *room = buf_room(&token, text.len + BLOCK);
    int n = room ? crypt(key, iv, text, (unsigned char *)room, 1) : -1;
    token.len += n > 0 ? (size_t)n : 0;
    if (n < 0 || !sign(key, buf_str(&token), hmac))
        return error_set(err, E_SYSTEM, "a page token cannot be made");
    buf_add(&token, (struct str){(const char *)hmac, sizeof hmac});
    size_t start = ret->len;
    base64_encode(ret, buf_str(&token));
    struct buf made = {.ptr = ret->ptr + start, .len = ret->len - start};
    swap_alphabet(&made, "+/", "-_");
    return buf_finish(ret, "a page token", err);
}

static bool is_genuine(const unsigned char *key, struct str token, int64_t now)
{
    unsigned char hmac[HMAC_SIZE];
    uint64_t seconds;
    if (token.len < TEXT_AT + BLOCK + HMAC_SIZE || (token.len - TEXT_AT - HMAC_SIZE) % BLOCK ||
        (unsigned char)token.ptr[0] != VERSION)
        return false;
    if (!sign(key, (struct str){token.ptr, token.len - HMAC_SIZE}, hmac) ||
        CRYPTO_memcmp(hmac, token.ptr + token.len - HMAC_SIZE, HMAC_SIZE) != 0)
        return false;
    memcpy(&seconds, token.ptr + TIME_AT, sizeof seconds);
    int64_t made = (int64_t)be64toh(seconds);
    return made <= now + CLOCK_SKEW && now - made < TOKEN_SECONDS;
}

int token_read(const unsigned char key[TOKEN_KEY_SIZE], int64_t now, struct str token, struct buf *ret)
{
    CLEANUP(buf_done) struct buf bytes = buf_make(KIB(8));
    if (token.len > KIB(4) || decode_url(token, &bytes) < 0 || !is_genuine(key, buf_str(&bytes), now))
        return -1;
    struct str text = {bytes.ptr + TEXT_AT, bytes.len - TEXT_AT - HMAC_SIZE};
    char *room = buf_room(ret, text.len);
    int n = room ? crypt(key, (const unsigned char *)bytes.ptr + IV_AT, text, (unsigned char *)room, 0) : -1;
    ret->len += n > 0 ? (size_t)n : 0;
    return n < 0 ? -1 : 0;
}
