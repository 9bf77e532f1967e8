#include "scheme.h"

#include "base/buf.h"

/* A file below the source tree; an empty buffer when it is not there. */
static struct buf file_of(const char *path)
{
    char full[4096];
    const char *root = getenv("LIMPID_SOURCE");
    struct buf all = buf_make((size_t)64 << 20);
    snprintf(full, sizeof full, "%s/%s", root ? root : ".", path);
    FILE *f = fopen(full, "rb");
    size_t got;
    while (f && (got = fread(buf_room(&all, 65536), 1, 65536, f)) > 0)
        all.len += got;
    if (f)
        fclose(f);
    return all;
}

static struct buf table_of(const struct version_scheme *s)
{
    char path[256];
    snprintf(path, sizeof path, "tests/tables/%s.txt", s->name);
    return file_of(path);
}

static char sign(int n)
{
    return n < 0 ? '<' : n > 0 ? '>' : '=';
}

/* Whether a OP b holds, and b OP' a, and both are like themselves. */
static bool holds(const struct version_scheme *s, struct str a, char op, struct str b)
{
    char back = op == '<' ? '>' : op == '>' ? '<' : '=';
    return sign(s->compare(a, b)) == op && sign(s->compare(b, a)) == back && s->compare(a, a) == 0 &&
           s->compare(b, b) == 0;
}

/* Cuts a version off *line: "|in bars|", or up to a blank. */
static struct str version_cut(struct str *line)
{
    struct str version;
    if (line->len && *line->ptr == '|') {
        *line = str_skip(*line, 1);
        version = str_cut(line, '|');
        if (line->len && *line->ptr == ' ')
            *line = str_skip(*line, 1);
    } else {
        version = str_cut(line, ' ');
    }
    return version;
}

static void check_line(const struct version_scheme *s, struct str line, unsigned number)
{
    struct str rest = line, word = str_cut(&rest, ' ');
    if (str_eq(word, STR("valid")) || str_eq(word, STR("invalid"))) {
        if (s->valid(version_cut(&rest)) != str_eq(word, STR("valid")))
            fail_msg("tests/tables/%s.txt:%u: " STR_FMT, s->name, number, STR_ARG(line));
        return;
    }
    rest = line;
    struct str a = version_cut(&rest), op = str_cut(&rest, ' '), b = version_cut(&rest);
    if (op.len != 1 || rest.len)
        fail_msg("tests/tables/%s.txt:%u: not a case: " STR_FMT, s->name, number, STR_ARG(line));
    if (!s->valid(a) || !s->valid(b) || !holds(s, a, *op.ptr, b))
        fail_msg("tests/tables/%s.txt:%u: does not hold: " STR_FMT, s->name, number, STR_ARG(line));
}

void scheme_table(const struct version_scheme *s, unsigned least)
{
    struct buf table = table_of(s);
    struct str text = buf_str(&table), line;
    unsigned number = 0, cases = 0;
    while (str_line(&text, &line)) {
        number++;
        if (!line.len || *line.ptr == '#')
            continue;
        check_line(s, line, number);
        cases++;
    }
    assert_true(cases >= least);
    buf_done(&table);
}

void scheme_total_order(const struct version_scheme *s, bool (*proper)(struct str version), size_t least)
{
    struct buf table = table_of(s);
    struct str text = buf_str(&table), line, all[400];
    size_t count = 0;
    while (str_line(&text, &line) && count < 398) {
        if (!line.len || *line.ptr == '#')
            continue;
        struct str a = version_cut(&line), op = str_cut(&line, ' '), b = op.len ? version_cut(&line) : a;
        if (!proper || proper(a))
            all[count++] = a;
        if (op.len && (!proper || proper(b)))
            all[count++] = b;
    }
    assert_true(count >= least);
    static bool after[400][400];
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++)
            after[i][k] = s->compare(all[i], all[k]) > 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++)
            for (size_t n = 0; n < count; n++)
                if (!after[i][k] && !after[k][n] && after[i][n])
                    fail_msg(STR_FMT " <= " STR_FMT " <= " STR_FMT, STR_ARG(all[i]), STR_ARG(all[k]),
                             STR_ARG(all[n]));
    buf_done(&table);
}

void scheme_others(const struct version_scheme *s, const char *file, bool (*proper)(struct str version),
                   unsigned least)
{
    char path[256];
    snprintf(path, sizeof path, "../shared/data/versions/%s", file);
    struct buf table = file_of(path);
    struct str text = buf_str(&table), line;
    unsigned cases = 0;
    if (!text.len) {
        TEST_SKIP("../shared is not here");
    }
    str_line(&text, &line);
    while (str_line(&text, &line)) {
        struct str a = str_cut(&line, '\t'), op = str_cut(&line, '\t'), b = str_cut(&line, '\t');
        if (proper && (!proper(a) || !proper(b)))
            continue;
        if (op.len != 1 || !holds(s, a, *op.ptr, b))
            fail_msg("does not hold: " STR_FMT " " STR_FMT " " STR_FMT, STR_ARG(a), STR_ARG(op), STR_ARG(b));
        cases++;
    }
    assert_true(cases >= least);
    buf_done(&table);
}

void scheme_others_validity(const struct version_scheme *s, struct str as, struct str except, unsigned least)
{
    struct buf table = file_of("../shared/data/versions/validity.tsv");
    struct str text = buf_str(&table), line;
    unsigned cases = 0;
    if (!text.len) {
        TEST_SKIP("../shared is not here");
    }
    while (str_line(&text, &line)) {
        struct str scheme = str_cut(&line, '\t'), version = str_cut(&line, '\t'),
                   valid = str_cut(&line, '\t');
        if (!str_eq(scheme, as) || str_eq(version, except))
            continue;
        if (s->valid(version) != str_eq(valid, STR("1")))
            fail_msg("'" STR_FMT "' is " STR_FMT, STR_ARG(version), STR_ARG(valid));
        cases++;
    }
    assert_true(cases >= least);
    buf_done(&table);
}
