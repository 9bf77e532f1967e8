/* What could not be judged, and why: data that is stored and shown like a finding, never swallowed and never
   fatal to the rest. */
#pragma once
#include "base/error.h"
#include "base/str.h"

struct problem {
    enum error_code code;
    struct str where; /* "layer sha256:…: var/lib/dpkg/status", "feed debian" */
    struct str text;  /* a sentence without its first capital and full stop */
};
