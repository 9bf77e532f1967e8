#pragma once
#include <stddef.h>
#include <stdint.h>

uint64_t clock_ms(void);     /* since some moment, never going back */
uint64_t clock_ns(void);     /* the same, finer */
int64_t clock_seconds(void); /* since 1970-01-01 UTC */
/* "2026-11-24T20:30:00Z" (RFC 3339) in ret, of 21 bytes at least. */
const char *clock_text(int64_t seconds, char *ret, size_t size);
