/* Red Hat's OVAL, https://security.access.redhat.com/data/oval/v2/: a document a release of RHEL, with what is fixed and what is
   not. The product's parts are told apart by CPE only, as in the other feed: they share no package. */
#include "feed/oval.h"
#include "feed/publishers.h"
#include "feed/redhat.h"

/* "Red Hat Enterprise Linux 8" has CentOS's name; "Red Hat CoreOS 4" is no image. */
static enum oval_audience rhel_namespaces(struct str platform, struct str evr, struct buf *ret)
{
    static const struct str prefix = STR_INIT("Red Hat Enterprise Linux ");
    uint64_t number;
    (void)evr;
    if (!str_starts(platform, prefix) || str_u64(str_skip(platform, prefix.len), 99, &number) < 0)
        return OVAL_NOBODY;
    buf_printf(ret, "centos:%ju", (uintmax_t)number);
    return OVAL_EVERYBODY;
}

static enum advisory_status resolution(struct str state)
{
    return str_eq_nocase(state, STR("Under investigation")) ? ADVISORY_UNDETERMINED
                                                            : redhat_unfixed_status(state);
}

static enum oval_part part(struct str name)
{
    if (redhat_is_kernel(name))
        return OVAL_KERNEL;
    return redhat_is_program(name) && !str_starts(name, STR("kernel-")) ? OVAL_PROGRAM : OVAL_NOTHING;
}

static int redhat_oval_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink,
                             struct error *err)
{
    static const char *const platforms[] = {"Red Hat ", NULL};
    static const char *const arches[] = {"aarch64", "ppc64le", "s390x", "x86_64", NULL};
    static const struct oval_source source = {
        .namespaces = rhel_namespaces,
        .platforms = platforms,
        .arches = arches,
        .resolution = resolution,
        .passed_over = ".unaffected:",
        .part = part,
        .flags = ADVISORY_STREAMS,
    };
    return oval_parse(feed, &source, in, sink, err);
}

const struct feed redhat_oval_feed = {
    .name = "redhat-oval",
    .title = "Red Hat OVAL",
    .version = 1,
    .url = "https://security.access.redhat.com/data/oval/v2/",
    .documents = (const char *const[]){"RHEL9/rhel-9-including-unpatched.oval.xml.bz2",
                                       "RHEL8/rhel-8-including-unpatched.oval.xml.bz2",
                                       "RHEL7/rhel-7-including-unpatched.oval.xml.bz2",
                                       "?RHEL10/rhel-10-including-unpatched.oval.xml.bz2",
                                       "?RHEL6/rhel-6-including-unpatched.oval.xml.bz2", NULL},
    .distributions = (const char *const[]){"centos", NULL},
    .link = "https://access.redhat.com/security/cve/%s",
    .every_seconds = 86400,
    .scheme = "rpm",
    .alternative = true,
    .binary = true,
    .parse = redhat_oval_parse,
};
