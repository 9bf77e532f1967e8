/* The laws of an order, on three versions that stand on the lines of the input. */
#pragma once
#include "version/version.h"

static inline int version_sign(int n)
{
    return (n > 0) - (n < 0);
}

/* v[k] <= v[n] follows from v[k] <= v[i] and v[i] <= v[n], and is strict when one of these is. */
static inline void version_transitive(const struct version_scheme *s, const struct str v[3])
{
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            for (int n = 0; n < 3; n++) {
                int first = version_sign(s->compare(v[k], v[i])), next = version_sign(s->compare(v[i], v[n]));
                if (first <= 0 && next <= 0 &&
                    version_sign(s->compare(v[k], v[n])) > (first < 0 || next < 0 ? -1 : 0))
                    abort();
            }
}

/* `total` tells for which versions the order is; NULL: for all, whatever their bytes. */
static inline void version_laws(const struct version_scheme *s, struct str text,
                                bool (*total)(struct str version))
{
    struct str v[3];
    bool all = true;
    for (int i = 0; i < 3; i++) {
        v[i] = str_cut(&text, '\n');
        all &= !total || total(v[i]);
        s->valid(v[i]);
        if (s->compare(v[i], v[i]) != 0)
            abort();
    }
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            if (version_sign(s->compare(v[i], v[k])) != -version_sign(s->compare(v[k], v[i])))
                abort();
    if (all)
        version_transitive(s, v);
}
