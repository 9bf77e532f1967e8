#include "cli/feeds.h"
#include "cli/images.h"
#include "cli/terminal.h"

extern const struct command update_command;

static int update_run(struct options *o, struct error *err)
{
    CLEANUP(store_closep) struct store *store = NULL;
    bool failed = false;
    for (int i = 0; i < o->operands_count; i++)
        if (!feed_find(str_of(o->operands[i])))
            return error_set(err, E_USAGE, "no feed \"%s\"; limpid status lists them", o->operands[i]);
    int rc = feeds_check(o, err);
    if (rc < 0)
        return rc;
    terminal_catch_signals();
    rc = images_open_store(o, &store, err);
    if (rc == 0 && option_on(o, OPTION_REBUILD))
        rc = store_clear(store, err);
    for (size_t i = 0; feeds[i] && rc == 0; i++) {
        bool wanted = o->operands_count == 0 && feeds_kept(o, feeds[i]);
        for (int k = 0; k < o->operands_count; k++)
            wanted |= strcmp(o->operands[k], feeds[i]->name) == 0;
        if (wanted)
            rc = feeds_update(o, feeds[i], store, &failed, err);
    }
    if (failed && option_on(o, OPTION_QUIET))
        fprintf(stderr, "limpid: %s\n", err->text);
    return rc < 0 ? rc : failed ? EXIT_FAILED : EXIT_NOTHING;
}

static const struct command_example examples[] = {
    {"limpid update", "bring all feeds up to date"},
    {"limpid update debian --feed-debian-url file:///srv/mirror/debian.json", "one feed, from a file"},
    {"limpid update alpine --feed-url alpine=https://mirror.example.com/secdb/", "one feed, from a mirror"},
    {NULL, NULL},
};

const struct command update_command = {
    .name = "update",
    .options = FOR_UPDATE,
    .operands = "[FEED…]",
    .summary = "fetch what publishers know of vulnerabilities",
    .about = "Fetches the feeds (all, or those named) and loads them into the database, each in one "
             "transaction: scans "
             "see the old data until the new are whole, and a feed that fails keeps its old ones.\n"
             "\n"
             "Exit status: 0; 2 usage; 4 a feed could not be brought up to date.\n",
    .examples = examples,
    .run = update_run,
};
