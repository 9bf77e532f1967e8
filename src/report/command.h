/* The command that made a layer, as its Dockerfile had it: builders write more around it into the history
   of an image's config. https://github.com/opencontainers/image-spec/blob/main/config.md#properties
   (history, created_by) */
#pragma once
#include "base/str.h"

struct layer_command {
    struct str instruction; /* "RUN " when the builder left it out, otherwise "" */
    struct str text;        /* "apt-get install -y curl"; a slice of created_by */
};

/* Of "/bin/sh -c #(nop) CMD …", "/bin/sh -c apt-get …", "RUN |1 A=b /bin/sh -c apt-get … # buildkit". What
   is written otherwise stays as it is. */
struct layer_command layer_command_of(struct str created_by);
