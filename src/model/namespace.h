/* Distribution releases under Clair's names ("debian:12", "alpine:v3.19"), and how long each gets security
   updates. */
#pragma once
#include "base/str.h"

struct namespace_release {
    const char *name;     /* "debian:12" */
    const char *number;   /* "12"; "" for sid, and for what has no codenames */
    const char *codename; /* "bookworm" */
    const char
        *eol; /* last day of the distribution's own security support, "2026-07-11"; "" when it is open */
    const char *
        lts_eol; /* the last day that volunteers or subscriptions which everybody has extend it to; "" none */
};

/* The release that a codename, suite or number of Debian means: "bookworm", "12", "12.5", "sid", "unstable",
   "forky", "testing". NULL: none known. The release being made is "debian:testing", whichever way it is
   named. */
const struct namespace_release *namespace_debian(struct str release);
/* "jammy", "22.04", "22.04.4". */
const struct namespace_release *namespace_ubuntu(struct str release);
/* By namespace: "debian:12". NULL: not one of the tables. */
const struct namespace_release *namespace_find(struct str name);
