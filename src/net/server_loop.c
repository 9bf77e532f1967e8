#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"
#include "net/server_private.h"
#include "os/clock.h"
#include "os/fd.h"

#define NEVER         UINT64_MAX
#define LOOK_AGAIN_MS 20

/* ---- connections: all of this is called by libmicrohttpd within MHD_run() of the loop's own thread ---- */

void connection_enter(struct connection *c, enum phase phase, uint64_t ms)
{
    if (c->half)
        c->lane->loop->next = 0;
    c->phase = phase;
    c->since = clock_ms();
    c->deadline = ms == NEVER ? NEVER : c->since + ms;
    if (c->deadline < c->lane->loop->next)
        c->lane->loop->next = c->deadline;
}

static enum MHD_Result on_accept(void *cls, const struct sockaddr *a, socklen_t len)
{
    const struct lane *l = cls;
    const struct server_options *o = &l->server->options;
    bool welcome = !l->loop->draining && peers_allow(&l->server->peers, peer_address(a), o->connections_max,
                                                     o->address_connections_max);
    (void)len;
    return welcome ? MHD_YES : MHD_NO;
}

static void open_connection(struct lane *l, struct MHD_Connection *mhd, void **ret)
{
    const struct microhttpd *http = l->server->http;
    const struct sockaddr *a =
        http->MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    struct connection *c = memory_new(sizeof *c);
    c->source.connection = true;
    c->lane = l;
    c->mhd = mhd;
    c->fd = http->MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    c->address = peer_address(a);
    peer_text(a, c->peer, sizeof c->peer);
    peers_enter(&l->server->peers, c->address);
    c->next = l->loop->connections;
    if (c->next)
        c->next->prev = c;
    l->loop->connections = c;
    epoll_ctl(l->loop->epoll, EPOLL_CTL_ADD, c->fd, &(struct epoll_event){EPOLLRDHUP | EPOLLET, {.ptr = c}});
    c->tls = server_tls_current(l->server, l->index);
    if (c->tls)
        server_tls_apply(c->tls,
                         http->MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION)->tls_session);
    connection_enter(c, PHASE_IDLE, l->server->options.receive_ms);
    *ret = c;
}

/* Closing alone does not end the watch: a process that is just being spawned may still have a copy of the socket. */
static void close_connection(struct loop *l, struct connection *c)
{
    epoll_ctl(l->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    *(c->prev ? &c->prev->next : &l->connections) = c->next;
    if (c->next)
        c->next->prev = c->prev;
    peers_leave(&l->server->peers, c->address);
    c->next = l->dead;
    l->dead = c;
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct lane *l = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        open_connection(l, mhd, socket_context);
    else if (*socket_context)
        close_connection(l->loop, *socket_context);
}

/* libmicrohttpd has let go of them and of their credentials by now. */
static void bury(struct loop *l)
{
    for (struct connection *c; (c = l->dead);) {
        l->dead = c->next;
        server_tls_unref(c->tls);
        free(c);
    }
}

/* ---- deadlines ---- */

/* Whether libmicrohttpd would go on without waiting for anything. */
static bool has_work(const struct lane *l)
{
    MHD_UNSIGNED_LONG_LONG ms;
    return l->ready || (l->server->http->MHD_get_timeout(l->daemon, &ms) == MHD_YES && ms == 0);
}

static void cut(struct connection *c)
{
    shutdown(c->fd, SHUT_RDWR); /* then libmicrohttpd finds it broken, and closes it */
    c->phase = PHASE_CUT;
    c->deadline = NEVER;
}

/* Whether its client has taken enough of the answer since it was last asked; then it gets as much time again. */
static bool is_reading(struct connection *c, uint64_t now)
{
    struct tcp_info info = {0};
    unsigned ms = c->lane->server->options.send_ms;
    getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &(socklen_t){sizeof info});
    bool enough = info.tcpi_bytes_acked - c->acked >= (uint64_t)ms * SERVER_SLOW_BYTES / 1000 + 1;
    c->acked = info.tcpi_bytes_acked;
    c->deadline = now + ms;
    return enough;
}

static void resume(struct request *q)
{
    q->lane->server->http->MHD_resume_connection(q->mhd);
    q->lane->ready = true;
}

static void expire(struct connection *c, uint64_t now, bool cut_off)
{
    if (c->phase == PHASE_SENDING && !cut_off && is_reading(c, now))
        return;
    if (c->phase != PHASE_WAITING) {
        cut(c);
        return;
    }
    c->deadline = NEVER;
    if (request_settle(c->request, cut_off ? REQUEST_CUT : REQUEST_EXPIRED)) /* or it is about to return */
        resume(c->request);
}

/* Whether libmicrohttpd overlooked that nothing more comes for the request that it waits for, as it does when data and
   their end arrive at once. */
static bool is_overlooked(struct connection *c, uint64_t now)
{
    int unread = 0;
    if (!c->half || c->phase > PHASE_BODY)
        return false;
    if (ioctl(c->fd, FIONREAD, &unread) == 0 && unread == 0 && !has_work(c->lane))
        return true;
    c->lane->loop->next = now + LOOK_AGAIN_MS;
    return false;
}

static void sweep(struct loop *l, uint64_t now)
{
    uint64_t cut_at = atomic_load(&l->server->cut_at);
    bool over = l->draining && now >= cut_at;
    l->next = l->draining && !over ? cut_at : NEVER;
    for (struct connection *c = l->connections; c; c = c->next) {
        if (c->deadline <= now || (over && c->phase != PHASE_CUT))
            expire(c, now, over);
        else if (is_overlooked(c, now))
            cut(c);
        else if (l->draining && c->phase == PHASE_IDLE && !c->last)
            c->last = shutdown(c->fd, SHUT_RD) == 0; /* what has arrived is still answered */
        if (c->deadline < l->next)
            l->next = c->deadline;
    }
}

/* ---- the thread ---- */

void loop_return(struct request *q)
{
    struct loop *l = q->lane->loop;
    q->next = atomic_load(&l->returned);
    while (!atomic_compare_exchange_weak(&l->returned, &q->next, q))
        ;
    eventfd_write(l->wake, 1);
}

static void take_returned(struct loop *l)
{
    eventfd_t ignored;
    eventfd_read(l->wake, &ignored);
    struct request *q = atomic_exchange(&l->returned, NULL);
    for (struct request *next; q; q = next) {
        next = q->next;
        resume(q);
        request_unref(q);
    }
}

static void drain(struct loop *l)
{
    l->draining = true;
    for (size_t i = 0; i < l->server->count; i++) {
        int fd = l->server->http->MHD_quiesce_daemon(l->lanes[i].daemon);
        if (fd >= 0)
            close(fd);
    }
}

/* How long to sleep: until the next deadline, an hour at most, not at all when a lane has work at hand. */
static int patience(struct loop *l)
{
    uint64_t now = clock_ms(), ms = l->next <= now ? 0 : l->next - now;
    for (size_t i = 0; i < l->server->count; i++) {
        struct lane *lane = &l->lanes[i];
        lane->ready = has_work(lane);
        if (lane->ready)
            ms = 0;
    }
    return (int)(ms < 3600000 ? ms : 3600000);
}

static void notice(struct loop *l, struct source *what)
{
    if (!what) {
        take_returned(l);
    } else if (what->connection) {
        ((struct connection *)what)->half = true;
        l->next = 0;
    } else {
        ((struct lane *)what)->ready = true;
    }
}

static void work(struct loop *l)
{
    struct epoll_event events[64];
    int n = epoll_wait(l->epoll, events, 64, patience(l));
    for (int i = 0; i < n; i++)
        notice(l, events[i].data.ptr);
    if (!l->draining && atomic_load(&l->server->cut_at))
        drain(l);
    for (size_t i = 0; i < l->server->count; i++) {
        if (l->lanes[i].ready) {
            l->lanes[i].ready = false;
            l->server->http->MHD_run(l->lanes[i].daemon);
        }
    }
    bury(l);
    uint64_t now = clock_ms();
    if (now >= l->next || l->draining)
        sweep(l, now);
}

void *loop_run(void *arg)
{
    struct loop *l = arg;
    for (size_t i = 0; i < l->server->count; i++)
        if (l->lanes[i].face->thread_start)
            l->lanes[i].thread = l->lanes[i].face->thread_start(l->lanes[i].face->ctx);
    while (!l->draining || l->connections)
        work(l);
    for (size_t i = 0; i < l->server->count; i++)
        if (l->lanes[i].face->thread_stop)
            l->lanes[i].face->thread_stop(l->lanes[i].face->ctx, l->lanes[i].thread);
    return NULL;
}

/* ---- its making ---- */

static int watch(struct loop *l, int fd, void *what, struct error *err)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = what};
    return epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) < 0 ? error_sys(err, "event thread: epoll") : 0;
}

static int start_lane(struct lane *l, struct error *err)
{
    struct server *s = l->server;
    int fd = fcntl(s->listeners[l->index].fd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return error_sys(err, "event thread: listening socket");
    struct MHD_OptionItem plain = {MHD_OPTION_END, 0, NULL};
    bool secure = s->listeners[l->index].tls != NULL;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (secure ? MHD_USE_TLS : 0);
    l->daemon = s->http->MHD_start_daemon(
        flags, 0, on_accept, l, request_step, l, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        s->options.connections_max + 1 /* on_accept() refuses before */, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)SERVER_CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_SIGPIPE_HANDLED_BY_APP,
        1, MHD_OPTION_NOTIFY_CONNECTION, on_connection, l, MHD_OPTION_URI_LOG_CALLBACK, request_begin, l,
        MHD_OPTION_NOTIFY_COMPLETED, request_end, l, MHD_OPTION_ARRAY, secure ? server_tls_options : &plain,
        MHD_OPTION_END);
    if (!l->daemon) {
        close(fd);
        return error_set(err, E_SYSTEM, "libmicrohttpd does not start%s",
                         secure ? "; was it built without TLS?" : "");
    }
    const union MHD_DaemonInfo *info = s->http->MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return watch(l->loop, info->epoll_fd, l, err);
}

int loop_init(struct loop *l, struct server *s, struct error *err)
{
    *l = (struct loop){.server = s, .epoll = -1, .wake = -1, .next = NEVER};
    l->lanes = memory_new(s->count * sizeof *l->lanes);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->epoll < 0 || l->wake < 0)
        return error_sys(err, "event thread");
    int r = watch(l, l->wake, NULL, err);
    for (size_t i = 0; i < s->count && r == 0; i++) {
        l->lanes[i] = (struct lane){.server = s, .loop = l, .index = i, .face = &s->faces[i]};
        r = start_lane(&l->lanes[i], err);
    }
    return r;
}

void loop_done(struct loop *l)
{
    for (size_t i = 0; l->lanes && i < l->server->count; i++)
        if (l->lanes[i].daemon)
            l->server->http->MHD_stop_daemon(l->lanes[i].daemon);
    bury(l);
    free(l->lanes);
    fd_close(&l->wake);
    fd_close(&l->epoll);
}
