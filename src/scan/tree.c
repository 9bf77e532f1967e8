#include "scan/tree.h"

#include "base/buf.h"
#include "base/limits.h"

/* The highest layer, plus one, that hides what lower ones have: at the path, or only below it. */
struct hiding {
    unsigned at, below;
};

static bool hides(const struct tree *t, struct str path, unsigned layer, bool itself)
{
    const struct hiding *h = map_get(&t->hidden, path);
    return h && ((itself && h->at > layer + 1) || (!itself && (h->at > layer + 1 || h->below > layer + 1)));
}

struct node *tree_find(const struct tree *t, struct str path)
{
    struct node *n = map_get(&t->by_path, path);
    if (!n || hides(t, path, n->layer, true))
        return NULL;
    for (struct str above = path_folder(path); above.len; above = path_folder(above))
        if (hides(t, above, n->layer, false))
            return NULL;
    return hides(t, STR(""), n->layer, false) ? NULL : n;
}

static struct hiding *hiding_at(struct tree *t, struct str path)
{
    void **place = map_at(&t->hidden, path);
    if (place && !*place)
        *place = arena_new(t->arena, struct hiding);
    return place ? *place : NULL;
}

int tree_hide(struct tree *t, struct str path, bool opaque, unsigned layer)
{
    struct hiding *h = hiding_at(t, path);
    if (!h)
        return -1;
    if (opaque)
        h->below = layer + 1;
    else
        h->at = layer + 1;
    return 0;
}

struct node *tree_put(struct tree *t, struct str path, const struct inventory_file *f, unsigned layer)
{
    void **place = map_at(&t->by_path, path);
    struct node *n = place ? arena_new(t->arena, struct node) : NULL;
    if (!n)
        return NULL;
    *n = (struct node){
        .next = t->nodes, .path = path, .file = f, .layer = layer, .packages = map_make(t->arena)};
    if (f->has_release) {
        n->release = arena_new(t->arena, struct release);
        if (!n->release)
            return NULL;
        *n->release = f->release;
    }
    t->nodes = n;
    *place = n;
    t->links |= f->kind == FILE_SYMLINK;
    /* What is no folder leaves nothing of lower layers below it. */
    return f->kind != FILE_FOLDER && tree_hide(t, path, true, layer) < 0 ? NULL : n;
}

/* done + "/" + component, where "." and ".." mean what they do. */
static void append(struct buf *done, struct str component)
{
    if (!component.len || str_eq(component, STR(".")))
        return;
    if (str_eq(component, STR(".."))) {
        done->len = path_folder(buf_str(done)).len;
        return;
    }
    if (done->len)
        buf_add_char(done, '/');
    buf_add(done, component);
}

static int resolve(struct tree *t, struct str path, bool last_too, struct str *ret)
{
    CLEANUP(buf_done) struct buf done = buf_make(KIB(64)), todo = buf_make(KIB(64));
    unsigned links = 0;
    buf_add(&todo, path);
    struct str left = buf_str(&todo);
    while (left.len) {
        struct str component = str_cut(&left, '/');
        size_t before = done.len;
        append(&done, component);
        const struct node *n = left.len || last_too ? tree_find(t, buf_str(&done)) : NULL;
        if (!n || n->file->kind != FILE_SYMLINK)
            continue;
        if (++links > LINKS_MAX)
            return -(int)E_BAD_INPUT;
        struct buf next = buf_make(todo.max);
        buf_add(&next, n->file->target);
        buf_add_char(&next, '/');
        buf_add(&next, left);
        done.len = str_starts(n->file->target, STR("/")) ? 0 : before;
        buf_done(&todo);
        todo = next;
        left = buf_str(&todo);
    }
    if (done.failed || todo.failed)
        return -(int)E_BAD_INPUT;
    return arena_str(t->arena, buf_str(&done), ret) < 0 ? -(int)E_LIMIT : 0;
}

int tree_resolve(struct tree *t, struct str path, struct str *ret)
{
    *ret = path;
    return t->links ? resolve(t, path, true, ret) : 0;
}

int tree_resolve_folder(struct tree *t, struct str path, struct str *ret)
{
    *ret = path;
    return t->links && resolve(t, path, false, ret) == -(int)E_LIMIT ? -1 : 0;
}
