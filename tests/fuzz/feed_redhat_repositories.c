/* Red Hat's list of repositories. */
#include "feed_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed_fuzz(&redhat_repositories_feed, data, size);
    return 0;
}
