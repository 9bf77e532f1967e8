#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "net/server_private.h"

static bool is_mapped(const struct sockaddr_in6 *a)
{
    return IN6_IS_ADDR_V4MAPPED(&a->sin6_addr);
}

struct peer_address peer_address(const struct sockaddr *a)
{
    struct peer_address ret = {{0}};
    if (a && a->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, a, sizeof in);
        memcpy(ret.bytes + 12, &in.sin_addr, 4);
    } else if (a && a->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, a, sizeof in);
        if (is_mapped(&in))
            memcpy(ret.bytes + 12, in.sin6_addr.s6_addr + 12, 4);
        else
            memcpy(ret.bytes, in.sin6_addr.s6_addr, 8); /* a customer gets a whole /64 */
    }
    return ret;
}

void peer_text(const struct sockaddr *a, char *ret, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "?";
    snprintf(ret, size, "unix");
    if (a && a->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, a, sizeof in);
        inet_ntop(AF_INET, &in.sin_addr, host, sizeof host);
        snprintf(ret, size, "%s:%u", host, ntohs(in.sin_port));
    } else if (a && a->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, a, sizeof in);
        bool mapped = is_mapped(&in);
        inet_ntop(mapped ? AF_INET : AF_INET6, in.sin6_addr.s6_addr + (mapped ? 12 : 0), host, sizeof host);
        snprintf(ret, size, mapped ? "%s:%u" : "[%s]:%u", host, ntohs(in.sin6_port));
    }
}

/* Few addresses are connected at a time, so a list will do. */
static struct peer_count *find(struct peers *p, struct peer_address a)
{
    for (size_t i = 0; i < p->len; i++)
        if (memcmp(&p->counts[i].address, &a, sizeof a) == 0)
            return &p->counts[i];
    return NULL;
}

bool peers_allow(struct peers *p, struct peer_address a, unsigned max, unsigned address_max)
{
    static const struct peer_address local = {{0}};
    pthread_mutex_lock(&p->lock);
    const struct peer_count *c = find(p, a);
    bool many = c && c->connections >= address_max && memcmp(&a, &local, sizeof a) != 0;
    bool allowed = p->connections < max && !many;
    pthread_mutex_unlock(&p->lock);
    return allowed;
}

void peers_enter(struct peers *p, struct peer_address a)
{
    pthread_mutex_lock(&p->lock);
    struct peer_count *c = find(p, a);
    if (!c && p->len == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 16;
        p->counts = memory_resize(p->counts, p->cap * sizeof *p->counts);
    }
    if (!c) {
        c = &p->counts[p->len++];
        *c = (struct peer_count){.address = a};
    }
    c->connections++;
    p->connections++;
    pthread_mutex_unlock(&p->lock);
}

void peers_leave(struct peers *p, struct peer_address a)
{
    pthread_mutex_lock(&p->lock);
    struct peer_count *c = find(p, a);
    if (--c->connections == 0)
        *c = p->counts[--p->len];
    p->connections--;
    pthread_mutex_unlock(&p->lock);
}
