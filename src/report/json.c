/* JSON for programs: docs/report.schema.json describes it. */
#include "format/json_write.h"
#include "model/purl.h"
#include "report/report.h"

enum { REPORT_VERSION = 1 };

static void put_bool(struct json_writer *w, const char *key, bool b)
{
    json_write_key(w, str_of(key));
    json_write_bool(w, b);
}

static void put_time(struct json_writer *w, const char *key, int64_t when)
{
    char text[32];
    struct tm parts;
    time_t t = (time_t)when;
    bool known = when && gmtime_r(&t, &parts) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    json_write_known(w, str_of(key), known ? str_of(text) : STR(""));
}

/* Words with blanks between. */
static void put_words(struct json_writer *w, const char *key, struct str words)
{
    json_write_key(w, str_of(key));
    json_write_array(w);
    while (words.len)
        json_write_string(w, str_cut(&words, ' '));
    json_write_array_end(w);
}

static void put_package_fields(struct json_writer *w, const struct scan_result *r, const struct package *p)
{
    CLEANUP(buf_done) struct buf purl = buf_make(64 << 10);
    purl_put(&purl, p, r->namespace);
    json_write_member(w, STR("name"), p->name);
    json_write_member(w, STR("version"), p->version);
    json_write_member(w, STR("type"), str_of(package_type_name(p->type)));
    json_write_member(w, STR("purl"), buf_str(&purl));
    json_write_member(w, STR("arch"), p->arch);
    json_write_member(w, STR("source_name"), p->source_name);
    json_write_member(w, STR("source_version"), p->source_version);
}

static void put_layer(struct json_writer *w, const char *key, const struct scan_result *r, unsigned index)
{
    static const struct result_layer none = {0};
    const struct result_layer *l = index < r->layers.len ? &r->layers.ptr[index] : &none;
    json_write_key(w, str_of(key));
    json_write_object(w);
    json_write_member(w, STR("digest"), digest_str(l->digest.text[0] ? &l->digest : &l->diff_id));
    json_write_count(w, STR("index"), index);
    json_write_member(w, STR("created_by"), l->created_by);
    json_write_object_end(w);
}

static void put_decimal(struct json_writer *w, const char *key, double value, int places, bool known)
{
    char text[32];
    json_write_key(w, str_of(key));
    snprintf(text, sizeof text, "%.*f", places, value);
    if (known)
        json_write_raw(w, str_of(text));
    else
        json_write_null(w);
}

static void put_score(struct json_writer *w, struct str vector, int tenths)
{
    if (!vector.len)
        return;
    json_write_object(w);
    json_write_member(w, STR("vector"), vector);
    put_decimal(w, "score", (double)tenths / 10, 1, tenths >= 0);
    json_write_object_end(w);
}

/* What is known of the id. */
static void put_about(struct json_writer *w, struct str id, const struct vulnerability *about)
{
    const struct vulnerability unknown = vulnerability_make(id), *v = about ? about : &unknown;
    json_write_known(w, STR("description"), v->description);
    json_write_known(w, STR("cwe"), v->cwe);
    json_write_key(w, STR("cvss"));
    json_write_array(w);
    put_score(w, v->cvss4, v->score4);
    put_score(w, v->cvss3, v->score3);
    put_score(w, v->cvss2, v->score2);
    json_write_array_end(w);
    json_write_known(w, STR("kev"), v->kev);
    put_decimal(w, "epss", v->epss, 5, v->epss >= 0);
}

static void put_finding(struct json_writer *w, const struct scan_result *r, const struct finding *f)
{
    json_write_object(w);
    json_write_member(w, STR("id"), f->id);
    json_write_member(w, STR("severity"), str_of(severity_name(f->severity)));
    json_write_member(w, STR("severity_feed"), f->severity_from.len ? f->severity_from : f->feed);
    json_write_member(w, STR("status"), str_of(advisory_status_name(f->status)));
    json_write_known(w, STR("fixed_version"), f->fixed_version);
    json_write_key(w, STR("fix_needs_subscription"));
    json_write_bool(w, (f->flags & ADVISORY_SUBSCRIPTION) != 0);
    json_write_member(w, STR("feed"), f->feed);
    json_write_member(w, STR("link"), f->link);
    put_about(w, f->id, f->about);
    json_write_key(w, STR("package"));
    json_write_object(w);
    put_package_fields(w, r, f->package);
    json_write_object_end(w);
    put_layer(w, "layer", r, f->package->introduced);
    put_layer(w, "changed_layer", r, f->package->changed);
    json_write_object_end(w);
}

static void put_packages(struct json_writer *w, const struct scan_result *r)
{
    json_write_key(w, STR("packages"));
    json_write_array(w);
    vec_each (&r->packages, p) {
        json_write_object(w);
        put_package_fields(w, r, p);
        json_write_member(w, STR("path"), p->path);
        put_words(w, "repositories", p->origin.len ? p->origin : p->repositories);
        put_layer(w, "layer", r, p->introduced);
        put_layer(w, "changed_layer", r, p->changed);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

static void put_problems(struct json_writer *w, const struct scan_result *r)
{
    json_write_key(w, STR("problems"));
    json_write_array(w);
    vec_each (&r->problems, p) {
        json_write_object(w);
        json_write_member(w, STR("code"), str_of(error_code_name(p->code)));
        json_write_member(w, STR("where"), p->where);
        json_write_member(w, STR("text"), p->text);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

static void put_feeds(struct json_writer *w, const struct scan_result *r)
{
    json_write_key(w, STR("feeds"));
    json_write_array(w);
    vec_each (&r->feeds, f) {
        json_write_object(w);
        json_write_member(w, STR("name"), f->name);
        json_write_member(w, STR("title"), f->title);
        put_time(w, "fetched", f->fetched);
        put_time(w, "published", f->published);
        put_bool(w, "stale", f->stale);
        put_bool(w, "snapshot", f->snapshot);
        put_bool(w, "enriches", f->enriches);
        json_write_count(w, STR("packages"), f->packages);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

static void put_image(struct json_writer *w, const struct scan_result *r)
{
    json_write_member(w, STR("reference"), r->reference);
    json_write_known(w, STR("digest"), digest_str(&r->digest));
    json_write_known(w, STR("platform"), r->platform);
    json_write_known(w, STR("namespace"), r->namespace);
    json_write_known(w, STR("distribution"), r->distribution);
    json_write_key(w, STR("layers"));
    json_write_array(w);
    for (size_t i = 0; i < r->layers.len; i++) {
        const struct result_layer *l = &r->layers.ptr[i];
        json_write_object(w);
        json_write_count(w, STR("index"), i);
        json_write_known(w, STR("digest"), digest_str(&l->digest));
        json_write_known(w, STR("diff_id"), digest_str(&l->diff_id));
        json_write_count(w, STR("size"), l->size);
        json_write_member(w, STR("created_by"), l->created_by);
        json_write_object_end(w);
    }
    json_write_array_end(w);
    json_write_count(w, STR("packages_total"), r->packages.len);
}

static void put_findings(struct json_writer *w, const struct scan_result *r)
{
    json_write_count(w, STR("packages_judged"), r->judged);
    json_write_count(w, STR("packages_not_judged"), r->unjudged);
    json_write_known(w, STR("not_judged_because"), r->unjudged_why);
    json_write_count(w, STR("packages_foreign"), r->foreign);
    json_write_known(w, STR("foreign_from"), r->foreign_from);
    json_write_known(w, STR("end_of_life"), r->end_of_life);
    json_write_count(w, STR("undetermined"), r->undetermined);
    json_write_count(w, STR("rejected"), r->rejected);
    json_write_count(w, STR("hidden"), r->hidden);
    put_feeds(w, r);
    json_write_key(w, STR("findings"));
    json_write_array(w);
    vec_each (&r->findings, f)
        put_finding(w, r, f);
    json_write_array_end(w);
}

static void write_json(struct buf *out, const struct scan_result *results, size_t count,
                       const struct report_options *o)
{
    struct json_writer w;
    json_writer_init(&w, out, 2);
    json_write_object(&w);
    json_write_count(&w, STR("version"), REPORT_VERSION);
    json_write_key(&w, STR("images"));
    json_write_array(&w);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&w);
        put_image(&w, &results[i]);
        if (o->inventory)
            put_packages(&w, &results[i]);
        else
            put_findings(&w, &results[i]);
        put_problems(&w, &results[i]);
        json_write_object_end(&w);
    }
    json_write_array_end(&w);
    json_write_object_end(&w);
    buf_add_char(out, '\n');
}

const struct reporter json_reporter = {"json", "for programs, see docs/report.schema.json", write_json};
const struct reporter inventory_json_reporter = {"json", "for programs, see docs/report.schema.json",
                                                 write_json};
