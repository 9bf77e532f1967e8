/* CISA's catalogue of known exploited vulnerabilities: {catalogVersion, vulnerabilities: [{cveID, dateAdded, …}]},
   https://www.cisa.gov/known-exploited-vulnerabilities-catalog. */
#include "base/limits.h"
#include "base/memory.h"
#include "feed/publishers.h"
#include "format/json.h"

struct kev {
    struct json json;
    struct feed_sink *sink;
    struct error *err;
    size_t entries;
    char id[ADVISORY_TEXT_MAX], date[sizeof "2024-01-31"];
};

static int text_read(struct kev *k, char *ret, size_t size)
{
    struct str text;
    int rc = json_string(&k->json, &text);
    if (rc > 0 && str_copy(text, ret, size) < 0)
        ret[0] = 0;
    return rc;
}

/* "2024-01-31" */
static bool is_date(const char *text)
{
    static const char form[] = "0000-00-00";
    for (size_t i = 0; i < sizeof form; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    return true;
}

static int entry_read(struct kev *k)
{
    struct str key;
    k->id[0] = k->date[0] = 0;
    int rc = json_object(&k->json);
    while (rc > 0 && (rc = json_key(&k->json, &key)) > 0) {
        if (str_eq(key, STR("cveID")))
            rc = text_read(k, k->id, sizeof k->id);
        else if (str_eq(key, STR("dateAdded")))
            rc = text_read(k, k->date, sizeof k->date);
        rc = rc < 0 ? rc : 1;
    }
    if (rc < 0)
        return rc;
    k->entries++;
    struct vulnerability v = vulnerability_make(str_trim(str_of(k->id)));
    v.kev = str_of(k->date);
    if (str_starts(v.id, STR("CVE-")) && is_date(k->date))
        return k->sink->about ? k->sink->about(k->sink, &v, k->err) : 0;
    char shown[ADVISORY_TEXT_MAX + 1];
    return k->sink->problem
               ? k->sink->problem(k->sink, str_of(str_printable(v.id, shown, sizeof shown)),
                                  "an entry without a CVE and the date on which it was added", k->err)
               : 0;
}

static int catalogue_read(struct kev *k)
{
    struct str key;
    int rc = json_object(&k->json);
    while (rc > 0 && (rc = json_key(&k->json, &key)) > 0) {
        if (!str_eq(key, STR("vulnerabilities")))
            continue;
        rc = json_array(&k->json);
        while (rc > 0 && (rc = json_item(&k->json)) > 0) {
            rc = entry_read(k);
            rc = rc < 0 ? rc : 1;
        }
        rc = rc < 0 ? rc : 1;
    }
    if (rc == 0)
        rc = json_end(&k->json);
    return rc == 0 && !k->entries ? error_set(k->err, E_BAD_INPUT, "kev: the document has no vulnerabilities")
                                  : rc;
}

static int kev_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink, struct error *err)
{
    struct kev *k = memory_new(sizeof *k);
    (void)feed;
    k->sink = sink;
    k->err = err;
    json_open(&k->json, in, err);
    int rc = catalogue_read(k);
    json_close(&k->json);
    free(k);
    return rc;
}

const struct feed kev_feed = {
    .name = "kev",
    .title = "CISA Known Exploited Vulnerabilities",
    .version = 1,
    .url = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
    .distributions = (const char *const[]){NULL},
    .link = "https://nvd.nist.gov/vuln/detail/%s",
    .every_seconds = 43200,
    .scheme = "",
    .enriches = true,
    .parse = kev_parse,
};
