#include <signal.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/command.h"
#include "cli/paclair.h"
#include "cli/terminal.h"
#include "cli/worker.h"

static int status_of(const struct error *err)
{
    return err->code == E_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

static int say(const struct error *err)
{
    char safe[sizeof err->text];
    fprintf(stderr, "limpid: %s\n", str_printable(str_of(err->text), safe, sizeof safe));
    return status_of(err);
}

static int print_help(const struct command *command)
{
    struct error err = {0};
    CLEANUP(buf_done) struct buf text = buf_make(1 << 20);
    help_write(&text, command);
    return terminal_print(buf_str(&text), &err) < 0 ? say(&err) : 0;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct options options;
    struct error err = {0};
    if (command->main)
        return command->main(argc, argv);
    int rc = options_read(&options, command->options, argc, argv, &err);
    if (rc == 0)
        rc = options.values[OPTION_HELP] ? print_help(command) : command->run(&options, &err);
    options_done(&options);
    return rc < 0 ? say(&err) : rc;
}

/* Clair's flags have one hyphen: -config, -log-level. */
static void lengthen_flags(int argc, char **argv, struct arena *arena)
{
    static const char *const flags[] = {"-config", "-log-level", "-insecure-tls", "-cpu-profile"};
    for (int i = 1; i < argc; i++)
        for (size_t k = 0; k < sizeof flags / sizeof *flags; k++) {
            size_t len = strlen(flags[k]), size = strlen(argv[i]) + 2;
            bool is_one = strncmp(argv[i], flags[k], len) == 0 && (!argv[i][len] || argv[i][len] == '=');
            char *longer = is_one ? arena_alloc(arena, size, 1) : NULL;
            if (longer) {
                snprintf(longer, size, "-%s", argv[i]);
                argv[i] = longer;
            }
        }
}

static int serve(int argc, char **argv)
{
    struct arena arena = arena_make(KIB(64));
    lengthen_flags(argc, argv, &arena);
    int status = run(command_find("serve"), argc, argv);
    arena_done(&arena);
    return status;
}

/* Whether the program was called by this name, a link to it. */
static bool called(const char *path, const char *name)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    return path && strcmp(slash ? slash + 1 : path, name) == 0;
}

static int run_command(int argc, char **argv)
{
    bool help = strcmp(argv[1], "help") == 0;
    const char *word = argv[help ? 2 : 1];
    const struct command *command = command_find(word);
    if (!command) {
        struct error err;
        error_fill(&err, E_USAGE, "no command \"%s\"; see limpid --help", word);
        return say(&err);
    }
    if (help)
        return print_help(command);
    return strcmp(word, "serve") == 0 ? serve(argc - 1, argv + 1) : run(command, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "--help";
    signal(SIGPIPE, SIG_IGN);
    if (called(argv[0], "clair") && strcmp(word, "worker") != 0)
        return serve(argc, argv);
    if (strcmp(word, "worker") == 0)
        worker_main();
    if (called(argv[0], "paclair"))
        return paclair_main(argc, argv);
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0 || strcmp(word, "version") == 0) {
        puts("limpid " LIMPID_VERSION);
        return 0;
    }
    bool help = strcmp(word, "help") == 0;
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || (help && argc == 2))
        return print_help(NULL);
    return run_command(argc, argv);
}
