#include "base/limits.h"
#include "base/wire.h"
#include "client/answer.h"

enum { VULNERABILITY_TEXTS = 4, FEATURE_TEXTS = 4, FACTS_MAX = KIB(8) };

static void put_texts(struct buf *b, const struct str *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        wire_put_str(b, texts[i]);
}

/* The link may be longer than what is packed of a vulnerability. */
static void put_vulnerability(struct buf *b, const struct answer_vulnerability *v)
{
    CLEANUP(buf_done) struct buf facts = buf_make(FACTS_MAX);
    const struct str texts[VULNERABILITY_TEXTS] = {v->about.id, v->about.description, v->about.link,
                                                   v->fixed_by};
    struct vulnerability rest = v->about;
    rest.link = STR("");
    vulnerability_pack(&facts, &rest);
    put_texts(b, texts, VULNERABILITY_TEXTS);
    wire_put_num(b, v->severity);
    wire_put_str(b, buf_str(&facts));
}

void answer_encode(const struct answer *a, struct buf *b)
{
    wire_put_str(b, a->namespace);
    wire_put_num(b, a->features.len);
    vec_each (&a->features, f) {
        const struct str texts[FEATURE_TEXTS] = {f->name, f->version, f->namespace, f->added_by};
        put_texts(b, texts, FEATURE_TEXTS);
        wire_put_num(b, f->vulnerabilities.len);
        vec_each (&f->vulnerabilities, v)
            put_vulnerability(b, v);
    }
}

static void get_vulnerability(struct wire *w, struct answer_vulnerability *v)
{
    struct error damaged;
    struct str texts[VULNERABILITY_TEXTS];
    for (size_t i = 0; i < VULNERABILITY_TEXTS; i++)
        texts[i] = wire_str(w, JSON_TOKEN_MAX);
    v->severity = (enum severity)wire_num(w, SEVERITY_COUNT - 1);
    v->about = vulnerability_make(texts[0]);
    w->failed |= vulnerability_unpack(wire_str(w, FACTS_MAX), &v->about, &damaged) < 0;
    v->about.description = texts[1];
    v->about.link = texts[2];
    v->fixed_by = texts[3];
}

static int full(const struct arena *arena, struct error *err)
{
    return error_set(err, E_LIMIT, "the server's answer takes more than %zu bytes of memory", arena->limit);
}

static int get_feature(struct wire *w, struct arena *arena, struct answer_feature *f, struct error *err)
{
    struct str *const texts[FEATURE_TEXTS] = {&f->name, &f->version, &f->namespace, &f->added_by};
    for (size_t i = 0; i < FEATURE_TEXTS; i++)
        *texts[i] = wire_str(w, JSON_TOKEN_MAX);
    for (uint64_t left = wire_num(w, CLAIR_ANSWER_MAX); left && !w->failed; left--) {
        struct answer_vulnerability *v = vec_push(&f->vulnerabilities, arena);
        if (!v)
            return full(arena, err);
        get_vulnerability(w, v);
    }
    return 0;
}

int answer_decode(struct str bytes, struct arena *arena, struct answer *ret, struct error *err)
{
    struct wire w = wire_make(bytes);
    *ret = (struct answer){.namespace = wire_str(&w, JSON_TOKEN_MAX)};
    for (uint64_t left = wire_num(&w, CLAIR_ANSWER_MAX); left && !w.failed; left--) {
        struct answer_feature *f = vec_push(&ret->features, arena);
        int rc = f ? get_feature(&w, arena, f, err) : full(arena, err);
        if (rc < 0)
            return rc;
    }
    if (w.failed || w.left.len)
        return error_set(err, E_BAD_INPUT, "the server's answer: its reader tells nonsense");
    return 0;
}
