#include "base/limits.h"
#include "base/wire.h"
#include "client/answer.h"

enum { VULNERABILITY_TEXTS = 6, FEATURE_TEXTS = 4 };

static void put_texts(struct buf *b, const struct str *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        wire_put_str(b, texts[i]);
}

/* -1 (unknown) is 0. */
static void put_score(struct buf *b, int tenths)
{
    wire_put_num(b, tenths < 0 ? 0 : (uint64_t)tenths + 1);
}

static void put_vulnerability(struct buf *b, const struct answer_vulnerability *v)
{
    const struct str texts[VULNERABILITY_TEXTS] = {v->id,       v->description, v->link,
                                                   v->fixed_by, v->cvss2,       v->cvss3};
    put_texts(b, texts, VULNERABILITY_TEXTS);
    wire_put_num(b, v->severity);
    put_score(b, v->score2);
    put_score(b, v->score3);
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

static int get_score(struct wire *w)
{
    return (int)wire_num(w, 101) - 1;
}

static void get_vulnerability(struct wire *w, struct answer_vulnerability *v)
{
    struct str *const texts[VULNERABILITY_TEXTS] = {&v->id,       &v->description, &v->link,
                                                    &v->fixed_by, &v->cvss2,       &v->cvss3};
    for (size_t i = 0; i < VULNERABILITY_TEXTS; i++)
        *texts[i] = wire_str(w, JSON_TOKEN_MAX);
    v->severity = (enum severity)wire_num(w, SEVERITY_COUNT - 1);
    v->score2 = get_score(w);
    v->score3 = get_score(w);
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
