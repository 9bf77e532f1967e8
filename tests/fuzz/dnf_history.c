/* dnf's history. */
#include "packages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct detector dnf_history_detector;

static int take(struct sink *s, const struct origin *o)
{
    ((struct packages_sink *)s)->packages++;
    if (!o->name.len || !o->repository.len || o->version.len > PACKAGE_FIELD_MAX ||
        memchr(o->repository.ptr, ' ', o->repository.len))
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct packages_sink sink;
    struct detection d;
    struct memory_reader m;
    packages_init(&sink, &d);
    sink.sink.origin = take;
    d.size = size;
    struct reader *in = memory_reader_init(&m, (struct str){(const char *)data, size}, 0, &sink.err);
    packages_done(&sink, dnf_history_detector.file(&d, in), size);
    return 0;
}
