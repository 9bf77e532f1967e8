#include "oci/platform.h"

#include "table.h"

static void add_entry(struct oci_document *index, struct arena *a, struct str word)
{
    struct oci_descriptor *d = vec_push(&index->manifests, a);
    assert_non_null(d);
    d->attestation = str_starts(word, STR("!"));
    word = str_skip(word, d->attestation);
    if (!str_eq(word, STR("-")))
        assert_int_equal(platform_parse(word, &d->platform), 0);
}

/* One line of tests/tables/platform.txt. */
static bool holds(struct str line)
{
    struct arena a = arena_make(1 << 20);
    struct oci_document index = {.kind = OCI_INDEX};
    struct str have = str_trim(str_cut(&line, '|')), want = str_trim(str_cut(&line, '|')),
               expected = str_trim(line);
    while (have.len)
        add_entry(&index, &a, str_cut(&have, ' '));
    bool any = str_ends(want, STR(" any")), ok;
    struct oci_platform platform;
    if (any)
        want.len -= 4;
    if (platform_parse(want, &platform) < 0) {
        ok = str_eq(expected, STR("!"));
    } else {
        uint64_t n = UINT64_MAX;
        const struct oci_descriptor *d = platform_choose(&index, &platform, any);
        str_u64(expected, 100, &n);
        ok = n == UINT64_MAX ? str_eq(expected, STR("-")) && !d : d == index.manifests.ptr + n;
    }
    arena_done(&a);
    return ok;
}

TEST(platform_table)
{
    table_run("platform", holds, 30);
}

TEST(platform_text_is_printable)
{
    char text[PLATFORM_TEXT_SIZE];
    struct oci_platform p = {STR("linux"), STR("arm"), STR("v7")};
    assert_string_equal(platform_text(&p, text, sizeof text), "linux/arm/v7");
    p.variant = STR("");
    assert_string_equal(platform_text(&p, text, sizeof text), "linux/arm");
    p.architecture = STR("a\033[1mrm");
    assert_string_equal(platform_text(&p, text, sizeof text), "linux/a?[1mrm");
    p = (struct oci_platform){0};
    assert_string_equal(platform_text(&p, text, sizeof text), "");
    char small[8];
    p = (struct oci_platform){STR("linux"), STR("amd64"), STR("")};
    assert_string_equal(platform_text(&p, small, sizeof small), "linux/a");
}
