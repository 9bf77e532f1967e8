#include "base/error.h"

#include <errno.h>
#include <string.h>

void error_fill(struct error *e, enum error_code code, const char *fmt, ...)
{
    va_list args;
    e->code = code;
    e->sys_errno = 0;
    va_start(args, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, args);
    va_end(args);
}

void error_fill_errno(struct error *e, const char *fmt, ...)
{
    int saved = errno;
    char reason[128] = "";
    va_list args;
    e->code = E_SYSTEM;
    e->sys_errno = saved;
    va_start(args, fmt);
    int n = vsnprintf(e->text, sizeof e->text, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof e->text)
        return;
    snprintf(e->text + n, sizeof e->text - (size_t)n, ": %s", strerror_r(saved, reason, sizeof reason));
}

int error_in(struct error *e, const char *fmt, ...)
{
    char text[sizeof e->text];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n <= 0)
        return -(int)e->code;
    if ((size_t)n < sizeof text - 3) /* a text too long for its context loses its end */
        snprintf(text + n, sizeof text - (size_t)n, ": %.*s", (int)(sizeof text - 3 - (size_t)n), e->text);
    memcpy(e->text, text, sizeof text);
    return -(int)e->code;
}

const char *error_code_name(enum error_code code)
{
    static const char *const names[] = {
        [E_OK] = "ok",
        [E_BAD_INPUT] = "bad-input",
        [E_LIMIT] = "limit",
        [E_UNSUPPORTED] = "unsupported",
        [E_NOT_FOUND] = "not-found",
        [E_DENIED] = "denied",
        [E_NETWORK] = "network",
        [E_TIMEOUT] = "timeout",
        [E_CANCELLED] = "cancelled",
        [E_USAGE] = "usage",
        [E_SYSTEM] = "system",
        [E_WORKER] = "worker",
    };
    return (unsigned)code < sizeof names / sizeof *names ? names[code] : "unknown";
}
