#include "cli/remote.h"
#include "cli/terminal.h"

extern const struct command push_command;

static int tell(struct remote *r, struct batch_item *item, struct error *err)
{
    (void)err;
    terminal_note(r->options, "pushed %s to %s", item->host, r->batch.clair.url);
    return 0;
}

static int push_run(struct options *o, struct error *err)
{
    CLEANUP(remote_done) struct remote r = {0};
    int rc = remote_make(o, BATCH_PUSH, &r, err);
    r.take = tell;
    if (rc == 0)
        rc = remote_run(&r, err);
    return rc < 0 ? rc : remote_status(&r);
}

static const struct command_example examples[] = {
    {"limpid push --server http://clair.example.com:6060 registry.example.com/team/app:1",
     "let a server read an image"},
    {"LIMPID_SERVER=http://clair.example.com:6060 limpid push nginx redis golang", "several images at once"},
    {NULL, NULL},
};

const struct command push_command = {
    .name = "push",
    .options = FOR_PUSH,
    .operands = "IMAGE…",
    .summary = "let a Clair server read images",
    .about = "Tells a Clair server, limpid's or another, of images: which layers they have and where it can "
             "fetch them. The "
             "server does the rest, and limpid analyse asks what it found.\n"
             "\n"
             "An IMAGE is NAME[:TAG][@DIGEST] of a registry, or the http or https URL of a root file "
             "system's archive. Layers "
             "that the server has are not sent again. Registry credentials are handed to the server for the "
             "time of the "
             "push: a token, renewed when half of its life is over, or else user and password.\n"
             "\n"
             "Exit status: 0; 2 usage; 4 an image could not be pushed.\n",
    .examples = examples,
    .run = push_run,
};
