/* SUSE Linux Enterprise, its Micro, openSUSE: OVAL for each release, https://www.suse.com/support/security/oval, whose
   definitions name binary packages. Those files are taken that also tell what is not fixed yet. */
#include "feed/suse.h"

#include "feed/publishers.h"

/* ---- names of products ---- */

/* Up to the end, a blank, or what follows a hyphen: "15-LTSS", "SP3-ESPOS". */
static struct str word_of(struct str text)
{
    struct str word = str_cut(&text, ' ');
    return str_cut(&word, '-');
}

/* "15.6", "5.5": numbers with a point between. */
static bool is_release(struct str word)
{
    struct str first = str_cut(&word, '.');
    uint64_t n;
    return str_u64(first, 99, &n) == 0 && (!word.len || str_u64(word, 99, &n) == 0);
}

/* "sle-micro:5.5" of "SUSE Linux Enterprise Micro 5.5" and what may follow. */
static bool put_release(const char *name, struct str rest, struct buf *ret)
{
    struct str release = word_of(rest);
    if (!is_release(release))
        return false;
    buf_printf(ret, "%s:" STR_FMT, name, STR_ARG(release));
    return true;
}

/* Modules of SUSE Linux Enterprise 12 are for all of its service packs. */
static void put_all_of_12(struct buf *ret)
{
    buf_add(ret, STR("sles:12"));
    for (int pack = 1; pack <= 5; pack++)
        buf_printf(ret, " sles:12.%d", pack);
}

/* "sles:15.6" of "… 15 SP6", "sles:15" of "… 15" and "… 15-LTSS", "sles:16.0" of "… 16.0": the first word that is such a
   number, since names have others ("Module for Python 3 15 SP6"). */
static bool put_enterprise(struct str product, struct buf *ret)
{
    struct str rest = product;
    while (rest.len) {
        struct str word = word_of(rest), number = word, pack;
        uint64_t n;
        str_cut(&rest, ' ');
        if (str_u64(str_cut(&number, '.'), 99, &n) < 0 || n < 10 || !is_release(word))
            continue;
        pack = word_of(rest);
        if (str_starts(pack, STR("SP")) && str_u64(str_skip(pack, 2), 99, &n) == 0)
            buf_printf(ret, "sles:" STR_FMT ".%ju", STR_ARG(word), (uintmax_t)n);
        else if (str_eq(word, STR("12")) && str_has(product, STR(" Module for ")))
            put_all_of_12(ret);
        else
            buf_printf(ret, "sles:" STR_FMT, STR_ARG(word));
        return true;
    }
    return false;
}

/* Products that a release is sold as when its own support is over, or beside it. */
static bool is_extended(struct str product)
{
    static const struct str words[] = {STR_INIT("LTSS"), STR_INIT("ESPOS"), STR_INIT("BCL"),
                                       STR_INIT("TERADATA"), STR_INIT("for SAP Applications")};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_has(product, words[i]))
            return true;
    return false;
}

enum oval_audience suse_namespaces(struct str product, struct str evr, struct buf *ret)
{
    static const struct {
        struct str prefix;
        const char *name;
    } lines[] = {
        {STR_INIT("SUSE Linux Enterprise Micro for Rancher "), "sle-micro"},
        {STR_INIT("SUSE Linux Enterprise Micro 6"), NULL}, /* the same as the next but one */
        {STR_INIT("SUSE Linux Enterprise Micro "), "sle-micro"},
        {STR_INIT("SUSE Linux Micro "), "sl-micro"},
        {STR_INIT("openSUSE Leap Micro "), "opensuse-leap-micro"},
        {STR_INIT("openSUSE Leap "), "opensuse-leap"},
        {STR_INIT("openSUSE "), "opensuse"},
    };
    (void)evr;
    if (str_starts(product, STR("openSUSE Tumbleweed"))) {
        buf_add(ret, STR("opensuse-tumbleweed:rolling"));
        return OVAL_EVERYBODY;
    }
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (str_starts(product, lines[i].prefix)) {
            size_t at = lines[i].prefix.len - !lines[i].name;
            const char *name = lines[i].name ? lines[i].name : "sl-micro";
            return put_release(name, str_skip(product, at), ret) ? OVAL_EVERYBODY : OVAL_NOBODY;
        }
    if (!str_starts(product, STR("SUSE Linux Enterprise ")) && !str_starts(product, STR("SUSE Package Hub ")))
        return OVAL_NOBODY;
    return !put_enterprise(product, ret) ? OVAL_NOBODY
           : is_extended(product)        ? OVAL_SUBSCRIBERS
                                         : OVAL_EVERYBODY;
}

/* ---- the feeds ---- */

static const char *const platforms[] = {"SUSE ", "openSUSE ", NULL};
static const char *const arches[] = {"aarch64", "ppc64le", "s390x", "x86_64", NULL};

static int suse_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink, struct error *err)
{
    static const struct oval_source source = {suse_namespaces, platforms, arches};
    return oval_parse(feed, &source, in, sink, err);
}

/* One file a service pack: those of whole lines have 600 MB. What is older than these ended before 2021. */
static const char *const enterprise[] = {"suse.linux.enterprise.16-affected.xml.gz",
                                         "suse.linux.enterprise.15-sp7-affected.xml.gz",
                                         "suse.linux.enterprise.15-sp6-affected.xml.gz",
                                         "suse.linux.enterprise.15-sp5-affected.xml.gz",
                                         "suse.linux.enterprise.15-sp4-affected.xml.gz",
                                         "suse.linux.enterprise.15-sp3-affected.xml.gz",
                                         "suse.linux.enterprise.15-sp2-affected.xml.gz",
                                         "suse.linux.enterprise.15-sp1-affected.xml.gz",
                                         "suse.linux.enterprise.12-sp5-affected.xml.gz",
                                         "suse.linux.enterprise.12-sp4-affected.xml.gz",
                                         "suse.linux.micro.6-affected.xml.gz",
                                         "suse.linux.enterprise.micro.5-affected.xml.gz",
                                         NULL};

/* Those of openSUSE tell nothing that is not fixed, whichever file it is. */
static const char *const open[] = {"opensuse.tumbleweed.xml.gz",
                                   "opensuse.leap.16.0.xml.gz",
                                   "opensuse.leap.15.6.xml.gz",
                                   "opensuse.leap.15.5.xml.gz",
                                   "opensuse.leap.15.4.xml.gz",
                                   "opensuse.leap.15.3.xml.gz",
                                   NULL};

const struct feed suse_feed = {
    .name = "suse",
    .title = "SUSE Linux Enterprise OVAL",
    .version = 1,
    .url = "https://ftp.suse.com/pub/projects/security/oval/",
    .documents = enterprise,
    .distributions = (const char *const[]){"sles", "sle-micro", "sl-micro", NULL},
    .link = "https://www.suse.com/security/cve/%s.html",
    .every_seconds = 86400,
    .scheme = "rpm",
    .binary = true,
    .parse = suse_parse,
};

const struct feed opensuse_feed = {
    .name = "opensuse",
    .title = "openSUSE OVAL",
    .version = 1,
    .url = "https://ftp.suse.com/pub/projects/security/oval/",
    .documents = open,
    .distributions = (const char *const[]){"opensuse-leap", "opensuse-leap-micro", "opensuse-tumbleweed",
                                           "opensuse", NULL},
    .link = "https://www.suse.com/security/cve/%s.html",
    .every_seconds = 86400,
    .scheme = "rpm",
    .binary = true,
    .parse = suse_parse,
};
