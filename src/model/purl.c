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

/* Who a distribution's packages are of, where it is not the distribution's own name. RHEL has CentOS' namespace here. */
static struct str maker(const struct package *p, struct str distribution)
{
    if (str_eq(distribution, STR("centos")) && str_starts(p->vendor, STR("Red Hat")))
        return STR("redhat");
    return str_starts(distribution, STR("opensuse")) ? STR("opensuse") : distribution;
}

/* Qualifiers come in the order of their names; the first gets the question mark. */
static void put_qualifier(struct buf *b, char *mark, const char *name, struct str value)
{
    if (!value.len)
        return;
    buf_printf(b, "%c%s=", *mark, name);
    put_encoded(b, value);
    *mark = '&';
}

void purl_put(struct buf *b, const struct package *p, struct str namespace)
{
    struct str release = namespace, distribution = str_cut(&release, ':'), version = p->version, epoch = {0};
    char mark = '?';
    if (p->type == PACKAGE_RPM && str_find(version, ':') < version.len)
        epoch = str_cut(&version, ':');
    buf_printf(b, "pkg:%s/", package_type_name(p->type));
    if (distribution.len) {
        put_encoded(b, maker(p, distribution));
        buf_add_char(b, '/');
    }
    put_encoded(b, p->name);
    buf_add_char(b, '@');
    put_encoded(b, version);
    put_qualifier(b, &mark, "arch", p->arch);
    if (release.len) {
        put_qualifier(b, &mark, "distro", distribution);
        buf_add_char(b, '-');
        put_encoded(b, str_eq(distribution, STR("alpine")) && *release.ptr == 'v' ? str_skip(release, 1)
                                                                                  : release);
    }
    put_qualifier(b, &mark, "epoch", epoch);
}

int purl_split(struct str text, struct purl *ret)
{
    struct purl p = {0};
    if (!str_starts(text, STR("pkg:")))
        return -1;
    struct str rest = str_skip(text, strlen("pkg:"));
    rest.len = str_find(rest, '#');
    struct str path = str_cut(&rest, '?');
    p.qualifiers = rest;
    while (path.len && *path.ptr == '/')
        path = str_skip(path, 1);
    p.type = str_cut(&path, '/');
    size_t slash = str_find_last(path, '/');
    if (slash < path.len) {
        p.namespace = (struct str){path.ptr, slash};
        path = str_skip(path, slash + 1);
    }
    p.name = str_cut(&path, '@');
    p.version = path;
    if (!p.type.len || !p.name.len)
        return -1;
    *ret = p;
    return 0;
}

struct str purl_qualifier(const struct purl *p, struct str key)
{
    struct str rest = p->qualifiers;
    while (rest.len) {
        struct str value = str_cut(&rest, '&'), name = str_cut(&value, '=');
        if (str_eq(name, key))
            return value;
    }
    return STR("");
}

int purl_decode(struct str part, struct arena *arena, struct str *ret)
{
    *ret = part;
    if (str_find(part, '%') == part.len)
        return 0;
    char *text = arena_alloc(arena, part.len, 1);
    if (!text)
        return -1;
    ret->ptr = text;
    ret->len = 0;
    while (part.len)
        text[ret->len++] = str_cut_percent(&part);
    return 0;
}
