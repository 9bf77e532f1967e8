/* Photon OS: [{cve_id, pkg, cve_score, aff_ver, res_ver, status}], a document a release. Packages are those of the source; the
   tag of a version tells the release. */
#include "base/limits.h"
#include "base/memory.h"
#include "feed/publishers.h"
#include "format/json.h"
#include "model/cvss.h"
#include "version/version.h"

/* Text of the document that must outlive the next token; empty when it does not fit. */
struct kept {
    size_t len;
    char bytes[ADVISORY_TEXT_MAX];
};

struct photon {
    struct json json;
    struct feed_sink *sink;
    struct error *err;
    struct buf packed;
    size_t entries;
};

struct entry {
    struct kept id, package, fixed, status, affected;
    enum severity severity;
};

static struct str kept_str(const struct kept *k)
{
    return (struct str){k->bytes, k->len};
}

static int keep(struct photon *p, struct kept *k)
{
    struct str text;
    int rc = json_string(&p->json, &text);
    if (rc <= 0)
        return rc;
    text = str_trim(text);
    k->len = text.len <= sizeof k->bytes ? text.len : 0;
    if (k->len)
        memcpy(k->bytes, text.ptr, k->len);
    return 0;
}

static int severity_read(struct photon *p, enum severity *ret)
{
    struct str number;
    uint64_t tenths;
    int rc = json_number(&p->json, &number);
    if (rc > 0 && str_decimal(number, 1, 100, &tenths) == 0 && tenths)
        *ret = cvss_severity(3, (int)tenths);
    return rc;
}

static int field_read(struct photon *p, struct entry *e, struct str key)
{
    const struct {
        struct str key;
        struct kept *kept;
    } fields[] = {
        {STR("cve_id"), &e->id},     {STR("pkg"), &e->package},      {STR("res_ver"), &e->fixed},
        {STR("status"), &e->status}, {STR("aff_ver"), &e->affected},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (str_eq(key, fields[i].key))
            return keep(p, fields[i].kept);
    return str_eq(key, STR("cve_score")) ? severity_read(p, &e->severity) : 0;
}

/* N of ".phN" in a version or a sentence about versions; 0: none. */
static unsigned release_of(struct str text)
{
    for (; text.len >= 4; text = str_skip(text, 1))
        if (str_starts(text, STR(".ph")) && text.ptr[3] >= '1' && text.ptr[3] <= '9')
            return (unsigned)(text.ptr[3] - '0');
    return 0;
}

static bool is_usable(struct str text)
{
    return text.len && str_find(text, ' ') == text.len;
}

static int entry_give(struct photon *p, const struct entry *e)
{
    struct str id = kept_str(&e->id), package = kept_str(&e->package), fixed = kept_str(&e->fixed);
    unsigned release = release_of(fixed);
    struct advisory a = {.id = id, .severity = e->severity};
    char namespace[24], shown[ADVISORY_TEXT_MAX + 1];
    p->entries++;
    if (!release)
        release = release_of(kept_str(&e->affected));
    if (!release || str_eq(kept_str(&e->status), STR("Not Affected")))
        return 0; /* of which release it is cannot be known; or there is nothing to tell */
    if (!is_usable(id) || !is_usable(package))
        return p->sink->problem ? p->sink->problem(p->sink, str_of(str_printable(id, shown, sizeof shown)),
                                                   "an entry without a proper name", p->err)
                                : 0;
    if (release_of(fixed) && version_rpm.valid(fixed)) {
        a.status = ADVISORY_FIXED;
        a.fixed_version = fixed;
    }
    snprintf(namespace, sizeof namespace, "photon:%u.0", release);
    buf_clear(&p->packed);
    advisory_pack(&p->packed, &a);
    const struct advisory_row row = {str_of(namespace), package, 1, buf_str(&p->packed)};
    return p->sink->row(p->sink, &row, p->err);
}

static int entry_read(struct photon *p)
{
    struct entry e;
    struct str key;
    e.id.len = e.package.len = e.fixed.len = e.status.len = e.affected.len = 0;
    e.severity = SEVERITY_UNKNOWN;
    int rc = json_object(&p->json);
    if (rc <= 0)
        return rc;
    while ((rc = json_key(&p->json, &key)) > 0) {
        rc = field_read(p, &e, key);
        if (rc < 0)
            return rc;
    }
    return rc < 0 ? rc : entry_give(p, &e);
}

static int document_read(struct photon *p)
{
    int rc = json_array(&p->json);
    if (rc == 0)
        return error_set(p->err, E_BAD_INPUT, "photon: the document is not a list");
    while (rc > 0 && (rc = json_item(&p->json)) > 0) {
        rc = entry_read(p);
        rc = rc < 0 ? rc : 1;
    }
    if (rc == 0)
        rc = json_end(&p->json);
    return rc == 0 && !p->entries ? error_set(p->err, E_BAD_INPUT, "photon: the document has no entries")
                                  : rc;
}

static int photon_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink, struct error *err)
{
    (void)feed;
    struct photon *p = memory_new(sizeof *p);
    p->sink = sink;
    p->err = err;
    p->packed = buf_make(KIB(4));
    json_open(&p->json, in, err);
    int rc = document_read(p);
    json_close(&p->json);
    buf_done(&p->packed);
    free(p);
    return rc;
}

const struct feed photon_feed = {
    .name = "photon",
    .title = "Photon OS security data",
    .version = 1,
    .url = "https://packages.broadcom.com/photon/photon_cve_metadata/",
    .documents =
        (const char *const[]){"cve_data_photon1.0.json", "cve_data_photon2.0.json", "cve_data_photon3.0.json",
                              "cve_data_photon4.0.json", "cve_data_photon5.0.json", NULL},
    .distributions = (const char *const[]){"photon", NULL},
    .link = "https://nvd.nist.gov/vuln/detail/%s",
    .every_seconds = 86400,
    .scheme = "rpm",
    .parse = photon_parse,
};
