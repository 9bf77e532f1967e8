/* Files that are wanted under other names, since links of an image lead to them: learned from one merge after the other, so
   that chains of links are followed. */
#pragma once
#include "detect/detector.h"
#include "scan/merge.h"

/* How often layers are read again at most, for chains of links. */
enum { ALIAS_ROUNDS = 3 };

struct aliases {
    VEC(struct layer_alias) known;
    /* Of the detectors and of the aliases: what is read with these is kept under it. detectors_fingerprint() begins it. */
    char fingerprint[DETECTORS_FINGERPRINT_SIZE];
};

enum aliases_result { ALIASES_NOTHING_NEW, ALIASES_NEW, ALIASES_TOO_MANY };

/* Adds what a merge asks for, which must live as long. After ALIASES_TOO_MANY the fingerprint is as it was. -E_LIMIT, with
   nothing said: the arena is full. */
int aliases_learn(struct aliases *a, const struct merged *merged, struct arena *arena)
    __attribute__((warn_unused_result));
