#include "cli/command.h"

extern const struct command scan_command, compare_command, inventory_command, push_command, analyse_command,
    delete_command, paclair_command, update_command, status_command, vercmp_command, completion_command,
    man_command, serve_command;

const struct command *const commands[] = {
    &scan_command,      &compare_command,
    &inventory_command, &push_command,
    &analyse_command,   &delete_command,
    &paclair_command,   &update_command,
    &status_command,    &serve_command,
    &vercmp_command,    &completion_command,
    &man_command,       NULL,
};

const struct command *command_find(const char *name)
{
    for (size_t i = 0; commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}
