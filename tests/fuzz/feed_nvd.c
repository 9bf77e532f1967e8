/* NVD's records. */
#include "feed_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed_fuzz(&nvd_feed, data, size);
    return 0;
}
