/* dpkg's order: total over any bytes, also over what is no version. The input is three of them, a line each. */
#include "version/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size}, v[3];
    const struct version_scheme *s = &version_dpkg;
    for (int i = 0; i < 3; i++)
        v[i] = str_cut(&text, '\n');
    for (int i = 0; i < 3; i++) {
        s->valid(v[i]);
        if (s->compare(v[i], v[i]) != 0)
            abort();
        for (int k = 0; k < 3; k++) {
            int order = sign(s->compare(v[i], v[k]));
            if (order != -sign(s->compare(v[k], v[i])))
                abort();
            for (int n = 0; n < 3; n++) {
                int next = sign(s->compare(v[k], v[n]));
                if (order <= 0 && next <= 0 &&
                    sign(s->compare(v[i], v[n])) > (order < 0 || next < 0 ? -1 : 0))
                    abort();
            }
        }
    }
    return 0;
}
