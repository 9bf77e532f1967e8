/* YAML of configuration files, by libyaml. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* Calls take for each scalar of nested mappings: keys are joined by dots ("clair.database.type"), the items
   of a sequence by commas. < 0 from take ends the reading. E_BAD_INPUT names line and column; aliases, more
   than YAML_DEPTH_MAX levels and keys that are no scalars are refused; E_LIMIT: a key or sequence of more than
   CONFIG_MAX bytes. */
int yaml_read(struct str text, int (*take)(void *ctx, struct str key, struct str value), void *ctx,
              struct error *err);
