/* The bytes of a posted layer as a descriptor: from an http(s) server, or a file below the folders that may be read. */
#pragma once
#include "scan/posted.h"

struct fetch;

/* E_NOT_FOUND: no such file, or none that may be read; < 0 for what cannot be. What a server refuses turns out when it is
   read: see fetch_close(). */
int fetch_open(struct fetch **ret, const struct posted_layer *layer, const struct posted_options *options,
               struct error *err);
int fetch_fd(const struct fetch *f);
/* 0; < 0: why the bytes did not come whole, *ret_began whether any came at all. */
int fetch_close(struct fetch *f, bool *ret_began, struct error *err);
