/* The security database of apk distributions. */
#include "feed_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed_fuzz(&alpine_feed, data, size);
    return 0;
}
