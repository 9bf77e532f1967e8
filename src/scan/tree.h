/* The files of an image that matter, as the layers so far leave them. A file is visible when no higher layer
   hid it or one of the folders above it; nothing is ever removed, so hiding costs the same however much it
   hides. */
#pragma once
#include "base/map.h"
#include "model/inventory.h"

struct node {
    struct node *next; /* all nodes, newest first */
    struct str path;
    const struct inventory_file *file;
    struct release *release;        /* NULL: none */
    const struct str *repositories; /* as many as the file has, and origins, too */
    const struct origin *origins;
    unsigned layer;
    struct map packages; /* "name:arch", or with ":version" → struct package */
    bool taken;          /* its packages are in the result */
};

struct tree {
    struct arena *arena;
    struct map by_path; /* path → the highest struct node */
    struct map hidden;  /* path → struct hiding */
    struct node *nodes;
    bool links; /* there is any symbolic link */
};

static inline struct tree tree_make(struct arena *a)
{
    return (struct tree){.arena = a, .by_path = map_make(a), .hidden = map_make(a)};
}

/* All but the last component; "" at the top. */
static inline struct str path_folder(struct str path)
{
    size_t slash = str_find_last(path, '/');
    return slash < path.len ? (struct str){path.ptr, slash} : STR("");
}

/* The visible node at this very path, or NULL. */
struct node *tree_find(const struct tree *t, struct str path);
/* Layer `layer` has this file at path. NULL: over the arena's limit; so are the -1 below. */
struct node *tree_put(struct tree *t, struct str path, const struct inventory_file *f, unsigned layer);
/* What lower layers have at path (or, when opaque, only below it) is gone. */
int tree_hide(struct tree *t, struct str path, bool opaque, unsigned layer);
/* Where path leads through symbolic links, all of them or only those of its folder. -E_LIMIT: over the
   arena's limit; -E_BAD_INPUT: more than LINKS_MAX links. */
int tree_resolve(struct tree *t, struct str path, struct str *ret);
int tree_resolve_folder(struct tree *t, struct str path, struct str *ret);
