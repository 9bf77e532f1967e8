/* apk-package(5) of apk-tools: number{.number}[letter]{_suffix[number]}[~hash][-r#]. apk 2 also allowed numbers behind the
   letter ("1.9.5p2-r0"), and Alpine used them. */
#include "version/runs.h"
#include "version/version.h"

/* What a version goes on with. Where two first differ in it, the later of these sorts first: "1" < "1-r0" < "1_p" < "1a" <
   "1.1". Only a pre-release sorts before the end. */
enum piece { FIRST, NUMBER, LETTER, SUFFIX, SUFFIX_NUMBER, HASH, REVISION, END, BROKEN };

struct place {
    struct str left;
    enum piece piece;
    struct str text;
    int suffix; /* < 0: a pre-release */
};

static bool hexadecimal(char c)
{
    return digit(c) || (c >= 'a' && c <= 'f');
}

static bool lower(char c)
{
    return letter(c) && c >= 'a';
}

/* Its place in the order, from alpha to rc before the end, from cvs to p behind it; 0: there is none such. */
static int suffix_order(struct str name)
{
    static const struct {
        struct str name;
        int order;
    } suffixes[] = {
        {STR_INIT("alpha"), -4}, {STR_INIT("beta"), -3}, {STR_INIT("pre"), -2},
        {STR_INIT("rc"), -1},    {STR_INIT("cvs"), 1},   {STR_INIT("svn"), 2},
        {STR_INIT("git"), 3},    {STR_INIT("hg"), 4},    {STR_INIT("p"), 5},
    };
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (str_eq(name, suffixes[i].name))
            return suffixes[i].order;
    return 0;
}

static enum piece take_run(struct place *p, enum piece piece, bool (*member)(char c))
{
    p->text = run_cut(&p->left, member);
    return p->text.len ? piece : BROKEN;
}

static enum piece take_suffix(struct place *p)
{
    p->text = run_cut(&p->left, lower);
    p->suffix = suffix_order(p->text);
    return p->suffix ? SUFFIX : BROKEN;
}

static enum piece take_number(struct place *p)
{
    return p->piece == SUFFIX || p->piece == LETTER
               ? take_run(p, p->piece == SUFFIX ? SUFFIX_NUMBER : NUMBER, digit)
               : BROKEN;
}

static enum piece take_letter(struct place *p)
{
    p->text = (struct str){p->left.ptr, 1};
    p->left = str_skip(p->left, 1);
    return p->piece <= NUMBER ? LETTER : BROKEN;
}

static enum piece piece_after(struct place *p)
{
    if (!p->left.len)
        return END;
    char c = *p->left.ptr;
    if (lower(c))
        return take_letter(p);
    if (digit(c))
        return take_number(p);
    p->left = str_skip(p->left, 1);
    if (c == '.' && p->piece <= NUMBER)
        return take_run(p, NUMBER, digit);
    if (c == '_' && p->piece <= SUFFIX_NUMBER)
        return take_suffix(p);
    if (c == '~' && p->piece < HASH)
        return take_run(p, HASH, hexadecimal);
    if (c != '-' || p->piece >= REVISION || !str_starts(p->left, STR("r")))
        return BROKEN;
    p->left = str_skip(p->left, 1);
    return take_run(p, REVISION, digit);
}

static struct place place_first(struct str version)
{
    struct place p = {.left = version};
    p.piece = take_run(&p, FIRST, digit);
    return p;
}

static bool apk_valid(struct str version)
{
    struct place p = place_first(version);
    while (p.piece < END)
        p.piece = piece_after(&p);
    return p.piece == END;
}

/* Numbers behind a point are text as soon as one begins with a zero: "1.01" < "1.1", "1.0" < "1.00". */
static int compare_text(const struct place *a, const struct place *b)
{
    if (a->piece == SUFFIX)
        return a->suffix - b->suffix;
    if (a->piece == HASH || a->piece == LETTER ||
        (a->piece == NUMBER && (*a->text.ptr == '0' || *b->text.ptr == '0')))
        return str_cmp(a->text, b->text);
    return number_compare(a->text, b->text);
}

static bool is_prerelease(const struct place *p)
{
    return p->piece == SUFFIX && p->suffix < 0;
}

static int apk_compare(struct str a, struct str b)
{
    struct place x = place_first(a), y = place_first(b);
    while (x.piece == y.piece && x.piece < END) {
        int difference = compare_text(&x, &y);
        if (difference)
            return difference;
        x.piece = piece_after(&x);
        y.piece = piece_after(&y);
    }
    if (x.piece == y.piece)
        return 0;
    if (is_prerelease(&x) || is_prerelease(&y))
        return is_prerelease(&x) ? -1 : 1;
    return x.piece > y.piece ? -1 : 1;
}

const struct version_scheme version_apk = {"apk", apk_compare, apk_valid};
