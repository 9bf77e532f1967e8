/* A configuration of Docker's: what it gives away is whole, and what it names can be a program. */
#include "image/credentials.h"

#include <ctype.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct credentials_config c;
    struct error err = {0};
    int r = credentials_parse((struct str){(const char *)data, size}, "r.example", "a/b", &c, &err);
    if ((r < 0) != (err.text[0] != 0))
        abort();
    if (r < 0)
        return 0;
    if (c.found && !c.own.identity_token && !(c.own.username && c.own.password))
        abort();
    for (const char *p = c.helper; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("._-", *p))
            abort();
    credentials_done(&c.own);
    return 0;
}
