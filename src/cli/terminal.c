#include "cli/terminal.h"

#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/fd.h"

bool terminal_color(const struct options *o, bool to_file)
{
    const char *when = o->values[OPTION_COLOR], *no = getenv("NO_COLOR"), *term = getenv("TERM");
    if (when && strcmp(when, "always") == 0)
        return true;
    if (to_file || (when && strcmp(when, "never") == 0) || (no && *no) || (term && strcmp(term, "dumb") == 0))
        return false;
    return isatty(STDOUT_FILENO);
}

int terminal_print(struct str text, struct error *err)
{
    return fd_write_all(STDOUT_FILENO, text, err) < 0 ? error_in(err, "standard output") : 0;
}

void terminal_note(const struct options *o, const char *fmt, ...)
{
    char text[1024], safe[1024];
    va_list args;
    if (option_on(o, OPTION_QUIET))
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    fprintf(stderr, "limpid: %s\n", str_printable(str_of(text), safe, sizeof safe));
}

struct progress_line progress_line_make(const struct options *o)
{
    const char *term = getenv("TERM");
    bool able = isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
    return (struct progress_line){.on = able && !option_on(o, OPTION_QUIET), .since = clock_ms()};
}

bool progress_line_due(struct progress_line *p)
{
    uint64_t now = clock_ms();
    if (!p->on || now - p->last < 100 || now - p->since < 200) /* what is done at once needs no line */
        return false;
    p->last = now;
    return true;
}

void progress_line_show(struct progress_line *p, const char *fmt, ...)
{
    char text[256], safe[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    fprintf(stderr, "\r%.79s\033[K", str_printable(str_of(text), safe, sizeof safe));
    p->shown = true;
}

void progress_line_clear(struct progress_line *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
    p->shown = false;
}

const char *size_text(uint64_t bytes, char *ret, size_t size)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double n = (double)bytes;
    size_t u = 0;
    for (; n >= 1000 && u < 4; u++)
        n /= 1000;
    snprintf(ret, size, u ? "%.1f %s" : "%.0f %s", n, units[u]);
    return ret;
}

atomic_bool terminal_interruption; /* lock-free: a signal handler may set it */

static void interrupt(int signal_number)
{
    (void)signal_number;
    atomic_store(&terminal_interruption, true);
}

void terminal_catch_signals(void)
{
    struct sigaction action = {.sa_handler = interrupt,
                               .sa_flags = (int)SA_RESETHAND}; /* a second one ends at once */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool terminal_interrupted(void)
{
    return atomic_load(&terminal_interruption);
}
