/* Lines of EPSS. */
#include "feed_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed_fuzz(&epss_feed, data, size);
    return 0;
}
