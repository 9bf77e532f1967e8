/* Distributions that publish OVAL: Azure Linux and its predecessor CBL-Mariner, whose definitions name sources, and Oracle
   Linux, whose definitions name binary packages by architecture. */
#include "feed/oval.h"
#include "feed/publishers.h"

/* Nothing but the release tag tells which distribution a document is about. */
static enum oval_audience azure_namespaces(struct str platform, struct str evr, struct buf *ret)
{
    static const struct {
        const char *tag, *namespace;
    } tags[] = {{".azl3", "azurelinux:3.0"}, {".cm2", "mariner:2.0"}, {".cm1", "mariner:1.0"}};
    (void)platform;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (str_ends(evr, str_of(tags[i].tag)))
            buf_add(ret, str_of(tags[i].namespace));
    return ret->len ? OVAL_EVERYBODY : OVAL_NOBODY;
}

static int azure_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink, struct error *err)
{
    static const struct oval_source source = {.namespaces = azure_namespaces};
    return oval_parse(feed, &source, in, sink, err);
}

/* "Oracle Linux 8" */
static enum oval_audience oracle_namespaces(struct str platform, struct str evr, struct buf *ret)
{
    static const struct str prefix = STR_INIT("Oracle Linux ");
    struct str release = str_skip(platform, prefix.len);
    uint64_t number;
    (void)evr;
    if (!str_starts(platform, prefix) || str_u64(release, 99, &number) < 0)
        return OVAL_NOBODY;
    buf_printf(ret, "oracle:%ju", (uintmax_t)number);
    return OVAL_EVERYBODY;
}

static int oracle_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink, struct error *err)
{
    static const struct oval_source source = {.namespaces = oracle_namespaces};
    return oval_parse(feed, &source, in, sink, err);
}

const struct feed azure_feed = {
    .name = "azure",
    .title = "Azure Linux and CBL-Mariner OVAL",
    .version = 2,
    .url = "https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/",
    .documents = (const char *const[]){"azurelinux-3.0-oval.xml", "cbl-mariner-2.0-oval.xml",
                                       "cbl-mariner-1.0-oval.xml", NULL},
    .distributions = (const char *const[]){"azurelinux", "mariner", NULL},
    .link = "https://nvd.nist.gov/vuln/detail/%s",
    .every_seconds = 86400,
    .scheme = "rpm",
    .parse = azure_parse,
};

const struct feed oracle_feed = {
    .name = "oracle",
    .title = "Oracle Linux OVAL",
    .version = 2,
    .url = "https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2",
    .distributions = (const char *const[]){"oracle", NULL},
    .link = "https://linux.oracle.com/cve/%s.html",
    .every_seconds = 86400,
    .scheme = "rpm",
    .binary = true,
    .parse = oracle_parse,
};
