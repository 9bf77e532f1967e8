#include "net/server.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"
#include "net/server_private.h"
#include "os/clock.h"
#include "os/fd.h"

bool server_hold(struct server *s, size_t n)
{
    if (atomic_fetch_add(&s->held, n) + n <= SERVER_MEMORY_MAX)
        return true;
    server_release(s, n);
    return false;
}

void server_release(struct server *s, size_t n)
{
    atomic_fetch_sub(&s->held, n);
}

struct server_tls *server_tls_current(struct server *s, size_t face)
{
    pthread_mutex_lock(&s->tls_lock);
    struct server_tls *t = s->listeners[face].tls;
    if (t)
        atomic_fetch_add(&t->refs, 1);
    pthread_mutex_unlock(&s->tls_lock);
    return t;
}

uint16_t server_port(const struct server *s, size_t face)
{
    return server_listen_port(s->listeners[face].fd);
}

int server_socket(const struct server *s, size_t face)
{
    return s->listeners[face].fd;
}

/* The certificates of all faces into fresh ones' tls; on an error those before it are there, too. */
static int load_tls(const struct server *s, struct listener *fresh, struct error *err)
{
    for (size_t i = 0; i < s->count; i++) {
        int r = s->faces[i].certfile ? server_tls_load(&fresh[i].tls, s->http, &s->faces[i], err) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

int server_reload_tls(struct server *s, struct error *err)
{
    struct listener *fresh = memory_new(s->count * sizeof *fresh);
    int r = load_tls(s, fresh, err);
    pthread_mutex_lock(&s->tls_lock);
    for (size_t i = 0; i < s->count && r == 0; i++) {
        struct server_tls *old = s->listeners[i].tls;
        s->listeners[i].tls = fresh[i].tls;
        fresh[i].tls = old;
    }
    pthread_mutex_unlock(&s->tls_lock);
    for (size_t i = 0; i < s->count; i++)
        server_tls_unref(fresh[i].tls);
    free(fresh);
    return r;
}

/* ---- start ---- */

static unsigned or_else(unsigned value, unsigned otherwise)
{
    return value ? value : otherwise;
}

static unsigned cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > SERVER_EVENT_THREADS_MAX ? SERVER_EVENT_THREADS_MAX : (unsigned)n;
}

static struct server_options complete(const struct server_options *o)
{
    return (struct server_options){
        .event_threads = or_else(o->event_threads, cores()),
        .slow_threads = or_else(o->slow_threads, SERVER_SLOW_THREADS),
        .body_max = o->body_max ? o->body_max : SERVER_BODY_MAX,
        .connections_max = or_else(o->connections_max, SERVER_CONNECTIONS_MAX),
        .address_connections_max = or_else(o->address_connections_max, SERVER_ADDRESS_CONNECTIONS_MAX),
        .idle_ms = or_else(o->idle_ms, SERVER_IDLE_MS),
        .receive_ms = or_else(o->receive_ms, SERVER_RECEIVE_MS),
        .send_ms = or_else(o->send_ms, SERVER_SEND_MS),
    };
}

/* Descriptors for the connections and as many for what handlers open: the soft limit is often 1024. Where the hard
   one is lower there are fewer connections, since at the limit accepting would fail again and again. */
static void raise_descriptors(struct server_options *o)
{
    struct rlimit limit;
    rlim_t want = (rlim_t)o->connections_max * 2 + 256;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    if (limit.rlim_cur < want) {
        limit.rlim_cur = want < limit.rlim_max ? want : limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur / 2 < o->connections_max)
        o->connections_max = (unsigned)(limit.rlim_cur / 2);
}

static int start_loops(struct server *s, struct error *err)
{
    s->loops = memory_new(s->options.event_threads * sizeof *s->loops);
    for (; s->loop_count < s->options.event_threads;) {
        int r = loop_init(&s->loops[s->loop_count++], s, err);
        if (r < 0)
            return r;
    }
    for (unsigned i = 0; i < s->loop_count; i++) {
        struct loop *l = &s->loops[i];
        int rc = pthread_create(&l->id, NULL, loop_run, l);
        if (rc != 0)
            return error_set(err, E_SYSTEM, "no event thread (error %d)", rc);
        l->running = true;
        pthread_setname_np(l->id, "limpid-http");
    }
    return 0;
}

static int start_all(struct server *s, struct error *err)
{
    sigset_t all, before;
    for (size_t i = 0; i < s->count; i++) {
        s->listeners[i].fd = server_listen(&s->faces[i], err);
        if (s->listeners[i].fd < 0)
            return -(int)err->code;
    }
    int r = load_tls(s, s->listeners, err);
    if (r < 0)
        return r;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* inherited by the threads */
    r = pool_start(&s->pool, s, err);
    if (r == 0)
        r = start_loops(s, err);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}

int server_start(struct server **ret, const struct server_face *faces, size_t count,
                 const struct server_options *o, struct error *err)
{
    const struct microhttpd *http = microhttpd_load(err);
    if (!http)
        return -(int)err->code;
    struct server *s = memory_new(sizeof *s);
    s->http = http;
    s->faces = faces;
    s->count = count;
    s->options = complete(o);
    s->listeners = memory_new(count * sizeof *s->listeners);
    for (size_t i = 0; i < count; i++)
        s->listeners[i].fd = -1;
    pthread_mutex_init(&s->tls_lock, NULL);
    pthread_mutex_init(&s->peers.lock, NULL);
    raise_descriptors(&s->options);
    int r = start_all(s, err);
    if (r < 0) {
        server_stop(s, 0);
        return r;
    }
    *ret = s;
    return 0;
}

/* ---- stop ---- */

void server_stop(struct server *s, unsigned grace_seconds)
{
    if (!s)
        return;
    atomic_store(&s->cut_at, clock_ms() + (uint64_t)grace_seconds * 1000);
    for (size_t i = 0; i < s->count; i++)
        fd_close(&s->listeners[i].fd);
    for (unsigned i = 0; i < s->loop_count; i++)
        if (s->loops[i].running)
            eventfd_write(s->loops[i].wake, 1);
    for (unsigned i = 0; i < s->loop_count; i++)
        if (s->loops[i].running)
            pthread_join(s->loops[i].id, NULL);
    if (s->pool)
        pool_stop(s->pool);
    for (unsigned i = 0; i < s->loop_count; i++)
        loop_done(&s->loops[i]);
    for (size_t i = 0; i < s->count; i++)
        server_tls_unref(s->listeners[i].tls);
    pthread_mutex_destroy(&s->tls_lock);
    pthread_mutex_destroy(&s->peers.lock);
    free(s->peers.counts);
    free(s->loops);
    free(s->listeners);
    free(s);
}
