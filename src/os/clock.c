#include "os/clock.h"

uint64_t clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t clock_ms(void)
{
    return clock_ns() / 1000000;
}

int64_t clock_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec;
}

const char *clock_text(int64_t seconds, char *ret, size_t size)
{
    struct tm parts;
    time_t t = (time_t)seconds;
    if (!gmtime_r(&t, &parts) || !strftime(ret, size, "%Y-%m-%dT%H:%M:%SZ", &parts))
        snprintf(ret, size, "?");
    return ret;
}
