/* openEuler's errata, in either form in which they are to be had: as osv.dev exports them, one zip of records; and as the
   project publishes them, a CVRF document each, whose names stand in an index,
   https://repo.openeuler.org/security/data/cvrf/index.txt. Both name source packages and leave out epochs. */
#include "base/limits.h"
#include "feed/cvrf.h"
#include "feed/osv.h"
#include "feed/publishers.h"
#include "stream/lines.h"

/* "22.03-LTS-SP3" */
static bool is_release(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-'))
            return false;
    }
    return s.len && s.len <= 32;
}

static int put(struct str release, struct buf *ret)
{
    if (!is_release(release))
        return 0;
    buf_printf(ret, "openeuler:" STR_FMT, STR_ARG(release));
    return 1;
}

/* "openEuler:22.03-LTS-SP4" */
static int of_ecosystem(struct str ecosystem, struct buf *ret, unsigned *ret_flags)
{
    *ret_flags = 0;
    return str_eq(str_cut(&ecosystem, ':'), STR("openEuler")) && put(ecosystem, ret);
}

/* "cpe:/a:openEuler:openEuler:22.03-LTS-SP3" */
static int of_cpe(struct str cpe, struct buf *ret)
{
    static const struct str prefix = STR_INIT("cpe:/a:openEuler:openEuler:");
    return str_starts(cpe, prefix) && put(str_skip(cpe, prefix.len), ret);
}

/* ---- the index ---- */

/* A line each, "2021/cvrf-openEuler-SA-2021-1001.xml"; lines end with CR LF in part. */
static int index_read(struct reader *in, struct feed_sink *sink, struct error *err)
{
    struct lines lines = lines_make(in);
    struct str line;
    int rc;
    while ((rc = lines_next(&lines, &line)) > 0) {
        struct str name = str_trim(line);
        if (line.len > ADVISORY_TEXT_MAX + 1 || (name.len && !str_ends(name, STR(".xml"))))
            return error_set(err, E_BAD_INPUT, "openeuler: neither a document nor an index of such");
        int told = name.len && sink->more ? sink->more(sink, name, err) : 0;
        if (told < 0)
            return told;
    }
    return rc;
}

/* OSV is a zip, an object or an array. */
static int openeuler_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink,
                           struct error *err)
{
    static const struct osv_source osv = {"OESA-", of_ecosystem};
    static const struct cvrf_source cvrf = {of_cpe};
    int rc = reader_more(in);
    if (rc < 0)
        return rc;
    if (rc > 0 && *in->ptr == '<')
        return cvrf_parse(feed, &cvrf, in, sink, err);
    if (rc > 0 && *in->ptr >= '0' && *in->ptr <= '9')
        return index_read(in, sink, err);
    return osv_parse(feed, &osv, in, sink, err);
}

const struct feed openeuler_feed = {
    .name = "openeuler",
    .title = "openEuler errata",
    .version = 1,
    .url = "https://osv-vulnerabilities.storage.googleapis.com/openEuler/all.zip",
    .distributions = (const char *const[]){"openeuler", NULL},
    .link = "https://www.openeuler.org/en/security/cve/detail/?cveId=%s",
    .every_seconds = 86400,
    .scheme = "rpm-bare",
    .parse = openeuler_parse,
};
