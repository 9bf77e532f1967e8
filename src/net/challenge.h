/* What a server asks for in WWW-Authenticate: a list of challenges, each a scheme with either one token68 or
   parameters. RFC 9110, 11.2 to 11.6. */
#pragma once
#include "base/arena.h"
#include "base/error.h"

struct challenge_param {
    struct str name, value; /* the value without quotes and escapes */
};

struct challenge {
    struct str scheme;  /* as written; compare with str_eq_nocase() */
    struct str token68; /* or empty */
    VEC(struct challenge_param) params;
};

/* Takes the next challenge off *header, the values of all header fields joined by commas: 1, 0 at the end, <
   0 with the offset in the text (*header is then where it stopped). Slices point into the header or the
   arena; at most CHALLENGE_PARAMS_MAX parameters. */
int challenge_next(struct str *header, struct arena *arena, struct challenge *ret, struct error *err);
/* The value of the first parameter of that name, case-insensitively, or the empty slice. */
struct str challenge_param(const struct challenge *c, struct str name);
