#include "update/update.h"

#include <sys/stat.h>

#include "base/arena.h"
#include "base/limits.h"
#include "os/clock.h"
#include "os/fd.h"
#include "os/worker.h"
#include "update/feed_job.h"
#include "update/fetch.h"

struct update {
    const struct feed *feed;
    const struct update_options *options;
    struct store *store;
    struct store_feed meta;
    int64_t rows, advisories;
    uint64_t read;
};

static int take_row(void *ctx, const struct advisory_row *row, struct error *err)
{
    struct update *u = ctx;
    u->rows++;
    u->advisories += row->count;
    return store_feed_row(u->store, row, err);
}

static int take_problem(void *ctx, const struct problem *p, struct error *err)
{
    struct update *u = ctx;
    (void)err;
    if (u->options->progress && u->options->progress->problem)
        u->options->progress->problem(u->options->progress->ctx, p);
    return 0;
}

static int tick(void *ctx, struct error *err)
{
    struct update *u = ((struct feed_answer *)ctx)->ctx;
    struct update_progress *p = u->options->progress;
    if (!p)
        return 0;
    p->bytes_done = __atomic_load_n(&u->read, __ATOMIC_RELAXED);
    p->rows = u->rows;
    return p->tick ? p->tick(p->ctx, p, err) : 0;
}

static int parse(struct update *u, int fd, struct error *err)
{
    CLEANUP(worker_freep) struct worker *worker = worker_new();
    CLEANUP(feed_answer_done) struct feed_answer answer = feed_answer_make();
    answer.row = take_row;
    answer.problem = take_problem;
    answer.ctx = u;
    const struct worker_job job = {
        .reader = "feed",
        .args = str_of(u->feed->name),
        .fd = fd,
        .reply_max = FEED_DOCUMENT_MAX,
        .data = feed_answer_take,
        .tick = tick,
        .ctx = &answer,
        .progress = &u->read,
    };
    return worker_run(worker, &job, NULL, err);
}

static int load(struct update *u, const struct document *document, struct error *err)
{
    struct stat st;
    struct update_progress *p = u->options->progress;
    if (p) {
        p->loading = true;
        p->bytes_done = 0;
        p->bytes_total = fstat(document->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
    }
    store_feed_begin(u->store, str_of(u->feed->name));
    int rc = parse(u, document->fd, err);
    if (rc == 0 && u->rows == 0)
        rc = error_set(err, E_BAD_INPUT, "the document has no advisories: the old ones are kept");
    if (rc == 0) {
        u->meta.rows = u->rows;
        u->meta.advisories = u->advisories;
        return store_feed_end(u->store, &u->meta, err);
    }
    store_feed_abandon(u->store);
    return rc;
}

static int bring(struct update *u, const char *url, const struct store_feed *known, struct error *err)
{
    struct document document;
    bool same_reader =
        known && known->version == u->feed->version && str_eq(known->url, str_of(url)) && !u->options->force;
    int rc = fetch(url, u->options, same_reader ? known : NULL, &document, err);
    if (rc < 0)
        return rc;
    if (document.unchanged && known) {
        u->meta = *known;
        u->meta.fetched = clock_seconds();
        u->meta.failure = STR("");
        rc = store_feed_note(u->store, &u->meta, err);
        return rc < 0 ? rc : UPDATE_UNCHANGED;
    }
    u->meta = (struct store_feed){
        .name = str_of(u->feed->name),
        .title = str_of(u->feed->title),
        .url = str_of(url),
        .etag = str_of(document.etag),
        .last_modified = str_of(document.last_modified),
        .link = str_of(u->feed->link),
        .scheme = str_of(u->feed->scheme),
        .fetched = clock_seconds(),
        .published = document.changed,
        .every = u->feed->every_seconds,
        .version = u->feed->version,
        .snapshot = document.local,
    };
    rc = load(u, &document, err);
    fd_close(&document.fd);
    return rc < 0 ? rc : UPDATE_LOADED;
}

int update_feed(const struct feed *feed, const struct update_options *options, struct store *store,
                struct error *err)
{
    struct update u = {.feed = feed, .options = options, .store = store};
    struct arena arena = arena_make(MIB(1));
    const char *url = options->url ? options->url : feed->url;
    struct store_feed known = {0};
    if (options->progress)
        options->progress->feed = feed->name;
    int found = store_feed_get(store, str_of(feed->name), &arena, &known, err);
    int rc = found < 0 ? found : bring(&u, url, found ? &known : NULL, err);
    if (rc < 0 && found > 0) {
        struct error unnoted;
        known.failure = str_of(err->text);
        if (store_feed_note(store, &known, &unnoted) < 0)
            rc = error_in(err, "%s, and", unnoted.text);
    }
    arena_done(&arena);
    return rc < 0 ? error_in(err, "feed %s", feed->name) : rc;
}
