/* A manifest of chisel, packed or not: the first byte chooses the windows in which it comes. */
#include "packages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct detector chisel_detector;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct packages_sink sink;
    struct detection d;
    struct memory_reader m;
    if (!size)
        return 0;
    packages_init(&sink, &d);
    struct reader *in =
        memory_reader_init(&m, (struct str){(const char *)data + 1, size - 1}, *data, &sink.err);
    int rc = chisel_detector.file(&d, in);
    size_t most = sink.packages; /* zstd packs many into few bytes */
    packages_done(&sink, rc, most);
    return 0;
}
