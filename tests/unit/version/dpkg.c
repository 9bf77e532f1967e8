#include "base/buf.h"
#include "test.h"
#include "version/version.h"

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

static char sign(int n)
{
    return n < 0 ? '<' : n > 0 ? '>' : '=';
}

/* Whether a OP b holds, and b OP' a, and both are like themselves. */
static bool holds(struct str a, char op, struct str b)
{
    const struct version_scheme *dpkg = &version_dpkg;
    char back = op == '<' ? '>' : op == '>' ? '<' : '=';
    return sign(dpkg->compare(a, b)) == op && sign(dpkg->compare(b, a)) == back && dpkg->compare(a, a) == 0 &&
           dpkg->compare(b, b) == 0;
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

static void check_line(struct str line, unsigned number)
{
    struct str rest = line, word = line;
    word = str_cut(&rest, ' ');
    if (str_eq(word, STR("valid")) || str_eq(word, STR("invalid"))) {
        if (version_dpkg.valid(version_cut(&rest)) != str_eq(word, STR("valid")))
            fail_msg("tests/tables/dpkg.txt:%u: " STR_FMT, number, STR_ARG(line));
        return;
    }
    rest = line;
    struct str a = version_cut(&rest), op = str_cut(&rest, ' '), b = version_cut(&rest);
    if (op.len != 1 || rest.len)
        fail_msg("tests/tables/dpkg.txt:%u: not a case: " STR_FMT, number, STR_ARG(line));
    if (!version_dpkg.valid(a) || !version_dpkg.valid(b) || !holds(a, *op.ptr, b))
        fail_msg("tests/tables/dpkg.txt:%u: does not hold: " STR_FMT, number, STR_ARG(line));
}

TEST(dpkg_table)
{
    struct buf table = file_of("tests/tables/dpkg.txt");
    struct str text = buf_str(&table), line;
    unsigned number = 0, cases = 0;
    while (str_line(&text, &line)) {
        number++;
        if (!line.len || *line.ptr == '#')
            continue;
        check_line(line, number);
        cases++;
    }
    assert_true(cases > 100);
    buf_done(&table);
}

/* All versions of the table against each other: the order is total. */
TEST(dpkg_total_order)
{
    struct buf table = file_of("tests/tables/dpkg.txt");
    struct str text = buf_str(&table), line, all[400];
    size_t count = 0;
    while (str_line(&text, &line) && count < 398) {
        if (!line.len || *line.ptr == '#')
            continue;
        struct str a = version_cut(&line), op = str_cut(&line, ' ');
        all[count++] = a;
        if (op.len)
            all[count++] = version_cut(&line);
    }
    assert_true(count > 200);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++)
            for (size_t n = 0; n < count; n++) {
                int ik = version_dpkg.compare(all[i], all[k]), kn = version_dpkg.compare(all[k], all[n]);
                if (ik <= 0 && kn <= 0 && version_dpkg.compare(all[i], all[n]) > 0)
                    fail_msg(STR_FMT " <= " STR_FMT " <= " STR_FMT, STR_ARG(all[i]), STR_ARG(all[k]),
                             STR_ARG(all[n]));
            }
    buf_done(&table);
}

/* Comparisons that others have collected; they have other owners, so they are not in this repository. */
TEST(dpkg_others_comparisons)
{
    struct buf table = file_of("../shared/data/versions/deb.tsv");
    struct str text = buf_str(&table), line;
    unsigned cases = 0;
    if (!text.len) {
        TEST_SKIP("../shared is not here");
    }
    str_line(&text, &line);
    while (str_line(&text, &line)) {
        struct str a = str_cut(&line, '\t'), op = str_cut(&line, '\t'), b = str_cut(&line, '\t');
        if (op.len != 1 || !holds(a, *op.ptr, b))
            fail_msg("does not hold: " STR_FMT " " STR_FMT " " STR_FMT, STR_ARG(a), STR_ARG(op), STR_ARG(b));
        cases++;
    }
    assert_true(cases > 7000);
    buf_done(&table);
}

TEST(dpkg_others_validity)
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
        if (!str_eq(scheme, STR("deb")))
            continue;
        if (version_dpkg.valid(version) != str_eq(valid, STR("1")))
            fail_msg("'" STR_FMT "' is " STR_FMT, STR_ARG(version), STR_ARG(valid));
        cases++;
    }
    assert_true(cases > 15);
    buf_done(&table);
}

TEST(version_schemes_by_name)
{
    assert_ptr_equal(version_scheme_find(STR("dpkg")), &version_dpkg);
    assert_ptr_equal(version_scheme_find(STR("deb")), &version_dpkg);
    assert_null(version_scheme_find(STR("")));
    assert_null(version_scheme_find(STR("rpm2")));
}
