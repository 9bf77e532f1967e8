#include "image/reference.h"

#include "table.h"

/* Writes out <A*n>. */
static struct str expand(struct str s, char *dst, size_t size)
{
    size_t len = 0;
    while (s.len) {
        struct str head = str_skip(s, 3);
        struct str number = str_cut(&head, '>');
        uint64_t n = 1;
        char c = s.ptr[0];
        if (c == '<' && s.len > 4 && s.ptr[2] == '*' && str_u64(number, 1000, &n) == 0) {
            c = s.ptr[1];
            s = head;
        } else {
            s = str_skip(s, 1);
        }
        assert_true(len + n < size);
        memset(dst + len, c, n);
        len += n;
    }
    dst[len] = 0;
    return (struct str){dst, len};
}

static bool holds(struct str line)
{
    char in[2048], out[2048], got[REFERENCE_TEXT_SIZE + 64];
    struct reference r;
    struct error err = {0};
    size_t at = 0;
    while (!str_starts(str_skip(line, at), STR(" => ")))
        at++;
    struct str written = expand((struct str){line.ptr, at}, in, sizeof in);
    expand(str_skip(line, at + 4), out, sizeof out);
    if (reference_parse(written, &r, &err) < 0)
        snprintf(got, sizeof got, "! %s", err.text);
    else
        reference_text(&r, got, sizeof got);
    if (strcmp(got, out) != 0)
        print_error("is   %s\nnot  %s\n", got, out);
    return strcmp(got, out) == 0;
}

TEST(reference_table)
{
    table_run("reference", holds, 60);
}

/* What is printed is read as the same again. */
TEST(reference_stable)
{
    static const char *const names[] = {"nginx", "h:1/a/b:t", "a@sha256:" /* completed below */};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char text[REFERENCE_TEXT_SIZE], again[REFERENCE_TEXT_SIZE], name[200];
        struct reference r;
        struct error err = {0};
        int n = snprintf(name, sizeof name, "%s", names[i]);
        if (name[n - 1] == ':')
            memset(name + n, 'a', 64), name[n + 64] = 0;
        assert_int_equal(reference_parse(str_of(name), &r, &err), 0);
        reference_text(&r, text, sizeof text);
        assert_int_equal(reference_parse(str_of(text), &r, &err), 0);
        assert_string_equal(reference_text(&r, again, sizeof again), text);
    }
}
