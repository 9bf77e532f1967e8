#include "model/vendor.h"

#include "model/namespace.h"

/* How the vendors of a distribution's rpms begin. EPEL's is Fedora's, which makes it foreign to all others. */
static const struct {
    const char *distribution;
    struct str vendors[3];
} rpm_vendors[] = {
    {"almalinux", {STR_INIT("AlmaLinux")}},
    {"amzn", {STR_INIT("Amazon")}},
    {"azurelinux", {STR_INIT("Microsoft")}},
    {"centos", {STR_INIT("CentOS"), STR_INIT("Red Hat")}},
    {"fedora", {STR_INIT("Fedora Project")}},
    {"mariner", {STR_INIT("Microsoft")}},
    {"openeuler",
     {STR_INIT("openEuler"), STR_INIT("http://openeuler.org"), STR_INIT("https://openeuler.org")}},
    {"opensuse", {STR_INIT("openSUSE"), STR_INIT("SUSE")}},
    {"opensuse-leap", {STR_INIT("openSUSE"), STR_INIT("SUSE")}},
    {"opensuse-tumbleweed", {STR_INIT("openSUSE"), STR_INIT("SUSE")}},
    {"oracle", {STR_INIT("Oracle")}},
    {"photon", {STR_INIT("VMware"), STR_INIT("Broadcom")}},
    {"rocky", {STR_INIT("Rocky")}},
    {"sle-micro", {STR_INIT("SUSE"), STR_INIT("openSUSE")}},
    {"sles", {STR_INIT("SUSE"), STR_INIT("openSUSE")}},
    {"sl-micro", {STR_INIT("SUSE"), STR_INIT("openSUSE")}},
};

/* Marks in versions of debs, and addresses of maintainers, that none of Debian's and Ubuntu's own have. */
static const struct str marks[] = {STR_INIT("pgdg"),    STR_INIT("deb.sury.org"), STR_INIT("nodesource"),
                                   STR_INIT("~ppa"),    STR_INIT("+ppa"),         STR_INIT("~debian."),
                                   STR_INIT("~ubuntu.")};
static const struct str addresses[] = {
    STR_INIT("@cloudflare.com"), STR_INIT("@confluent.io"),  STR_INIT("@datadoghq.com"),
    STR_INIT("@docker.com"),     STR_INIT("@elastic.co"),    STR_INIT("@f5.com"),
    STR_INIT("@gitlab.com"),     STR_INIT("@grafana.com"),   STR_INIT("@hashicorp.com"),
    STR_INIT("@influxdata.com"), STR_INIT("@kubernetes.io"), STR_INIT("@microsoft.com"),
    STR_INIT("@mongodb.com"),    STR_INIT("@nginx.com"),     STR_INIT("@nodesource.com"),
    STR_INIT("@oracle.com"),     STR_INIT("@percona.com"),   STR_INIT("@redis.com"),
    STR_INIT("@redis.io"),       STR_INIT("@yarnpkg.com"),
};

static bool has_any(struct str text, const struct str *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_has(text, parts[i]))
            return true;
    return false;
}

/* "1.25.3-1~bookworm": made for several releases at once, which the distributions themselves do not. */
static bool ends_with_codename(struct str version)
{
    struct str word = str_skip(version, str_find_last(version, '~') + 1);
    return word.len && *word.ptr >= 'a' && *word.ptr <= 'z' &&
           (namespace_debian(word) || namespace_ubuntu(word));
}

static bool deb_is_foreign(const struct package *p)
{
    return ends_with_codename(p->version) || has_any(p->version, marks, sizeof marks / sizeof *marks) ||
           has_any(p->vendor, addresses, sizeof addresses / sizeof *addresses);
}

static bool rpm_is_foreign(struct str distribution, const struct package *p)
{
    for (size_t i = 0; i < sizeof rpm_vendors / sizeof *rpm_vendors && p->vendor.len; i++) {
        if (!str_eq(distribution, str_of(rpm_vendors[i].distribution)))
            continue;
        for (size_t j = 0; j < 3; j++)
            if (rpm_vendors[i].vendors[j].len && str_starts(p->vendor, rpm_vendors[i].vendors[j]))
                return false;
        return true;
    }
    return false;
}

bool vendor_is_foreign(struct str namespace, const struct package *p)
{
    struct str distribution = str_cut(&namespace, ':');
    if (p->type == PACKAGE_DEB)
        return (str_eq(distribution, STR("debian")) || str_eq(distribution, STR("ubuntu"))) &&
               deb_is_foreign(p);
    return p->type == PACKAGE_RPM && rpm_is_foreign(distribution, p);
}

struct str vendor_name(const struct package *p)
{
    struct str rest = p->vendor, name = str_trim(str_cut(&rest, '<'));
    return name.len ? name : p->name;
}

struct str vendor_redhat_product(struct str cpe)
{
    return str_eq(str_cut(&cpe, ':'), STR("cpe")) && str_cut(&cpe, ':').len == 2 &&
                   str_eq(str_cut(&cpe, ':'), STR("redhat"))
               ? cpe
               : STR("");
}
