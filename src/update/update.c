#include "update/update.h"

#include <sys/stat.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "net/http.h"
#include "os/clock.h"
#include "os/fd.h"
#include "os/worker.h"
#include "update/documents.h"
#include "update/feed_job.h"
#include "update/fetch.h"

struct update {
    const struct feed *feed;
    const struct update_options *options;
    struct store *store;
    struct worker *worker;
    struct http *http; /* to the publisher, once one was needed */
    struct arena arena;
    struct documents documents;
    struct document_mark
        *marks;       /* one a document of the list: the last time's, then those of what is loaded */
    size_t listed;    /* documents; the others were named by these */
    size_t at;        /* which is being read */
    struct map heard; /* ids of which a document spoke: → 1 + which */
    bool deaf;        /* what comes is about one of which a document before spoke */
    struct str remembered;
    struct store_feed meta;
    size_t problems;
    uint64_t read;
    struct error *err;
};

/* A document that the publisher did not have the last time has this for an ETag, which none can be. */
static const char missing[] = "-";

/* ---- what the worker says ---- */

static int take_row(void *ctx, const struct advisory_row *row, struct error *err)
{
    struct update *u = ctx;
    if (u->deaf)
        return 0;
    u->meta.rows++;
    u->meta.advisories += row->count;
    return store_feed_row(u->store, row, err);
}

static int take_about(void *ctx, const struct vulnerability *about, struct error *err)
{
    struct update *u = ctx;
    if (u->deaf)
        return 0;
    if (u->feed->enriches) {
        u->meta.rows++;
        u->meta.advisories++;
    }
    return store_feed_about(u->store, about, err);
}

static void tell(struct update *u, const struct problem *p)
{
    struct update_progress *progress = u->options->progress;
    if (progress && progress->problem)
        progress->problem(progress->ctx, p);
}

static int take_problem(void *ctx, const struct problem *p, struct error *err)
{
    struct update *u = ctx;
    (void)err;
    if (++u->problems <= FEED_PROBLEMS_MAX)
        tell(u, p);
    return 0;
}

static int take_more(void *ctx, struct str url, struct error *err)
{
    struct update *u = ctx;
    const struct problem strange = {
        .code = E_BAD_INPUT, .where = url, .text = STR("named as a document: left out")};
    if (u->documents.urls.len - u->listed == FEED_MORE_MAX)
        return error_set(err, E_LIMIT, "more than %d documents that others name", FEED_MORE_MAX);
    int rc = documents_add(&u->documents, u->feed, u->at, url, &u->arena, err);
    return rc < 0 ? rc : rc ? 0 : take_problem(u, &strange, err);
}

static int take_subject(void *ctx, struct str id, struct error *err)
{
    struct update *u = ctx;
    void *heard = map_get(&u->heard, id);
    u->deaf = heard && (uintptr_t)heard - 1 != u->at;
    if (heard || !u->feed->revises)
        return 0;
    void **place = arena_str(&u->arena, id, &id) == 0 ? map_at(&u->heard, id) : NULL;
    if (!place)
        return error_set(err, E_LIMIT, "more vulnerabilities than can be told apart");
    *place = (void *)(uintptr_t)(u->at + 1);
    return 0;
}

static int take_remember(void *ctx, struct str text, struct error *err)
{
    struct update *u = ctx;
    return arena_str(&u->arena, text, &u->remembered) < 0 ? error_set(err, E_LIMIT, "too many documents") : 0;
}

static int take_repository(void *ctx, struct str name, struct str products, struct error *err)
{
    struct update *u = ctx;
    u->meta.rows++;
    u->meta.advisories++;
    return store_feed_repository(u->store, name, products, err);
}

static int tick(void *ctx, struct error *err)
{
    struct update *u = ((struct feed_answer *)ctx)->ctx;
    struct update_progress *p = u->options->progress;
    if (!p)
        return 0;
    p->bytes_done = __atomic_load_n(&u->read, __ATOMIC_RELAXED);
    p->rows = u->meta.rows;
    return p->tick ? p->tick(p->ctx, p, err) : 0;
}

static int parse(struct update *u, int fd)
{
    CLEANUP(feed_answer_done) struct feed_answer answer = feed_answer_make();
    CLEANUP(buf_done) struct buf args = buf_make(WORKER_ARGS_MAX);
    struct str url = u->documents.urls.ptr[u->at];
    buf_printf(&args, "%s\n", u->feed->name);
    buf_add(&args, str_skip(url, str_find_last(url, '/') + 1));
    buf_add_char(&args, '\n');
    buf_add(&args, u->remembered);
    int rc = buf_finish(&args, "the name of a document", u->err);
    if (rc < 0)
        return rc;
    struct update_progress *p = u->options->progress;
    struct stat st;
    if (p) {
        p->loading = true;
        p->bytes_done = 0;
        p->bytes_total = fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
    }
    answer.row = take_row;
    answer.problem = take_problem;
    answer.about = take_about;
    answer.more = take_more;
    answer.subject = take_subject;
    answer.remember = take_remember;
    answer.repository = take_repository;
    u->deaf = false;
    answer.ctx = u;
    const struct worker_job job = {
        .reader = "feed",
        .args = buf_str(&args),
        .fd = fd,
        .reply_max = FEED_DOCUMENT_MAX,
        .data = feed_answer_take,
        .tick = tick,
        .ctx = &answer,
        .progress = &u->read,
    };
    return worker_run(u->worker, &job, NULL, u->err);
}

/* ---- several documents ---- */

static int get(struct update *u, size_t i, const struct document_mark *known, struct document *ret)
{
    if (u->options->progress)
        u->options->progress->loading = false;
    return fetch(&u->http, u->documents.urls.ptr[i].ptr, u->options, known, ret, u->err);
}

static bool is_optional(const struct update *u, size_t i)
{
    return u->feed->documents && i < u->listed && u->feed->documents[i][0] == '?';
}

/* One of several that is not there, as of a release that is gone, is told; the others count. */
static int skip_missing(struct update *u, size_t i)
{
    const struct problem p = {.code = E_NOT_FOUND,
                              .where = u->documents.urls.ptr[i],
                              .text = STR("the publisher does not have it")};
    if (i < u->listed) {
        snprintf(u->marks[i].etag, sizeof u->marks[i].etag, "%s", missing);
        u->marks[i].last_modified[0] = 0;
    }
    return is_optional(u, i) ? 0 : take_problem(u, &p, u->err);
}

static int load_document(struct update *u, size_t i, struct document *document)
{
    int rc = document->fd < 0 ? get(u, i, NULL, document) : 0;
    if (rc == -E_NOT_FOUND && u->documents.urls.len > 1)
        return skip_missing(u, i);
    if (rc < 0)
        return rc;
    if (i < u->listed)
        u->marks[i] = document->mark;
    u->at = i;
    if (document->changed > u->meta.published)
        u->meta.published = document->changed;
    rc = parse(u, document->fd);
    fd_close(&document->fd);
    return rc < 0 && u->documents.urls.len > 1 ? error_in(u->err, "%s", u->documents.urls.ptr[i].ptr) : rc;
}

/* `first` is the document at `at`, which is here already; the others are fetched one after the other. */
static int load_all(struct update *u, size_t at, struct document *first)
{
    int rc = 0;
    for (size_t i = 0; i < u->documents.urls.len && rc == 0; i++) {
        struct document other = {.fd = -1};
        if (i == u->listed && u->feed->revises)
            documents_reverse(&u->documents, i);
        rc = load_document(u, i, i == at ? first : &other);
    }
    fd_close(&first->fd);
    if (rc == 0 && u->problems > FEED_PROBLEMS_MAX) {
        char text[64];
        const struct problem more = {.code = E_BAD_INPUT, .where = str_of(u->feed->name), .text = {text, 0}};
        struct problem p = more;
        snprintf(text, sizeof text, "and %zu more like these", u->problems - FEED_PROBLEMS_MAX);
        p.text = str_of(text);
        tell(u, &p);
    }
    return rc;
}

/* ---- what is known of them from the last time ---- */

/* ETags and dates of several documents stand in the store a line each. */
static int marks_join(struct update *u)
{
    CLEANUP(buf_done) struct buf etags = buf_make(MIB(1)), dates = buf_make(MIB(1));
    for (size_t i = 0; i < u->listed && !u->documents.local; i++) {
        buf_printf(&etags, i ? "\n%s" : "%s", u->marks[i].etag);
        buf_printf(&dates, i ? "\n%s" : "%s", u->marks[i].last_modified);
    }
    if (u->documents.local)
        buf_add(&etags, str_of(u->documents.mark));
    int rc = buf_finish(&etags, "the ETags of a feed", u->err);
    if (rc == 0 && (arena_str(&u->arena, buf_str(&etags), &u->meta.etag) < 0 ||
                    arena_str(&u->arena, buf_str(&dates), &u->meta.last_modified) < 0))
        rc = error_set(u->err, E_LIMIT, "too many documents");
    return rc;
}

static void marks_split(struct update *u, const struct store_feed *known)
{
    struct str etags = known->etag, dates = known->last_modified;
    for (size_t i = 0; i < u->listed; i++) {
        struct document_mark *m = &u->marks[i];
        if (str_copy(str_cut(&etags, '\n'), m->etag, sizeof m->etag) < 0)
            m->etag[0] = 0;
        if (str_copy(str_cut(&dates, '\n'), m->last_modified, sizeof m->last_modified) < 0)
            m->last_modified[0] = 0;
    }
}

/* 1: the document at *ret_at is another one than the last time, and here; 0: all are as they were. Where one has
   changed all are needed: those that have not are asked for again. */
static int look(struct update *u, const struct store_feed *known, size_t *ret_at, struct document *ret)
{
    *ret_at = 0;
    *ret = (struct document){.fd = -1};
    if (u->documents.local || !known)
        return !known || !str_eq(known->etag, str_of(u->documents.mark));
    marks_split(u, known);
    for (size_t i = 0; i < u->listed; i++) {
        bool was_missing = strcmp(u->marks[i].etag, missing) == 0;
        int rc = get(u, i, was_missing ? NULL : &u->marks[i], ret);
        if (rc == -E_NOT_FOUND && was_missing)
            continue;
        if (rc == 0 && ret->unchanged)
            continue;
        *ret_at = i;
        return rc < 0 && rc != -E_NOT_FOUND ? rc : 1;
    }
    return 0;
}

enum { SHRINK_MIN = 50 }; /* fewer advisories may come and go */

/* A document that lost most of what it had is rather cut than right. */
static int check_size(const struct update *u, const struct store_feed *known)
{
    if (u->meta.rows == 0)
        return error_set(u->err, E_BAD_INPUT, "the document has no advisories: the old ones are kept");
    if (known && known->advisories >= SHRINK_MIN && !u->options->accept_shrink &&
        u->meta.advisories < known->advisories / 2)
        return error_set(u->err, E_BAD_INPUT,
                         "the document has %jd advisories where the last had %jd: the old ones are kept "
                         "(--accept-shrink takes it)",
                         (intmax_t)u->meta.advisories, (intmax_t)known->advisories);
    return 0;
}

static int load(struct update *u, size_t at, struct document *first, const struct store_feed *known)
{
    u->meta = (struct store_feed){
        .name = str_of(u->feed->name),
        .title = str_of(u->feed->title),
        .url = u->documents.root,
        .link = str_of(u->feed->link),
        .scheme = str_of(u->feed->scheme),
        .fetched = clock_seconds(),
        .published = u->documents.changed,
        .every = u->feed->every_seconds,
        .version = u->feed->version,
        .snapshot = u->documents.local,
        .binary = u->feed->binary,
        .sources = u->feed->sources,
        .enriches = u->feed->enriches,
    };
    store_feed_begin(u->store, u->meta.name);
    int rc = load_all(u, at, first);
    if (rc == 0)
        rc = check_size(u, known);
    if (rc == 0)
        rc = marks_join(u);
    if (rc == 0)
        return store_feed_end(u->store, &u->meta, u->err);
    store_feed_abandon(u->store);
    return rc;
}

static int bring(struct update *u, const struct store_feed *known)
{
    struct document first;
    size_t at;
    int rc = documents_find(&u->documents, u->feed, u->options->url, &u->arena, u->err);
    if (rc < 0)
        return rc;
    u->listed = u->documents.urls.len;
    u->marks = arena_array(&u->arena, struct document_mark, u->listed);
    if (!u->marks)
        return error_set(u->err, E_LIMIT, "too many documents");
    bool same_reader = known && known->version == u->feed->version && str_eq(known->url, u->documents.root) &&
                       !u->options->force;
    rc = look(u, same_reader ? known : NULL, &at, &first);
    if (rc < 0)
        return rc;
    if (rc == 0) {
        u->meta = *known;
        u->meta.fetched = clock_seconds();
        u->meta.failure = STR("");
        rc = store_feed_note(u->store, &u->meta, u->err);
        return rc < 0 ? rc : UPDATE_UNCHANGED;
    }
    rc = load(u, at, &first, known);
    return rc < 0 ? rc : UPDATE_LOADED;
}

int update_feed(const struct feed *feed, const struct update_options *options, struct store *store,
                struct error *err)
{
    CLEANUP(worker_freep) struct worker *worker = worker_new();
    struct update u = {.feed = feed, .options = options, .store = store, .worker = worker, .err = err};
    struct store_feed known = {0};
    u.arena = arena_make(FEED_FILES_LIST_MAX);
    u.heard = map_make(&u.arena);
    if (options->progress)
        options->progress->feed = feed->name;
    int found = store_feed_get(store, str_of(feed->name), &u.arena, &known, err);
    int rc = found < 0 ? found : bring(&u, found ? &known : NULL);
    if (rc < 0 && found > 0) {
        struct error unnoted;
        known.failure = str_of(err->text);
        if (store_feed_note(store, &known, &unnoted) < 0)
            rc = error_in(err, "%s, and", unnoted.text);
    }
    http_freep(&u.http);
    arena_done(&u.arena);
    return rc < 0 ? error_in(err, "feed %s", feed->name) : rc;
}
