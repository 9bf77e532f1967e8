#include "feed/osv.h"

struct reading {
    struct json *json;
    struct arena *arena;
    struct osv_record *record;
    struct error *err;
};

static int no_room(struct reading *r)
{
    return error_set(r->err, E_LIMIT, "osv: " STR_FMT ": more than one record may hold",
                     STR_ARG(r->record->id));
}

/* A text, copied; other types leave *ret as it is. */
static int text_read(struct reading *r, struct str *ret)
{
    struct str text;
    int rc = json_string(r->json, &text);
    return rc <= 0 ? rc : arena_str(r->arena, text, ret) < 0 ? no_room(r) : 1;
}

static int texts_read(struct reading *r, struct osv_texts *ret)
{
    int rc = json_array(r->json);
    while (rc > 0 && (rc = json_item(r->json)) > 0) {
        struct str text = {0};
        rc = text_read(r, &text);
        struct str *place = rc > 0 ? vec_push(ret, r->arena) : NULL;
        if (rc > 0 && !place)
            return no_room(r);
        if (place)
            *place = text;
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

/* ---- ranges ---- */

static int event_read(struct reading *r, struct osv_range *range)
{
    static const struct str names[] = {STR_INIT("introduced"), STR_INIT("fixed"), STR_INIT("last_affected")};
    struct str key;
    int rc = json_object(r->json);
    while (rc > 0 && (rc = json_key(r->json, &key)) > 0)
        for (size_t i = 0; i < 3; i++) {
            if (!str_eq(key, names[i]))
                continue;
            struct osv_event event = {.kind = (enum osv_event_kind)i};
            rc = text_read(r, &event.version);
            struct osv_event *place = rc > 0 ? vec_push(&range->events, r->arena) : NULL;
            if (rc < 0 || (rc > 0 && !place))
                return rc < 0 ? rc : no_room(r);
            if (place)
                *place = event;
            rc = 1;
            break;
        }
    return rc;
}

static int events_read(struct reading *r, struct osv_range *range)
{
    int rc = json_array(r->json);
    while (rc > 0 && (rc = json_item(r->json)) > 0) {
        rc = event_read(r, range);
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

/* One of commits is not of versions. */
static int range_read(struct reading *r, struct osv_affected *a)
{
    struct str key, type = {0};
    struct osv_range range = {0};
    int rc = json_object(r->json);
    while (rc > 0 && (rc = json_key(r->json, &key)) > 0) {
        if (str_eq(key, STR("type")))
            rc = text_read(r, &type);
        else if (str_eq(key, STR("events")))
            rc = events_read(r, &range);
        rc = rc < 0 ? rc : 1;
    }
    if (rc < 0 || str_eq(type, STR("GIT")) || !range.events.len)
        return rc;
    struct osv_range *place = vec_push(&a->ranges, r->arena);
    if (!place)
        return no_room(r);
    *place = range;
    return 0;
}

static int ranges_read(struct reading *r, struct osv_affected *a)
{
    int rc = json_array(r->json);
    while (rc > 0 && (rc = json_item(r->json)) > 0) {
        rc = range_read(r, a);
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

/* ---- severity ---- */

/* [{type, score}]: scores that are words are a distribution's own, the others vectors. */
static int severities_read(struct reading *r, enum severity *ret)
{
    struct str key;
    int rc = json_array(r->json);
    while (rc > 0 && (rc = json_item(r->json)) > 0) {
        rc = json_object(r->json);
        while (rc > 0 && (rc = json_key(r->json, &key)) > 0) {
            struct str score = {0};
            rc = str_eq(key, STR("score")) ? text_read(r, &score) : 0;
            if (rc > 0 && severity_of(score) != SEVERITY_UNKNOWN)
                *ret = severity_of(score);
            else if (rc > 0)
                vulnerability_add_cvss(&r->record->cvss, score, -1);
            rc = rc < 0 ? rc : 1;
        }
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

/* An object whose `urgency` (Debian) or `severity` (others) is a word. */
static int specific_read(struct reading *r, enum severity *ret)
{
    struct str key, word;
    int rc = json_object(r->json);
    while (rc > 0 && (rc = json_key(r->json, &key)) > 0) {
        if (!str_eq(key, STR("urgency")) && !str_eq(key, STR("severity")))
            continue;
        rc = json_string(r->json, &word);
        if (rc > 0 && severity_of(word) != SEVERITY_UNKNOWN)
            *ret = severity_of(word);
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

/* ---- the levels above ---- */

static int package_read(struct reading *r, struct osv_affected *a)
{
    struct str key;
    int rc = json_object(r->json);
    while (rc > 0 && (rc = json_key(r->json, &key)) > 0) {
        if (str_eq(key, STR("ecosystem")))
            rc = text_read(r, &a->ecosystem);
        else if (str_eq(key, STR("name")))
            rc = text_read(r, &a->package);
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

static int affected_read(struct reading *r)
{
    struct str key;
    int rc = json_object(r->json);
    struct osv_affected *a = rc > 0 ? vec_push(&r->record->affected, r->arena) : NULL;
    if (rc <= 0 || !a)
        return rc <= 0 ? rc : no_room(r);
    while ((rc = json_key(r->json, &key)) > 0) {
        if (str_eq(key, STR("package")))
            rc = package_read(r, a);
        else if (str_eq(key, STR("ranges")))
            rc = ranges_read(r, a);
        else if (str_eq(key, STR("versions")))
            rc = texts_read(r, &a->versions);
        else if (str_eq(key, STR("severity")))
            rc = severities_read(r, &a->severity);
        else if (str_eq(key, STR("ecosystem_specific")) || str_eq(key, STR("database_specific")))
            rc = specific_read(r, &a->severity);
        if (rc < 0)
            return rc;
    }
    return rc;
}

static int affecteds_read(struct reading *r)
{
    int rc = json_array(r->json);
    while (rc > 0 && (rc = json_item(r->json)) > 0) {
        rc = affected_read(r);
        rc = rc < 0 ? rc : 1;
    }
    return rc;
}

static int withdrawn_read(struct reading *r)
{
    struct str date;
    int rc = json_string(r->json, &date);
    r->record->withdrawn |= rc > 0 && date.len;
    return rc;
}

static int field_read(struct reading *r, struct str key)
{
    struct osv_record *o = r->record;
    const struct {
        struct str key;
        struct str *text;
        struct osv_texts *list;
    } fields[] = {
        {STR("id"), &o->id, NULL},
        {STR("summary"), &o->summary, NULL},
        {STR("details"), &o->details, NULL},
        {STR("aliases"), NULL, &o->aliases},
        {STR("upstream"), NULL, &o->upstream},
        {STR("related"), NULL, &o->related},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (str_eq(key, fields[i].key))
            return fields[i].text ? text_read(r, fields[i].text) : texts_read(r, fields[i].list);
    if (str_eq(key, STR("affected")))
        return affecteds_read(r);
    if (str_eq(key, STR("withdrawn")))
        return withdrawn_read(r);
    if (str_eq(key, STR("severity")))
        return severities_read(r, &o->severity);
    return str_eq(key, STR("database_specific")) ? specific_read(r, &o->severity) : 0;
}

/* "Important: httpd security update": the first word of some publishers' summaries. */
static void summary_severity(struct osv_record *o)
{
    struct str rest = o->summary, word = str_cut(&rest, ':');
    if (o->severity == SEVERITY_UNKNOWN && rest.len)
        o->severity = severity_of(word);
}

int osv_record_read(struct json *j, struct arena *arena, struct osv_record *ret, struct error *err)
{
    struct reading r = {j, arena, ret, err};
    struct str key;
    int rc = json_object(j);
    *ret = (struct osv_record){.cvss = vulnerability_make(STR(""))};
    if (rc <= 0)
        return rc;
    while ((rc = json_key(j, &key)) > 0) {
        rc = field_read(&r, key);
        if (rc < 0)
            return rc;
    }
    summary_severity(ret);
    if (ret->severity == SEVERITY_UNKNOWN)
        ret->severity = vulnerability_severity(&ret->cvss);
    return rc < 0 ? rc : 1;
}
