#include "os/notify.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/clock.h"
#include "os/fd.h"

static int address_of(const char *name, struct sockaddr_un *ret, socklen_t *ret_len, struct error *err)
{
    size_t len = strlen(name);
    if ((*name != '/' && *name != '@') || len >= sizeof ret->sun_path)
        return error_set(err, E_USAGE, "NOTIFY_SOCKET: neither a path nor an abstract name");
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(ret->sun_path, name, len);
    if (*name == '@')
        ret->sun_path[0] = 0;
    *ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (*name == '/'));
    return 0;
}

int notify_send(enum notify_state state, const char *status, struct error *err)
{
    static const char *const words[] = {"READY=1", "RELOADING=1", "STOPPING=1", "WATCHDOG=1"};
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address;
    socklen_t address_len;
    if (!name || !*name)
        return 0;
    int r = address_of(name, &address, &address_len, err);
    if (r < 0)
        return r;
    CLEANUP(buf_done) struct buf text = buf_make(4096);
    buf_add(&text, str_of(words[state]));
    if (state == NOTIFY_RELOADING)
        buf_printf(&text, "\nMONOTONIC_USEC=%ju", (uintmax_t)clock_ns() / 1000);
    if (status)
        buf_printf(&text, "\nSTATUS=%.*s", (int)strcspn(status, "\n"), status);
    r = buf_finish(&text, "status for systemd", err);
    if (r < 0)
        return r;
    AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || sendto(fd, text.ptr, text.len, MSG_NOSIGNAL, (struct sockaddr *)&address, address_len) < 0)
        return error_sys(err, "cannot tell systemd %s", words[state]);
    return 0;
}

/* A variable's number, or 0; only when the one that names a process names this one. */
static uint64_t own_number(const char *name, const char *pid_name, bool pid_needed, uint64_t max)
{
    uint64_t n = 0, pid = 0;
    const char *owner = getenv(pid_name);
    bool ours = owner ? str_u64(str_of(owner), INT32_MAX, &pid) == 0 && (pid_t)pid == getpid() : !pid_needed;
    return ours && str_u64(str_of(getenv(name)), max, &n) == 0 ? n : 0;
}

unsigned notify_watchdog_ms(void)
{
    return (unsigned)(own_number("WATCHDOG_USEC", "WATCHDOG_PID", false, UINT32_MAX) / 2000);
}

unsigned notify_sockets(void)
{
    unsigned count = (unsigned)own_number("LISTEN_FDS", "LISTEN_PID", true, 100);
    for (unsigned i = 0; i < count; i++)
        fcntl(NOTIFY_FIRST_SOCKET + (int)i, F_SETFD, FD_CLOEXEC);
    return count;
}

int notify_socket(const char *name)
{
    struct str names = str_of(getenv("LISTEN_FDNAMES"));
    unsigned count = notify_sockets();
    for (unsigned i = 0; i < count && names.len; i++)
        if (str_eq(str_cut(&names, ':'), str_of(name)))
            return NOTIFY_FIRST_SOCKET + (int)i;
    return -1;
}
