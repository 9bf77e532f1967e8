#include "cli/paclair_args.h"

struct flag {
    const char *name;    /* "--conf" */
    const char *choices; /* of its value, "stats html"; "" any; NULL: it has none */
    const char **value;
    bool *on;
};

static const char usage[] = "usage: paclair [-h] [--debug] [--syslog] [--conf CONF]\n"
                            "               plugin hosts [hosts ...] {push,delete,analyse} ...\n";
static const char *const verbs[] = {
    [PACLAIR_PUSH] = "push", [PACLAIR_DELETE] = "delete", [PACLAIR_ANALYSE] = "analyse"};

void paclair_help(struct buf *out)
{
    buf_add(out, str_of(usage));
    buf_add(out, STR("\nTells a Clair server of images, and tells what it says of them.\n"
                     "\n"
                     "positional arguments:\n"
                     "  plugin                which of the configured plugins knows the images\n"
                     "  hosts                 names of images\n"
                     "  {push,delete,analyse}\n"
                     "    push                let the server read images\n"
                     "    delete              let the server forget images\n"
                     "    analyse             report the vulnerabilities of images\n"
                     "\n"
                     "options:\n"
                     "  -h, --help            show this help\n"
                     "  --debug               tell more of what happens\n"
                     "  --syslog              messages go to the system's log\n"
                     "  --conf CONF           the configuration file (default: /etc/paclair.conf)\n"));
}

static void put_verb_usage(struct buf *out, enum paclair_verb verb)
{
    buf_printf(out, "usage: paclair plugin hosts [hosts ...] %s [-h]", verbs[verb]);
    if (verb == PACLAIR_ANALYSE)
        buf_add(out, STR(" [--output-format {stats,html,json}]\n"
                         "                                              [--output-report {file,term}]\n"
                         "                                              [--output-dir OUTPUT_DIR]\n"
                         "                                              [--delete] [--all]"));
    buf_add_char(out, '\n');
}

static void put_verb_help(struct buf *out, enum paclair_verb verb)
{
    put_verb_usage(out, verb);
    buf_add(out, STR("\noptions:\n  -h, --help            show this help\n"));
    if (verb == PACLAIR_ANALYSE)
        buf_add(out,
                STR("  --output-format {stats,html,json}\n"
                    "                        the form of the report (default: the server's JSON)\n"
                    "  --output-report {file,term}\n"
                    "                        to a file or to standard output (default: to the messages)\n"
                    "  --output-dir OUTPUT_DIR\n"
                    "                        where the files go (default: .)\n"
                    "  --delete              let the server forget the images then\n"
                    "  --all                 count also what has no fix, in stats\n"));
}

/* ---- argparse ---- */

enum taken { TAKEN, WANTS_HELP, WRONG, UNKNOWN };

struct parser {
    struct buf *out;
    const struct flag *flags;
    enum paclair_verb verb; /* whose options these are; PACLAIR_NONE: the program's */
};

static void begin_error(const struct parser *p)
{
    if (p->verb)
        put_verb_usage(p->out, p->verb);
    else
        buf_add(p->out, str_of(usage));
    if (p->verb)
        buf_printf(p->out, "paclair plugin hosts [hosts ...] %s: error: ", verbs[p->verb]);
    else
        buf_add(p->out, STR("paclair: error: "));
}

static enum taken bad_choice(const struct parser *p, const char *name, const char *value, const char *choices)
{
    char safe[200];
    const char *separator = "";
    begin_error(p);
    buf_printf(p->out, "argument %s: invalid choice: '%s' (choose from ", name,
               str_printable(str_of(value), safe, sizeof safe));
    for (struct str left = str_of(choices); left.len; separator = ", ") {
        struct str word = str_cut(&left, ' ');
        buf_printf(p->out, "%s'%.*s'", separator, STR_ARG(word));
    }
    buf_add(p->out, STR(")\n"));
    return WRONG;
}

static enum taken unknown(struct buf *out, const char *argument)
{
    const struct parser program = {.out = out};
    char safe[200];
    begin_error(&program);
    buf_printf(out, "unrecognized arguments: %s\n", str_printable(str_of(argument), safe, sizeof safe));
    return WRONG;
}

/* The flag that the argument is or begins; NULL: none. */
static const struct flag *find_flag(const struct parser *p, struct str name, bool *ret_ambiguous)
{
    const struct flag *found = NULL;
    *ret_ambiguous = false;
    for (const struct flag *f = p->flags; f->name; f++) {
        if (str_eq(name, str_of(f->name))) {
            *ret_ambiguous = false;
            return f;
        }
        if (name.len < 3 || !str_starts(str_of(f->name), name))
            continue;
        *ret_ambiguous = found != NULL;
        found = f;
    }
    return found;
}

static bool is_choice(const char *value, const char *choices)
{
    for (struct str left = str_of(choices); left.len;)
        if (str_eq(str_cut(&left, ' '), str_of(value)))
            return true;
    return !*choices;
}

/* The value behind "=" or, when there is none, in the next argument. */
static enum taken take_value(const struct parser *p, const struct flag *f, const char *equals,
                             const char *next)
{
    const char *value = equals ? equals + 1 : next;
    if (!value || (!equals && *value == '-' && value[1])) {
        begin_error(p);
        buf_printf(p->out, "argument %s: expected one argument\n", f->name);
        return WRONG;
    }
    if (!is_choice(value, f->choices))
        return bad_choice(p, f->name, value, f->choices);
    *f->value = value;
    return TAKEN;
}

/* Takes the option at argv[*at] and its value. WRONG has been told, UNKNOWN has not. */
static enum taken take_flag(const struct parser *p, int argc, char **argv, int *at)
{
    const char *arg = argv[*at], *equals = strchr(arg, '=');
    struct str name = {arg, equals ? (size_t)(equals - arg) : strlen(arg)};
    bool ambiguous;
    if (str_eq(name, STR("-h")) || (name.len > 2 && !equals && str_starts(STR("--help"), name)))
        return WANTS_HELP;
    const struct flag *f = find_flag(p, name, &ambiguous);
    if (!f || ambiguous || (equals && !f->choices))
        return UNKNOWN;
    if (!f->choices) {
        *f->on = true;
        return TAKEN;
    }
    const char *next = !equals && *at + 1 < argc ? argv[++*at] : NULL;
    return take_value(p, f, equals, next);
}

static enum paclair_verb verb_of(const char *word)
{
    for (unsigned v = PACLAIR_PUSH; v <= PACLAIR_ANALYSE; v++)
        if (strcmp(word, verbs[v]) == 0)
            return v;
    return PACLAIR_NONE;
}

static enum taken read_verb_options(struct paclair_args *a, int argc, char **argv, int at, struct buf *out)
{
    const struct flag flags[] = {{"--output-format", "stats html json", &a->format, NULL},
                                 {"--output-report", "file term", &a->report, NULL},
                                 {"--output-dir", "", &a->dir, NULL},
                                 {"--delete", NULL, NULL, &a->then_delete},
                                 {"--all", NULL, NULL, &a->all},
                                 {NULL, NULL, NULL, NULL}};
    const struct parser p = {out, a->verb == PACLAIR_ANALYSE ? flags : &flags[5], a->verb};
    for (; at < argc; at++) {
        const char *arg = argv[at];
        enum taken taken = *arg == '-' && arg[1] ? take_flag(&p, argc, argv, &at) : UNKNOWN;
        if (taken == WANTS_HELP)
            put_verb_help(out, a->verb);
        if (taken != TAKEN)
            return taken == UNKNOWN ? unknown(out, arg) : taken;
    }
    return TAKEN;
}

/* The program's options, and the words between them, which it puts at the beginning of argv; up to *ret_rest, where the
   command's own options begin. */
static enum taken read_words(struct paclair_args *a, int argc, char **argv, struct buf *out, int *ret_words,
                             int *ret_rest)
{
    const struct flag flags[] = {{"--debug", NULL, NULL, &a->debug},
                                 {"--syslog", NULL, NULL, &a->syslog},
                                 {"--conf", "", &a->conf, NULL},
                                 {NULL, NULL, NULL, NULL}};
    const struct parser p = {out, flags, PACLAIR_NONE};
    int words = 0, at;
    for (at = 1; at < argc; at++) {
        char *arg = argv[at];
        if (*arg != '-' || !arg[1]) {
            argv[words++] = arg;
            continue;
        }
        if (words > 2 && verb_of(argv[words - 1]))
            break;
        enum taken taken = take_flag(&p, argc, argv, &at);
        if (taken == WANTS_HELP)
            paclair_help(out);
        if (taken != TAKEN)
            return taken == UNKNOWN ? unknown(out, arg) : taken;
    }
    *ret_words = words;
    *ret_rest = at;
    return TAKEN;
}

static enum taken read_all(struct paclair_args *a, int argc, char **argv, struct buf *out)
{
    const struct parser program = {.out = out};
    int words = 0, rest = argc;
    enum taken taken = read_words(a, argc, argv, out, &words, &rest);
    if (taken != TAKEN)
        return taken;
    if (words < 2) {
        begin_error(&program);
        buf_printf(out, "the following arguments are required: %shosts\n", words ? "" : "plugin, ");
        return WRONG;
    }
    a->plugin = argv[0];
    a->hosts = argv + 1;
    a->hosts_count = (size_t)(words > 2 ? words - 2 : 1);
    if (words == 2) /* a plugin and a host: what is to be done with it was not said */
        return TAKEN;
    a->verb = verb_of(argv[words - 1]);
    if (!a->verb)
        return bad_choice(&program, "{push,delete,analyse}", argv[words - 1], "push delete analyse");
    return read_verb_options(a, argc, argv, rest, out);
}

int paclair_args_read(int argc, char **argv, struct paclair_args *ret, struct buf *out)
{
    *ret = (struct paclair_args){.conf = "/etc/paclair.conf", .dir = "."};
    enum taken taken = read_all(ret, argc, argv, out);
    return taken == TAKEN ? 0 : taken == WANTS_HELP ? 1 : -1;
}
