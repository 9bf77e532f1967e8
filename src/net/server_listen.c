#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/server_private.h"
#include "os/fd.h"

enum { BACKLOG = 1024 };

/* "0.0.0.0:6060", "[::1]:6060", "port 6060 of all addresses". */
static const char *place(const struct server_face *f, char *ret, size_t size)
{
    if (!f->address)
        snprintf(ret, size, "port %u of all addresses", f->port);
    else
        snprintf(ret, size, strchr(f->address, ':') ? "[%s]:%u" : "%s:%u", f->address, f->port);
    return ret;
}

static const char *advice(int error)
{
    switch (error) {
    case EADDRINUSE:
        return "; stop the program that has it, or choose another port";
    case EACCES:
        return "; choose a port above 1023, or give limpid CAP_NET_BIND_SERVICE";
    case EADDRNOTAVAIL:
        return "; choose an address of this machine";
    default:
        return "";
    }
}

static int refuse(const struct server_face *f, const char *what, struct error *err)
{
    char text[128];
    const char *todo = advice(errno);
    int r = error_sys(err, "cannot %s %s", what, place(f, text, sizeof text));
    size_t len = strlen(err->text);
    snprintf(err->text + len, sizeof err->text - len, "%s", todo);
    return r;
}

static int open_socket(const struct sockaddr *a, socklen_t len, bool dual)
{
    AUTO_CLOSE int fd = socket(a->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1, only6 = !dual;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        (a->sa_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only6, sizeof only6) < 0) ||
        bind(fd, a, len) < 0 || listen(fd, BACKLOG) < 0)
        return -1;
    /* cppcheck-suppress resourceLeak */
    return STEAL_FD(fd);
}

static int listen_all(const struct server_face *f, struct error *err)
{
    struct sockaddr_in6 all6 = {.sin6_family = AF_INET6, .sin6_port = htons(f->port)};
    struct sockaddr_in all4 = {.sin_family = AF_INET, .sin_port = htons(f->port)};
    int fd = open_socket((struct sockaddr *)&all6, sizeof all6, true);
    if (fd < 0 && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) /* a machine without IPv6 */
        fd = open_socket((struct sockaddr *)&all4, sizeof all4, false);
    return fd < 0 ? refuse(f, "listen on", err) : fd;
}

static int listen_named(const struct server_face *f, struct error *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *found;
    char port[8];
    snprintf(port, sizeof port, "%u", f->port);
    int code = getaddrinfo(f->address, port, &hints, &found);
    if (code != 0)
        return error_set(err, E_USAGE, "cannot listen on %s: %s; give an address of this machine", f->address,
                         gai_strerror(code));
    int fd = open_socket(found->ai_addr, found->ai_addrlen, false);
    int saved = errno;
    freeaddrinfo(found);
    errno = saved;
    return fd < 0 ? refuse(f, "listen on", err) : fd;
}

static int take(const struct server_face *f, struct error *err)
{
    int listens = 0, flags = fcntl(f->fd, F_GETFL);
    if (flags < 0 || fcntl(f->fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(f->fd, F_SETFD, FD_CLOEXEC) < 0)
        return error_sys(err, "descriptor %d, handed over for listening", f->fd);
    if (getsockopt(f->fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &(socklen_t){sizeof listens}) < 0 || !listens)
        return error_set(err, E_USAGE, "descriptor %d, handed over for listening, is no listening socket",
                         f->fd);
    return f->fd;
}

int server_listen(const struct server_face *face, struct error *err)
{
    if (face->fd >= 0)
        return take(face, err);
    return face->address ? listen_named(face, err) : listen_all(face, err);
}

uint16_t server_listen_port(int fd)
{
    struct sockaddr_storage a = {0};
    if (getsockname(fd, (struct sockaddr *)&a, &(socklen_t){sizeof a}) < 0)
        return 0;
    if (a.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&a)->sin6_port);
    return a.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&a)->sin_port) : 0;
}
