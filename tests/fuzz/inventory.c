/* What a worker says, or what a damaged store has: decoded with bounds, and the same again once it is
   written. */
#include "model/inventory.h"

#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_again(const struct inventory *inv, struct buf *b)
{
    size_t package = 0;
    vec_each (&inv->files, f) {
        inventory_put_file(b, f);
        if (f->has_release)
            inventory_put_release(b, &f->release);
        for (size_t i = 0; i < f->packages_count; i++, package++)
            inventory_put_package(b, &inv->packages.ptr[package]);
    }
    vec_each (&inv->problems, p)
        inventory_put_problem(b, p);
    inventory_put_totals(b, &inv->totals);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct arena arena = arena_make(MIB(16));
    struct inventory first, second;
    CLEANUP(buf_done) struct buf b = buf_make(MIB(64));
    if (inventory_get((struct str){(const char *)data, size}, &arena, &first, &err) == 0) {
        write_again(&first, &b);
        if (inventory_get(buf_str(&b), &arena, &second, &err) == 0 &&
            (first.files.len != second.files.len || first.packages.len != second.packages.len ||
             first.problems.len != second.problems.len))
            __builtin_trap();
    }
    arena_done(&arena);
    return 0;
}
