#include "store/layer.h"

#include "database.h"

static int64_t id_of(struct place *p, struct store *s, const char *name)
{
    struct store_layer l;
    assert_int_equal(store_layer_get(s, str_of(name), &p->arena, &l, &p->err), 1);
    return l.id;
}

static int put(struct place *p, struct store *s, const char *name, int64_t parent, const char *features,
               const struct store_feature *introduced, size_t count)
{
    const struct store_layer l = {.name = str_of(name),
                                  .namespace = STR("debian:12"),
                                  .engine_version = 3,
                                  .fingerprint = STR("v1"),
                                  .features = str_of(features),
                                  .features_hash = str_of(features)};
    int rc = store_layer_put(s, &l, parent, introduced, count, &p->err);
    if (rc < 0)
        fail_msg("%s", p->err.text);
    return rc;
}

static int count_rows(void *ctx, struct str package, struct str feed, struct str packed)
{
    (void)package, (void)feed, (void)packed;
    buf_add_char(ctx, 'x');
    return 0;
}

STORE_TEST(layer_chain)
{
    struct store_layer l, *chain = NULL;
    size_t n = 0;
    assert_int_equal(put(p, s, "base", 0, "f1", NULL, 0), 1);
    assert_int_equal(put(p, s, "base", 0, "other", NULL, 0), 0); /* the first stays */
    assert_int_equal(put(p, s, "mid", id_of(p, s, "base"), "f2", NULL, 0), 1);
    assert_int_equal(put(p, s, "top", id_of(p, s, "mid"), "f2", NULL, 0), 1);
    assert_int_equal(store_layer_get(s, STR("base"), &p->arena, &l, &p->err), 1);
    assert_true(str_eq(l.features, STR("f1")) && l.parent.len == 0 && l.engine_version == 3);
    assert_int_equal(store_layer_get(s, STR("top"), &p->arena, &l, &p->err), 1);
    assert_true(str_eq(l.features, STR("f2")) && str_eq(l.parent, STR("mid")));
    assert_int_equal(store_layer_chain(s, STR("top"), &p->arena, &chain, &n, &p->err), 1);
    assert_int_equal(n, 3);
    assert_true(str_eq(chain[0].name, STR("base")) && str_eq(chain[2].name, STR("top")));
    assert_int_equal(store_layer_chain(s, STR("none"), &p->arena, &chain, &n, &p->err), 0);
    assert_int_equal(store_layer_delete(s, STR("mid"), &p->err), 1);
    assert_int_equal(store_layer_get(s, STR("top"), &p->arena, &l, &p->err), 0); /* with its descendants */
    assert_int_equal(store_layer_get(s, STR("base"), &p->arena, &l, &p->err), 1);
    assert_int_equal(store_layer_delete(s, STR("mid"), &p->err), 0);
}

/* Names that no text can hold are names all the same: what was put under them is found under them. */
STORE_TEST(layer_of_any_bytes)
{
    static const char bytes[] = "a\0b\xff\xc3\xa9\xed\xa0\x80";
    const struct str name = {bytes, sizeof bytes - 1};
    const struct store_feature f = {STR("debian:12"), name, STR("1\xfe")};
    const struct store_layer put = {
        .name = name, .fingerprint = STR("f"), .features = STR("x"), .features_hash = STR("x")};
    struct store_layer got;
    struct store_layer *chain = NULL;
    size_t n = 0;
    assert_int_equal(store_layer_put(s, &put, 0, &f, 1, &p->err), 1);
    assert_int_equal(store_layer_get(s, name, &p->arena, &got, &p->err), 1);
    assert_int_equal(store_layer_chain(s, name, &p->arena, &chain, &n, &p->err), 1);
    assert_int_equal(store_layer_get(s, STR("a\xff"), &p->arena, &got, &p->err), 0);
    place_load(p, s, "debian", "debian:12", "caf\xe9", "CVE-1!");
    place_expect(p, s, "debian:12", "caf\xe9", "debian:CVE-1! ");
    CLEANUP(buf_done) struct buf rows = buf_make(KIB(1));
    const struct str names[] = {STR("caf\xe9"), STR("b\0c")};
    assert_int_equal(store_advisories_of(s, STR("debian:12"), names, 2, count_rows, &rows, &p->err), 0);
    assert_int_equal(rows.len, 1);
    assert_int_equal(store_layer_delete(s, name, &p->err), 1);
}

static int collect(void *ctx, int64_t id, struct str text)
{
    (void)id;
    buf_printf(ctx, "%.*s ", STR_ARG(text));
    return 0;
}

struct id_text {
    char text[24];
};

static int take_id(void *ctx, int64_t id, struct str version)
{
    (void)version;
    snprintf(((struct id_text *)ctx)->text, sizeof((struct id_text *)ctx)->text, "%jd", (intmax_t)id);
    return 0;
}

/* Equal contents under two names: both are found. */
STORE_TEST(layers_that_introduce)
{
    const struct store_feature f[] = {{STR("debian:12"), STR("openssl"), STR("1.0")},
                                      {STR("debian:12"), STR("openssl"), STR("1.1")}};
    CLEANUP(buf_done) struct buf got = buf_make(KIB(1));
    put(p, s, "a", 0, "f1", &f[0], 1);
    put(p, s, "b", 0, "f1", &f[0], 1);
    put(p, s, "c", id_of(p, s, "a"), "f2", &f[1], 1);
    assert_int_equal(store_feature_versions(s, STR("debian:12"), STR("openssl"), collect, &got, &p->err), 0);
    assert_int_equal(got.len, 8);
    struct id_text id;
    store_feature_versions(s, STR("debian:12"), STR("openssl"), take_id, &id, &p->err);
    put(p, s, "d", 0, "f3", f, 2);
    buf_clear(&got);
    const struct str ids[] = {str_of("1"), str_of("2")};
    assert_int_equal(store_feature_layers(s, ids, 2, (struct store_page){0, 10}, collect, &got, &p->err), 0);
    assert_true(str_eq(buf_str(&got), STR("a b c d ")));
    buf_clear(&got);
    assert_int_equal(
        store_feature_layers(s, ids, 2, (struct store_page){id_of(p, s, "b"), 2}, collect, &got, &p->err), 0);
    assert_true(str_eq(buf_str(&got), STR("b c ")));
    buf_clear(&got);
    const struct str one[] = {str_of(id.text)};
    assert_int_equal(store_feature_layers(s, one, 1, (struct store_page){0, 10}, collect, &got, &p->err), 0);
    assert_true(got.len == 4 || got.len == 6);
}
