#include "net/challenge.h"

#include "base/limits.h"
#include "challenge_text.h"
#include "test.h"

static void check_line(struct str line, unsigned number)
{
    struct str header = line, expected = {"", 0};
    for (size_t i = 0; i + 4 <= line.len; i++)
        if (memcmp(line.ptr + i, " => ", 4) == 0) {
            header.len = i;
            expected = str_skip(line, i + 4);
        }
    struct arena a = arena_make(KIB(64));
    struct buf b = buf_make(KIB(8));
    struct error err = {0};
    char *copy = malloc(header.len ? header.len : 1); /* so that a sanitizer sees a read beyond its end */
    assert_non_null(copy);
    memcpy(copy, header.ptr, header.len);
    if (challenge_print_all((struct str){copy, header.len}, " | ", &a, &b, &err) < 0) {
        buf_clear(&b);
        buf_printf(&b, "%s", err.text);
    }
    if (!str_eq(buf_str(&b), expected))
        fail_msg("challenge.txt:%u: %.*s\n  gives %.*s", number, STR_ARG(line), STR_ARG(buf_str(&b)));
    free(copy);
    buf_done(&b);
    arena_done(&a);
}

TEST(challenge_table)
{
    char path[1000], text[8000];
    const char *source = getenv("LIMPID_SOURCE");
    snprintf(path, sizeof path, "%s/tests/tables/challenge.txt", source ? source : ".");
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    struct str left = {text, fread(text, 1, sizeof text, f)}, line;
    assert_true(left.len < sizeof text);
    fclose(f);
    unsigned number = 0, cases = 0;
    while (str_line(&left, &line)) {
        number++;
        if (line.len && *line.ptr != '#') {
            check_line(line, number);
            cases++;
        }
    }
    assert_true(cases > 20);
}

TEST(challenge_lookup)
{
    struct arena a = arena_make(KIB(4));
    struct str header = STR("Bearer REALM=\"https://a/t\", service=s, realm=second, bASIC realm=x");
    struct challenge c;
    struct error err = {0};
    assert_int_equal(challenge_next(&header, &a, &c, &err), 1);
    assert_true(str_eq(challenge_param(&c, STR("realm")), STR("https://a/t")));
    assert_true(str_eq(challenge_param(&c, STR("scope")), STR("")));
    assert_int_equal(challenge_next(&header, &a, &c, &err), 1);
    assert_true(str_eq_nocase(c.scheme, STR("basic")));
    assert_int_equal(challenge_next(&header, &a, &c, &err), 0);
    arena_done(&a);
}

TEST(challenge_many_params)
{
    struct arena a = arena_make(KIB(64));
    struct buf b = buf_make(KIB(8));
    struct challenge c;
    struct error err = {0};
    buf_add(&b, STR("Bearer "));
    for (int i = 0; i < CHALLENGE_PARAMS_MAX; i++)
        buf_printf(&b, "a%d=b,", i);
    struct str header = buf_str(&b);
    assert_int_equal(challenge_next(&header, &a, &c, &err), 1);
    assert_int_equal(c.params.len, CHALLENGE_PARAMS_MAX);
    buf_add(&b, STR("one=more"));
    header = buf_str(&b);
    assert_int_equal(challenge_next(&header, &a, &c, &err), -E_LIMIT);
    assert_string_equal(err.text, "WWW-Authenticate: more than 32 parameters at offset 197");
    buf_done(&b);
    arena_done(&a);
}

TEST(challenge_arena_full)
{
    struct challenge c;
    struct error err = {0};
    struct arena a = arena_make(8);
    struct str header = STR("Bearer realm=\"longer \\\" than eight\"");
    assert_int_equal(challenge_next(&header, &a, &c, &err), -E_LIMIT);
    header = STR("Bearer realm=x");
    assert_int_equal(challenge_next(&header, &a, &c, &err), -E_LIMIT);
    assert_string_equal(err.text, "WWW-Authenticate: more text than this request may keep");
    arena_done(&a);
}

/* A header cut anywhere never gives a parameter whose value differs from the whole's, but for an unquoted
   last one. */
TEST(challenge_truncated)
{
    static const char text[] =
        "Bearer realm=\"https://a/\\\"t\",service=\"s\", Basic realm=\"r\", Negotiate abc==";
    for (size_t cut = 0; cut < sizeof text; cut++) {
        struct arena a = arena_make(KIB(8));
        struct str header = {text, cut};
        struct challenge c;
        struct error err = {0};
        int r, n = 0;
        while ((r = challenge_next(&header, &a, &c, &err)) > 0) {
            n++;
            if (str_eq(c.scheme, STR("Bearer")) && c.params.len)
                assert_true(str_eq(challenge_param(&c, STR("realm")), STR("https://a/\"t")));
        }
        assert_true(n <= 3 && (r == 0 || err.text[0]));
        arena_done(&a);
    }
}
