/* Completion scripts for shells, from the tables of commands and options. */
#include "base/limits.h"
#include "cli/command.h"
#include "cli/terminal.h"

extern const struct command completion_command;

static void put_command_names(struct buf *out)
{
    for (size_t i = 0; commands[i]; i++)
        buf_printf(out, "%s%s", i ? " " : "", commands[i]->name);
}

static void put_bash(struct buf *out)
{
    buf_add(out, STR("_limpid() {\n    local word=${COMP_WORDS[COMP_CWORD]} words=\n"
                     "    if [ \"$COMP_CWORD\" = 1 ]; then\n        words='"));
    put_command_names(out);
    buf_add(out, STR("'\n    else\n        case ${COMP_WORDS[1]} in\n"));
    for (size_t c = 0; commands[c]; c++) {
        buf_printf(out, "        %s) words='", commands[c]->name);
        for (int i = 0; i < OPTIONS; i++)
            if (option_defs[i].commands & commands[c]->options)
                buf_printf(out, "--%s ", option_defs[i].name);
        buf_add(out, STR("' ;;\n"));
    }
    buf_add(out,
            STR("        esac\n    fi\n    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
                "    case $word in -*) ;; *)\n        [ \"$COMP_CWORD\" = 1 ] || "
                "mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- \"$word\") ;;\n    esac\n}\n"
                "complete -o filenames -F _limpid limpid\n"));
}

/* Single quotes end the shell's own. */
static void put_quoted(struct buf *out, const char *text, const char *quote)
{
    for (; *text; text++) {
        if (*text == '\'')
            buf_add(out, str_of(quote));
        else if (*text == '[' || *text == ']' || *text == ':')
            buf_printf(out, "%s%c", quote[1] == '\\' ? "\\" : "", *text);
        else
            buf_add_char(out, *text);
    }
}

static void put_zsh(struct buf *out)
{
    buf_add(out, STR("#compdef limpid\n_limpid() {\n    local -a words\n    if (( CURRENT == 2 )); then\n"
                     "        words=(\n"));
    for (size_t c = 0; commands[c]; c++) {
        buf_printf(out, "            '%s:", commands[c]->name);
        put_quoted(out, commands[c]->summary, "'\\''");
        buf_add(out, STR("'\n"));
    }
    buf_add(
        out,
        STR("        )\n        _describe command words\n        return\n    fi\n    case $words[2] in\n"));
    for (size_t c = 0; commands[c]; c++) {
        buf_printf(out, "    %s) _arguments", commands[c]->name);
        for (int i = 0; i < OPTIONS; i++) {
            if (!(option_defs[i].commands & commands[c]->options))
                continue;
            buf_printf(out, " \\\n        '--%s[", option_defs[i].name);
            put_quoted(out, option_defs[i].help, "'\\''");
            buf_add(out, option_defs[i].argument ? STR("]:value:_files'") : STR("]'"));
        }
        buf_add(out, STR(" \\\n        '*:source:_files' ;;\n"));
    }
    buf_add(out, STR("    esac\n}\n_limpid \"$@\"\n"));
}

static void put_fish(struct buf *out)
{
    for (size_t c = 0; commands[c]; c++) {
        buf_printf(out, "complete -c limpid -n __fish_use_subcommand -f -a %s -d '", commands[c]->name);
        put_quoted(out, commands[c]->summary, "\\'");
        buf_add(out, STR("'\n"));
        for (int i = 0; i < OPTIONS; i++) {
            if (!(option_defs[i].commands & commands[c]->options))
                continue;
            buf_printf(out, "complete -c limpid -n '__fish_seen_subcommand_from %s' -l %s%s -d '",
                       commands[c]->name, option_defs[i].name, option_defs[i].argument ? " -r" : "");
            put_quoted(out, option_defs[i].help, "\\'");
            buf_add(out, STR("'\n"));
        }
    }
}

static int completion_run(struct options *o, struct error *err)
{
    CLEANUP(buf_done) struct buf text = buf_make(MIB(1));
    const char *shell = o->operands_count == 1 ? o->operands[0] : "";
    if (strcmp(shell, "bash") == 0)
        put_bash(&text);
    else if (strcmp(shell, "zsh") == 0)
        put_zsh(&text);
    else if (strcmp(shell, "fish") == 0)
        put_fish(&text);
    else
        return error_set(err, E_USAGE, "completion takes bash, zsh or fish");
    return terminal_print(buf_str(&text), err);
}

static const struct command_example examples[] = {
    {"limpid completion bash > /etc/bash_completion.d/limpid", "for all users' bash"},
    {"limpid completion fish > ~/.config/fish/completions/limpid.fish", "for one's own fish"},
    {NULL, NULL},
};

const struct command completion_command = {
    .name = "completion",
    .options = FOR_COMPLETION,
    .operands = "bash|zsh|fish",
    .summary = "print the completion script of a shell",
    .about = "Prints a script that completes limpid's commands, options and file names in a shell.\n",
    .examples = examples,
    .run = completion_run,
};
