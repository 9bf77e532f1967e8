/* openEuler's CVRF, and the index of it. */
#include "feed_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed_fuzz(&openeuler_feed, data, size);
    return 0;
}
