/* vercmp(8) of pacman: [epoch:]pkgver[-pkgrel]. A pkgrel counts only where both have one, so "1-1" and "1-2" are
   both like "1": the order is total over versions with a pkgrel whose separators stand alone and inside. */
#include "version/evr.h"
#include "version/version.h"

/* PKGBUILD(5): pkgver has no colon, slash, hyphen or blank. */
static bool pkgver_char(char c)
{
    return c > ' ' && c < 0x7f && c != ':' && c != '/' && c != '-';
}

static bool pkgrel_char(char c)
{
    return digit(c) || c == '.';
}

static bool pacman_valid(struct str version)
{
    struct evr r = evr_split(version);
    bool named = r.version.len > 0;
    run_cut(&r.version, pkgver_char);
    bool numbered = !r.has_release || r.release.len;
    run_cut(&r.release, pkgrel_char);
    return named && !r.version.len && numbered && !r.release.len;
}

static bool between(char c)
{
    return !digit(c) && !letter(c);
}

/* One has ended: what is left of the other makes it newer, unless that begins with a letter ("1.0rc"). */
static int compare_end(struct str a, struct str b)
{
    if (!a.len && !b.len)
        return 0;
    struct str left = a.len ? a : b;
    return letter(*left.ptr) == !a.len ? 1 : -1;
}

static int compare_part(struct str a, struct str b)
{
    while (a.len && b.len) {
        size_t gap = run_cut(&a, between).len, other_gap = run_cut(&b, between).len;
        if (!a.len || !b.len)
            break;
        if (gap != other_gap)
            return gap > other_gap ? 1 : -1;
        bool number = digit(*a.ptr);
        if (number != digit(*b.ptr))
            return number ? 1 : -1;
        struct str x = run_cut(&a, number ? digit : letter), y = run_cut(&b, number ? digit : letter);
        int difference = number ? number_compare(x, y) : str_cmp(x, y);
        if (difference)
            return difference;
    }
    return compare_end(a, b);
}

static int pacman_compare(struct str a, struct str b)
{
    struct evr x = evr_split(a), y = evr_split(b);
    int difference = number_compare(x.epoch, y.epoch);
    if (!difference)
        difference = compare_part(x.version, y.version);
    return difference || !x.has_release || !y.has_release ? difference : compare_part(x.release, y.release);
}

const struct version_scheme version_pacman = {"pacman", pacman_compare, pacman_valid};
