/* rpm's order, with epochs and without: total over any bytes, also over what is no version. The input is three of them, a line each. */
#include "version_laws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    version_laws(&version_rpm, (struct str){(const char *)data, size}, NULL);
    version_laws(&version_rpm_bare, (struct str){(const char *)data, size}, NULL);
    return 0;
}
