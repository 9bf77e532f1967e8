/* Red Hat's CSAF VEX: a document a CVE, all in one archive that archive_latest.txt names, and those that were changed or
   withdrawn since in changes.csv and deletions.csv. Which of them it is, its name tells, or else its first bytes. */
#include "feed/redhat.h"

#include "base/limits.h"
#include "feed/publishers.h"
#include "stream/reader.h"
#include "stream/tar.h"

struct redhat {
    struct feed_sink *sink;
    struct error *err;
    bool refused; /* by the sink: not the document's fault */
    struct arena arena;
};

static int tell(struct redhat *r, struct str where, const char *text)
{
    char shown[INVENTORY_TEXT_MAX];
    str_printable(where, shown, sizeof shown);
    return r->sink->problem ? r->sink->problem(r->sink, str_of(shown), text, r->err) : 0;
}

/* What follows is all that this document says of the id. */
static int begin(struct redhat *r, struct str id)
{
    return r->sink->subject ? r->sink->subject(r->sink, id, r->err) : 0;
}

/* ---- a document ---- */

static int take(void *ctx, const struct csaf_document *d, const struct csaf_vulnerability *v)
{
    struct redhat *r = ctx;
    int rc;
    if (advisory_word_valid(v->cve)) {
        rc = begin(r, v->cve);
        if (rc == 0)
            rc = redhat_rows_give(r->sink, &r->arena, d, v, r->err);
        r->refused |= rc < 0 && rc != -E_LIMIT;
    } else {
        rc = tell(r, d->id, "a vulnerability without a proper id");
        r->refused |= rc < 0;
    }
    return rc;
}

static int document_read(struct redhat *r, struct reader *in, struct error *err)
{
    struct csaf_document d;
    struct json j;
    json_open(&j, in, err);
    r->arena = arena_make(CSAF_MEMORY_MAX);
    int rc = csaf_read(&j, &r->arena, take, r, &d, err);
    if (rc >= 0)
        rc = json_end(&j);
    if (rc == 0 && !d.id.len && !d.vulnerabilities)
        rc = error_set(err, E_BAD_INPUT, "csaf: the document has no vulnerabilities");
    if (rc == 0 && !d.vulnerabilities && str_eq(d.status, STR("deleted")) && advisory_word_valid(d.id)) {
        rc = begin(r, d.id);
        r->refused |= rc < 0;
    }
    json_close(&j);
    arena_done(&r->arena);
    return rc;
}

/* One of many that cannot be read is told, and the others count. What failed beside it is no fault of the document. */
static int one_of_many(struct redhat *r, struct reader *in, struct str name, const struct reader *source)
{
    struct error own = {0};
    int rc = document_read(r, in, &own);
    if (rc == 0)
        return 0;
    if (source->state < 0)
        return source->state;
    return r->refused ? rc : tell(r, name, own.text[0] ? own.text : r->err->text);
}

static int archive_read(struct redhat *r, struct reader *in)
{
    struct tar tar;
    struct tar_entry entry;
    uint64_t size = 0;
    size_t documents = 0;
    int rc = tar_init(&tar, in, r->err);
    while (rc == 0 && (rc = tar_next(&tar, &entry)) > 0) {
        rc = 0;
        if (entry.type != TAR_REGULAR || !str_ends(entry.path, STR(".json")))
            continue;
        char name[TAR_PATH_MAX];
        struct str path = {name, entry.path.len};
        memcpy(name, entry.path.ptr, entry.path.len);
        documents++;
        if (__builtin_add_overflow(size, entry.size, &size) || size > REDHAT_ARCHIVE_MAX)
            rc = error_set(r->err, E_LIMIT, "the archive has more than %ju bytes",
                           (uintmax_t)REDHAT_ARCHIVE_MAX);
        else
            rc = one_of_many(r, tar_body(&tar), path, tar_body(&tar));
    }
    tar_done(&tar);
    if (rc == 0 && !documents)
        rc = error_set(r->err, E_BAD_INPUT, "neither a CSAF document nor an archive of such");
    return rc;
}

/* ---- which documents there are ---- */

/* The date of "csaf_vex_2026-11-24.tar.zst"; "" none. */
static struct str date_of(struct str archive)
{
    struct str date = str_skip(archive, str_find_last(archive, '_') + 1);
    date.len = date.len < 10 ? 0 : 10;
    return date.len && date.ptr[4] == '-' && date.ptr[7] == '-' ? date : STR("");
}

/* A path below the folder of the list. */
static bool is_path(struct str path)
{
    for (struct str rest = path; rest.len;) {
        struct str part = str_cut(&rest, '/');
        if (!advisory_word_valid(part) || *part.ptr == '.')
            return false;
    }
    return path.len && path.len <= ADVISORY_TEXT_MAX && path.ptr[path.len - 1] != '/';
}

static int latest_read(struct redhat *r, struct str text)
{
    struct str name = str_trim(text), date = date_of(name);
    if (!is_path(name))
        return error_set(r->err, E_BAD_INPUT, "archive_latest.txt names no archive");
    int rc = r->sink->remember ? r->sink->remember(r->sink, date, r->err) : 0;
    return rc < 0 || !r->sink->more ? rc : r->sink->more(r->sink, name, r->err);
}

/* A row of changes.csv and its like: "2023/cve-2023-0030.json","2023-12-10T00:00:00+00:00" */
static bool row_cut(struct str line, struct str *ret_name, struct str *ret_date)
{
    struct str *parts[] = {ret_name, ret_date};
    for (size_t i = 0; i < 2; i++) {
        struct str part = str_trim(str_cut(&line, ','));
        if (part.len < 2 || *part.ptr != '"' || part.ptr[part.len - 1] != '"')
            return false;
        *parts[i] = (struct str){part.ptr + 1, part.len - 2};
    }
    return is_path(*ret_name) && str_ends(*ret_name, STR(".json")) && ret_date->len >= 10;
}

/* "2023/cve-2023-0030.json" is gone: "CVE-2023-0030". */
static int forget_document(struct redhat *r, struct str name)
{
    char id[ADVISORY_TEXT_MAX];
    struct str file = str_skip(name, str_find_last(name, '/') < name.len ? str_find_last(name, '/') + 1 : 0);
    file.len -= strlen(".json");
    for (size_t i = 0; i < file.len; i++)
        id[i] = (char)(file.ptr[i] >= 'a' && file.ptr[i] <= 'z' ? file.ptr[i] - 'a' + 'A' : file.ptr[i]);
    return file.len ? begin(r, (struct str){id, file.len}) : 0;
}

/* Rows from the archive's day on: the day's hour is not known, and to read a document twice does no harm. */
static int list_read(struct redhat *r, struct str text, bool deletions)
{
    struct str line, name, date, since = r->sink->remembered;
    size_t named = 0, left = 0;
    int rc = 0;
    while (rc == 0 && str_line(&text, &line)) {
        if (!str_trim(line).len)
            continue;
        if (!row_cut(line, &name, &date))
            rc = tell(r, line, "a row that names no document and date");
        else if (str_cmp((struct str){date.ptr, 10}, since) < 0)
            continue;
        else if (deletions)
            rc = forget_document(r, name);
        else if (named == REDHAT_CHANGES_MAX)
            left++;
        else if (++named && r->sink->more)
            rc = r->sink->more(r->sink, name, r->err);
    }
    char why[96];
    snprintf(why, sizeof why, "%zu documents beside the newest %d are left out until the next archive", left,
             REDHAT_CHANGES_MAX);
    return rc == 0 && left ? tell(r, STR("changes.csv"), why) : rc;
}

static int text_read(struct redhat *r, struct reader *in)
{
    struct str text, name = r->sink->document;
    struct arena arena = arena_make(REDHAT_LIST_MAX + ARENA_BLOCK);
    int rc = reader_all(in, REDHAT_LIST_MAX, &arena, &text);
    if (rc >= 0)
        rc = str_starts(name, STR("archive_latest.txt"))
                 ? latest_read(r, text)
                 : list_read(r, text, str_starts(name, STR("deletions.csv")));
    arena_done(&arena);
    return rc;
}

static bool is_text(struct str name)
{
    return str_starts(name, STR("archive_latest.txt")) || str_starts(name, STR("changes.csv")) ||
           str_starts(name, STR("deletions.csv"));
}

static int redhat_parse(const struct feed *feed, struct reader *in, struct feed_sink *sink, struct error *err)
{
    struct redhat r = {.sink = sink, .err = err};
    (void)feed;
    if (is_text(sink->document))
        return text_read(&r, in);
    int rc = reader_more(in);
    if (rc > 0 && *in->ptr != '{')
        return archive_read(&r, in);
    /* Named by changes.csv, it is one of many. */
    return rc < 0                 ? rc
           : sink->remembered.len ? one_of_many(&r, in, sink->document, in)
                                  : document_read(&r, in, err);
}

const struct feed redhat_feed = {
    .name = "redhat",
    .title = "Red Hat CSAF VEX",
    .version = 1,
    .url = "https://security.access.redhat.com/data/csaf/v2/vex/",
    .documents = (const char *const[]){"archive_latest.txt", "changes.csv", "deletions.csv", NULL},
    .distributions = (const char *const[]){"centos", NULL},
    .link = "https://access.redhat.com/security/cve/%s",
    .every_seconds = 43200,
    .scheme = "rpm",
    .binary = true,
    .sources = true,
    .revises = true,
    .unpacked_max = REDHAT_ARCHIVE_MAX,
    .parse = redhat_parse,
};
