#include "server/turn.h"

#include "base/arena.h"
#include "base/limits.h"
#include "os/clock.h"

/* Seconds until it is due, 0: now. A clock that went back must not stop it. */
static int due_in(struct store *s, const struct turn *turn, int64_t *ret, struct error *err)
{
    struct arena arena = arena_make(KIB(64));
    struct str text;
    uint64_t last = 0;
    int rc = store_setting_get(s, turn->name, &arena, &text, err);
    if (rc > 0 && str_u64(text, INT64_MAX, &last) < 0)
        last = 0;
    arena_done(&arena);
    int64_t now = clock_seconds(), at = (int64_t)last + turn->interval_seconds;
    *ret = at <= now || (int64_t)last > now ? 0 : at - now;
    return rc < 0 ? rc : 0;
}

int turn_take(struct store *s, const struct turn *turn, int64_t *ret_wait, struct error *err)
{
    int rc = due_in(s, turn, ret_wait, err);
    if (rc < 0 || *ret_wait > 0)
        return rc < 0 ? rc : TURN_LATER;
    rc = store_try_lock(s, turn->lock, err);
    if (rc <= 0)
        return rc < 0 ? rc : TURN_ELSEWHERE;
    rc = due_in(s, turn, ret_wait, err); /* it may have been done while the lock was somebody else's */
    if (rc == 0 && *ret_wait == 0)
        return TURN_OURS;
    rc = turn_give(s, turn, rc, err);
    return rc < 0 ? rc : TURN_LATER;
}

int turn_done(struct store *s, const struct turn *turn, struct error *err)
{
    char text[24];
    snprintf(text, sizeof text, "%jd", (intmax_t)clock_seconds());
    return store_setting_put(s, turn->name, str_of(text), err);
}

int turn_give(struct store *s, const struct turn *turn, int rc, struct error *err)
{
    struct error unlocking;
    int unlocked = store_unlock(s, turn->lock, rc < 0 ? &unlocking : err);
    return rc < 0 ? rc : unlocked;
}
