/* Small allocations do not fail to their caller: the process ends here, in one place, with a sentence. What
   is sized by input comes from an arena or a buf, which have a limit and fail with an error instead. */
#pragma once
#include <stddef.h>

void *memory_new(size_t size); /* zeroed */
void *memory_resize(void *p, size_t size);
char *memory_text(const char *text); /* a copy */
