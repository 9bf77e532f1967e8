#include "base/limits.h"
#include "cli/feeds.h"
#include "cli/images.h"
#include "cli/terminal.h"
#include "feed/feed.h"
#include "format/json_write.h"
#include "os/clock.h"
#include "report/columns.h"
#include "report/report.h"

extern const struct command status_command;

struct listing {
    struct columns columns;
    struct json_writer *json;
    int64_t now;
    size_t stale;
    bool listed[64]; /* of feeds[] */
    const struct options *options;
};

static void add_age(struct listing *l, int64_t when)
{
    CLEANUP(buf_done) struct buf age = buf_make(64);
    if (when) {
        report_age(&age, l->now - when);
        buf_add(&age, STR(" ago"));
    }
    columns_add(&l->columns, when ? buf_str(&age) : STR("never"), NULL);
}

static void add_row(struct listing *l, const struct store_feed *f)
{
    bool stale = store_feed_is_stale(f, l->now);
    char number[32];
    l->stale += stale;
    columns_add(&l->columns, f->name, NULL);
    add_age(l, f->fetched);
    add_age(l, f->published);
    snprintf(number, sizeof number, "%jd", (intmax_t)f->advisories);
    columns_add(&l->columns, str_of(number), NULL);
    const char *state = !f->fetched ? "missing: run limpid update"
                        : stale     ? "stale: run limpid update"
                                    : "current";
    columns_add(&l->columns, f->failure.len ? f->failure : str_of(state),
                stale || f->failure.len ? "33" : NULL);
    columns_add(&l->columns, f->url, NULL);
}

static void add_time(struct json_writer *w, const char *key, int64_t when)
{
    char text[32];
    json_write_known(w, str_of(key), when ? str_of(clock_text(when, text, sizeof text)) : STR(""));
}

static void add_json(struct listing *l, const struct store_feed *f)
{
    struct json_writer *w = l->json;
    l->stale += store_feed_is_stale(f, l->now);
    json_write_object(w);
    json_write_key(w, STR("name"));
    json_write_string(w, f->name);
    json_write_key(w, STR("url"));
    json_write_string(w, f->url);
    add_time(w, "fetched", f->fetched);
    add_time(w, "published", f->published);
    json_write_key(w, STR("advisories"));
    json_write_u64(w, (uint64_t)f->advisories);
    json_write_key(w, STR("stale"));
    json_write_bool(w, store_feed_is_stale(f, l->now));
    json_write_key(w, STR("snapshot"));
    json_write_bool(w, f->snapshot);
    json_write_key(w, STR("failure"));
    json_write_string(w, f->failure);
    json_write_object_end(w);
}

static int take(void *ctx, const struct store_feed *f)
{
    struct listing *l = ctx;
    for (size_t i = 0; i < 64 && feeds[i]; i++)
        l->listed[i] |= str_eq(f->name, str_of(feeds[i]->name));
    if (l->json)
        add_json(l, f);
    else
        add_row(l, f);
    return 0;
}

static int list(struct listing *l, struct store *store, struct error *err)
{
    struct arena arena = arena_make(MIB(1));
    int rc = store_feed_each(store, &arena, take, l, err);
    bool any =
        false; /* a scan fetches the feeds that it needs: the others are missed where the user named them */
    for (size_t i = 0; i < 64 && feeds[i]; i++)
        any |= l->listed[i];
    for (size_t i = 0; i < 64 && feeds[i] && rc == 0; i++) {
        const struct store_feed missing = {.name = str_of(feeds[i]->name), .url = str_of(feeds[i]->url)};
        size_t stale = l->stale;
        if (!l->listed[i] && feeds_kept(l->options, feeds[i]))
            rc = take(l, &missing);
        if (any && !l->options->values[OPTION_FEEDS])
            l->stale = stale;
    }
    arena_done(&arena);
    return rc;
}

static int status_run(struct options *o, struct error *err)
{
    static const char *const titles[] = {"FEED", "FETCHED", "PUBLISHED", "ADVISORIES", "STATE", "FROM"};
    CLEANUP(store_closep) struct store *store = NULL;
    CLEANUP(buf_done) struct buf out = buf_make(MIB(1));
    struct json_writer w;
    json_writer_init(&w, &out, 2);
    struct str format = str_of(o->values[OPTION_FORMAT]);
    bool json = str_eq(format, STR("json"));
    if (format.len && !json && !str_eq(format, STR("table")))
        return error_set(err, E_USAGE, "--format: table or json");
    struct listing l = {
        .columns = columns_make(6), .now = clock_seconds(), .options = o, .json = json ? &w : NULL};
    for (size_t i = 0; i < 6; i++)
        columns_add(&l.columns, str_of(titles[i]), "1");
    if (json) {
        json_write_object(&w);
        json_write_key(&w, STR("feeds"));
        json_write_array(&w);
    }
    int rc = images_open_store(o, &store, err);
    if (rc == 0)
        rc = list(&l, store, err);
    if (rc == 0 && json) {
        json_write_array_end(&w);
        json_write_object_end(&w);
        buf_add_char(&out, '\n');
    } else if (rc == 0) {
        columns_write(&l.columns, &out, "", terminal_color(o, false));
    }
    columns_done(&l.columns);
    if (rc == 0)
        rc = buf_finish(&out, "status", err);
    if (rc == 0)
        rc = terminal_print(buf_str(&out), err);
    return rc < 0 ? rc : l.stale ? EXIT_UNJUDGED : EXIT_NOTHING;
}

static const struct command_example examples[] = {
    {"limpid status", "which feeds there are, and how old"},
    {"limpid status --format json", "the same for programs"},
    {NULL, NULL},
};

const struct command status_command = {
    .name = "status",
    .options = FOR_STATUS,
    .operands = "",
    .summary = "tell how old the feeds are",
    .about = "Lists the feeds: when each was fetched and published, how many advisories it has, whether it "
             "is stale, "
             "what failed last.\n"
             "\n"
             "Exit status: 0; 2 usage; 3 a feed is missing or stale; 4 no result.\n",
    .examples = examples,
    .run = status_run,
};
