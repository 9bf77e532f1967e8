/* Every bound on what comes from outside: number, reason, and the test that reaches it ("test: file name").
   scripts/check-limits fails when one has no test, or names one that does not exist. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define KIB(n) ((size_t)(n) << 10)
#define MIB(n) ((size_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

/* Not a bound but a size: what an arena asks malloc for at once. test: unit/base/arena.c arena_blocks */
#define ARENA_BLOCK KIB(64)
