#include "oci/platform.h"

static const struct {
    struct str alias, os_word, variant;
} architectures[] = {
    {STR_INIT("x86_64"), STR_INIT("amd64"), STR_INIT("")},
    {STR_INIT("x86-64"), STR_INIT("amd64"), STR_INIT("")},
    {STR_INIT("aarch64"), STR_INIT("arm64"), STR_INIT("")},
    {STR_INIT("armhf"), STR_INIT("arm"), STR_INIT("v7")},
    {STR_INIT("armv7l"), STR_INIT("arm"), STR_INIT("v7")},
    {STR_INIT("armel"), STR_INIT("arm"), STR_INIT("v6")},
    {STR_INIT("armv6l"), STR_INIT("arm"), STR_INIT("v6")},
    {STR_INIT("i386"), STR_INIT("386"), STR_INIT("")},
    {STR_INIT("i686"), STR_INIT("386"), STR_INIT("")},
    {STR_INIT("ppc64el"), STR_INIT("ppc64le"), STR_INIT("")},
    {STR_INIT("loongarch64"), STR_INIT("loong64"), STR_INIT("")},
};

static bool is_word(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
              c == '_' || c == '-'))
            return false;
    }
    return s.len > 0 && s.len <= 24;
}

int platform_parse(struct str text, struct oci_platform *ret)
{
    struct oci_platform p;
    bool third = str_find(text, '/') != str_find_last(text, '/');
    p.os = str_cut(&text, '/');
    p.architecture = str_cut(&text, '/');
    p.variant = text;
    if (!is_word(p.os) || !is_word(p.architecture) || (third && !is_word(p.variant)))
        return -1;
    for (size_t i = 0; i < sizeof architectures / sizeof *architectures; i++) {
        if (!str_eq(p.architecture, architectures[i].alias))
            continue;
        p.architecture = architectures[i].os_word;
        if (!p.variant.len)
            p.variant = architectures[i].variant;
        break;
    }
    *ret = p;
    return 0;
}

/* The number of a variant "v7", or what the architecture has without one; 0: it has no levels. */
static unsigned level(struct str architecture, struct str variant)
{
    bool arm = str_eq(architecture, STR("arm")), amd64 = str_eq(architecture, STR("amd64"));
    bool arm64 = str_eq(architecture, STR("arm64"));
    if (!variant.len)
        return arm ? 7 : amd64 ? 1 : arm64 ? 8 : 0;
    if ((arm || amd64 || arm64) && variant.len == 2 && variant.ptr[0] == 'v' && variant.ptr[1] >= '1' &&
        variant.ptr[1] <= '9')
        return (unsigned)(variant.ptr[1] - '0');
    return 0;
}

unsigned platform_fit(const struct oci_platform *have, const struct oci_platform *want)
{
    if (!str_eq(have->os, want->os) || !str_eq(have->architecture, want->architecture))
        return 0;
    unsigned had = level(have->architecture, have->variant),
             wanted = level(want->architecture, want->variant);
    if (had && wanted)
        return had > wanted ? 0 : 10 + had;
    return str_eq(have->variant, want->variant) ? 20 : have->variant.len ? 0 : 5;
}

bool platform_is_image(const struct oci_descriptor *d)
{
    return !d->attestation && !str_eq(d->platform.os, STR("unknown"));
}

const struct oci_descriptor *platform_choose(const struct oci_document *index,
                                             const struct oci_platform *want, bool any)
{
    const struct oci_descriptor *best = NULL, *nameless = NULL, *only = NULL;
    unsigned best_fit = 0, images = 0;
    vec_each (&index->manifests, d) {
        if (!platform_is_image(d))
            continue;
        images++;
        only = d;
        unsigned fit = platform_fit(&d->platform, want);
        if (fit > best_fit) {
            best = d;
            best_fit = fit;
        }
        if (!nameless && !d->platform.os.len && !d->platform.architecture.len)
            nameless = d;
    }
    if (best)
        return best;
    return nameless ? nameless : any && images == 1 ? only : NULL;
}

const char *platform_text(const struct oci_platform *p, char *dst, size_t size)
{
    char text[PLATFORM_TEXT_SIZE];
    if (!p->os.len && !p->architecture.len)
        return str_printable(STR(""), dst, size);
    snprintf(text, sizeof text, "%.*s/%.*s%s%.*s", (int)(p->os.len < 24 ? p->os.len : 24),
             p->os.len ? p->os.ptr : "", (int)(p->architecture.len < 24 ? p->architecture.len : 24),
             p->architecture.len ? p->architecture.ptr : "", p->variant.len ? "/" : "",
             (int)(p->variant.len < 24 ? p->variant.len : 24), p->variant.len ? p->variant.ptr : "");
    return str_printable(str_of(text), dst, size);
}
