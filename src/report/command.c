#include "report/command.h"

#define SHELL "/bin/sh -c "

/* What follows the shell in "RUN |2 A=1 B=2 /bin/sh -c …" and "RUN /bin/sh -c …"; all of it when there is
   none. */
static struct str after_shell(struct str run)
{
    for (size_t i = 0; i + sizeof SHELL - 1 <= run.len; i++)
        if (str_starts(str_skip(run, i), STR(SHELL)))
            return str_skip(run, i + sizeof SHELL - 1);
    return run;
}

struct layer_command layer_command_of(struct str created_by)
{
    struct str s = str_trim(created_by);
    if (str_ends(s, STR("# buildkit")))
        s.len -= sizeof "# buildkit" - 1;
    s = str_trim(s);
    if (str_starts(s, STR(SHELL "#(nop)")))
        return (struct layer_command){STR(""), str_trim(str_skip(s, sizeof SHELL "#(nop)" - 1))};
    if (str_starts(s, STR(SHELL)))
        return (struct layer_command){STR("RUN "), str_trim(str_skip(s, sizeof SHELL - 1))};
    if (str_starts(s, STR("RUN |")) || str_starts(s, STR("RUN " SHELL)))
        return (struct layer_command){STR("RUN "), str_trim(after_shell(str_skip(s, 4)))};
    return (struct layer_command){STR(""), s};
}
