#include "cli/remote.h"
#include "cli/terminal.h"

extern const struct command delete_command;

static int tell(struct remote *r, struct batch_item *item, struct error *err)
{
    (void)err;
    terminal_note(r->options, "deleted %s from %s", item->host, r->batch.clair.url);
    return 0;
}

static int delete_run(struct options *o, struct error *err)
{
    CLEANUP(remote_done) struct remote r = {0};
    int rc = remote_make(o, BATCH_DELETE, &r, err);
    r.take = tell;
    if (rc == 0)
        rc = remote_run(&r, err);
    return rc < 0 ? rc : remote_status(&r);
}

static const struct command_example examples[] = {
    {"limpid delete --server http://clair.example.com:6060 registry.example.com/team/app:1",
     "let the server forget an image"},
    {NULL, NULL},
};

const struct command delete_command = {
    .name = "delete",
    .options = FOR_DELETE,
    .operands = "IMAGE…",
    .summary = "let a Clair server forget images",
    .about = "Deletes the layers of images from a Clair server, the topmost first. The registry must still "
             "have the "
             "image, since it says which layers these are. Clair's API 3 cannot delete.\n"
             "\n"
             "Exit status: 0; 2 usage; 4 an image could not be deleted.\n",
    .examples = examples,
    .run = delete_run,
};
