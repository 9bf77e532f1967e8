#include "model/purl.h"

/* Unreserved characters of RFC 3986 and ':' stay; the specification wants the rest percent-encoded. */
static bool plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr(".-_~:", c));
}

static void put_encoded(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (plain(s.ptr[i]))
            buf_add_char(b, s.ptr[i]);
        else
            buf_printf(b, "%%%02X", (unsigned)(unsigned char)s.ptr[i]);
    }
}

void purl_put(struct buf *b, const struct package *p, struct str namespace)
{
    struct str release = namespace, distribution = str_cut(&release, ':');
    char mark = '?';
    buf_printf(b, "pkg:%s/", package_type_name(p->type));
    if (distribution.len) {
        put_encoded(b, distribution);
        buf_add_char(b, '/');
    }
    put_encoded(b, p->name);
    buf_add_char(b, '@');
    put_encoded(b, p->version);
    if (p->arch.len) {
        buf_add(b, STR("?arch="));
        put_encoded(b, p->arch);
        mark = '&';
    }
    if (release.len) {
        buf_add_char(b, mark);
        buf_add(b, STR("distro="));
        put_encoded(b, distribution);
        buf_add_char(b, '-');
        put_encoded(b, release);
    }
}
