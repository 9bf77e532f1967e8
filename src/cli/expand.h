/* Variables of the environment within a text, as Go's os.ExpandEnv replaces them, and Clair in the name of its
   configuration: $NAME, ${NAME}, and one character after the dollar for what a shell has there ($1, $$). What is not set is
   empty; a dollar before anything else stays. */
#pragma once
#include "base/buf.h"
#include "base/str.h"

void expand_environment(struct str text, struct buf *ret);
