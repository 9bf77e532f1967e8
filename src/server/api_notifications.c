#include "base/limits.h"
#include "os/clock.h"
#include "server/clair1.h"
#include "server/introducing.h"
#include "server/learn.h"
#include "store/notification.h"

/* One side of a notification: a vulnerability and the layers that introduce what it affects. */
struct side {
    struct call *call;
    struct store_vulnerability vulnerability; /* id 0: there is none */
    int64_t from;                             /* the layer's id to begin with; -1: finished */
    int64_t limit;                            /* -1: no layers at all */
    struct introducing_list found;
};

static int load_side(struct side *s, int64_t id)
{
    struct call *c = s->call;
    s->found.next = -1;
    struct store_vulnerability *v = &s->vulnerability;
    int rc = id ? store_vulnerability_by_id(c->store, id, &c->arena, v, &c->err) : 0;
    if (rc > 0 && api_learn(c, v->namespace, &v, 1, NULL) < 0)
        return -(int)c->err.code;
    if (rc <= 0 || s->from < 0 || s->limit < 0)
        return rc;
    return introducing_find(c->store, &s->vulnerability, s->from, s->limit, &c->arena, &s->found, &c->err);
}

/* ---- pages ---- */

/* {"OldVulnerability":1,"NewVulnerability":-1} */
static int read_number(struct str text, const char *name, int64_t *ret)
{
    size_t at = str_find_part(text, str_of(name));
    uint64_t n = 0;
    if (at == text.len)
        return -1;
    struct str rest = str_skip(text, at + strlen(name));
    size_t len = 0;
    while (len < rest.len && (rest.ptr[len] == '-' || (rest.ptr[len] >= '0' && rest.ptr[len] <= '9')))
        len++;
    struct str digits = {rest.ptr, len};
    bool finished = str_eq(digits, STR("-1"));
    if (!finished && str_u64(digits, INT64_MAX, &n) < 0)
        return -1;
    *ret = finished ? -1 : (int64_t)n;
    return 0;
}

static int read_page(struct call *c, struct side *old, struct side *new)
{
    struct str token, text;
    if (!api_value(c, "page", &token) || !token.len)
        return 0;
    if (api_token_read(c, token, &text) < 0)
        return -(int)E_USAGE;
    if (read_number(text, "\"OldVulnerability\":", &old->from) == 0 &&
        read_number(text, "\"NewVulnerability\":", &new->from) == 0)
        return 0;
    api_fail(c, 400,
             "invalid page format: json: cannot unmarshal number into Go value of type "
             "database.VulnerabilityNotificationPageNumber",
             NULL);
    return -(int)E_USAGE;
}

static void write_page(struct call *c, struct json_writer *w, struct str key, int64_t old, int64_t new)
{
    CLEANUP(buf_done) struct buf token = buf_make(KIB(4));
    char text[96];
    snprintf(text, sizeof text, "{\"OldVulnerability\":%jd,\"NewVulnerability\":%jd}\n", (intmax_t)old,
             (intmax_t) new);
    api_token_make(c, str_of(text), &token);
    json_write_member(w, key, buf_str(&token));
}

/* ---- the answer ---- */

static int write_side(struct json_writer *w, struct str key, const struct side *s)
{
    struct clair_vulnerability v;
    if (!s->vulnerability.id)
        return 0;
    int rc = clair_of_stored(s->call, &s->vulnerability, true, &v);
    json_write_key(w, key);
    json_write_object(w);
    json_write_key(w, STR("Vulnerability"));
    clair_write_vulnerability(w, &v);
    if (s->found.layers.len) {
        json_write_key(w, STR("OrderedLayersIntroducingVulnerability"));
        json_write_array(w);
        vec_each (&s->found.layers, l) {
            json_write_object(w);
            json_write_key(w, STR("Index"));
            json_write_i64(w, l->id);
            json_write_member(w, STR("LayerName"), l->name);
            json_write_object_end(w);
        }
        json_write_array_end(w);
        json_write_key(w, STR("LayersIntroducingVulnerability"));
        json_write_array(w);
        vec_each (&s->found.layers, l)
            json_write_string(w, l->name);
        json_write_array_end(w);
    }
    json_write_object_end(w);
    return rc;
}

static void write_time(struct json_writer *w, struct str key, int64_t seconds)
{
    char text[24];
    snprintf(text, sizeof text, "%jd", (intmax_t)seconds);
    if (seconds)
        json_write_member(w, key, str_of(text));
}

static void answer(struct call *c, const struct store_notification *n, const struct side *old,
                   const struct side *new)
{
    struct json_writer w = api_begin(c);
    json_write_key(&w, STR("Notification"));
    json_write_object(&w);
    json_write_member(&w, STR("Name"), n->name);
    write_time(&w, STR("Created"), n->created);
    write_time(&w, STR("Notified"), n->notified);
    write_time(&w, STR("Deleted"), n->deleted);
    if (old->limit) {
        json_write_key(&w, STR("Limit"));
        json_write_i64(&w, old->limit);
    }
    write_page(c, &w, STR("Page"), old->from, new->from);
    if (old->limit >= 0 && (old->found.next >= 0 || new->found.next >= 0))
        write_page(c, &w, STR("NextPage"), old->found.next, new->found.next);
    int rc = write_side(&w, STR("Old"), old);
    if (rc == 0)
        rc = write_side(&w, STR("New"), new);
    json_write_object_end(&w);
    api_end(c, &w, 200);
    if (rc < 0)
        api_broken(c);
}

void api_get_notification(struct call *c)
{
    struct store_notification n;
    struct side old = {.call = c}, new = {.call = c};
    if (api_limit(c, -1, &old.limit) < 0)
        return;
    new.limit = old.limit;
    int rc = store_notification_get(c->store, c->params[0], &c->arena, &n, &c->err);
    if (rc == 0) {
        api_not_found(c);
        return;
    }
    if (rc > 0 && read_page(c, &old, &new) < 0)
        return;
    old.from = n.old_vulnerability ? old.from : -1;
    new.from = n.new_vulnerability ? new.from : -1;
    if (rc > 0)
        rc = load_side(&old, n.old_vulnerability);
    if (rc >= 0)
        rc = load_side(&new, n.new_vulnerability);
    if (rc < 0)
        api_broken(c);
    else
        answer(c, &n, &old, &new);
}

void api_delete_notification(struct call *c)
{
    api_deleted(c, store_notification_delete(c->store, c->params[0], clock_seconds(), &c->err));
}
