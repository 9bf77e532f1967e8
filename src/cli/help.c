#include "cli/command.h"

/* Words of text in lines of at most `width` columns, each after an indent. */
static void put_wrapped(struct buf *out, const char *text, size_t indent, size_t width)
{
    size_t column = 0;
    struct str left = str_of(text);
    while (left.len) {
        struct str word = str_cut(&left, ' ');
        if (column && column + 1 + word.len > width - indent) {
            buf_printf(out, "\n%*s", (int)indent, "");
            column = 0;
        }
        if (column)
            buf_add_char(out, ' ');
        buf_add(out, word);
        column += word.len + (column > 0);
    }
    buf_add_char(out, '\n');
}

static void put_option(struct buf *out, const struct option_def *d)
{
    char head[64], letter[8] = "    ";
    if (d->letter)
        snprintf(letter, sizeof letter, "-%c, ", d->letter);
    int n = snprintf(head, sizeof head, "%s--%s%s%s", letter, d->name, d->argument ? " " : "",
                     d->argument ? d->argument : "");
    buf_printf(out, "  %-28s", head);
    if (n > 27)
        buf_printf(out, "\n%30s", "");
    put_wrapped(out, d->help, 30, 100);
}

static void put_limpid(struct buf *out)
{
    buf_add(out, STR("limpid tells which known vulnerabilities are in container images.\n\n"
                     "Usage: limpid COMMAND [OPTION…] [OPERAND…]\n\nCommands:\n"));
    for (size_t i = 0; commands[i]; i++)
        buf_printf(out, "  %-12s%s\n", commands[i]->name, commands[i]->summary);
    buf_add(out,
            STR("\nExamples:\n"
                "  limpid scan nginx:1.27                 an image of a registry\n"
                "  limpid scan docker-archive:image.tar   what docker save wrote\n"
                "  limpid scan dir:/                      this very machine\n\n"
                "limpid COMMAND --help tells more; --version names the version.\n"
                "Each option may also stand in the environment (--cache-dir as LIMPID_CACHE_DIR) and in\n"
                "~/.config/limpid/config.yaml (cache-dir: /var/cache/limpid).\n"));
}

void help_write(struct buf *out, const struct command *c)
{
    if (!c) {
        put_limpid(out);
        return;
    }
    buf_printf(out, "Usage: limpid %s %s%s\n\n", c->name, c->options ? "[OPTION…] " : "", c->operands);
    struct str about = str_of(c->about), line;
    while (str_line(&about, &line)) {
        char text[4096];
        if (str_copy(line, text, sizeof text) == 0)
            put_wrapped(out, text, 0, 100);
    }
    if (c->options)
        buf_add(out, STR("\nOptions:\n"));
    for (int i = 0; i < OPTIONS; i++)
        if (option_defs[i].commands & c->options)
            put_option(out, &option_defs[i]);
    buf_add(out, STR("\nExamples:\n"));
    for (const struct command_example *e = c->examples; e->command; e++)
        buf_printf(out, "  %s\n      %s\n", e->command, e->meaning);
}
