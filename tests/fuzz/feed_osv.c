/* OSV records, alone, in arrays and in zips. */
#include "feed_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed_fuzz(&ubuntu_feed, data, size);
    feed_fuzz(&almalinux_feed, data, size);
    return 0;
}
