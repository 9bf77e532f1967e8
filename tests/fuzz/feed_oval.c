/* OVAL of Oracle, Azure and SUSE. */
#include "feed_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed_fuzz(&oracle_feed, data, size);
    feed_fuzz(&azure_feed, data, size);
    feed_fuzz(&suse_feed, data, size);
    return 0;
}
