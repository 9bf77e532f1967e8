#include "server/turn.h"

#include "base/arena.h"
#include "base/limits.h"
#include "os/clock.h"

int turn_wait(struct store *s, struct str name, int64_t interval_seconds, int64_t *ret, struct error *err)
{
    struct arena arena = arena_make(KIB(64));
    struct str text;
    uint64_t last = 0;
    int rc = store_setting_get(s, name, &arena, &text, err);
    if (rc > 0 && str_u64(text, INT64_MAX, &last) < 0)
        last = 0;
    arena_done(&arena);
    int64_t now = clock_seconds(), at = (int64_t)last + interval_seconds;
    *ret = at <= now || (int64_t)last > now ? 0 : at - now;
    return rc < 0 ? rc : 0;
}

int turn_done(struct store *s, struct str name, struct error *err)
{
    char text[24];
    snprintf(text, sizeof text, "%jd", (intmax_t)clock_seconds());
    return store_setting_put(s, name, str_of(text), err);
}
