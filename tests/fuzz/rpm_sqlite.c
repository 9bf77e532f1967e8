/* rpm's SQLite database and its write-ahead log: four bytes say how long the first is. */
#include "detect/bytes.h"
#include "detect/rpm.h"
#include "packages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct str whole = {(const char *)data, size}, rest = str_skip(whole, 4);
    struct str database = bytes_part(rest, 0, bytes_be32(whole, 0));
    struct packages_sink sink;
    struct detection d;
    packages_init(&sink, &d);
    packages_done(&sink, rpm_sqlite_packages(&d, database, str_skip(rest, database.len)), size);
    return 0;
}
