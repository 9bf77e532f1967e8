/* Files that name repositories: the first byte chooses which. */
#include "packages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct detector content_sets_detector, ubuntu_pro_detector;

static int take(struct sink *s, struct str name)
{
    (void)s;
    if (!name.len || name.len > PACKAGE_FIELD_MAX || memchr(name.ptr, ' ', name.len))
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct packages_sink sink;
    struct detection d;
    struct memory_reader m;
    if (!size)
        return 0;
    packages_init(&sink, &d);
    sink.sink.repository = take;
    d.path = STR("a.json");
    d.size = size - 1;
    const struct detector *detector = *data % 2 ? &content_sets_detector : &ubuntu_pro_detector;
    struct reader *in =
        memory_reader_init(&m, (struct str){(const char *)data + 1, size - 1}, 1 + *data / 2, &sink.err);
    packages_done(&sink, detector->file(&d, in), size);
    return 0;
}
