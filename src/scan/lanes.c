#include "scan/lanes.h"

#include <pthread.h>

#include "base/limits.h"
#include "base/memory.h"

struct lanes {
    struct lanes_work *work;
    pthread_mutex_t lock;
    size_t next;
    uint64_t left; /* bytes of layers that nobody has taken yet */
    unsigned running;
    bool cancelled;
    struct error cancel_error;
};

struct lane {
    struct lanes *all;
    struct worker *worker;
    struct layer_read *now;
    uint64_t told; /* bytes of the present layer that the progress has */
    uint64_t read;
    pthread_t thread;
    bool started, owns_worker;
};

/* The watcher is called by one lane at a time; the others only add their bytes. */
static int tick(void *ctx, struct error *err)
{
    struct lane *lane = ctx;
    struct lanes *all = lane->all;
    struct scan_progress *p = all->work->progress;
    pthread_mutex_lock(&all->lock);
    uint64_t fed = image_layer_progress(all->work->image, lane->now->index);
    uint64_t read = __atomic_load_n(&lane->read, __ATOMIC_RELAXED), bytes = read > fed ? read : fed;
    if (p && bytes > lane->told) {
        p->bytes_done += bytes - lane->told;
        lane->told = bytes;
    }
    if (p && p->tick && !all->cancelled && p->tick(p->ctx, p, &all->cancel_error) < 0)
        all->cancelled = true;
    bool cancelled = all->cancelled;
    pthread_mutex_unlock(&all->lock);
    return cancelled ? error_set(err, E_CANCELLED, "cancelled") : 0;
}

/* The next layer, or NULL. *ret_spread: it is so large a part of what is left that one core would read it
   alone. */
static struct layer_read *take(struct lanes *all, bool *ret_spread)
{
    struct layer_read *r = NULL;
    pthread_mutex_lock(&all->lock);
    if (!all->cancelled && all->next < all->work->count) {
        r = &all->work->reads[all->next++];
        uint64_t size = image_info(all->work->image)->layers[r->index].size;
        *ret_spread = (all->next == all->work->count && !all->running) || size * 2 > all->left;
        all->left -= size < all->left ? size : all->left;
        all->running++;
    }
    pthread_mutex_unlock(&all->lock);
    return r;
}

static void read_layer(struct lane *lane, struct layer_read *r, bool spread)
{
    struct lanes_work *work = lane->all->work;
    const struct image_layer *layer = &image_info(work->image)->layers[r->index];
    struct layer_job job = {
        .index = r->index,
        .spread = spread,
        .tar_max = work->layer_tar_max,
        .blob_sha512 = digest_is_sha512(&layer->digest),
        .diff_sha512 = digest_is_sha512(&layer->diff_id),
        .aliases = work->aliases,
        .aliases_count = work->aliases_count,
    };
    CLEANUP(buf_done) struct buf args = buf_make(WORKER_ARGS_MAX);
    layer_job_put(&args, &job);
    int fd = -1;
    uint64_t offset = 0, length = 0;
    r->result = buf_finish(&args, "layer: arguments", &r->error);
    if (r->result == 0)
        r->result = image_layer_open(work->image, r->index, &fd, &offset, &length, &r->error);
    if (r->result < 0)
        return;
    lane->now = r;
    lane->told = lane->read = 0;
    const struct worker_job run = {
        .reader = "layer",
        .args = buf_str(&args),
        .fd = fd,
        .offset = offset,
        .length = length == UINT64_MAX ? 0 : length,
        .reply_max = INVENTORY_MAX,
        .tick = tick,
        .ctx = lane,
        .progress = &lane->read,
    };
    r->result = worker_run(lane->worker, &run, &r->inventory, &r->error);
    struct error source = {0};
    /* Why the source broke explains what the reader found broken. */
    if (image_layer_close(work->image, r->index, &source) < 0) {
        r->error = source;
        r->source_failed = true;
        r->result = -(int)source.code;
    }
}

static void *lane_run(void *arg)
{
    struct lane *lane = arg;
    struct layer_read *r;
    bool spread = false;
    while ((r = take(lane->all, &spread))) {
        read_layer(lane, r, spread);
        pthread_mutex_lock(&lane->all->lock);
        lane->all->running--;
        if (lane->all->work->progress)
            lane->all->work->progress->layers_done++;
        lane->all->work->weakness = worker_weakness(lane->worker);
        pthread_mutex_unlock(&lane->all->lock);
    }
    return NULL;
}

static int larger_first(const void *a, const void *b, void *ctx)
{
    const struct image_info *info = ctx;
    uint64_t x = info->layers[((const struct layer_read *)a)->index].size;
    uint64_t y = info->layers[((const struct layer_read *)b)->index].size;
    return (x < y) - (x > y);
}

int lanes_run(struct lanes_work *work, struct worker *worker, struct error *err)
{
    struct lanes all = {.work = work};
    const struct image_info *info = image_info(work->image);
    unsigned n = work->workers < work->count ? work->workers : (unsigned)work->count;
    struct lane *lanes = memory_new((n ? n : 1) * sizeof *lanes);
    pthread_mutex_init(&all.lock, NULL);
    union {
        const struct image_info *in;
        void *out;
    } unconst = {.in = info}; /* qsort_r takes no const */
    qsort_r(work->reads, work->count, sizeof *work->reads, larger_first, unconst.out);
    for (size_t i = 0; i < work->count; i++)
        all.left += info->layers[work->reads[i].index].size;
    for (unsigned i = 0; i < n; i++) {
        lanes[i] = (struct lane){.all = &all, .worker = i ? worker_new() : worker, .owns_worker = i > 0};
        lanes[i].started = i && pthread_create(&lanes[i].thread, NULL, lane_run, &lanes[i]) == 0;
    }
    if (n)
        lane_run(&lanes[0]);
    for (unsigned i = 0; i < n; i++) {
        if (lanes[i].started)
            pthread_join(lanes[i].thread, NULL);
        if (lanes[i].owns_worker)
            worker_free(lanes[i].worker);
    }
    free(lanes);
    pthread_mutex_destroy(&all.lock);
    if (!all.cancelled)
        return 0;
    *err = all.cancel_error;
    return -(int)err->code;
}
