/* Which distribution an image is: the files that tell, asked in a fixed order. */
#pragma once
#include "base/arena.h"
#include "model/inventory.h"

/* The files in the order in which they are asked; the first that knows an id and a version, or a known suite, decides.
   Alpine's repositories decide too where they are of a newer release. */
enum {
    RELEASE_ETC,
    RELEASE_USR_LIB,
    RELEASE_LSB,
    RELEASE_DEBIAN_VERSION,
    RELEASE_APT,
    RELEASE_ALPINE,
    RELEASE_ORACLE,
    RELEASE_CENTOS,
    RELEASE_REDHAT,
    RELEASE_SYSTEM,
    RELEASE_APK,
    RELEASE_FILES
};

extern const struct str release_files[RELEASE_FILES]; /* their paths */

struct distribution {
    struct str namespace; /* "debian:12"; "" unknown */
    struct str name;      /* "Debian GNU/Linux 12 (bookworm)" or "" */
};

/* files[i] is NULL where the image has no such file. Texts point into the releases or the arena. */
struct distribution distribution_of(const struct release *const files[RELEASE_FILES], struct arena *arena);
