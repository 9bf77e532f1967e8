/* NIST's National Vulnerability Database, JSON 2.0: {vulnerabilities: [{cve: {id, vulnStatus, descriptions, metrics, weaknesses}}]},
   a document a year, https://nvd.nist.gov/developers/vulnerabilities. Of what several parties say of an id, the one counts that is
   marked as primary. Which products an id concerns is not read: the distributions know that better. */
#include "base/arena.h"
#include "base/limits.h"
#include "base/memory.h"
#include "feed/publishers.h"
#include "format/json.h"

struct nvd {
    struct json json;
    struct feed_sink *sink;
    struct error *err;
    struct arena arena; /* of one record */
    size_t records;
};

/* What a vector, or a weakness, is worth beside others of its kind; 0: there is none yet. */
enum rank { RANK_SECONDARY_OLD = 1, RANK_SECONDARY, RANK_PRIMARY_OLD, RANK_PRIMARY };

struct record {
    struct vulnerability about;
    enum rank rank2, rank3, rank4, rank_cwe;
    struct str language; /* of the description */
};

static int no_room(struct nvd *n)
{
    return error_set(n->err, E_LIMIT, "nvd: more than one record may hold");
}

static int text_read(struct nvd *n, struct str *ret)
{
    struct str text;
    int rc = json_string(&n->json, &text);
    return rc <= 0 ? rc : arena_str(&n->arena, text, ret) < 0 ? no_room(n) : 1;
}

/* Calls read for each object of the array that follows. */
static int each_object(struct nvd *n, int (*read)(struct nvd *n, struct record *r, int what),
                       struct record *r, int what)
{
    int rc = json_array(&n->json);
    while (rc > 0 && (rc = json_item(&n->json)) > 0) {
        rc = json_object(&n->json);
        if (rc > 0)
            rc = read(n, r, what);
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

/* ---- description ---- */

/* {lang, value}: the English one. */
static int description_read(struct nvd *n, struct record *r, int what)
{
    struct str key, language = {0}, text = {0};
    int rc;
    (void)what;
    while ((rc = json_key(&n->json, &key)) > 0) {
        if (str_eq(key, STR("lang")))
            rc = text_read(n, &language);
        else if (str_eq(key, STR("value")))
            rc = text_read(n, &text);
        if (rc < 0)
            return rc;
    }
    if (!r->about.description.len && str_starts(language, STR("en")))
        r->about.description = str_trim(text);
    return rc;
}

/* ---- scores ---- */

struct metric {
    struct str vector;
    int score;
    bool primary;
};

/* {vectorString, baseScore, …} */
static int cvss_read(struct nvd *n, struct metric *m)
{
    struct str key, number;
    uint64_t tenths;
    int rc = json_object(&n->json);
    while (rc > 0 && (rc = json_key(&n->json, &key)) > 0) {
        if (str_eq(key, STR("vectorString"))) {
            rc = text_read(n, &m->vector);
        } else if (str_eq(key, STR("baseScore"))) {
            rc = json_number(&n->json, &number);
            if (rc > 0 && str_decimal(number, 1, 100, &tenths) == 0)
                m->score = (int)tenths;
        }
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

static int primary_read(struct nvd *n, bool *ret)
{
    struct str type;
    int rc = json_string(&n->json, &type);
    *ret = rc > 0 && str_eq(type, STR("Primary"));
    return rc;
}

/* 40, 31, 30 or 20 in `version`. */
static int metric_read(struct nvd *n, struct record *r, int version)
{
    struct metric m = {.score = -1};
    struct str key;
    int rc;
    while ((rc = json_key(&n->json, &key)) > 0) {
        if (str_eq(key, STR("type")))
            rc = primary_read(n, &m.primary);
        else if (str_eq(key, STR("cvssData")))
            rc = cvss_read(n, &m);
        if (rc < 0)
            return rc;
    }
    struct vulnerability *v = &r->about;
    enum rank *rank = version == 20 ? &r->rank2 : version == 40 ? &r->rank4 : &r->rank3;
    struct str *place = version == 20 ? &v->cvss2 : version == 40 ? &v->cvss4 : &v->cvss3;
    enum rank ours = m.primary ? RANK_PRIMARY : RANK_SECONDARY;
    ours -= version == 30;
    if (rc < 0 || ours <= *rank || !m.vector.len || m.vector.len > VULNERABILITY_TEXT_MAX)
        return rc;
    *rank = ours;
    *place = (struct str){0};
    vulnerability_add_cvss(v, m.vector, m.score);
    return rc;
}

static int metrics_read(struct nvd *n, struct record *r)
{
    static const struct {
        struct str key;
        int version;
    } kinds[] = {{STR_INIT("cvssMetricV40"), 40},
                 {STR_INIT("cvssMetricV31"), 31},
                 {STR_INIT("cvssMetricV30"), 30},
                 {STR_INIT("cvssMetricV2"), 20}};
    struct str key;
    int rc = json_object(&n->json);
    while (rc > 0 && (rc = json_key(&n->json, &key)) > 0) {
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            if (str_eq(key, kinds[i].key)) {
                rc = each_object(n, metric_read, r, kinds[i].version);
                break;
            }
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

/* ---- weakness ---- */

/* {lang, value: "CWE-79"}; "NVD-CWE-noinfo" is none. */
static int cwe_read(struct nvd *n, struct record *r, int rank)
{
    struct str key, text = {0};
    int rc;
    while ((rc = json_key(&n->json, &key)) > 0)
        if (str_eq(key, STR("value")) && (rc = text_read(n, &text)) < 0)
            return rc;
    if (rc == 0 && rank > (int)r->rank_cwe && str_starts(text, STR("CWE-"))) {
        r->rank_cwe = (enum rank)rank;
        r->about.cwe = text;
    }
    return rc;
}

/* {source, type, description: […]}; the type comes first where it is known. */
static int weakness_read(struct nvd *n, struct record *r, int what)
{
    struct str key;
    bool primary = false;
    int rc;
    (void)what;
    while ((rc = json_key(&n->json, &key)) > 0) {
        if (str_eq(key, STR("type")))
            rc = primary_read(n, &primary);
        else if (str_eq(key, STR("description")))
            rc = each_object(n, cwe_read, r, primary ? RANK_PRIMARY : RANK_SECONDARY);
        if (rc < 0)
            return rc;
    }
    return rc;
}

/* ---- the record ---- */

static int status_read(struct nvd *n, struct record *r)
{
    struct str status;
    int rc = json_string(&n->json, &status);
    r->about.rejected = rc > 0 && str_eq_nocase(status, STR("Rejected"));
    return rc;
}

static int field_read(struct nvd *n, struct record *r, struct str key)
{
    if (str_eq(key, STR("id")))
        return text_read(n, &r->about.id);
    if (str_eq(key, STR("vulnStatus")))
        return status_read(n, r);
    if (str_eq(key, STR("descriptions")))
        return each_object(n, description_read, r, 0);
    if (str_eq(key, STR("metrics")))
        return metrics_read(n, r);
    return str_eq(key, STR("weaknesses")) ? each_object(n, weakness_read, r, 0) : 0;
}

static int record_give(struct nvd *n, struct record *r)
{
    struct vulnerability *v = &r->about;
    if (!str_starts(v->id, STR("CVE-")) || v->id.len > ADVISORY_TEXT_MAX) {
        char shown[ADVISORY_TEXT_MAX + 1];
        return n->sink->problem ? n->sink->problem(n->sink, str_of(str_printable(v->id, shown, sizeof shown)),
                                                   "a record without an id of CVE", n->err)
                                : 0;
    }
    if (v->rejected) {
        *v = vulnerability_make(v->id);
        v->rejected = true;
    }
    return n->sink->about ? n->sink->about(n->sink, v, n->err) : 0;
}

/* {cve: {…}} */
static int item_read(struct nvd *n)
{
    struct record r = {.about = vulnerability_make(STR(""))};
    struct str key, field;
    int rc = json_object(&n->json);
    while (rc > 0 && (rc = json_key(&n->json, &key)) > 0) {
        if (!str_eq(key, STR("cve")))
            continue;
        rc = json_object(&n->json);
        while (rc > 0 && (rc = json_key(&n->json, &field)) > 0)
            rc = field_read(n, &r, field) < 0 ? -(int)n->err->code : 1;
        rc = rc < 0 ? rc : 1;
    }
    n->records++;
    return rc < 0 ? rc : record_give(n, &r);
}

static int document_read(struct nvd *n)
{
    struct str key;
    int rc = json_object(&n->json);
    bool listed = false;
    while (rc > 0 && (rc = json_key(&n->json, &key)) > 0) {
        if (!str_eq(key, STR("vulnerabilities")))
            continue;
        rc = json_array(&n->json);
        listed |= rc > 0;
        while (rc > 0 && (rc = json_item(&n->json)) > 0) {
            n->arena = arena_make(NVD_RECORD_MAX);
            rc = item_read(n);
            arena_done(&n->arena);
            rc = rc < 0 ? rc : 1;
        }
        rc = rc < 0 ? rc : 1;
    }
    if (rc == 0)
        rc = json_end(&n->json);
    return rc == 0 && !listed ? error_set(n->err, E_BAD_INPUT, "nvd: the document has no vulnerabilities")
                              : rc;
}

static int nvd_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink, struct error *err)
{
    struct nvd *n = memory_new(sizeof *n);
    (void)feed;
    n->sink = sink;
    n->err = err;
    json_open(&n->json, in, err);
    int rc = document_read(n);
    json_close(&n->json);
    free(n);
    return rc;
}

#define YEAR(year) "nvdcve-2.0-" #year ".json.gz"

/* NVD's first year has those before it; mirrors may keep these apart. What the last days brought comes last: it counts. */
const struct feed nvd_feed = {
    .name = "nvd",
    .title = "National Vulnerability Database",
    .version = 1,
    .url = "https://nvd.nist.gov/feeds/json/cve/2.0/",
    .documents = (const char *const[]){"?" YEAR(1999),
                                       "?" YEAR(2000),
                                       "?" YEAR(2001),
                                       YEAR(2002),
                                       YEAR(2003),
                                       YEAR(2004),
                                       YEAR(2005),
                                       YEAR(2006),
                                       YEAR(2007),
                                       YEAR(2008),
                                       YEAR(2009),
                                       YEAR(2010),
                                       YEAR(2011),
                                       YEAR(2012),
                                       YEAR(2013),
                                       YEAR(2014),
                                       YEAR(2015),
                                       YEAR(2016),
                                       YEAR(2017),
                                       YEAR(2018),
                                       YEAR(2019),
                                       YEAR(2020),
                                       YEAR(2021),
                                       YEAR(2022),
                                       YEAR(2023),
                                       YEAR(2024),
                                       YEAR(2025),
                                       YEAR(2026),
                                       "?" YEAR(2027),
                                       "?" YEAR(2028),
                                       "?" YEAR(2029),
                                       "?" YEAR(2030),
                                       "?" YEAR(2031),
                                       "?" YEAR(2032),
                                       "?" YEAR(2033),
                                       "?" YEAR(2034),
                                       "?" YEAR(2035),
                                       "?nvdcve-2.0-modified.json.gz",
                                       NULL},
    .distributions = (const char *const[]){NULL},
    .link = "https://nvd.nist.gov/vuln/detail/%s",
    .every_seconds = 86400,
    .scheme = "",
    .enriches = true,
    .large = true,
    .parse = nvd_parse,
};
