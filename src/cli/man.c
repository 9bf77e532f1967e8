/* man(7) pages from the tables of commands and options: they cannot say anything else than --help. */
#include "base/limits.h"
#include "cli/command.h"
#include "cli/terminal.h"

extern const struct command man_command;

/* Text for roff: backslashes and leading dots lose their meaning, hyphens stay hyphens. */
static void put_text(struct buf *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        bool first = p == text || p[-1] == '\n';
        if (first && (*p == '.' || *p == '\''))
            buf_add(out, STR("\\&"));
        if (*p == '\\')
            buf_add(out, STR("\\e"));
        else if (*p == '-')
            buf_add(out, STR("\\-"));
        else if (*p == '\n' && p[1] == '\n')
            buf_add(out, STR("\n.PP"));
        else
            buf_add_char(out, *p);
    }
}

static void put_options(struct buf *out, unsigned which)
{
    buf_add(out, STR(".SH OPTIONS\n"));
    for (int i = 0; i < OPTIONS; i++) {
        const struct option_def *d = &option_defs[i];
        char environment[64];
        if (!(d->commands & which))
            continue;
        buf_add(out, STR(".TP\n.B "));
        if (d->letter)
            buf_printf(out, "\\-%c, ", d->letter);
        buf_add(out, STR("\\-\\-"));
        put_text(out, d->name);
        if (d->argument)
            buf_printf(out, " \\fI%s\\fR", d->argument);
        buf_add_char(out, '\n');
        put_text(out, d->help);
        option_environment_name(d, environment, sizeof environment);
        if (i != OPTION_HELP)
            buf_printf(out, "\nEnvironment: \\fB%s\\fR.", environment);
        buf_add_char(out, '\n');
    }
}

static void put_head(struct buf *out, const char *name, const char *summary)
{
    buf_add(out, STR(".TH \"LIMPID"));
    for (const char *p = name ? name : ""; *p; p++)
        buf_printf(out, "%s%c", p == name ? "-" : "", *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    buf_add(out, STR("\" 1 \"\" \"limpid " LIMPID_VERSION "\" \"User commands\"\n"));
    buf_printf(out, ".SH NAME\nlimpid%s%s \\- %s\n", name ? "\\-" : "", name ? name : "", summary);
}

static void put_overview(struct buf *out)
{
    put_head(out, NULL, "tell which known vulnerabilities container images have");
    buf_add(
        out,
        STR(".SH SYNOPSIS\n.B limpid\n\\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIOPERAND\\fR...]\n"
            ".SH DESCRIPTION\nReads container images where they lie, finds the packages in them, and tells "
            "which vulnerabilities the publishers of advisories know in these. Whatever an image or a feed "
            "says is read in a sandboxed process without files and network.\n.SH COMMANDS\n"));
    for (size_t i = 0; commands[i]; i++)
        buf_printf(out, ".TP\n.BR limpid\\-%s (1)\n%s\n", commands[i]->name, commands[i]->summary);
    buf_add(
        out,
        STR(".SH CONFIGURATION\nEach option may stand in the environment, as LIMPID_ and its name in "
            "capitals with underscores, and in a YAML file whose keys are the names of the long options: the "
            "flag wins over the environment, the environment over the file.\n"
            ".SH EXIT STATUS\n.TP\n.B 0\nDone; nothing found that counts.\n.TP\n.B 1\nFound at or above the "
            "threshold (or the number given with \\-\\-exit\\-code).\n.TP\n.B 2\nThe command line or the "
            "configuration makes no sense.\n.TP\n.B 3\nSomething could not be judged; the report says what, "
            "and why.\n.TP\n.B 4\nNo result.\n"
            ".SH FILES\n.TP\n.I ~/.cache/limpid/limpid.db\nThe database: a cache, it can be removed.\n"
            ".TP\n.I ~/.config/limpid/config.yaml\nOptions.\n"));
}

void man_write(struct buf *out, const struct command *c)
{
    if (!c) {
        put_overview(out);
        return;
    }
    put_head(out, c->name, c->summary);
    buf_printf(out, ".SH SYNOPSIS\n.B limpid %s\n%s", c->name, c->options ? "[\\fIOPTION\\fR...] " : "");
    put_text(out, c->operands);
    buf_add(out, STR("\n.SH DESCRIPTION\n"));
    put_text(out, c->about);
    if (c->options)
        put_options(out, c->options);
    buf_add(out, STR(".SH EXAMPLES\n"));
    for (const struct command_example *e = c->examples; e->command; e++) {
        buf_add(out, STR(".TP\n.B "));
        put_text(out, e->command);
        buf_add_char(out, '\n');
        put_text(out, e->meaning);
        buf_add_char(out, '\n');
    }
    buf_add(out, STR(".SH SEE ALSO\n.BR limpid (1)\n"));
}

static int man_run(struct options *o, struct error *err)
{
    CLEANUP(buf_done) struct buf text = buf_make(MIB(1));
    const struct command *c = o->operands_count ? command_find(o->operands[0]) : NULL;
    if (o->operands_count && !c)
        return error_set(err, E_USAGE, "no command \"%s\"", o->operands[0]);
    man_write(&text, c);
    return terminal_print(buf_str(&text), err);
}

static const struct command_example examples[] = {
    {"limpid man scan | man -l -", "read the manual page of limpid scan"},
    {NULL, NULL},
};

const struct command man_command = {
    .name = "man",
    .options = FOR_COMPLETION,
    .operands = "[COMMAND]",
    .summary = "print the manual page of a command",
    .about = "Prints the manual page of limpid or of one of its commands, in the form that man(1) reads.\n",
    .examples = examples,
    .run = man_run,
};
