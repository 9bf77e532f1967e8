#include "format/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take(void *ctx, struct str key, struct str value)
{
    *(size_t *)ctx += key.len + value.len;
    return 0;
}

/* Every list, map and text; aliases make that more than the document has, so not for ever. */
static void walk(const struct yaml_node *n, unsigned *left)
{
    bool truth;
    if (!n || !*left)
        return;
    --*left;
    if (n->kind == YAML_TEXT && (n->text.ptr[n->text.len] || yaml_bool(n, &truth) == -2))
        __builtin_trap();
    for (size_t i = 0; i < n->items.len; i++) {
        if (n->kind == YAML_MAP && !yaml_get(n, n->items.ptr[i].key))
            __builtin_trap();
        walk(n->items.ptr[i].value, left);
    }
}

static void load(struct str text)
{
    struct arena arena = arena_make(1 << 20);
    struct yaml_node *root = NULL;
    struct error err = {0};
    unsigned left = 10000;
    if ((yaml_load(text, &arena, &root, &err) < 0) != (err.text[0] != 0))
        __builtin_trap();
    walk(root, &left);
    arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    load((struct str){(const char *)data, size});
    size_t total = 0;
    if (yaml_read((struct str){(const char *)data, size}, take, &total, &err) < 0 && !err.text[0])
        __builtin_trap();
    return 0;
}
