#include "base/buf.h"
#include "format/yaml.h"
#include "test.h"

static void put(struct buf *out, const struct yaml_node *n)
{
    if (!n) {
        buf_add(out, STR("NULL"));
        return;
    }
    if (n->kind == YAML_TEXT) {
        buf_printf(out, n->quoted ? "'%s'" : "%s", n->text.ptr);
        return;
    }
    buf_add_char(out, n->kind == YAML_MAP ? '{' : '[');
    for (size_t i = 0; i < n->items.len; i++) {
        buf_add(out, i ? STR(", ") : STR(""));
        if (n->kind == YAML_MAP)
            buf_printf(out, "%s: ", n->items.ptr[i].key.ptr);
        put(out, n->items.ptr[i].value);
    }
    buf_add_char(out, n->kind == YAML_MAP ? '}' : ']');
}

static const char *tree(struct str text, size_t memory)
{
    static char shown[4096];
    CLEANUP(buf_done) struct buf out = buf_make(sizeof shown - 1);
    CLEANUP(arena_done) struct arena arena = arena_make(memory);
    struct error err = {0};
    struct yaml_node *root = NULL;
    int rc = yaml_load(text, &arena, &root, &err);
    assert_int_equal(rc, -(int)err.code);
    if (rc < 0)
        buf_printf(&out, "! %s", err.text);
    else
        put(&out, root);
    assert_int_equal(str_copy(buf_str(&out), shown, sizeof shown), 0);
    return shown;
}

#define assert_tree(text, wanted) assert_string_equal(tree(STR(text), MIB(1)), (wanted))

TEST(yaml_tree_values)
{
    assert_tree("", "NULL");
    assert_tree("# nothing\n", "NULL");
    assert_tree("---\n...\n", "");
    assert_tree("a: 1\n'b.c:5000': {auth: [me, 'pass,word'], verify: \"false\"}\nd:\n",
                "{a: 1, b.c:5000: {auth: [me, 'pass,word'], verify: 'false'}, d: }");
    assert_tree("- a\n- [b, {c: d}]\n", "[a, [b, {c: d}]]");
    assert_tree("a: &x {b: 1}\nc: *x\nd: [*x, &y z, *y]\n", "{a: {b: 1}, c: {b: 1}, d: [{b: 1}, z, z]}");
    assert_tree("a\n---\nb\n", "a");
    assert_tree("a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {f: 4, <<: [*x, *y]}\n",
                "{a: {b: 1}, c: {b: 2, d: 3}, e: {b: 2, d: 3, b: 1, f: 4}}");
}

TEST(yaml_tree_refusals)
{
    assert_tree("a: *x\n", "! line 1, column 4: an alias of nothing");
    assert_tree("a: &x [*x]\n", "! line 1, column 8: an alias of nothing");
    assert_tree("[a]: 1\n", "! line 1, column 1: a key must be a plain word");
    assert_tree("a: [1, 2\n", "! line 2, column 1: did not find expected ',' or ']'");
    assert_tree("a: {<<: [{b: 1}, c]}\n", "! line 1: only maps can be merged");
    assert_tree("a: 1\n---\nb: 'x\n", "! line 4, column 1: found unexpected end of stream");
}

TEST(yaml_tree_too_deep)
{
    CLEANUP(buf_done) struct buf text = buf_make(KIB(4));
    for (int i = 0; i < YAML_DEPTH_MAX + 1; i++)
        buf_add_char(&text, '[');
    for (int i = 0; i < YAML_DEPTH_MAX + 1; i++)
        buf_add_char(&text, ']');
    assert_string_equal(tree(buf_str(&text), MIB(1)), "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]");
    buf_clear(&text);
    for (int i = 0; i < 1000; i++)
        buf_add_char(&text, '[');
    assert_string_equal(tree(buf_str(&text), MIB(1)), "! line 1, column 18: nested too deeply");
}

TEST(yaml_tree_memory)
{
    CLEANUP(buf_done) struct buf text = buf_make(MIB(1));
    buf_add_char(&text, '[');
    for (int i = 0; i < 100000; i++)
        buf_add(&text, STR("a,"));
    buf_add_char(&text, ']');
    assert_string_equal(tree(buf_str(&text), MIB(1)), "! YAML: more than 1048576 bytes of memory");
}

/* Each map is ten times the one before. */
TEST(yaml_tree_merged_bomb)
{
    CLEANUP(buf_done) struct buf text = buf_make(MIB(1));
    buf_add(&text, STR("m0: &m0 {a: 1}\n"));
    for (int i = 1; i < 10; i++) {
        buf_printf(&text, "m%d: &m%d {<<: [*m%d", i, i, i - 1);
        for (int k = 0; k < 9; k++)
            buf_printf(&text, ", *m%d", i - 1);
        buf_add(&text, STR("]}\n"));
    }
    assert_string_equal(tree(buf_str(&text), MIB(1)), "! YAML: more than 1048576 bytes of memory");
}

TEST(yaml_tree_truncated)
{
    static const char text[] = "a: &x {b.c: [1, 'two']}\nd: *x\ne: |\n  f\n";
    assert_tree("a: &x {b.c: [1, 'two']}\nd: *x\ne: |\n  f\n",
                "{a: {b.c: [1, 'two']}, d: {b.c: [1, 'two']}, e: 'f\n'}");
    for (size_t n = 0; n < sizeof text - 1; n++)
        tree((struct str){text, n}, MIB(1));
}

TEST(yaml_tree_get)
{
    CLEANUP(arena_done) struct arena arena = arena_make(MIB(1));
    struct yaml_node *root = NULL;
    struct error err = {0};
    static const char text[] =
        "base: &b {x: 1, y: 2}\nmore: &m {z: 3}\none: {<<: *b, x: 5}\n"
        "two: {<<: [*b, *m]}\ntwice: 1\ntwice: 2\nyes: yes\nno: 'no'\nnull: ~\nempty:\n";
    assert_int_equal(yaml_load(str_of(text), &arena, &root, &err), 0);
    const struct yaml_node *one = yaml_get(root, STR("one")), *two = yaml_get(root, STR("two"));
    assert_int_equal(one->line, 3);
    assert_string_equal(yaml_get(one, STR("x"))->text.ptr, "5");
    assert_string_equal(yaml_get(one, STR("y"))->text.ptr, "2");
    assert_string_equal(yaml_get(two, STR("z"))->text.ptr, "3");
    assert_null(yaml_get(two, STR("w")));
    assert_string_equal(yaml_get(root, STR("twice"))->text.ptr, "2");
    assert_null(yaml_get(yaml_get(root, STR("twice")), STR("x")));
    assert_null(yaml_get(NULL, STR("x")));
    bool truth = false;
    assert_int_equal(yaml_bool(yaml_get(root, STR("yes")), &truth), 0);
    assert_true(truth);
    assert_int_equal(yaml_bool(yaml_get(root, STR("no")), &truth), -1);
    assert_int_equal(yaml_bool(root, &truth), -1);
    assert_true(yaml_is_null(yaml_get(root, STR("null"))));
    assert_true(yaml_is_null(yaml_get(root, STR("empty"))));
    assert_true(yaml_is_null(NULL));
    assert_false(yaml_is_null(root));
}
