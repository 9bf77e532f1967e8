#include "os/notify.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"
#include "test.h"

/* What systemd would be told on a socket of that name. */
static void told(const char *name, enum notify_state state, const char *status, const char *expected)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(name);
    char text[5000] = "";
    struct error err = {0};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memcpy(address.sun_path, name, len);
    if (*name == '@')
        address.sun_path[0] = 0;
    assert_int_equal(
        bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    assert_int_equal(notify_send(state, status, &err), 0);
    assert_true(recv(fd, text, sizeof text - 1, 0) > 0);
    assert_true(str_starts(str_of(text), str_of(expected)));
    if (state != NOTIFY_RELOADING)
        assert_string_equal(text, expected);
    unsetenv("NOTIFY_SOCKET");
    close(fd);
    if (*name == '/')
        unlink(name);
}

TEST(notify_states)
{
    char path[100], abstract[100];
    snprintf(path, sizeof path, "/tmp/limpid-notify-%d", (int)getpid());
    snprintf(abstract, sizeof abstract, "@limpid-notify-%d", (int)getpid());
    told(path, NOTIFY_READY, "12 feeds", "READY=1\nSTATUS=12 feeds");
    told(abstract, NOTIFY_READY, NULL, "READY=1");
    told(abstract, NOTIFY_RELOADING, NULL, "RELOADING=1\nMONOTONIC_USEC=");
    told(abstract, NOTIFY_STOPPING, "a\nMAINPID=1", "STOPPING=1\nSTATUS=a");
    told(abstract, NOTIFY_WATCHDOG, NULL, "WATCHDOG=1");
}

TEST(notify_without_systemd)
{
    struct error err = {0};
    unsetenv("NOTIFY_SOCKET");
    assert_int_equal(notify_send(NOTIFY_READY, NULL, &err), 0);
    setenv("NOTIFY_SOCKET", "", 1);
    assert_int_equal(notify_send(NOTIFY_READY, NULL, &err), 0);
    setenv("NOTIFY_SOCKET", "relative", 1);
    assert_int_equal(notify_send(NOTIFY_READY, NULL, &err), -E_USAGE);
    assert_string_equal(err.text, "NOTIFY_SOCKET: neither a path nor an abstract name");
    setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
    assert_int_equal(notify_send(NOTIFY_STOPPING, NULL, &err), -E_SYSTEM);
    assert_string_equal(err.text, "cannot tell systemd STOPPING=1: No such file or directory");
    char status[5000];
    memset(status, 'x', sizeof status - 1);
    status[sizeof status - 1] = 0;
    assert_int_equal(notify_send(NOTIFY_STOPPING, status, &err), -E_LIMIT);
    unsetenv("NOTIFY_SOCKET");
}

TEST(notify_watchdog)
{
    char pid[20];
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    assert_int_equal(notify_watchdog_ms(), 0);
    setenv("WATCHDOG_USEC", "30000000", 1);
    assert_int_equal(notify_watchdog_ms(), 15000);
    setenv("WATCHDOG_PID", pid, 1);
    assert_int_equal(notify_watchdog_ms(), 15000);
    setenv("WATCHDOG_PID", "1", 1);
    assert_int_equal(notify_watchdog_ms(), 0);
    setenv("WATCHDOG_PID", "nonsense", 1);
    assert_int_equal(notify_watchdog_ms(), 0);
    unsetenv("WATCHDOG_PID");
    setenv("WATCHDOG_USEC", "-1", 1);
    assert_int_equal(notify_watchdog_ms(), 0);
    unsetenv("WATCHDOG_USEC");
}

TEST(notify_listen)
{
    char pid[20];
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("LISTEN_FDS", "2", 1);
    assert_int_equal(notify_sockets(), 0); /* meant for nobody */
    setenv("LISTEN_PID", "1", 1);
    assert_int_equal(notify_sockets(), 0);
    setenv("LISTEN_PID", pid, 1);
    int saved[2] = {fcntl(3, F_GETFD), fcntl(4, F_GETFD)};
    assert_int_equal(notify_sockets(), 2);
    assert_int_equal(notify_socket("api"), -1);
    setenv("LISTEN_FDNAMES", "api:health:more", 1);
    assert_int_equal(notify_socket("api"), 3);
    assert_int_equal(notify_socket("health"), 4);
    assert_int_equal(notify_socket("more"), -1); /* of two */
    setenv("LISTEN_FDS", "101", 1);
    assert_int_equal(notify_sockets(), 0);
    for (int i = 0; i < 2; i++)
        if (saved[i] >= 0)
            fcntl(3 + i, F_SETFD, saved[i]);
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDNAMES");
}
