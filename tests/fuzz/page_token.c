/* A page token that a client sends back, or makes up. */
#include "base/limits.h"
#include "server/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char key[TOKEN_KEY_SIZE] = "limpid's key of the fuzz target";
    CLEANUP(buf_done) struct buf text = buf_make(KIB(64)), token = buf_make(KIB(64));
    struct error err;
    const struct str bytes = {(const char *)data, size};
    (void)token_read(key, 1000000, bytes, &text);
    buf_clear(&text);
    if (token_make(key, 1000000, bytes, &token, &err) == 0 && size < KIB(2) &&
        (token_read(key, 1000000, buf_str(&token), &text) < 0 || !str_eq(buf_str(&text), bytes)))
        __builtin_trap();
    return 0;
}
