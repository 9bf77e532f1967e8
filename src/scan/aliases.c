#include "scan/aliases.h"

#include "base/buf.h"

static bool is_known(const struct aliases *a, const struct layer_alias *alias)
{
    vec_each (&a->known, k)
        if (str_eq(k->path, alias->path) && str_eq(k->wanted, alias->wanted))
            return true;
    return false;
}

int aliases_learn(struct aliases *a, const struct merged *merged, struct arena *arena)
{
    size_t used = strlen(a->fingerprint), before = a->known.len;
    CLEANUP(buf_done) struct buf names = buf_make(sizeof a->fingerprint);
    vec_each (&merged->aliases, m) {
        if (is_known(a, m))
            continue;
        struct layer_alias *copy = vec_push(&a->known, arena);
        if (!copy)
            return -(int)E_LIMIT;
        *copy = *m;
        buf_printf(&names, " %.*s=%.*s", STR_ARG(m->path), STR_ARG(m->wanted));
    }
    if (names.failed || used + names.len >= sizeof a->fingerprint)
        return ALIASES_TOO_MANY;
    if (names.len)
        memcpy(a->fingerprint + used, names.ptr, names.len);
    a->fingerprint[used + names.len] = 0;
    return a->known.len > before ? ALIASES_NEW : ALIASES_NOTHING_NEW;
}
