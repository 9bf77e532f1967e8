#include "client/answer.h"

#include "format/json.h"
#include "stream/memory.h"

struct answer_reader {
    struct json *json;
    struct arena *arena;
    struct answer *answer;
    struct error *err;
};

/* Whether the key is this name, given in small letters: "NamespaceName", "namespace_name", "namespaceName". */
static bool is(struct str key, const char *name)
{
    for (; key.len; key = str_skip(key, 1)) {
        char c = *key.ptr;
        if (c == '_')
            continue;
        if (!c || (c >= 'A' && c <= 'Z' ? c + 32 : c) != *name++)
            return false;
    }
    return !*name;
}

static int full(struct answer_reader *a)
{
    return error_set(a->err, E_LIMIT, "the server's answer takes more than %zu bytes of memory",
                     a->arena->limit);
}

/* A text, kept; another type leaves *ret as it is. */
static int read_text(struct answer_reader *a, struct str *ret)
{
    struct str s;
    int rc = json_string(a->json, &s);
    if (rc > 0 && arena_str(a->arena, s, ret) < 0)
        return full(a);
    return rc < 0 ? rc : 0;
}

/* Gives each key of an object to take(), which may leave its value. */
static int read_keys(struct answer_reader *a, int (*take)(struct answer_reader *a, struct str key, void *to),
                     void *to)
{
    struct str key;
    int rc;
    while ((rc = json_key(a->json, &key)) > 0)
        if ((rc = take(a, key, to)) < 0)
            return rc;
    return rc;
}

static int read_object(struct answer_reader *a,
                       int (*take)(struct answer_reader *a, struct str key, void *to), void *to)
{
    int rc = json_object(a->json);
    return rc > 0 ? read_keys(a, take, to) : rc;
}

static int read_array(struct answer_reader *a, int (*take)(struct answer_reader *a, void *to), void *to)
{
    int rc = json_array(a->json);
    while (rc > 0 && (rc = json_item(a->json)) > 0) {
        int got = take(a, to);
        if (got < 0)
            return got;
    }
    return rc;
}

/* ---- Metadata: {"NVD": {"CVSSv2": {"Vectors": …, "Score": …}}, "KEV": …, "EPSS": …} ---- */

struct cvss {
    struct str *vector;
    int *score;
};

static int take_cvss(struct answer_reader *a, struct str key, void *to)
{
    struct cvss *cvss = to;
    struct str number;
    uint64_t tenths;
    if (is(key, "vectors"))
        return read_text(a, cvss->vector);
    if (!is(key, "score"))
        return 0;
    int rc = json_number(a->json, &number);
    if (rc > 0)
        *cvss->score = str_decimal(number, 1, 100, &tenths) < 0 ? -1 : (int)tenths;
    return rc;
}

static int take_nvd(struct answer_reader *a, struct str key, void *to)
{
    struct answer_vulnerability *v = to;
    struct cvss two = {&v->about.cvss2, &v->about.score2}, three = {&v->about.cvss3, &v->about.score3},
                four = {&v->about.cvss4, &v->about.score4};
    if (is(key, "cvssv2"))
        return read_object(a, take_cvss, &two);
    if (is(key, "cvssv3"))
        return read_object(a, take_cvss, &three);
    return is(key, "cvssv4") ? read_object(a, take_cvss, &four) : 0;
}

/* limpid's own: {"DateAdded": "2024-05-06"} and {"Score": 0.00043}. */
static int take_kev(struct answer_reader *a, struct str key, void *to)
{
    struct answer_vulnerability *v = to;
    return is(key, "dateadded") ? read_text(a, &v->about.kev) : 0;
}

static int take_epss(struct answer_reader *a, struct str key, void *to)
{
    struct answer_vulnerability *v = to;
    struct str number;
    uint64_t hundredthousandths;
    if (!is(key, "score"))
        return 0;
    int rc = json_number(a->json, &number);
    if (rc > 0 && str_decimal(number, 5, 100000, &hundredthousandths) == 0)
        v->about.epss = (double)hundredthousandths / 100000;
    return rc;
}

static int take_metadata(struct answer_reader *a, struct str key, void *to)
{
    return is(key, "nvd")    ? read_object(a, take_nvd, to)
           : is(key, "kev")  ? read_object(a, take_kev, to)
           : is(key, "epss") ? read_object(a, take_epss, to)
                             : 0;
}

/* API 3 has it as a text that is JSON; what is none tells nothing. */
static int read_metadata_text(struct answer_reader *a, struct answer_vulnerability *v)
{
    struct memory_reader in;
    struct json inner;
    struct error trouble = {0};
    struct answer_reader b = {.json = &inner, .arena = a->arena, .err = &trouble};
    struct str copy;
    if (arena_str(a->arena, a->json->text, &copy) < 0)
        return full(a);
    json_open(&inner, memory_reader_init(&in, copy, 0, &trouble), &trouble);
    int rc = read_object(&b, take_metadata, v);
    json_close(&inner);
    return rc == -E_LIMIT ? full(a) : 0;
}

static int read_metadata(struct answer_reader *a, struct answer_vulnerability *v)
{
    int kind = json_next(a->json);
    if (kind == JSON_OBJECT)
        return read_keys(a, take_metadata, v);
    return kind == JSON_STRING ? read_metadata_text(a, v) : json_skip_rest(a->json, kind);
}

/* ---- features ---- */

static int read_severity(struct answer_reader *a, enum severity *ret)
{
    struct str word;
    int rc = json_string(a->json, &word);
    if (rc > 0 && severity_parse(word, ret) < 0)
        *ret = SEVERITY_UNKNOWN;
    return rc;
}

static int take_vulnerability(struct answer_reader *a, struct str key, void *to)
{
    struct answer_vulnerability *v = to;
    if (is(key, "name"))
        return read_text(a, &v->about.id);
    if (is(key, "description"))
        return read_text(a, &v->about.description);
    if (is(key, "link"))
        return read_text(a, &v->about.link);
    if (is(key, "fixedby"))
        return read_text(a, &v->fixed_by);
    if (is(key, "severity"))
        return read_severity(a, &v->severity);
    return is(key, "metadata") ? read_metadata(a, v) : 0;
}

static int read_vulnerability(struct answer_reader *a, void *to)
{
    struct answer_feature *f = to;
    struct answer_vulnerability *v = vec_push(&f->vulnerabilities, a->arena);
    if (!v)
        return full(a);
    v->about = vulnerability_make(STR(""));
    return read_object(a, take_vulnerability, v);
}

static int take_namespace(struct answer_reader *a, struct str key, void *to)
{
    return is(key, "name") ? read_text(a, to) : 0;
}

static int take_feature(struct answer_reader *a, struct str key, void *to)
{
    struct answer_feature *f = to;
    if (is(key, "name"))
        return read_text(a, &f->name);
    if (is(key, "version"))
        return read_text(a, &f->version);
    if (is(key, "namespacename"))
        return read_text(a, &f->namespace);
    if (is(key, "namespace"))
        return read_object(a, take_namespace, &f->namespace);
    if (is(key, "addedby"))
        return read_text(a, &f->added_by);
    return is(key, "vulnerabilities") ? read_array(a, read_vulnerability, f) : 0;
}

static int read_feature(struct answer_reader *a, void *to)
{
    (void)to;
    struct answer_feature *f = vec_push(&a->answer->features, a->arena);
    return f ? read_object(a, take_feature, f) : full(a);
}

/* ---- the two shapes ---- */

static int take_hash(struct answer_reader *a, struct str key, void *to)
{
    return is(key, "hash") ? read_text(a, to) : 0;
}

static int take_ancestry_layer(struct answer_reader *a, struct str key, void *to)
{
    if (is(key, "layer"))
        return read_object(a, take_hash, to);
    return is(key, "detectedfeatures") ? read_array(a, read_feature, NULL) : 0;
}

/* A layer of API 3 brings its features along. */
static int read_ancestry_layer(struct answer_reader *a, void *to)
{
    (void)to;
    struct str hash = {0};
    size_t first = a->answer->features.len;
    int rc = read_object(a, take_ancestry_layer, &hash);
    for (size_t i = first; i < a->answer->features.len; i++)
        a->answer->features.ptr[i].added_by = hash;
    return rc;
}

static int take_image(struct answer_reader *a, struct str key, void *to)
{
    (void)to;
    if (is(key, "namespacename"))
        return read_text(a, &a->answer->namespace);
    if (is(key, "features"))
        return read_array(a, read_feature, NULL);
    return is(key, "layers") ? read_array(a, read_ancestry_layer, NULL) : 0;
}

static int take_document(struct answer_reader *a, struct str key, void *to)
{
    bool image = is(key, "layer") || is(key, "ancestry"), *any = to;
    *any |= image;
    return image ? read_object(a, take_image, NULL) : 0;
}

int answer_read(struct reader *in, struct arena *arena, struct answer *ret, struct error *err)
{
    struct json json;
    struct answer_reader a = {.json = &json, .arena = arena, .answer = ret, .err = err};
    bool any = false;
    *ret = (struct answer){0};
    json_open(&json, in, err);
    int rc = read_object(&a, take_document, &any);
    if (rc == 0)
        rc = json_end(&json);
    if (rc == 0 && !any)
        rc = error_set(err, E_UNSUPPORTED,
                       "the server's answer is none of Clair's: it has no Layer and no ancestry");
    json_close(&json);
    return rc;
}

/* ---- refusals ---- */

static int take_message(struct answer_reader *a, struct str key, void *to)
{
    if (is(key, "message"))
        return read_text(a, to);
    return is(key, "error") ? read_object(a, take_message, to) : 0;
}

int answer_message(struct reader *in, struct arena *arena, struct str *ret, struct error *err)
{
    struct json json;
    struct answer_reader a = {.json = &json, .arena = arena, .err = err};
    *ret = STR("");
    json_open(&json, in, err);
    int rc = read_object(&a, take_message, ret);
    json_close(&json);
    return rc;
}
