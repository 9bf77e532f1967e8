/* PAClair's configuration: whatever it says is either of use or refused in a sentence, and so is each of its plugins. */
#include "client/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use_plugin(struct config *c, struct str name)
{
    static const char *const images[] = {"nginx", "local.a.example:5000/team/app:1"};
    struct arena arena = arena_make(1 << 20);
    struct config_plugin p;
    struct config_place place;
    struct reference image;
    struct error err = {0};
    int rc = config_plugin(c, name, &p, &err);
    if ((rc < 0) != (err.text[0] != 0))
        abort();
    for (size_t i = 0; i < 2 && rc == 0 && p.kind == PLUGIN_DOCKER; i++) {
        err = (struct error){0};
        if (reference_parse(str_of(images[i]), &image, &err) == 0 &&
            (config_place(&p, &image, &arena, &place, &err) < 0) != (err.text[0] != 0))
            abort();
    }
    arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config c;
    struct error err = {0};
    int rc = config_read((struct str){(const char *)data, size}, &c, &err);
    if ((rc < 0) != (err.text[0] != 0) || (rc == 0 && !c.clair_url))
        abort();
    for (size_t i = 0; rc == 0 && c.plugins && i < c.plugins->items.len; i++)
        use_plugin(&c, c.plugins->items.ptr[i].key);
    config_done(&c);
    return 0;
}
