/* Included before every source file (see meson.build): functions that lose the size of what they write, keep
   hidden state, or cannot tell "no number" from 0 do not compile. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#undef strncpy
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok strtok_r atoi atol atoll gets \
    gmtime localtime ctime asctime
