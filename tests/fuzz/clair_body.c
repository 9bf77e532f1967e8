/* What a client may send to the API: any value is written again as JSON that gives itself again. */
#include "base/limits.h"
#include "server/go_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int again(struct str body, struct arena *arena, struct str *ret)
{
    struct error err = {0};
    struct go_reader g;
    go_open(&g, body, arena, &err);
    int rc = go_any(&g, ret);
    (void)go_message(&g);
    go_done(&g);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = arena_make(MIB(16));
    struct str once, twice;
    if (again((struct str){(const char *)data, size}, &arena, &once) == 0 && once.len)
        if (again(once, &arena, &twice) < 0 || !str_eq(once, twice))
            __builtin_trap();
    arena_done(&arena);
    return 0;
}
