#include "server/learn.h"

#include "scan/known.h"

static int no_room(struct call *c)
{
    return error_set(&c->err, E_LIMIT, "more vulnerabilities than one answer may hold");
}

static void write_number(struct json_writer *w, const char *key, double value, int places)
{
    char text[32];
    snprintf(text, sizeof text, "%.*f", places, value);
    size_t len = strlen(text);
    while (memchr(text, '.', len) &&
           (text[len - 1] == '0' || text[len - 1] == '.')) /* in Go's shortest form: "7", "0.5" */
        len -= text[len - 1] == '.' ? len - strcspn(text, ".") : 1;
    json_write_key(w, str_of(key));
    json_write_raw(w, (struct str){text, len});
}

/* "CVSSv2":{"Score":7.5,"Vectors":"AV:N/…"} */
static void write_score(struct json_writer *w, const char *key, struct str vector, int tenths)
{
    if (!vector.len || tenths < 0)
        return;
    json_write_key(w, str_of(key));
    json_write_object(w);
    write_number(w, "Score", (double)tenths / 10, 1);
    json_write_member(w, STR("Vectors"), vector);
    json_write_object_end(w);
}

static bool has_score(const struct vulnerability *v)
{
    return (v->cvss2.len && v->score2 >= 0) || (v->cvss3.len && v->score3 >= 0) ||
           (v->cvss4.len && v->score4 >= 0);
}

/* Keys in Go's order of maps. */
static void write_metadata(struct json_writer *w, const struct vulnerability *v)
{
    json_write_object(w);
    if (v->epss >= 0) {
        json_write_key(w, STR("EPSS"));
        json_write_object(w);
        write_number(w, "Score", v->epss, 5);
        json_write_object_end(w);
    }
    if (v->kev.len) {
        json_write_key(w, STR("KEV"));
        json_write_object(w);
        json_write_member(w, STR("DateAdded"), v->kev);
        json_write_object_end(w);
    }
    if (has_score(v)) {
        json_write_key(w, STR("NVD"));
        json_write_object(w);
        write_score(w, "CVSSv2", v->cvss2, v->score2);
        write_score(w, "CVSSv3", v->cvss3, v->score3);
        write_score(w, "CVSSv4", v->cvss4, v->score4);
        json_write_object_end(w);
    }
    json_write_object_end(w);
}

static int make_metadata(struct call *c, const struct vulnerability *v, struct str *ret)
{
    CLEANUP(buf_done) struct buf text = buf_make(KIB(16));
    struct json_writer w;
    if (v->epss < 0 && !v->kev.len && !has_score(v))
        return 0;
    json_writer_init(&w, &text, 0);
    w.html = true;
    write_metadata(&w, v);
    return text.failed || arena_str(&c->arena, buf_str(&text), ret) < 0 ? no_room(c) : 0;
}

static int learn(struct call *c, struct known *known, struct store_vulnerability *v, bool *ret_rejected)
{
    const struct vulnerability *about;
    struct str by;
    int rc = known_about(known, v->name, v->feed, &about);
    if (rc <= 0 || !v->feed.len)
        return rc;
    if (ret_rejected)
        *ret_rejected = about->rejected;
    if (v->severity == SEVERITY_UNKNOWN)
        v->severity = known_severity(known, v->name, &by);
    if (!v->description.len)
        v->description = about->description;
    return v->metadata.len ? 0 : make_metadata(c, about, &v->metadata);
}

int api_learn(struct call *c, struct str namespace, struct store_vulnerability *const *list, size_t count,
              bool *ret_rejected)
{
    struct str *names = arena_array(&c->arena, struct str, count + 1);
    struct known known;
    if (!names)
        return no_room(c);
    for (size_t i = 0; i < count; i++)
        names[i] = list[i]->name;
    int rc = known_ask(&known, c->store, namespace, names, count, &c->arena, &c->err);
    for (size_t i = 0; i < count && rc >= 0; i++)
        rc = learn(c, &known, list[i], ret_rejected ? &ret_rejected[i] : NULL);
    return rc < 0 ? rc : 0;
}
