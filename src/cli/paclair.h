#pragma once

/* The program under the name paclair, and the command "paclair": reads its own command line, argv[0] being its name, and
   gives PAClair's exit status. */
int paclair_main(int argc, char **argv);
