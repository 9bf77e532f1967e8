#include "feed/osv.h"

#include "base/limits.h"
#include "base/memory.h"
#include "stream/zip.h"
#include "version/version.h"

struct osv {
    const struct feed *feed;
    const struct osv_source *source;
    const struct version_scheme *scheme;
    struct feed_sink *sink;
    struct error *err;
    struct arena arena; /* of one record */
    struct buf namespace, module, packed;
    struct osv_texts ids; /* of the record: those under which it is told */
    size_t records;
};

static int no_room(struct osv *o, const struct osv_record *r)
{
    return error_set(o->err, E_LIMIT, "osv: " STR_FMT ": more than one record may hold", STR_ARG(r->id));
}

static int tell(struct osv *o, struct str id, struct str package, const char *text)
{
    char place[2 * (ADVISORY_TEXT_MAX + 1)], shown[sizeof place];
    snprintf(place, sizeof place, STR_FMT " " STR_FMT, STR_ARG(id), STR_ARG(package));
    str_printable(str_trim(str_of(place)), shown, sizeof shown);
    return o->sink->problem ? o->sink->problem(o->sink, str_of(shown), text, o->err) : 0;
}

/* ---- under which ids ---- */

static int add_id(struct osv *o, const struct osv_record *r, struct str id)
{
    for (size_t i = 0; i < o->ids.len; i++)
        if (str_eq(id, o->ids.ptr[i]))
            return 0;
    struct str *place = vec_push(&o->ids, &o->arena);
    if (!place)
        return no_room(o, r);
    *place = id;
    return 0;
}

/* Names of CVE in a list, also behind a publisher's "UBUNTU-". */
static int add_cves(struct osv *o, const struct osv_record *r, const struct osv_texts *list)
{
    int rc = 0;
    for (size_t i = 0; i < list->len && rc == 0; i++) {
        struct str id = list->ptr[i], rest = id;
        str_cut(&rest, '-');
        id = str_starts(rest, STR("CVE-")) ? rest : id;
        if (str_starts(id, STR("CVE-")) && advisory_word_valid(id))
            rc = add_id(o, r, id);
    }
    return rc;
}

/* Errata that mend no vulnerability. */
static bool is_bugfix(struct str id)
{
    static const char *const kinds[] = {"BA-", "EA-"};
    for (size_t i = 0; i < 2; i++)
        if (id.len > 5 && str_starts(str_skip(id, 2), str_of(kinds[i])))
            return true;
    return false;
}

/* The CVEs that it is, or is about; where there is none its own name. */
static int find_ids(struct osv *o, struct osv_record *r)
{
    const struct osv_texts own = {&r->id, 1, 1};
    o->ids = (struct osv_texts){0};
    int rc = add_cves(o, r, &own);
    if (rc == 0)
        rc = add_cves(o, r, &r->aliases);
    if (rc == 0)
        rc = add_cves(o, r, &r->upstream);
    if (rc == 0 && !o->ids.len)
        rc = add_cves(o, r, &r->related);
    return rc < 0 || o->ids.len || is_bugfix(r->id) ? rc : add_id(o, r, r->id);
}

/* ---- ranges ---- */

static bool is_first(struct str version)
{
    return str_eq(version, STR("0"));
}

static bool before(const struct version_scheme *scheme, const struct osv_event *a, const struct osv_event *b)
{
    if (is_first(a->version) || is_first(b->version))
        return !is_first(b->version);
    int r = scheme->compare(a->version, b->version);
    return r < 0 || (r == 0 && a->kind < b->kind);
}

/* Events come in any order; there are two or four. */
static void sort_events(const struct osv *o, struct osv_range *range)
{
    for (size_t i = 1; i < range->events.len; i++)
        for (size_t k = i; k && before(o->scheme, &range->events.ptr[k], &range->events.ptr[k - 1]); k--) {
            struct osv_event swap = range->events.ptr[k];
            range->events.ptr[k] = range->events.ptr[k - 1];
            range->events.ptr[k - 1] = swap;
        }
}

struct stretches {
    struct advisory *ptr;
    size_t len, cap;
};

static int add_stretch(struct osv *o, const struct osv_record *r, struct stretches *s, struct advisory a)
{
    struct advisory *place = vec_push(s, &o->arena);
    if (!place)
        return no_room(o, r);
    a.status = a.fixed_version.len ? ADVISORY_FIXED : ADVISORY_AFFECTED;
    *place = a;
    return 0;
}

/* Each introduction up to the event that ends it. */
static int stretch_range(struct osv *o, const struct osv_record *r, struct osv_range *range,
                         struct stretches *s)
{
    struct advisory a = {0};
    bool open = false;
    int rc = 0;
    sort_events(o, range);
    vec_each (&range->events, e) {
        if (!advisory_word_valid(e->version) || !(is_first(e->version) || o->scheme->valid(e->version)))
            return tell(o, r->id, STR(""), "a version that is none: its range is left out");
        if (e->kind == OSV_INTRODUCED) {
            if (!open)
                a = (struct advisory){.introduced = is_first(e->version) ? STR("") : e->version};
            open = true;
            continue;
        }
        if (is_first(e->version))
            continue; /* "fixed: 0": nothing before it */
        if (e->kind == OSV_FIXED)
            a.fixed_version = e->version;
        else
            a.last_affected = e->version;
        if (open)
            rc = add_stretch(o, r, s, a);
        open = false;
        if (rc < 0)
            return rc;
    }
    return open ? add_stretch(o, r, s, a) : 0;
}

static bool is_inside(const struct osv *o, const struct advisory *a, struct str version)
{
    return !(a->introduced.len && o->scheme->compare(version, a->introduced) < 0) &&
           !(a->last_affected.len && o->scheme->compare(version, a->last_affected) > 0) &&
           !(a->fixed_version.len && o->scheme->compare(version, a->fixed_version) >= 0);
}

/* Versions that are listed though no range has them. */
static int stretch_versions(struct osv *o, const struct osv_record *r, const struct osv_affected *a,
                            struct stretches *s)
{
    size_t ranges = s->len;
    int rc = 0;
    for (size_t i = 0; i < a->versions.len && rc == 0; i++) {
        struct str version = a->versions.ptr[i];
        bool known = !advisory_word_valid(version) || !o->scheme->valid(version);
        for (size_t k = 0; k < ranges && !known; k++)
            known = is_inside(o, &s->ptr[k], version);
        if (!known)
            rc = add_stretch(o, r, s, (struct advisory){.introduced = version, .last_affected = version});
    }
    return rc;
}

/* ---- rows ---- */

/* Module streams stand in the summary alone, "Moderate: nodejs:12 security update"; they count where the fix is a
   module's. */
static void find_module(struct osv *o, const struct osv_record *r)
{
    struct str rest = str_trim(r->summary);
    buf_clear(&o->module);
    while (rest.len) {
        struct str word = str_cut(&rest, ' '), stream = word;
        str_cut(&stream, ':');
        if (!stream.len || !advisory_word_valid(word) || o->module.len + word.len >= ADVISORY_TEXT_MAX)
            continue;
        if (o->module.len)
            buf_add_char(&o->module, ' ');
        buf_add(&o->module, word);
    }
}

static bool is_modular(struct str version)
{
    for (; version.len; version = str_skip(version, 1))
        if (str_starts(version, STR(".module")))
            return true;
    return false;
}

static int give(struct osv *o, const struct osv_record *r, const struct osv_affected *a, unsigned flags,
                const struct stretches *s)
{
    uint32_t count = 0;
    buf_clear(&o->packed);
    for (size_t i = 0; i < s->len; i++)
        for (size_t k = 0; k < o->ids.len; k++) {
            struct advisory row = s->ptr[i];
            row.id = o->ids.ptr[k];
            row.severity = a->severity ? a->severity : r->severity;
            row.flags = row.status == ADVISORY_FIXED ? flags : 0;
            if (is_modular(row.fixed_version))
                row.module = buf_str(&o->module);
            advisory_pack(&o->packed, &row);
            count++;
        }
    int rc = buf_finish(&o->packed, "advisories", o->err);
    const struct advisory_row given = {buf_str(&o->namespace), a->package, count, buf_str(&o->packed)};
    if (rc < 0)
        return error_in(o->err, "osv: " STR_FMT, STR_ARG(r->id));
    return count ? o->sink->row(o->sink, &given, o->err) : 0;
}

static bool is_plain(const struct osv_affected *a)
{
    return a->ranges.len == 1 && a->ranges.ptr[0].events.len == 2 && !a->versions.len;
}

/* A package that a record names again with another fix was built again for another stream or release: who has one of them
   has the fix. Gives whether another one says the same with a lower fix. */
static bool is_rebuilt(const struct osv *o, const struct osv_record *r, const struct osv_affected *a)
{
    if (!is_plain(a))
        return false;
    vec_each (&r->affected, other) {
        if (other == a || !is_plain(other) || !str_eq(a->package, other->package) ||
            !str_eq(a->ecosystem, other->ecosystem))
            continue;
        int c = o->scheme->compare(other->ranges.ptr[0].events.ptr[1].version,
                                   a->ranges.ptr[0].events.ptr[1].version);
        if (c < 0 || (c == 0 && other < a))
            return true;
    }
    return false;
}

static int affected_give(struct osv *o, const struct osv_record *r, const struct osv_affected *a)
{
    struct stretches s = {0};
    unsigned flags = 0;
    buf_clear(&o->namespace);
    if (o->source->namespace(a->ecosystem, &o->namespace, &flags) == 0 || is_rebuilt(o, r, a) ||
        (o->source->is_wanted && !o->source->is_wanted(a->package)))
        return 0;
    if (!advisory_word_valid(a->package) || o->namespace.failed || o->namespace.len > ADVISORY_TEXT_MAX)
        return tell(o, r->id, a->package, "a package without a proper name");
    int rc = 0;
    vec_each (&a->ranges, range)
        if (rc == 0)
            rc = stretch_range(o, r, range, &s);
    if (rc == 0)
        rc = stretch_versions(o, r, a, &s);
    return rc < 0 ? rc : give(o, r, a, flags, &s);
}

/* Details and vectors of a record that is one CVE are about that; those of an advisory about several are not. */
static int about_give(struct osv *o, const struct osv_record *r)
{
    bool scored = r->cvss.cvss2.len || r->cvss.cvss3.len || r->cvss.cvss4.len;
    if (!o->sink->about || o->ids.len != 1 || !(r->details.len || scored) || !str_ends(r->id, o->ids.ptr[0]))
        return 0;
    struct vulnerability about = r->cvss;
    about.id = o->ids.ptr[0];
    about.description = r->details;
    return o->sink->about(o->sink, &about, o->err);
}

static int record_give(struct osv *o, struct osv_record *r)
{
    o->records++;
    if (r->withdrawn || !str_starts(r->id, str_of(o->source->prefix)))
        return 0;
    if (!advisory_word_valid(r->id))
        return tell(o, r->id, STR(""), "a record without a proper id");
    int rc = find_ids(o, r);
    if (rc < 0 || !o->ids.len)
        return rc;
    find_module(o, r);
    vec_each (&r->affected, a)
        if (rc == 0)
            rc = affected_give(o, r, a);
    return rc < 0 ? rc : about_give(o, r);
}

/* ---- documents ---- */

static int record_read(struct osv *o, struct json *j)
{
    struct osv_record r;
    o->arena = arena_make(OSV_RECORD_MAX);
    int rc = osv_record_read(j, &o->arena, &r, o->err);
    if (rc > 0)
        rc = record_give(o, &r);
    arena_done(&o->arena);
    return rc;
}

/* A record, or an array of them: the bracket before them decides. */
static int document_read(struct osv *o, struct reader *in)
{
    struct json j;
    json_open(&j, in, o->err);
    int rc = reader_more(in);
    if (rc > 0 && *in->ptr == '[') {
        rc = json_array(&j);
        while (rc > 0 && (rc = json_item(&j)) > 0) {
            rc = record_read(o, &j);
            rc = rc < 0 ? rc : 1;
        }
    } else if (rc >= 0) {
        rc = record_read(o, &j);
    }
    if (rc >= 0)
        rc = json_end(&j);
    json_close(&j);
    return rc;
}

static int archive_read(struct osv *o, struct reader *in)
{
    struct zip z;
    struct str name;
    int rc;
    zip_init(&z, in, FEED_DOCUMENT_MAX, o->err);
    while ((rc = zip_next(&z, &name)) > 0) {
        if (!str_ends(name, STR(".json")))
            continue;
        char shown[128];
        str_printable(name, shown, sizeof shown);
        rc = document_read(o, zip_body(&z));
        if (rc < 0) {
            error_in(o->err, "%s", shown);
            break;
        }
    }
    zip_done(&z);
    return rc;
}

int osv_parse(const struct feed *feed, const struct osv_source *source, struct reader *in,
              struct feed_sink *sink, struct error *err)
{
    struct osv *o = memory_new(sizeof *o);
    *o = (struct osv){
        .feed = feed,
        .source = source,
        .scheme = version_scheme_find(str_of(feed->scheme)),
        .sink = sink,
        .err = err,
        .namespace = buf_make(KIB(4)),
        .module = buf_make(KIB(1)),
        .packed = buf_make(ADVISORY_ROW_MAX),
    };
    int rc = reader_more(in);
    if (rc >= 0)
        rc = rc > 0 && *in->ptr == 'P' ? archive_read(o, in) : document_read(o, in);
    if (rc == 0 && !o->records)
        rc = error_set(err, E_BAD_INPUT, "osv: the document has no records");
    buf_done(&o->namespace);
    buf_done(&o->module);
    buf_done(&o->packed);
    free(o);
    return rc;
}
