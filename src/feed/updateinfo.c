/* Errata of rpm repositories, updateinfo.xml: updates/update {id, severity, references/reference, pkglist/collection/
   package}. Where it lies changes: Amazon's mirror.list names a folder, in which repodata/repomd.xml names it. Packages are
   binary ones; the tag in their release tells the distribution's. */
#include "base/arena.h"
#include "base/limits.h"
#include "feed/publishers.h"
#include "format/xml.h"
#include "stream/reader.h"
#include "version/version.h"

struct built {
    struct str name, evr, arch;
};

struct updateinfo {
    struct xml xml;
    struct feed_sink *sink;
    struct error *err;
    struct arena arena; /* of one update */
    struct str id;
    bool security;
    enum severity severity;
    VEC(struct str) ids;
    VEC(struct built) packages;
    struct buf namespace, introduced, packed;
};

static int no_room(struct updateinfo *u)
{
    return error_set(u->err, E_LIMIT, "updateinfo: more than one update may hold");
}

static int keep(struct updateinfo *u, struct str text, struct str *ret)
{
    return arena_str(&u->arena, str_trim(text), ret) < 0 ? no_room(u) : 0;
}

/* ---- one update ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_id_char(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || c == '-';
}

static int add_id(struct updateinfo *u, struct str id)
{
    vec_each (&u->ids, known)
        if (str_eq(*known, id))
            return 0;
    struct str *place = vec_push(&u->ids, &u->arena);
    return place ? keep(u, id, place) : no_room(u);
}

/* Names of CVE anywhere in a text: Amazon has them in the id of a reference, Fedora in its title. */
static int add_cves(struct updateinfo *u, struct str text)
{
    int rc = 0;
    while (text.len && rc == 0) {
        size_t n = 0;
        if (str_starts(text, STR("CVE-")))
            while (n < text.len && n < ADVISORY_TEXT_MAX && is_id_char(text.ptr[n]))
                n++;
        if (n)
            rc = add_id(u, (struct str){text.ptr, n});
        text = str_skip(text, n ? n : 1);
    }
    return rc;
}

static int add_package(struct updateinfo *u)
{
    CLEANUP(buf_done) struct buf evr = buf_make(KIB(1));
    struct str epoch = xml_attribute(&u->xml, "epoch"), arch = xml_attribute(&u->xml, "arch");
    struct str version = xml_attribute(&u->xml, "version"), release = xml_attribute(&u->xml, "release");
    if (str_eq(arch, STR("src")))
        return 0;
    if (epoch.len && !str_eq(epoch, STR("0")))
        buf_printf(&evr, STR_FMT ":", STR_ARG(epoch));
    buf_printf(&evr, STR_FMT "-" STR_FMT, STR_ARG(version), STR_ARG(release));
    struct built *b = vec_push(&u->packages, &u->arena);
    if (!b || evr.failed)
        return no_room(u);
    int rc = keep(u, buf_str(&evr), &b->evr);
    if (rc == 0)
        rc = keep(u, xml_attribute(&u->xml, "name"), &b->name);
    return rc < 0 ? rc : keep(u, str_eq(arch, STR("noarch")) ? STR("") : arch, &b->arch);
}

/* "3.amzn2023.0.2" is of amzn:2023, "1.fc41" of fedora:41: 0 where no tag is known. */
static bool find_namespace(struct updateinfo *u, struct str evr)
{
    static const struct {
        const char *tag, *namespace;
    } tags[] = {{".amzn", "amzn:"}, {".fc", "fedora:"}};
    buf_clear(&u->namespace);
    for (; evr.len; evr = str_skip(evr, 1))
        for (size_t i = 0; i < 2; i++) {
            if (!str_starts(evr, str_of(tags[i].tag)))
                continue;
            struct str number = str_skip(evr, strlen(tags[i].tag));
            size_t n = 0;
            while (n < number.len && is_digit(number.ptr[n]))
                n++;
            number.len = n < 8 ? n : 0;
            if (number.len)
                buf_printf(&u->namespace, "%s" STR_FMT, tags[i].namespace,
                           STR_ARG(str_eq(number, STR("1")) ? STR("2018.03") : number));
            return number.len;
        }
    return false;
}

/* "5.10" of "ALASKERNEL-5.10-2024-049" or "ALAS2KERNEL-5.10-2024-049", "8.0" of "ALAS2PHP8.0-2023-001"; "": no topic, or one without
   a version. */
static struct str topic_version(struct str id)
{
    for (int parts = 0; parts < 2; parts++) /* without year and number */
        id.len = str_find_last(id, '-') < id.len ? str_find_last(id, '-') : 0;
    size_t begin = id.len;
    while (begin && (is_digit(id.ptr[begin - 1]) || id.ptr[begin - 1] == '.'))
        begin--;
    struct str version = str_skip(id, begin);
    return str_starts(id, STR("ALAS")) && begin > strlen("ALAS") && version.len && is_digit(version.ptr[0])
               ? version
               : STR("");
}

/* What a topic mends is of its own versions: the core has older ones of the same name, with errata of theirs. */
static void find_introduced(struct updateinfo *u, struct str evr)
{
    struct str rest = evr, epoch = str_cut(&rest, ':'), version = topic_version(u->id);
    buf_clear(&u->introduced);
    if (!version.len)
        return;
    if (rest.len)
        buf_printf(&u->introduced, STR_FMT ":", STR_ARG(epoch));
    buf_add(&u->introduced, version);
    if (u->introduced.failed || version_rpm.compare(evr, buf_str(&u->introduced)) < 0)
        buf_clear(&u->introduced);
}

static int give_package(struct updateinfo *u, const struct built *b)
{
    struct advisory a = {.status = ADVISORY_FIXED, .fixed_version = b->evr, .arches = b->arch};
    bool usable = b->name.len && b->name.len <= ADVISORY_TEXT_MAX && b->evr.len <= ADVISORY_TEXT_MAX &&
                  b->arch.len <= ADVISORY_TEXT_MAX && version_rpm.valid(b->evr);
    if (!usable || !find_namespace(u, b->evr))
        return u->sink->problem
                   ? u->sink->problem(u->sink, u->id, "a package that is none of the distribution's", u->err)
                   : 0;
    find_introduced(u, b->evr);
    a.introduced = buf_str(&u->introduced);
    a.severity = u->severity;
    buf_clear(&u->packed);
    vec_each (&u->ids, id) {
        a.id = *id;
        advisory_pack(&u->packed, &a);
    }
    const struct advisory_row row = {buf_str(&u->namespace), b->name, (uint32_t)u->ids.len,
                                     buf_str(&u->packed)};
    int rc = buf_finish(&u->packed, "updateinfo: advisories of one update", u->err);
    return rc < 0 ? rc : u->sink->row(u->sink, &row, u->err);
}

/* One without a CVE counts if it says that it is about security. */
static int end_update(struct updateinfo *u)
{
    int rc = 0;
    bool named = u->id.len && u->id.len <= ADVISORY_TEXT_MAX;
    if (!u->ids.len && u->security && named)
        rc = add_id(u, u->id);
    vec_each (&u->packages, b)
        if (rc == 0 && u->ids.len)
            rc = give_package(u, b);
    return rc;
}

static void begin_update(struct updateinfo *u)
{
    arena_done(&u->arena);
    u->arena = arena_make(UPDATEINFO_MEMORY_MAX);
    u->id = (struct str){0};
    u->severity = SEVERITY_UNKNOWN;
    u->security = str_eq(xml_attribute(&u->xml, "type"), STR("security"));
    memset(&u->ids, 0, sizeof u->ids);
    memset(&u->packages, 0, sizeof u->packages);
}

static int in_update(struct updateinfo *u, int token)
{
    const struct xml *x = &u->xml;
    if (token == XML_OPEN && xml_is(x, "reference")) {
        int rc = add_cves(u, xml_attribute(x, "id"));
        return rc < 0 ? rc : add_cves(u, xml_attribute(x, "title"));
    }
    if (token == XML_OPEN)
        return xml_is(x, "package") ? add_package(u) : 0;
    if (x->depth == 2)
        return end_update(u);
    if (x->depth == 3 && xml_is(x, "id"))
        return keep(u, x->content, &u->id);
    if (x->depth == 3 && xml_is(x, "severity"))
        u->severity = severity_of(str_trim(x->content));
    return 0;
}

/* ---- documents ---- */

static int ask_more(struct updateinfo *u, struct str name)
{
    return u->sink->more ? u->sink->more(u->sink, name, u->err) : 0;
}

/* <data type="updateinfo"><location href="repodata/…updateinfo.xml.gz"/>, below the folder that repodata is in. */
static int repomd_read(struct updateinfo *u)
{
    bool wanted = false;
    int rc;
    while ((rc = xml_next(&u->xml)) > 0) {
        struct str href = xml_attribute(&u->xml, "href");
        if (rc == XML_OPEN && xml_is(&u->xml, "data"))
            wanted = str_eq(xml_attribute(&u->xml, "type"), STR("updateinfo"));
        else if (rc == XML_OPEN && wanted && xml_is(&u->xml, "location") &&
                 str_starts(href, STR("repodata/")))
            rc = ask_more(u, str_skip(href, strlen("repodata/")));
        if (rc < 0)
            break;
    }
    return rc;
}

static int updates_read(struct updateinfo *u)
{
    int rc;
    while ((rc = xml_next(&u->xml)) > 0) {
        if (rc == XML_OPEN && u->xml.depth == 2)
            begin_update(u);
        else if (u->xml.depth >= 2)
            rc = in_update(u, rc);
        if (rc < 0)
            break;
    }
    return rc;
}

/* The first line of a mirror.list is the folder that has repodata. */
static int mirrors_read(struct updateinfo *u, struct reader *in)
{
    char text[URL_MAX], *end;
    size_t n;
    int rc = reader_read_some(in, text, sizeof text, &n);
    if (rc < 0)
        return rc;
    end = n ? memchr(text, '\n', n) : NULL;
    struct str line = str_trim((struct str){text, end ? (size_t)(end - text) : n});
    CLEANUP(buf_done) struct buf url = buf_make(URL_MAX);
    buf_printf(&url, STR_FMT "%srepodata/repomd.xml", STR_ARG(line), str_ends(line, STR("/")) ? "" : "/");
    if (!str_starts(line, STR("http")) || url.failed)
        return error_set(u->err, E_BAD_INPUT, "updateinfo: neither errata nor a list of mirrors");
    rc = ask_more(u, buf_str(&url));
    return rc < 0 ? rc : reader_drain(in);
}

static int updateinfo_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink,
                            struct error *err)
{
    (void)feed;
    struct updateinfo u = {
        .sink = sink, .err = err, .namespace = buf_make(64), .introduced = buf_make(KIB(1))};
    u.packed = buf_make(ADVISORY_ROW_MAX);
    int rc = reader_more(in);
    if (rc > 0 && *in->ptr == 'h')
        return mirrors_read(&u, in);
    xml_open(&u.xml, in, err);
    rc = xml_next(&u.xml);
    if (rc > 0)
        rc = xml_is(&u.xml, "updates") ? updates_read(&u)
             : xml_is(&u.xml, "repomd")
                 ? repomd_read(&u)
                 : error_set(err, E_BAD_INPUT, "updateinfo: the document has no updates");
    xml_close(&u.xml);
    arena_done(&u.arena);
    buf_done(&u.namespace);
    buf_done(&u.introduced);
    buf_done(&u.packed);
    return rc;
}

/* The second has packages beside its core, a repository a topic; not each is there for each architecture. */
#define CORE(folder) folder "/x86_64/mirror.list", folder "/aarch64/mirror.list"
#define EXTRA(topic) \
    "?2/extras/" topic "/latest/x86_64/mirror.list", "?2/extras/" topic "/latest/aarch64/mirror.list"

const struct feed amazon_feed = {
    .name = "amazon",
    .title = "Amazon Linux errata",
    .version = 2,
    .url = "https://cdn.amazonlinux.com/",
    .documents = (const char *const[]){CORE("2/core/latest"),
                                       CORE("al2023/core/mirrors/latest"),
                                       EXTRA("docker"),
                                       EXTRA("ecs"),
                                       EXTRA("aws-nitro-enclaves-cli"),
                                       EXTRA("kernel-5.4"),
                                       EXTRA("kernel-5.10"),
                                       EXTRA("kernel-5.15"),
                                       EXTRA("livepatch"),
                                       EXTRA("nginx1"),
                                       EXTRA("httpd_modules"),
                                       EXTRA("haproxy2"),
                                       EXTRA("squid4"),
                                       EXTRA("tomcat8.5"),
                                       EXTRA("tomcat9"),
                                       EXTRA("php7.2"),
                                       EXTRA("php7.3"),
                                       EXTRA("php7.4"),
                                       EXTRA("php8.0"),
                                       EXTRA("php8.1"),
                                       EXTRA("php8.2"),
                                       EXTRA("postgresql10"),
                                       EXTRA("postgresql11"),
                                       EXTRA("postgresql12"),
                                       EXTRA("postgresql13"),
                                       EXTRA("postgresql14"),
                                       EXTRA("mariadb10.5"),
                                       EXTRA("redis4.0"),
                                       EXTRA("redis6"),
                                       EXTRA("memcached1.5"),
                                       EXTRA("ruby2.6"),
                                       EXTRA("ruby3.0"),
                                       EXTRA("python3.8"),
                                       EXTRA("java-openjdk11"),
                                       EXTRA("corretto8"),
                                       EXTRA("golang1.11"),
                                       EXTRA("golang1.19"),
                                       EXTRA("rust1"),
                                       EXTRA("ansible2"),
                                       EXTRA("collectd"),
                                       EXTRA("dnsmasq"),
                                       EXTRA("dnsmasq2.85"),
                                       EXTRA("unbound1.13"),
                                       EXTRA("unbound1.17"),
                                       EXTRA("libreoffice"),
                                       EXTRA("firefox"),
                                       EXTRA("mate-desktop1.x"),
                                       EXTRA("GraphicsMagick1.3"),
                                       EXTRA("lynis"),
                                       EXTRA("BCC"),
                                       EXTRA("R4"),
                                       EXTRA("selinux-ng"),
                                       NULL},
    .distributions = (const char *const[]){"amzn", NULL},
    .link = "https://explore.alas.aws.amazon.com/%s.html",
    .every_seconds = 43200,
    .scheme = "rpm",
    .binary = true,
    .parse = updateinfo_parse,
};

/* Its lists of mirrors and the mirrors are two hosts, and neither has TLS. Support ended in 2023. */
const struct feed amazon1_feed = {
    .name = "amazon1",
    .title = "Amazon Linux 1 errata",
    .version = 1,
    .url = "http://repo.us-west-2.amazonaws.com/2018.03/updates/x86_64/mirror.list",
    .distributions = (const char *const[]){"amzn", NULL},
    .link = "https://explore.alas.aws.amazon.com/%s.html",
    .every_seconds = 86400,
    .scheme = "rpm",
    .alternative = true,
    .other_host = "http://packages.us-west-2.amazonaws.com/",
    .binary = true,
    .parse = updateinfo_parse,
};

#define FEDORA(release, arch) release "/Everything/" arch "/repodata/repomd.xml"

const struct feed fedora_feed = {
    .name = "fedora",
    .title = "Fedora updates",
    .version = 1,
    .url = "https://dl.fedoraproject.org/pub/fedora/linux/updates/",
    .documents =
        (const char *const[]){FEDORA("42", "x86_64"), FEDORA("42", "aarch64"), FEDORA("43", "x86_64"),
                              FEDORA("43", "aarch64"), FEDORA("44", "x86_64"), FEDORA("44", "aarch64"),
                              FEDORA("45", "x86_64"), FEDORA("45", "aarch64"), NULL},
    .distributions = (const char *const[]){"fedora", NULL},
    .link = "https://nvd.nist.gov/vuln/detail/%s",
    .every_seconds = 43200,
    .scheme = "rpm",
    .binary = true,
    .parse = updateinfo_parse,
};
