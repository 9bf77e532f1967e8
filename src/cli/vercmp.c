#include <stdio.h>

#include "base/limits.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "version/version.h"

extern const struct command vercmp_command;

static const char *answer(const struct version_scheme *scheme, struct str a, struct str b)
{
    if (!scheme->valid(a) || !scheme->valid(b))
        return "!";
    int r = scheme->compare(a, b);
    return r < 0 ? "<" : r > 0 ? ">" : "=";
}

/* Pairs from standard input, a line each; "!" also for a line without a tab. */
static int compare_lines(const struct version_scheme *scheme, struct error *err)
{
    CLEANUP(free_p) char *line = NULL;
    size_t size = 0;
    ssize_t n;
    while ((n = getline(&line, &size, stdin)) >= 0) {
        struct str b = {line, (size_t)n - (line[n - 1] == '\n')}, whole = b;
        struct str a = str_cut(&b, '\t');
        if (puts(a.len == whole.len ? "!" : answer(scheme, a, b)) < 0)
            return error_sys(err, "standard output");
    }
    if (ferror(stdin) || fflush(stdout) != 0)
        return error_sys(err, "standard input or output");
    return 0;
}

static int vercmp_run(struct options *o, struct error *err)
{
    char names[256] = "";
    for (size_t i = 0; version_schemes[i]; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? ", " : "",
                 version_schemes[i]->name);
    if (o->operands_count != 1 && o->operands_count != 3)
        return error_set(err, E_USAGE,
                         "vercmp takes a scheme (%s), and two versions or pairs on standard input", names);
    const struct version_scheme *scheme = version_scheme_find(str_of(o->operands[0]));
    if (!scheme)
        return error_set(err, E_USAGE, "no version scheme \"%s\"; there are: %s", o->operands[0], names);
    if (o->operands_count == 1)
        return compare_lines(scheme, err);
    puts(answer(scheme, str_of(o->operands[1]), str_of(o->operands[2])));
    return fflush(stdout) != 0 ? error_sys(err, "standard output") : 0;
}

static const struct command_example examples[] = {
    {"limpid vercmp dpkg 1.0~rc1 1.0", "prints <"},
    {"printf '1.0\\t1.0-1\\n' | limpid vercmp dpkg", "many pairs at once, a line each"},
    {NULL, NULL},
};

const struct command vercmp_command = {
    .name = "vercmp",
    .options = FOR_VERCMP,
    .operands = "SCHEME [A B]",
    .summary = "compare versions as a distribution does",
    .about = "Compares two versions by the order of a scheme (dpkg, rpm, rpm-bare, apk, pacman) and prints "
             "<, = or >. "
             "Without A and B it reads pairs from standard input, separated by a tab, and prints a line for "
             "each. A version that the scheme does not allow prints !.\n",
    .examples = examples,
    .run = vercmp_run,
};
