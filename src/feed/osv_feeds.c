/* Distributions that publish in the OSV format, as osv.dev exports them: a zip of records for each. */
#include "feed/osv.h"
#include "feed/publishers.h"
#include "feed/redhat.h"
#include "model/namespace.h"

/* "AlmaLinux:8": the number behind the name is the release, whatever follows it. */
static int numbered(struct str ecosystem, const char *name, const char *as, struct buf *ret)
{
    struct str rest = ecosystem;
    if (!str_eq(str_cut(&rest, ':'), str_of(name)) || !rest.len)
        return 0;
    struct str release = str_cut(&rest, ':'), major = str_cut(&release, '.');
    buf_printf(ret, "%s:" STR_FMT, as, STR_ARG(major));
    return 1;
}

static int almalinux_namespace(struct str ecosystem, struct buf *ret, unsigned *ret_flags)
{
    *ret_flags = 0;
    return numbered(ecosystem, "AlmaLinux", "almalinux", ret);
}

static int rocky_namespace(struct str ecosystem, struct buf *ret, unsigned *ret_flags)
{
    *ret_flags = 0;
    return numbered(ecosystem, "Rocky Linux", "rocky", ret);
}

static int release_name(const struct namespace_release *release, struct buf *ret)
{
    if (release)
        buf_add(ret, str_of(release->name));
    return release != NULL;
}

static int debian_namespace(struct str ecosystem, struct buf *ret, unsigned *ret_flags)
{
    *ret_flags = 0;
    return str_eq(str_cut(&ecosystem, ':'), STR("Debian")) && release_name(namespace_debian(ecosystem), ret);
}

/* "Ubuntu:22.04:LTS"; "Ubuntu:Pro:16.04:LTS" for fixes that need a subscription. Other products of Pro, "FIPS" and
   "Realtime", have packages of their own, whose fixes must not count for the release. */
static int ubuntu_namespace(struct str ecosystem, struct buf *ret, unsigned *ret_flags)
{
    struct str rest = ecosystem;
    bool ubuntu = str_eq(str_cut(&rest, ':'), STR("Ubuntu")), pro = str_starts(rest, STR("Pro:"));
    if (pro)
        str_cut(&rest, ':');
    *ret_flags = pro ? ADVISORY_SUBSCRIPTION : 0;
    return ubuntu && release_name(namespace_ubuntu(str_cut(&rest, ':')), ret);
}

#define OSV_FEED(id, prefix, name_of, is_wanted)                                              \
    static int id##_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink, \
                          struct error *err)                                                  \
    {                                                                                         \
        static const struct osv_source source = {prefix, name_of, is_wanted};                 \
        return osv_parse(feed, &source, in, sink, err);                                       \
    }

OSV_FEED(almalinux, "", almalinux_namespace, redhat_is_program)
OSV_FEED(rocky, "", rocky_namespace, NULL)
OSV_FEED(ubuntu, "UBUNTU-CVE-", ubuntu_namespace, NULL)
OSV_FEED(debian, "DEBIAN-CVE-", debian_namespace, NULL)

const struct feed almalinux_feed = {
    .name = "almalinux",
    .title = "AlmaLinux errata",
    .version = 3,
    .url = "https://osv-vulnerabilities.storage.googleapis.com/AlmaLinux/all.zip",
    .distributions = (const char *const[]){"almalinux", NULL},
    .link = "https://osv.dev/vulnerability/%s",
    .every_seconds = 86400,
    .scheme = "rpm",
    .binary = true,
    .parse = almalinux_parse,
};

const struct feed rocky_feed = {
    .name = "rocky",
    .title = "Rocky Linux errata",
    .version = 2,
    .url = "https://osv-vulnerabilities.storage.googleapis.com/Rocky%20Linux/all.zip",
    .distributions = (const char *const[]){"rocky", NULL},
    .link = "https://osv.dev/vulnerability/%s",
    .every_seconds = 86400,
    .scheme = "rpm",
    .parse = rocky_parse,
};

const struct feed ubuntu_feed = {
    .name = "ubuntu",
    .title = "Ubuntu security data",
    .version = 2,
    .url = "https://osv-vulnerabilities.storage.googleapis.com/Ubuntu/all.zip",
    .distributions = (const char *const[]){"ubuntu", NULL},
    .link = "https://ubuntu.com/security/%s",
    .every_seconds = 43200,
    .scheme = "dpkg",
    .parse = ubuntu_parse,
};

const struct feed debian_osv_feed = {
    .name = "debian-osv",
    .title = "Debian security tracker as OSV",
    .version = 2,
    .url = "https://osv-vulnerabilities.storage.googleapis.com/Debian/all.zip",
    .distributions = (const char *const[]){"debian", NULL},
    .link = "https://security-tracker.debian.org/tracker/%s",
    .every_seconds = 43200,
    .scheme = "dpkg",
    .alternative = true,
    .parse = debian_parse,
};
