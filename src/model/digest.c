#include "model/digest.h"

int digest_parse(struct str text, struct digest *ret)
{
    struct str hex = text, algorithm = str_cut(&hex, ':');
    size_t want = str_eq(algorithm, STR("sha256")) ? 64 : str_eq(algorithm, STR("sha512")) ? 128 : 0;
    if (!want || hex.len != want)
        return -1;
    for (size_t i = 0; i < hex.len; i++)
        if (!((hex.ptr[i] >= '0' && hex.ptr[i] <= '9') || (hex.ptr[i] >= 'a' && hex.ptr[i] <= 'f')))
            return -1;
    return str_copy(text, ret->text, sizeof ret->text);
}

struct digest digest_of_bytes(const uint8_t *bytes, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    struct digest d = {.text = "sha256:"};
    if (len == 64)
        d = (struct digest){.text = "sha512:"};
    char *p = d.text + 7;
    for (size_t i = 0; i < len && i < 64; i++) {
        *p++ = hex[bytes[i] >> 4];
        *p++ = hex[bytes[i] & 15];
    }
    *p = 0;
    return d;
}

bool digest_eq(const struct digest *a, const struct digest *b)
{
    return str_eq(digest_str(a), digest_str(b));
}
