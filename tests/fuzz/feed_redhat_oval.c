/* OVAL as Red Hat writes it: what the other feeds of that format do not have. */
#include "feed_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed_fuzz(&redhat_oval_feed, data, size);
    return 0;
}
