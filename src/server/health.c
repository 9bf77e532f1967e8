#include "server/health.h"

#include <stdlib.h>

#include "base/memory.h"
#include "os/clock.h"
#include "server/metrics.h"
#include "store/store.h"

struct health_thread {
    struct store *store; /* NULL: not reached yet */
};

static bool is_well(const struct health *h, struct health_thread *t)
{
    struct error err;
    bool rebuilt;
    uint64_t started = clock_ms();
    if (!t->store && store_open(&t->store, h->database, &rebuilt, &err) < 0)
        return false;
    bool well = store_ping(t->store, &err) == 0;
    metrics_asked(h->metrics, (double)(clock_ms() - started));
    return well;
}

void health_handle(void *ctx, const struct server_request *r, struct server_answer *a)
{
    const struct health *h = ctx;
    bool known = str_eq(r->path, STR("/health"));
    if (known && str_eq(r->method, STR("GET"))) {
        a->status = is_well(h, r->thread) ? 200 : 500;
        buf_add(&a->headers, STR("Server: clair\n"));
        return;
    }
    a->status = known ? 405 : 404;
    a->content_type = "text/plain; charset=utf-8";
    buf_add(&a->headers, STR("X-Content-Type-Options: nosniff\n"));
    buf_add(&a->body, known ? STR("Method Not Allowed\n") : STR("404 page not found\n"));
}

void *health_thread_start(void *ctx)
{
    (void)ctx;
    return memory_new(sizeof(struct health_thread));
}

void health_thread_stop(void *ctx, void *thread)
{
    struct health_thread *t = thread;
    (void)ctx;
    store_close(t->store);
    free(t);
}
