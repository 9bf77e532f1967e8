/* YAML of configuration files, by libyaml. */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"

/* Calls take for each scalar of nested mappings: keys are joined by dots ("clair.database.type"), the items
   of a sequence by commas; null is "". < 0 from take ends the reading. E_BAD_INPUT names line and column; aliases, more
   than YAML_DEPTH_MAX levels and keys that are no scalars are refused; E_LIMIT: a key or sequence of more than
   CONFIG_MAX bytes. */
int yaml_read(struct str text, int (*take)(void *ctx, struct str key, struct str value), void *ctx,
              struct error *err);

/* ---- a whole document, for configurations whose keys are names of things, with dots and commas ---- */

struct yaml_node {
    enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP } kind;
    bool quoted;     /* the text stood in quotes or in a block: it is no number, truth value or null */
    unsigned line;   /* where it begins, from 1 on */
    struct str text; /* NUL-terminated behind its length */
    VEC(struct yaml_item) items;
};
struct yaml_item {
    struct str key;          /* of a map */
    struct yaml_node *value; /* several items may share one: an alias is what it stands for */
};

/* In *ret the document's first value, or NULL when there is none. Maps hold what their merge key ("<<") names before
   their own. E_BAD_INPUT as above, also for an alias of nothing; E_LIMIT over the arena's limit. */
int yaml_load(struct str text, struct arena *arena, struct yaml_node **ret, struct error *err);
/* What stands in a map under the key: the last one counts. NULL: nothing, or no map, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, struct str key);
/* "", "~" or "null" without quotes; also NULL. */
bool yaml_is_null(const struct yaml_node *node);
/* YAML 1.1's words for true and false, without quotes; -1: something else. */
int yaml_bool(const struct yaml_node *node, bool *ret);
