/* What every scheme is tested with: tests/tables/NAME.txt (a line "A < B", "A invalid" …, "|" before and behind a
   version that has blanks), laws, and comparisons that others have collected. */
#pragma once
#include "test.h"
#include "version/version.h"

/* Each line of the table holds, in both directions; there are at least so many. */
void scheme_table(const struct version_scheme *s, unsigned least);
/* Over all versions of the table for which `proper` is NULL or true: the order is total. */
void scheme_total_order(const struct version_scheme *s, bool (*proper)(struct str version), size_t least);
/* Lines of ../shared/data/versions/FILE, for which `proper` is NULL or true: they have other owners, so they are not in this
   repository. */
void scheme_others(const struct version_scheme *s, const char *file, bool (*proper)(struct str version),
                   unsigned least);
/* The scheme's lines of validity.tsv under the name `as`, but for `except`. */
void scheme_others_validity(const struct version_scheme *s, struct str as, struct str except, unsigned least);
