/* Runs tests/tables/NOUN.txt: a case a line, '#' begins a comment line. Failures are told as file:line. */
#pragma once
#include "base/str.h"
#include "test.h"

static inline void table_run(const char *noun, bool (*holds)(struct str line), unsigned least)
{
    char path[4096], line[4096];
    unsigned number = 0, wrong = 0, cases = 0;
    snprintf(path, sizeof path, "%s/tests/tables/%s.txt", getenv("LIMPID_SOURCE"), noun);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        number++;
        struct str s = str_of(line);
        while (s.len && (s.ptr[s.len - 1] == '\n' || s.ptr[s.len - 1] == '\r'))
            s.len--;
        if (!s.len || s.ptr[0] == '#')
            continue;
        cases++;
        if (!holds(s)) {
            wrong++;
            print_error("tests/tables/%s.txt:%u: %s", noun, number, line);
        }
    }
    fclose(f);
    assert_int_equal(wrong, 0);
    assert_true(cases >= least);
}
