/* One package's header, from an image. */
#include "detect/rpm.h"
#include "packages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct packages_sink sink;
    struct detection d;
    packages_init(&sink, &d);
    packages_done(&sink, rpm_header_package(&d, 0, (struct str){(const char *)data, size}), size);
    return 0;
}
