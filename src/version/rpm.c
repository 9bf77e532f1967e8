/* rpm-version(7): [epoch:]version[-release]; each part is a row of numbers and words, what stands between them
   does not count, but for the tilde and the caret. */
#include "version/evr.h"
#include "version/version.h"

/* Beside letters and digits, what rpmbuild allows in a version: "%{}" is left of a macro without a value. */
static const char others[] = "._+~^%{}";

static bool rpm_valid(struct str version)
{
    struct evr r = evr_split(version);
    return r.version.len && all_of(r.version, others) && (!r.has_release || r.release.len) &&
           all_of(r.release, others);
}

static bool between(char c)
{
    return !digit(c) && !letter(c) && c != '~' && c != '^';
}

/* What a part goes on with, in the order in which these sort. */
enum piece { TILDE, END, CARET, WORD, NUMBER };

static enum piece piece_next(struct str *s, struct str *ret_run)
{
    run_cut(s, between);
    if (!s->len)
        return END;
    if (*s->ptr == '~' || *s->ptr == '^') {
        enum piece mark = *s->ptr == '~' ? TILDE : CARET;
        *s = str_skip(*s, 1);
        return mark;
    }
    bool number = digit(*s->ptr);
    *ret_run = run_cut(s, number ? digit : letter);
    return number ? NUMBER : WORD;
}

static int compare_part(struct str a, struct str b)
{
    for (;;) {
        struct str x = {0}, y = {0};
        enum piece kind = piece_next(&a, &x), other = piece_next(&b, &y);
        if (kind != other)
            return kind > other ? 1 : -1;
        if (kind == END)
            return 0;
        int difference = kind == NUMBER ? number_compare(x, y) : str_cmp(x, y);
        if (difference)
            return difference;
    }
}

/* A version without a release sorts before the same with any. */
static int compare_without_epochs(const struct evr *x, const struct evr *y)
{
    int difference = compare_part(x->version, y->version);
    if (!difference)
        difference = x->has_release - y->has_release;
    return difference ? difference : compare_part(x->release, y->release);
}

static int rpm_compare(struct str a, struct str b)
{
    struct evr x = evr_split(a), y = evr_split(b);
    int difference = number_compare(x.epoch, y.epoch);
    return difference ? difference : compare_without_epochs(&x, &y);
}

static int rpm_bare_compare(struct str a, struct str b)
{
    struct evr x = evr_split(a), y = evr_split(b);
    return compare_without_epochs(&x, &y);
}

const struct version_scheme version_rpm = {"rpm", rpm_compare, rpm_valid};
const struct version_scheme version_rpm_bare = {"rpm-bare", rpm_bare_compare, rpm_valid};
