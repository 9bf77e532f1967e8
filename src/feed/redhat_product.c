#include "base/limits.h"
#include "feed/redhat.h"
#include "model/purl.h"
#include "model/vendor.h"

/* ---- products ---- */

static unsigned number_at(struct str s)
{
    unsigned n = 0;
    for (size_t i = 0; i < s.len && i < 3 && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++)
        n = n * 10 + (unsigned)(s.ptr[i] - '0');
    return n;
}

/* "el9" of an edition, or of a release tag behind its dot: 9; 0 none. */
static unsigned release_of_tag(struct str tag)
{
    return str_starts(tag, STR("el")) ? number_at(str_skip(tag, 2)) : 0;
}

/* Products that are numbered like the release that they are for, "rhel_eus:9.4"; before 5 those numbers are others'. */
static bool follows_release(struct str product, unsigned number)
{
    return number >= 5 && (str_starts(product, STR("rhel_")) || str_starts(product, STR("enterprise_linux")));
}

int redhat_product_of(struct str cpe, struct str *ret, unsigned *ret_release)
{
    const struct str text = vendor_redhat_product(cpe);
    struct str rest = text;
    struct str product = str_cut(&rest, ':'), version = str_cut(&rest, ':');
    str_cut(&rest, ':'); /* update */
    struct str edition = str_cut(&rest, ':');
    unsigned number = number_at(version), release = release_of_tag(edition);
    if (!product.len)
        return -1;
    if (!release && follows_release(product, number))
        release = number;
    *ret_release = release;
    /* Its parts, as baseos and appstream, share no package: the whole is told. */
    if (str_eq(product, STR("enterprise_linux")) && release)
        *ret = STR("");
    else
        *ret = release_of_tag(edition) || !version.len
                   ? text
                   : (struct str){text.ptr, (size_t)(version.ptr + version.len - text.ptr)};
    return 0;
}

/* ---- packages ---- */

bool redhat_is_kernel(struct str name)
{
    static const char *const flavours[] = {"rt",    "64k", "16k", "debug", "zfcpdump", "PAE", "xen",
                                           "kdump", "alt", "uki", "virt",  "core",     NULL};
    if (!str_eq(str_cut(&name, '-'), STR("kernel")))
        return false;
    while (name.len) {
        struct str word = str_cut(&name, '-');
        const char *const *f = flavours;
        while (*f && !str_eq(word, str_of(*f)))
            f++;
        if (!*f)
            return false;
    }
    return true;
}

bool redhat_is_program(struct str name)
{
    return !str_has(name, STR("-debuginfo")) && !str_ends(name, STR("-debugsource"));
}

/* "nodejs:18:8070020…:bd1311ed" is of the stream "nodejs:18". -1: it is none. */
static int stream_of(struct str label, struct str *ret)
{
    struct str rest = label, module = str_cut(&rest, ':'), stream = str_cut(&rest, ':');
    if (!module.len || !stream.len)
        return -1;
    *ret = (struct str){label.ptr, (size_t)(stream.ptr + stream.len - label.ptr)};
    return 0;
}

/* "nodejs:16/nodejs" and "openssl-libs-1:1.1.1k-7.el8_6.x86_64": how ids name components where nothing else does. */
static int by_id(struct str id, struct redhat_component *c)
{
    size_t slash = str_find(id, '/');
    if (slash < id.len) {
        if (stream_of((struct str){id.ptr, slash}, &c->module) < 0)
            return 0; /* an image, "openshift4/ose-cli" */
        id = str_skip(id, slash + 1);
    }
    size_t release = str_find_last(id, '-'), version = str_find_last((struct str){id.ptr, release}, '-');
    size_t dot = str_find_last(id, '.');
    c->name = id;
    if (str_ends(id, STR(".src")))
        c->name.len -= strlen(".src");
    else if (release < id.len && version < release && dot > release && dot < id.len &&
             str_find((struct str){id.ptr, release}, ':') < release) {
        c->name.len = version;
        c->evr = (struct str){id.ptr + version + 1, dot - version - 1};
        c->arch = str_skip(id, dot + 1);
        if (str_starts(c->evr, STR("0:")))
            c->evr = str_skip(c->evr, 2);
    }
    return 1;
}

/* The epoch is a qualifier. */
static int evr_of(const struct purl *purl, struct arena *arena, struct str *ret)
{
    struct str epoch = purl_qualifier(purl, STR("epoch")), version;
    if (purl_decode(purl->version, arena, &version) < 0)
        return -1;
    *ret = version;
    if (!version.len || !epoch.len || str_eq(epoch, STR("0")))
        return 0;
    char *text = arena_alloc(arena, epoch.len + 1 + version.len, 1);
    if (!text)
        return -1;
    memcpy(text, epoch.ptr, epoch.len);
    text[epoch.len] = ':';
    memcpy(text + epoch.len + 1, version.ptr, version.len);
    *ret = (struct str){text, epoch.len + 1 + version.len};
    return 0;
}

static int by_purl(const struct csaf_product *part, struct arena *arena, struct redhat_component *c,
                   const char **ret_problem)
{
    struct purl purl;
    struct str label;
    if (purl_split(part->purl, &purl) < 0) {
        *ret_problem = "a package URL that is none";
        return 0;
    }
    if (!str_eq(purl.type, STR("rpm")))
        return 0;
    if (purl_decode(purl.name, arena, &c->name) < 0 || evr_of(&purl, arena, &c->evr) < 0 ||
        purl_decode(purl_qualifier(&purl, STR("arch")), arena, &c->arch) < 0 ||
        purl_decode(purl_qualifier(&purl, STR("rpmmod")), arena, &label) < 0)
        return -1;
    if (label.len && stream_of(label, &c->module) < 0) {
        *ret_problem = "a module that is none";
        return 0;
    }
    return 1;
}

/* A module between package and product: "pkg:rpmmod/redhat/nodejs@14:8040020…:522a0ee4", or its id says the same. */
static int module_of(const struct csaf_product *part, struct arena *arena, struct str *ret)
{
    struct purl purl;
    if (!part->purl.len)
        return stream_of(part->id, ret) < 0 ? 0 : 1;
    if (purl_split(part->purl, &purl) < 0 || !str_eq(purl.type, STR("rpmmod")))
        return 0;
    struct str name, version;
    if (purl_decode(purl.name, arena, &name) < 0 || purl_decode(purl.version, arena, &version) < 0)
        return -1;
    version = str_cut(&version, ':');
    char *text = arena_alloc(arena, name.len + 1 + version.len, 1);
    if (!text)
        return -1;
    memcpy(text, name.ptr, name.len);
    text[name.len] = ':';
    if (version.len)
        memcpy(text + name.len + 1, version.ptr, version.len);
    *ret = (struct str){text, name.len + 1 + version.len};
    return version.len != 0;
}

static unsigned release_of_evr(struct str evr)
{
    while (evr.len) {
        unsigned release = release_of_tag(evr);
        if (release)
            return release;
        str_cut(&evr, '.');
    }
    return 0;
}

enum { LEVELS = 8 }; /* of components of components; Red Hat writes two */

int redhat_component_of(const struct csaf_product *p, struct arena *arena, struct redhat_component *ret,
                        const char **ret_problem, struct error *err)
{
    struct redhat_component c = {0};
    const struct csaf_product *base = p;
    int rc = 1;
    *ret_problem = NULL;
    for (unsigned level = 0; base->whole && rc >= 0; level++) {
        if (level == LEVELS) {
            *ret_problem = "a component of a component without end";
            return 0;
        }
        if (base != p)
            rc = module_of(base->part, arena, &c.module);
        base = base->whole;
    }
    if (base == p || !base->cpe.len || redhat_product_of(base->cpe, &c.product, &c.release) < 0)
        return 0; /* a product as a whole, or somebody else's */
    if (rc >= 0 && p->part->purl.len)
        rc = by_purl(p->part, arena, &c, ret_problem);
    else if (rc >= 0) /* other products without a package URL are no rpms */
        rc = !c.product.len && by_id(p->part->id, &c);
    if (!c.release)
        c.release = release_of_evr(c.evr);
    *ret = c;
    return rc < 0 ? error_set(err, E_LIMIT, "csaf: more products than one document may have") : rc;
}
