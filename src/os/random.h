/* Unpredictable bytes, getrandom(2). */
#pragma once
#include <stddef.h>

struct error;

int random_bytes(void *ret, size_t size, struct error *err);
