/* What parses, prints to something that parses to the same. */
#include "net/challenge.h"

#include "../unit/net/challenge_text.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = arena_make(MIB(1));
    struct buf once = buf_make(MIB(1)), twice = buf_make(MIB(1));
    struct error err = {0};
    int r = challenge_print_all((struct str){(const char *)data, size}, ", ", &a, &once, &err);
    if (r < 0 && !err.text[0])
        abort();
    if (r == 0 && size < 4096 && !once.failed) {
        r = challenge_print_all(buf_str(&once), ", ", &a, &twice, &err);
        if (r < 0 || !str_eq(buf_str(&once), buf_str(&twice)))
            abort();
    }
    buf_done(&once);
    buf_done(&twice);
    arena_done(&a);
    return 0;
}
