/* The security database of apk distributions: which release of a package fixed what,
   {distroversion, packages: [{pkg: {name, secfixes: {version: [id, …]}}}]}, https://secdb.alpinelinux.org/. Names are
   those of the source (the origin). Version "0" says that no version is affected. What was never fixed is not in it. */
#include "base/limits.h"
#include "base/memory.h"
#include "feed/publishers.h"
#include "format/json.h"
#include "version/version.h"

/* Text of the document that must outlive the next token; empty when it did not fit. */
struct kept {
    size_t len;
    char bytes[ADVISORY_TEXT_MAX];
};

struct secdb {
    struct json json;
    struct feed_sink *sink;
    struct error *err;
    struct kept namespace, package, version;
    struct buf packed; /* the advisories of the present package */
    uint32_t count;
};

static struct str kept_str(const struct kept *k)
{
    return (struct str){k->bytes, k->len};
}

/* prefix and s in one; false: too long, or nothing behind the prefix. */
static bool keep(struct kept *k, struct str prefix, struct str s)
{
    bool fits = s.len && prefix.len + s.len <= sizeof k->bytes;
    k->len = fits ? prefix.len + s.len : 0;
    if (fits && prefix.len)
        memcpy(k->bytes, prefix.ptr, prefix.len);
    if (fits)
        memcpy(k->bytes + prefix.len, s.ptr, s.len);
    return fits;
}

/* "alpine:v3.18 openssl 1.1.1-r0": what is wrong with it. */
static int tell(struct secdb *d, const char *text)
{
    char place[3 * (ADVISORY_TEXT_MAX + 1)], shown[sizeof place];
    snprintf(place, sizeof place, STR_FMT " " STR_FMT " " STR_FMT, STR_ARG(kept_str(&d->namespace)),
             STR_ARG(kept_str(&d->package)), STR_ARG(kept_str(&d->version)));
    str_printable(str_trim(str_of(place)), shown, sizeof shown);
    return d->sink->problem ? d->sink->problem(d->sink, str_of(shown), text, d->err) : 0;
}

/* ---- ids ---- */

/* Some wrote "CVE_2020-1234". */
static bool is_cve(struct str word)
{
    return str_starts(word, STR("CVE-")) || str_starts(word, STR("CVE_"));
}

static void add(struct secdb *d, struct str id)
{
    struct advisory a = {.id = id, .status = ADVISORY_NOT_AFFECTED};
    struct str version = kept_str(&d->version);
    if (!str_eq(version, STR("0"))) {
        bool valid = version_apk.valid(version);
        a.status = valid ? ADVISORY_FIXED : ADVISORY_UNDETERMINED;
        a.fixed_version = valid ? version : STR("");
    }
    advisory_pack(&d->packed, &a);
    d->count++;
}

static int take_id(struct secdb *d, struct str word)
{
    char id[ADVISORY_TEXT_MAX + 1];
    if (!advisory_word_valid(word) || str_copy(word, id, sizeof id) < 0)
        return tell(d, "an id that is none");
    if (is_cve(word))
        id[strlen("CVE")] = '-';
    add(d, str_of(id));
    return 0;
}

/* "CVE-2018-12891 XSA-264": one flaw under several names, of which CVE's are taken where there are any. What follows in
   brackets, "(+ regression fix)", is a remark. */
static int ids_read(struct secdb *d, struct str text)
{
    bool cves_only = false;
    text = str_cut(&text, '(');
    for (struct str rest = str_trim(text); rest.len;)
        cves_only |= is_cve(str_cut(&rest, ' '));
    for (struct str rest = str_trim(text); rest.len;) {
        struct str word = str_cut(&rest, ' ');
        if (!word.len || (cves_only && !is_cve(word)))
            continue;
        int rc = take_id(d, word);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* ---- the levels above ---- */

static int version_read(struct secdb *d)
{
    struct str text;
    int rc = json_array(&d->json);
    if (rc <= 0) /* null stands for no ids */
        return rc;
    if (!str_eq(kept_str(&d->version), STR("0")) && !version_apk.valid(kept_str(&d->version)) &&
        tell(d, "fixed in what is no version: taken as undetermined") < 0)
        return -(int)d->err->code;
    while ((rc = json_item(&d->json)) > 0) {
        rc = json_string(&d->json, &text);
        if (rc > 0)
            rc = ids_read(d, text);
        if (rc < 0)
            break;
    }
    return rc;
}

static int secfixes_read(struct secdb *d)
{
    struct str version;
    int rc = json_object(&d->json);
    while (rc > 0 && (rc = json_key(&d->json, &version)) > 0) {
        rc = keep(&d->version, STR(""), str_trim(version)) ? version_read(d)
                                                           : tell(d, "a fix without a proper version");
        rc = rc < 0 ? rc : 1;
    }
    d->version.len = 0;
    return rc;
}

static int package_give(struct secdb *d)
{
    const struct advisory_row row = {kept_str(&d->namespace), kept_str(&d->package), d->count,
                                     buf_str(&d->packed)};
    int rc = buf_finish(&d->packed, "advisories", d->err);
    if (rc < 0)
        return error_in(d->err, "secdb: " STR_FMT, STR_ARG(row.package));
    if (!d->package.len)
        return tell(d, "a package without a proper name");
    return d->count ? d->sink->row(d->sink, &row, d->err) : 0;
}

static int pkg_read(struct secdb *d)
{
    struct str key, name;
    int rc = json_object(&d->json);
    d->package.len = 0;
    d->count = 0;
    buf_clear(&d->packed);
    if (rc <= 0)
        return rc < 0 ? rc : tell(d, "a package that is not an object");
    while ((rc = json_key(&d->json, &key)) > 0) {
        if (str_eq(key, STR("name")) && (rc = json_string(&d->json, &name)) > 0)
            keep(&d->package, STR(""), name);
        else if (rc > 0 && str_eq(key, STR("secfixes")))
            rc = secfixes_read(d);
        if (rc < 0)
            return rc;
    }
    return rc < 0 ? rc : package_give(d);
}

static int packages_read(struct secdb *d)
{
    struct str key;
    int rc = json_array(&d->json);
    if (rc <= 0)
        return rc < 0 ? rc : error_set(d->err, E_BAD_INPUT, "secdb: its packages are not a list");
    if (!d->namespace.len)
        return error_set(d->err, E_BAD_INPUT, "secdb: the document does not begin with its distroversion");
    while ((rc = json_item(&d->json)) > 0) {
        rc = json_object(&d->json);
        while (rc > 0 && (rc = json_key(&d->json, &key)) > 0) {
            rc = str_eq(key, STR("pkg")) ? pkg_read(d) : 0;
            rc = rc < 0 ? rc : 1;
        }
        if (rc < 0)
            break;
    }
    return rc;
}

static int document_read(struct secdb *d, bool rolling)
{
    struct str key, text;
    bool any = false;
    int rc = json_object(&d->json);
    if (rc <= 0)
        return rc < 0 ? rc : error_set(d->err, E_BAD_INPUT, "secdb: the document is not an object");
    while ((rc = json_key(&d->json, &key)) > 0) {
        if (!rolling && str_eq(key, STR("distroversion")) && (rc = json_string(&d->json, &text)) > 0)
            keep(&d->namespace, STR("alpine:"), text);
        if (rc > 0 && str_eq(key, STR("packages"))) {
            any = true;
            rc = packages_read(d);
        }
        if (rc < 0)
            return rc;
    }
    if (rc < 0 || (rc = json_end(&d->json)) < 0)
        return rc;
    return any ? 0 : error_set(d->err, E_BAD_INPUT, "secdb: the document has no packages");
}

static int parse(const char *namespace, struct reader *in, struct feed_sink *sink, struct error *err)
{
    struct secdb *d = memory_new(sizeof *d);
    d->sink = sink;
    d->err = err;
    d->packed = buf_make(ADVISORY_ROW_MAX);
    keep(&d->namespace, STR(""), str_of(namespace));
    json_open(&d->json, in, err);
    int rc = document_read(d, namespace != NULL);
    json_close(&d->json);
    buf_done(&d->packed);
    free(d);
    return rc;
}

static int alpine_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink, struct error *err)
{
    (void)feed;
    return parse(NULL, in, sink, err);
}

static int rolling_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink,
                         struct error *err)
{
    char namespace[64];
    snprintf(namespace, sizeof namespace, "%s:rolling", feed->distributions[0]);
    return parse(namespace, in, sink, err);
}

#define RELEASE(v) v "/main.json", v "/community.json"

static const char *const alpine_documents[] = {
    "v3.2/main.json", RELEASE("v3.3"),  RELEASE("v3.4"),  RELEASE("v3.5"),  RELEASE("v3.6"),
    RELEASE("v3.7"),  RELEASE("v3.8"),  RELEASE("v3.9"),  RELEASE("v3.10"), RELEASE("v3.11"),
    RELEASE("v3.12"), RELEASE("v3.13"), RELEASE("v3.14"), RELEASE("v3.15"), RELEASE("v3.16"),
    RELEASE("v3.17"), RELEASE("v3.18"), RELEASE("v3.19"), RELEASE("v3.20"), RELEASE("v3.21"),
    RELEASE("v3.22"), RELEASE("v3.23"), RELEASE("v3.24"), RELEASE("edge"),  NULL,
};

const struct feed alpine_feed = {
    .name = "alpine",
    .title = "Alpine Linux security database",
    .version = 2,
    .url = "https://secdb.alpinelinux.org/",
    .documents = alpine_documents,
    .distributions = (const char *const[]){"alpine", NULL},
    .link = "https://security.alpinelinux.org/vuln/%s",
    .every_seconds = 3600,
    .scheme = "apk",
    .parse = alpine_parse,
};

#define ROLLING(id, of, address)                                                                      \
    {                                                                                                 \
        .name = id, .title = of " security database", .version = 2, .url = address,                   \
        .distributions = (const char *const[]){id, NULL}, .link = "https://osv.dev/vulnerability/%s", \
        .every_seconds = 3600, .scheme = "apk", .parse = rolling_parse                                \
    }

const struct feed wolfi_feed = ROLLING("wolfi", "Wolfi", "https://packages.wolfi.dev/os/security.json");
const struct feed chainguard_feed =
    ROLLING("chainguard", "Chainguard", "https://packages.cgr.dev/chainguard/security.json");
const struct feed minimos_feed =
    ROLLING("minimos", "MinimOS", "https://packages.mini.dev/advisories/secdb/security.json");
