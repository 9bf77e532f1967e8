/* The Exploit Prediction Scoring System, https://www.first.org/epss/: lines "CVE-2024-1,0.00043,0.08123" of an id, the probability
   that it is exploited within 30 days, and its rank; before them a remark with the date and the names of the columns. */
#include "feed/publishers.h"
#include "stream/lines.h"

enum { ONE = 100000, PLACES = 5 };

struct epss {
    struct feed_sink *sink;
    struct error *err;
    bool named; /* the columns are */
    size_t scores;
};

static int tell(struct epss *e, struct str line)
{
    char shown[80];
    if (line.len > 60)
        line.len = 60;
    return e->sink->problem ? e->sink->problem(e->sink, str_of(str_printable(line, shown, sizeof shown)),
                                               "neither an id nor a probability", e->err)
                            : 0;
}

static int line_give(struct epss *e, struct str line)
{
    struct str rest = str_trim(line), id = str_cut(&rest, ','), probability = str_cut(&rest, ',');
    struct vulnerability v = vulnerability_make(id);
    uint64_t n;
    if (!line.len || line.ptr[0] == '#')
        return 0;
    if (!e->named) {
        e->named = str_eq(id, STR("cve")) && str_eq(probability, STR("epss"));
        return e->named ? 0
                        : error_set(e->err, E_BAD_INPUT,
                                    "epss: the document does not name its columns cve and epss");
    }
    e->scores++;
    if (!str_starts(id, STR("CVE-")) || id.len > ADVISORY_TEXT_MAX ||
        str_decimal(probability, PLACES, ONE, &n) < 0)
        return tell(e, line);
    v.epss = (double)n / ONE;
    return e->sink->about ? e->sink->about(e->sink, &v, e->err) : 0;
}

static int epss_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink, struct error *err)
{
    struct epss e = {.sink = sink, .err = err};
    struct lines lines = lines_make(in);
    struct str line;
    int rc;
    (void)feed;
    while ((rc = lines_next(&lines, &line)) > 0)
        if ((rc = line_give(&e, line)) < 0)
            break;
    return rc == 0 && !e.scores ? error_set(err, E_BAD_INPUT, "epss: the document has no scores") : rc;
}

const struct feed epss_feed = {
    .name = "epss",
    .title = "FIRST Exploit Prediction Scoring System",
    .version = 1,
    .url = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
    .distributions = (const char *const[]){NULL},
    .link = "https://nvd.nist.gov/vuln/detail/%s",
    .every_seconds = 86400,
    .scheme = "",
    .enriches = true,
    .parse = epss_parse,
};
