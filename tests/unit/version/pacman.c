#include "scheme.h"

TEST(pacman_table)
{
    scheme_table(&version_pacman, 50);
}

/* With a pkgrel, and separators that stand alone and inside: no others are in Arch. */
static bool proper(struct str version)
{
    size_t hyphen = str_find_last(version, '-');
    char before = '.';
    for (size_t i = 0; i < hyphen; i++) {
        char c = version.ptr[i];
        bool separator = c < '0' || (c > '9' && c < 'A') || (c > 'Z' && c < 'a') || c > 'z';
        if (separator && (before == '.' || i + 1 == hyphen))
            return false;
        before = separator ? '.' : 'a';
    }
    return hyphen < version.len;
}

TEST(pacman_total_order)
{
    scheme_total_order(&version_pacman, proper, 30);
}

/* One of theirs has 1.0.0alpha behind 1.0.0; pacman itself says otherwise. */
static bool agreed(struct str version)
{
    return !str_eq(version, STR("1.0.0alpha"));
}

TEST(pacman_others_comparisons)
{
    scheme_others(&version_pacman, "pacman.tsv", agreed, 30);
}
