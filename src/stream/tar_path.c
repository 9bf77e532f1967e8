#include "stream/tar.h"

size_t tar_path(struct str raw, char *dst, size_t size)
{
    size_t len = 0;
    while (raw.len) {
        struct str name = str_cut(&raw, '/');
        if (name.len == 0 || str_eq(name, STR(".")))
            continue;
        if (str_eq(name, STR(".."))) {
            while (len && dst[len - 1] != '/')
                len--;
            len -= len != 0;
            continue;
        }
        size_t slash = len != 0;
        if (name.len > size - len || name.len + slash > size - len)
            return SIZE_MAX;
        if (slash)
            dst[len++] = '/';
        memcpy(dst + len, name.ptr, name.len);
        len += name.len;
    }
    return len;
}
