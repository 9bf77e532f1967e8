#include "cli/paclair_log.h"

#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

struct paclair_log paclair_log_open(bool debug, bool system)
{
    struct paclair_log l = {.debug = debug, .system = system};
    if (!system)
        return l;
    struct passwd entry, *who = NULL;
    char texts[4096];
    if (getpwuid_r(geteuid(), &entry, texts, sizeof texts, &who) != 0)
        who = NULL;
    str_printable(str_of(who ? who->pw_name : "?"), l.user, sizeof l.user);
    openlog("PACLAIR", LOG_PID, LOG_USER);
    return l;
}

static void put(const struct paclair_log *l, int priority, const char *text, size_t len)
{
    static const char letters[] = {
        [LOG_ERR] = 'E', [LOG_WARNING] = 'W', [LOG_NOTICE] = 'N', [LOG_INFO] = 'I', [LOG_DEBUG] = 'D'};
    if (l->system) {
        syslog(priority, "(%s) %c %.*s", l->user, letters[priority], (int)len, text);
    } else {
        fwrite(text, 1, len, stderr);
        fputc('\n', stderr);
    }
}

void paclair_log_say(const struct paclair_log *l, int priority, const char *fmt, ...)
{
    char text[1200], safe[1200];
    va_list args;
    if (priority == LOG_DEBUG && !l->debug)
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    str_printable(str_of(text), safe, sizeof safe);
    put(l, priority, safe, strlen(safe));
}

void paclair_log_text(const struct paclair_log *l, struct str text)
{
    put(l, LOG_INFO, text.len ? text.ptr : "", text.len);
}
