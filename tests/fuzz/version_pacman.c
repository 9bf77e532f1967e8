/* pacman's order: of any two versions one is newer or they are alike, and it is total over those that Arch has. The input is
   three of them, a line each. */
#include "version/evr.h"
#include "version_laws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Letters and digits, and separators that stand alone and inside. */
static bool plain(struct str part)
{
    bool separated = true;
    for (size_t i = 0; i < part.len; i++) {
        bool separator = !digit(part.ptr[i]) && !letter(part.ptr[i]);
        if (separator && separated)
            return false;
        separated = separator;
    }
    return !separated;
}

static bool proper(struct str version)
{
    struct evr r = evr_split(version);
    return r.has_release && plain(r.version) && plain(r.release);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    version_laws(&version_pacman, (struct str){(const char *)data, size}, proper);
    return 0;
}
