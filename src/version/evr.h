/* [epoch:]version[-release], as rpm and pacman take versions apart. */
#pragma once
#include "version/runs.h"

struct evr {
    struct str epoch; /* digits; "" when there is none, or nothing before its colon: that is 0 */
    struct str version, release;
    bool has_release; /* there is a hyphen, maybe with nothing behind it */
};

/* The epoch is what stands before a colon if it is all digits, the release what follows the last hyphen. */
static inline struct evr evr_split(struct str s)
{
    struct evr r = {0};
    struct str rest = s, epoch = run_cut(&rest, digit);
    if (rest.len && *rest.ptr == ':') {
        r.epoch = epoch;
        s = str_skip(rest, 1);
    }
    size_t hyphen = str_find_last(s, '-');
    r.has_release = hyphen < s.len;
    r.version = (struct str){s.ptr, hyphen};
    r.release = str_skip(s, hyphen + r.has_release);
    return r;
}
