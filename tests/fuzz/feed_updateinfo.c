/* updateinfo.xml, and what leads to it. */
#include "feed_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed_fuzz(&amazon_feed, data, size);
    return 0;
}
