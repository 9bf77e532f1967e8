#include "cli/feeds.h"

#include "base/limits.h"
#include "cli/images.h"
#include "cli/terminal.h"
#include "os/clock.h"
#include "os/worker.h"
#include "update/update.h"

struct watcher {
    const struct options *options;
    struct progress_line line;
    uint64_t started;
    size_t problems;
};

static int watch(void *ctx, const struct update_progress *p, struct error *err)
{
    struct watcher *w = ctx;
    if (terminal_interrupted())
        return error_set(err, E_CANCELLED, "interrupted");
    if (!progress_line_due(&w->line))
        return 0;
    char done[32];
    size_text(p->bytes_done, done, sizeof done);
    if (!p->loading)
        progress_line_show(&w->line, "feed %s: fetched %s", p->feed, done);
    else
        progress_line_show(&w->line, "feed %s: loaded %s (%d %%), %jd rows", p->feed, done,
                           p->bytes_total ? (int)(p->bytes_done * 100 / p->bytes_total) : 0,
                           (intmax_t)p->rows);
    return 0;
}

static void tell_problem(void *ctx, const struct problem *p)
{
    struct watcher *w = ctx;
    progress_line_clear(&w->line);
    w->problems++;
    terminal_note(w->options, "feed: %.*s: %.*s", STR_ARG(p->where), STR_ARG(p->text));
}

/* The next of "a,b" */
static bool next_word(struct str *list, struct str *ret)
{
    while (list->len) {
        *ret = str_trim(str_cut(list, ','));
        if (ret->len)
            return true;
    }
    return false;
}

struct str feeds_url(const struct options *o, const struct feed *feed)
{
    struct str pairs = str_of(o->values[OPTION_FEED_URL]), pair;
    while (next_word(&pairs, &pair))
        if (str_eq(str_cut(&pair, '='), str_of(feed->name)))
            return pair;
    return str_of(strcmp(feed->name, "debian") == 0 ? o->values[OPTION_FEED_DEBIAN_URL] : NULL);
}

static int no_feed(struct str name, const char *option, struct error *err)
{
    char safe[64];
    return error_set(err, E_USAGE, "--%s: no feed \"%s\"; limpid status lists them", option,
                     str_printable(name, safe, sizeof safe));
}

int feeds_check(const struct options *o, struct error *err)
{
    struct str names = str_of(o->values[OPTION_FEEDS]), pairs = str_of(o->values[OPTION_FEED_URL]), word;
    while (next_word(&names, &word))
        if (!feed_find(word))
            return no_feed(word, option_defs[OPTION_FEEDS].name, err);
    while (next_word(&pairs, &word)) {
        struct str name = str_cut(&word, '=');
        if (!feed_find(name))
            return no_feed(name, option_defs[OPTION_FEED_URL].name, err);
        if (!word.len || word.len >= URL_MAX)
            return error_set(err, E_USAGE, "--feed-url: no address for %.*s", STR_ARG(name));
    }
    return 0;
}

bool feeds_kept(const struct options *o, const struct feed *feed)
{
    struct str names = str_of(o->values[OPTION_FEEDS]), word;
    bool any = false;
    while (next_word(&names, &word)) {
        any = true;
        if (str_eq(word, str_of(feed->name)))
            return true;
    }
    return !any && !feed->alternative;
}

/* What the feed's numbers count. */
static const char *counted(const struct feed *feed)
{
    return !feed->enriches ? "advisories" : feed->distributions[0] ? "repositories" : "ids";
}

static void tell_loaded(const struct watcher *w, const struct feed *feed, struct store *store, int result)
{
    struct arena arena = arena_make(MIB(1));
    struct store_feed f;
    struct error ignored;
    if (store_feed_get(store, str_of(feed->name), &arena, &f, &ignored) > 0) {
        double seconds = (double)(clock_ms() - w->started) / 1000;
        if (result == UPDATE_UNCHANGED)
            terminal_note(w->options, "feed %s: unchanged, %jd %s", feed->name, (intmax_t)f.advisories,
                          counted(feed));
        else if (feed->enriches)
            terminal_note(w->options, "feed %s: loaded what it tells of %jd %s in %.1f s", feed->name,
                          (intmax_t)f.advisories, counted(feed), seconds);
        else
            terminal_note(w->options, "feed %s: loaded %jd advisories about %jd packages in %.1f s",
                          feed->name, (intmax_t)f.advisories, (intmax_t)f.rows, seconds);
    }
    arena_done(&arena);
}

int feeds_update(const struct options *o, const struct feed *feed, struct store *store, bool *ret_failed,
                 struct error *err)
{
    char cache_dir[4096], url[URL_MAX];
    unsigned stall = 0, worker_stall = 0;
    struct watcher watcher = {.options = o, .line = progress_line_make(o), .started = clock_ms()};
    struct update_progress progress = {.tick = watch, .problem = tell_problem, .ctx = &watcher};
    int rc = images_cache_dir(o, cache_dir, sizeof cache_dir, err);
    if (rc == 0)
        rc = option_timeouts(o, &stall, &worker_stall, err);
    if (rc < 0)
        return rc;
    worker_set_stall(worker_stall);
    const struct update_options options = {
        .url = str_copy(feeds_url(o, feed), url, sizeof url) == 0 && url[0] ? url : NULL,
        .cache_dir = cache_dir,
        .ca_file = o->values[OPTION_CA_FILE],
        .stall_seconds = stall,
        .force = option_on(o, OPTION_FORCE),
        .accept_shrink = option_on(o, OPTION_ACCEPT_SHRINK),
        .interrupted = &terminal_interruption,
        .progress = &progress,
    };
    if (!progress.tick || !watcher.line.on)
        terminal_note(o, "feed %s: %s", feed->name, options.url ? options.url : feed->url);
    rc = update_feed(feed, &options, store, err);
    progress_line_clear(&watcher.line);
    if (rc > 0)
        tell_loaded(&watcher, feed, store, rc);
    if (rc == -E_CANCELLED || (rc < 0 && !ret_failed))
        return rc;
    if (rc < 0) {
        *ret_failed = true;
        terminal_note(o, "%s", err->text);
    }
    return 0;
}

/* Whether a scan should ask the publisher first. */
static int wants_refresh(const struct options *o, const struct feed *feed, struct store *store,
                         bool *ret_have, struct error *err)
{
    struct arena arena = arena_make(MIB(1));
    struct store_feed f;
    struct str url = feeds_url(o, feed);
    int rc = store_feed_get(store, str_of(feed->name), &arena, &f, err);
    *ret_have = rc > 0 && f.rows > 0;
    if (rc >= 0)
        rc = !*ret_have || clock_seconds() - f.fetched > f.every || f.version != feed->version ||
             (url.len && !str_eq(f.url, url));
    arena_done(&arena);
    return rc;
}

/* Whether the feed can say anything of images of the namespace. */
static bool concerns(const struct feeds_refreshing *r, const struct feed *feed, struct str namespace)
{
    return feeds_kept(r->options, feed) &&
           (feed->enriches && !feed->distributions[0] ? !feed->large && namespace.len
                                                      : feed_covers(feed, namespace));
}

/* Whether a feed that only tells of ids comes along. */
static bool comes_along(const struct feeds_refreshing *r, const struct feed *feed, bool have)
{
    return !feed->enriches || have || r->online || feeds_url(r->options, feed).len;
}

static int refresh(struct feeds_refreshing *r, size_t i, struct str namespace, struct error *err)
{
    const struct feed *feed = feeds[i];
    bool have = false, failed = false;
    if (r->tried & 1ULL << i || !concerns(r, feed, namespace))
        return 0;
    int rc = wants_refresh(r->options, feed, r->store, &have, err);
    if (rc < 0 || !comes_along(r, feed, have))
        return rc < 0 ? rc : 0;
    if (rc > 0 && !option_on(r->options, OPTION_OFFLINE)) {
        r->tried |= 1ULL << i;
        r->online |= !feeds_url(r->options, feed).len;
        rc = feeds_update(r->options, feed, r->store, &failed, err);
    }
    if (failed && !have && !feed->enriches)
        terminal_note(r->options,
                      "feed %s: there are no older data: nothing of its distributions can be judged",
                      feed->name);
    return rc < 0 ? rc : 0;
}

int feeds_refresh(struct feeds_refreshing *r, struct str namespace, struct error *err)
{
    int rc = 0;
    for (size_t i = 0; feeds[i] && rc == 0; i++)
        rc = refresh(r, i, namespace, err);
    return rc;
}
