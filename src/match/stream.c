#include "match/stream.h"

#include "base/buf.h"
#include "base/limits.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static unsigned cut_number(struct str *s)
{
    unsigned n = 0;
    for (; s->len && is_digit(*s->ptr); *s = str_skip(*s, 1))
        n = n > 9999 ? n : n * 10 + (unsigned)(*s->ptr - '0');
    return n;
}

/* Where the tag begins: "el" before a digit, behind a dot, or behind the plus or underscore of a module. */
static size_t find_tag(struct str version)
{
    for (size_t i = 1; i + 2 < version.len; i++)
        if (version.ptr[i] == 'e' && version.ptr[i + 1] == 'l' && is_digit(version.ptr[i + 2]) &&
            memchr(".+_", version.ptr[i - 1], 3))
            return i;
    return version.len;
}

struct stream_tag stream_tag_of(struct str version)
{
    struct stream_tag tag = {.minor = -1};
    size_t at = find_tag(version);
    if (at == version.len)
        return tag;
    struct str rest = str_skip(version, at + 2);
    char mark = version.ptr[at - 1] == '.' ? '_' : '.'; /* before the minor number; ".el8.1" is a rebuild */
    tag.release = cut_number(&rest);
    if (rest.len > 1 && *rest.ptr == mark && is_digit(rest.ptr[1])) {
        rest = str_skip(rest, 1);
        tag.minor = (int)cut_number(&rest);
    }
    return tag;
}

/* Without ".centos" and the minor number of the tag: "2.02-0.87.el7.7" of both el7.centos.7 and el7_9.7. */
static struct str without_tag(struct str version, char *text)
{
    size_t at = str_find_part(version, STR(".centos")), minor = find_tag(version) + 2, len = 0;
    while (minor < version.len && is_digit(version.ptr[minor]))
        minor++;
    if (minor >= version.len || version.ptr[minor] != '_')
        minor = version.len;
    for (size_t i = 0; i < version.len && len < ADVISORY_TEXT_MAX; i++) {
        if (i == at)
            i += strlen(".centos");
        if (i == minor)
            for (i++; i < version.len && is_digit(version.ptr[i]);)
                i++;
        if (i < version.len)
            text[len++] = version.ptr[i];
    }
    return (struct str){text, len};
}

int stream_compare(const struct version_scheme *scheme, struct str installed, struct str fixed)
{
    char a[ADVISORY_TEXT_MAX], b[ADVISORY_TEXT_MAX];
    if (str_has(installed, STR(".module_el"))) {
        installed.len = str_find_part(installed, STR(".module"));
        fixed.len = str_find_part(fixed, STR(".module"));
    } else if (str_has(installed, STR(".centos"))) {
        installed = without_tag(installed, a);
        fixed = without_tag(fixed, b);
    }
    return scheme->compare(installed, fixed);
}

/* ---- products ---- */

static bool is_covered(struct str product, struct str by)
{
    return str_starts(product, by) &&
           (product.len == by.len || memchr(":._-", product.ptr[by.len], 4) != NULL);
}

bool stream_has_product(struct str products, struct str wanted)
{
    while (products.len) {
        struct str product = str_cut(&products, ' '), rest = wanted;
        while (rest.len)
            if (is_covered(product, str_cut(&rest, ' ')))
                return true;
    }
    return false;
}

/* "rhel_eus:9.4::baseos" goes no further than 9.4, unless RHEL itself is there, too. Other products have numbers of their own,
   "rhel_dotnet:6.0". */
static int newest_of(struct str products, unsigned release)
{
    int newest = -1;
    while (products.len) {
        struct str version = str_cut(&products, ' '), name = str_cut(&version, ':');
        bool is_rhel = str_eq(name, STR("enterprise_linux"));
        if (!is_rhel && !str_starts(name, STR("rhel_")) && !str_starts(name, STR("enterprise_linux_")))
            continue;
        if (cut_number(&version) != release)
            continue;
        if (is_rhel)
            return -1;
        if (version.len < 2 || *version.ptr != '.')
            continue;
        version = str_skip(version, 1);
        int minor = (int)cut_number(&version);
        newest = minor > newest ? minor : newest;
    }
    return newest;
}

/* ---- the choice ---- */

struct stream_choice stream_begin(const struct package *p, struct str version)
{
    struct stream_tag tag = stream_tag_of(version);
    return (struct stream_choice){
        .package = p, .version = version, .tag = tag, .newest = newest_of(p->products, tag.release)};
}

/* How far a fix is from the package: that of its own minor release or the next one is nearest, older ones are the farthest. */
static int distance(const struct stream_choice *c, struct str fixed)
{
    int minor = stream_tag_of(fixed).minor;
    if (c->tag.minor < 0)
        return 0;
    return minor < 0 ? 10000 : minor >= c->tag.minor ? minor : 20000;
}

void stream_add(struct stream_choice *c, const struct version_scheme *scheme, const struct advisory *a)
{
    c->id = a->id;
    if (a->product.len && !stream_has_product(c->package->products, a->product)) {
        struct stream_tag tag = stream_tag_of(a->fixed_version);
        c->has_fix |= tag.minor >= 0 && tag.minor == c->tag.minor && tag.release == c->tag.release &&
                      stream_compare(scheme, c->version, a->fixed_version) >= 0;
        return;
    }
    int own = distance(c, a->fixed_version), best = c->best.id.len ? distance(c, c->best.fixed_version) : 0;
    if (!c->best.id.len || own < best ||
        (own == best && scheme->compare(a->fixed_version, c->best.fixed_version) > 0))
        c->best = *a;
}

int stream_end(struct stream_choice *c, const struct version_scheme *scheme, struct advisory *ret)
{
    struct advisory a = c->best;
    bool applies = a.id.len && !c->has_fix && stream_compare(scheme, c->version, a.fixed_version) < 0;
    c->id = (struct str){0};
    c->best = (struct advisory){0};
    c->has_fix = false;
    if (!applies)
        return 0;
    if (c->newest >= 0 && stream_tag_of(a.fixed_version).minor > c->newest) {
        a.status = ADVISORY_AFFECTED; /* whoever stays at that minor release does not get it */
        a.fixed_version = (struct str){0};
    }
    *ret = a;
    return 1;
}
